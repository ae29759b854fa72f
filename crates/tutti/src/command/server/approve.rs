//! `tutti server approve`: serves tools again that are not what they were.

mod show;

use super::test::path_segment;
use crate::client::{HubClient, Wanted};
use crate::command::change::{self, Consent};
use crate::command::{Command, Context, Failures};
use crate::output::{Style, one_line};
use crate::wiring;
use base::visible::escaped;
use base::{Code, Error, Result};
use clap::{Arg, ArgMatches};
use serde_json::{Value, json};
use show::Waiting;
use tools::pins::Approval;

/// The command.
pub(super) const COMMAND: Command = Command { arguments, run };

fn arguments() -> clap::Command {
    clap::Command::new("approve")
        .about("Approve tools that were changed by their server")
        .arg(Arg::new("name").value_name("NAME").required(true).help("The server"))
        .arg(Arg::new("tool").value_name("TOOL").help("Only this tool, by the server's own name for it"))
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
    let wanted = Wanted { server: Some(name.to_owned()), view: None };
    context.block_on(HubClient::with(context, &wanted, async |client| {
        client.check_memory()?;
        let waiting = waiting(client, name, tool).await?;
        let made = !waiting.is_empty() && agreed(context, name, &waiting, consent)?;
        if made {
            approve(context, client, name, &waiting).await?;
        }
        report(context, name, &waiting, made);
        Ok(if made || waiting.is_empty() || consent == Consent::DryRun { 0 } else { 1 })
    }))
}

/// What waits for an approval.
async fn waiting(client: &HubClient, name: &str, tool: Option<&str>) -> Result<Vec<Waiting>> {
    let answer = client.get(&format!("/api/v1/servers/{}/quarantine", path_segment(name))).await?;
    let all = answer["tools"].as_array().into_iter().flatten().filter_map(Waiting::of);
    let some: Vec<Waiting> = all.filter(|waiting| tool.is_none_or(|tool| waiting.tool == tool)).collect();
    match tool {
        Some(tool) if some.is_empty() => {
            let message = format!("there is no tool `{}` of `{name}` in quarantine", one_line(tool, 100));
            Err(Error::new(Code::UnknownTool, message, format!("`tutti server approve {name} --dry-run` shows all")))
        }
        _ => Ok(some),
    }
}

/// Shows what waits, and asks if that is wanted.
fn agreed(context: &Context, name: &str, waiting: &[Waiting], consent: Consent) -> Result<bool> {
    let output = &context.output;
    let lines = || waiting.iter().flat_map(Waiting::lines);
    match consent {
        Consent::DryRun if output.json => Ok(false),
        Consent::DryRun => {
            lines().for_each(|(style, line)| output.line(&output.paint(style, &line)));
            Ok(false)
        }
        // The difference is in the data then.
        Consent::Given | Consent::Silent if output.json => Ok(true),
        Consent::Given | Consent::Silent => {
            lines().for_each(|(style, line)| output.message(&output.paint_message(style, &line)));
            Ok(true)
        }
        Consent::Ask if !output.can_ask() => {
            let message = format!(
                "{} would be approved, and nobody can be asked: standard input is no terminal",
                count(waiting.len())
            );
            let next = "look at the change with --dry-run, then say --yes";
            Err(Error::new(Code::Usage, message, next))
        }
        Consent::Ask => {
            lines().for_each(|(style, line)| output.say(&output.paint_message(style, &line)));
            let agreed = output.ask(&format!("Approve {} of {name}?", count(waiting.len())));
            if !agreed {
                output.message("nothing was approved");
            }
            Ok(agreed)
        }
    }
}

fn count(tools: usize) -> String {
    if tools == 1 { "1 tool".to_owned() } else { format!("{tools} tools") }
}

/// Tells the hub. What is approved is what was shown: when a tool has changed again meanwhile, the hub says so.
async fn approve(context: &Context, client: &HubClient, name: &str, waiting: &[Waiting]) -> Result<()> {
    let tools = waiting.iter().map(|waiting| (waiting.tool.clone(), waiting.digest.clone())).collect();
    let sealer = Approval::sealer(&wiring::sealer(&context.environment)?)?;
    let approval = Approval { tools }.seal(&sealer, name)?;
    let path = format!("/api/v1/servers/{}/approve", path_segment(name));
    client.post_json(&path, &json!({"approval": approval})).await?;
    Ok(())
}

fn report(context: &Context, name: &str, waiting: &[Waiting], made: bool) {
    let output = &context.output;
    if output.json {
        let tools: Vec<Value> = waiting.iter().map(Waiting::to_json).collect();
        output.value(&json!({"name": name, "approved": made, "tools": tools}));
    } else if waiting.is_empty() {
        output.line(&format!("no tool of {name} is in quarantine"));
    } else if made {
        for waiting in waiting {
            let tool = escaped(&waiting.tool);
            output.line(&format!(
                "{} {}",
                output.paint(Style::Strong, &tool),
                output.paint(Style::Good, "is approved")
            ));
        }
    }
}
