//! `tutti secret list`: which secrets there are, and who uses them.

use super::vault::{Vault, users};
use crate::command::{Command, Context, Failures};
use clap::ArgMatches;
use console::output::{Output, Style, Table};
use hubs::client::coded;
use serde_json::Value;

/// The command.
pub(super) const COMMAND: Command = Command { arguments, run };

fn arguments() -> clap::Command {
    clap::Command::new("list")
        .about("List the names of secrets, when they were set, and which servers use them")
        .after_help("Example:\n  tutti secret list --json\n\nValues are never shown.")
}

fn run(context: &Context, _: &ArgMatches) -> Result<u8, Failures> {
    let answer = context.block_on(Vault::with(context, async |vault| vault.list().await))?;
    let output = &context.output;
    if output.json {
        output.value(&answer);
        return Ok(0);
    }
    let rows = |key: &str| answer[key].as_array().into_iter().flatten().collect::<Vec<&Value>>();
    let (set, missing) = (rows("secrets"), rows("missing"));
    if set.is_empty() && missing.is_empty() {
        output.message("there are no secrets; set one with `tutti secret set NAME`");
        return Ok(0);
    }
    let mut table = Table::new(&["name", "set", "used by"]);
    for secret in set.iter().chain(&missing) {
        let text = |key: &str| secret[key].as_str().unwrap_or_default().to_owned();
        let state = match (secret["set_at"].as_str(), secret["error"].is_object()) {
            (Some(at), false) => (Style::Plain, at.to_owned()),
            (Some(_), true) => (Style::Bad, "sealed with another master secret".to_owned()),
            (None, _) => (Style::Bad, "not set".to_owned()),
        };
        table.row(vec![(Style::Strong, text("name")), state, (Style::Plain, users(secret).join(", "))]);
    }
    table.print(output);
    tell_next(output, &set, &missing);
    Ok(0)
}

/// What to do about secrets that lack.
fn tell_next(output: &Output, set: &[&Value], missing: &[&Value]) {
    let next = output.paint_message(Style::Strong, "next:");
    for secret in missing {
        output.message(&format!("{next} run `tutti secret set {}`", secret["name"].as_str().unwrap_or_default()));
    }
    for error in set.iter().filter_map(|secret| coded(&secret["error"])) {
        output.message(&format!("{next} {}", error.next()));
    }
}
