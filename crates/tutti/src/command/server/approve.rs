//! `tutti server approve`: serves tools again that are not what they were.

use crate::command::{Command, Context, Failures};
use base::{Code, Error, Result};
use clap::{Arg, ArgMatches};
use console::output::one_line;
use hubs::approval::{self, Waiting};
use hubs::change::{self, Consent};
use hubs::client::{HubClient, Wanted};
use serde_json::json;

/// The command.
pub(super) const COMMAND: Command = Command { arguments, run };

fn arguments() -> clap::Command {
    clap::Command::new("approve")
        .about("Approve what of a server is in quarantine: tools, prompts, instructions")
        .arg(Arg::new("name").value_name("NAME").required(true).help("The server"))
        .arg(
            Arg::new("tool")
                .value_name("TOOL")
                .help("Only this tool or prompt, by the server's own name for it; `instructions` for these"),
        )
        .args(change::options())
        .after_help(
            "Examples:\n  tutti server approve time --dry-run\n  tutti server approve time --yes\n\n\
             It shows what is different and asks. Characters that cannot be seen are shown by their numbers.\n\
             It works on the hub's machine only, for the hub's own user.",
        )
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let name = matches.get_one::<String>("name").map_or("", String::as_str);
    let tool = matches.get_one::<String>("tool").map(String::as_str);
    let consent = Consent::of(matches);
    let wanted = Wanted { server: Some(name.to_owned()), ..Wanted::default() };
    context.block_on(HubClient::with(context, &wanted, async |client| {
        client.check_memory()?;
        let waiting = waiting(client, name, tool).await?;
        let made = !waiting.is_empty() && approval::agreed(context, &format!(" of {name}"), &waiting, consent)?;
        if made {
            approval::approve(context, client, name, &waiting.iter().collect::<Vec<_>>()).await?;
        }
        report(context, name, &waiting, made);
        Ok(if made || waiting.is_empty() || consent == Consent::DryRun { 0 } else { 1 })
    }))
}

/// What waits for an approval.
async fn waiting(client: &HubClient, name: &str, tool: Option<&str>) -> Result<Vec<Waiting>> {
    let mut some = approval::waiting(client, name).await?;
    some.retain(|waiting| tool.is_none_or(|tool| waiting.tool == tool));
    match tool {
        Some(tool) if some.is_empty() => {
            let message = format!("there is nothing called `{}` of `{name}` in quarantine", one_line(tool, 100));
            Err(Error::new(Code::UnknownTool, message, format!("`tutti server approve {name} --dry-run` shows all")))
        }
        _ => Ok(some),
    }
}

fn report(context: &Context, name: &str, waiting: &[Waiting], made: bool) {
    let output = &context.output;
    if output.json {
        output.value(&json!({"name": name, "approved": made, "tools": approval::to_json(waiting)}));
    } else if waiting.is_empty() {
        output.line(&format!("nothing of {name} is in quarantine"));
    } else if made {
        waiting.iter().for_each(|waiting| approval::tell_approved(context, waiting.kind, &waiting.tool));
    }
}
