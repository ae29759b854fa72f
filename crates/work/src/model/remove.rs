//! `tutti model remove`: one model file less.

use super::{name, named};
use base::{Code, Error, disk};
use clap::{Arg, ArgAction, ArgMatches};
use console::output::Style;
use hubs::{Command, Context, Failures};
use pull::part;
use serde_json::json;

/// The command.
pub(super) const COMMAND: Command = Command { arguments, run };

fn arguments() -> clap::Command {
    clap::Command::new("remove")
        .about("Remove a model file")
        .arg(name().help("The model, with or without builtin/ before it"))
        .arg(Arg::new("yes").long("yes").short('y').action(ArgAction::SetTrue).help("Do not ask"))
        .after_help("Examples:\n  tutti model remove mine --yes")
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let named = named(matches);
    let name = named.strip_prefix(super::PROVIDER).unwrap_or(&named);
    let output = &context.output;
    let path = builtin::path(&builtin::folder(&context.environment.home()), name)?;
    // A download that broke off leaves a part, which nobody may want any more.
    if !path.is_file() && !part::is_there(&path) {
        let message = format!("there is no model file {}", path.display());
        return Err(Error::new(Code::ModelUnknown, message, "see which there are: tutti model list").into());
    }
    if !matches.get_flag("yes") {
        if !output.can_ask() {
            let next = "say --yes where nobody can be asked";
            return Err(Error::new(Code::Usage, format!("{} would be removed", path.display()), next).into());
        }
        if !output.ask(&format!("Remove {}?", path.display())) {
            output.message("nothing was removed");
            return Ok(0);
        }
    }
    disk::remove_file(&path)?;
    part::forget(&path)?;
    if output.json {
        output.value(&json!({"name": name, "removed": true}));
    } else {
        output.line(&format!("{} is removed", output.paint(Style::Strong, &format!("{}{name}", super::PROVIDER))));
    }
    Ok(0)
}
