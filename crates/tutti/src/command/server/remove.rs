//! `tutti server remove`: one server less.

use super::file::{self, File};
use crate::command::{Command, Context, Failures};
use base::{Code, Error};
use clap::{Arg, ArgMatches};
use clients::export;
use hubs::change::{self, Consent};
use serde_json::json;

/// The command.
pub(super) const COMMAND: Command = Command { arguments, run };

fn arguments() -> clap::Command {
    clap::Command::new("remove")
        .about("Remove a server from the configuration")
        .arg(Arg::new("name").value_name("NAME").required(true).help("The server"))
        .args(change::options())
        .after_help(file::consent_help("  tutti server remove time\n  tutti server remove time --dry-run"))
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let name = matches.get_one::<String>("name").map_or("", String::as_str);
    let file = File::find(context)?;
    let after = export::remove_server(file.said(), name)
        .map_err(|error| elsewhere(context, &file, name, file.named(context, error)))?;
    let changes = [file.change(after)];
    let made = change::make(context, &changes, Consent::of(matches))?;
    if context.output.json {
        context.output.value(&json!({"name": name, "written": made, "files": change::to_json(&changes)}));
    } else if made {
        change::tell_written(context, &changes);
        for name in left_over(&file.dot_env, file.said(), &changes[0].after) {
            context.output.message(&format!("note: .env still holds {name}, which nothing names any more"));
        }
        file::tell_outcome(context, &file);
    }
    Ok(if made || matches.get_flag("dry-run") { 0 } else { 1 })
}

/// A server that is read from another file cannot be removed here; the error then says where it stands.
fn elsewhere(context: &Context, file: &File, name: &str, error: Error) -> Error {
    if error.code() != Code::ServerUnknown {
        return error;
    }
    let loaded = context.load().ok();
    let servers = loaded.iter().flat_map(|loaded| &loaded.servers);
    match servers.into_iter().find(|(other, _, _)| other == name) {
        Some((_, node, source)) => {
            let message = format!("the server `{name}` does not stand in {}", file::short(context, file));
            let next = format!("remove it from {source}, or switch it off in the program that wrote that file");
            Error::new(Code::ServerUnknown, message, next).at(node.place.in_file(source))
        }
        None if file.text.is_none() => {
            let message = format!("there is no server `{name}`, and no configuration in which it could stand");
            Error::new(Code::ServerUnknown, message, "name the configuration with --config FILE")
        }
        None => error,
    }
}

/// Variables of the `.env` that the configuration named before and does not name after.
fn left_over(dot_env: &str, before: &str, after: &str) -> Vec<String> {
    let names =
        |text: &str, name: &str| [format!("${{{name}}}"), format!("${{{name}:-")].iter().any(|way| text.contains(way));
    let variables = base::environment::dot_env(dot_env).into_iter().map(|(name, _)| name);
    variables.filter(|name| names(before, name) && !names(after, name)).collect()
}

#[cfg(test)]
mod tests;
