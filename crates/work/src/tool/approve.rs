//! `tutti tool approve` and `tutti tool diff`: tools and what else waits for an approval, each by its address.

use super::address::Address;
use base::{Code, Error, Result};
use clap::{Arg, ArgAction, ArgGroup, ArgMatches};
use console::output::one_line;
use hubs::approval::{self, Waiting};
use hubs::change::{self, Consent};
use hubs::client::{HubClient, Wanted};
use hubs::{Context, Failures};
use serde_json::json;

/// How long servers that are being started are waited for, in seconds.
const SETTLE: u32 = 60;

/// What `approve` takes.
pub(super) fn approve_arguments() -> clap::Command {
    clap::Command::new("approve")
        .about("Approve what is in quarantine: tools, prompts, instructions")
        .arg(addresses())
        .arg(Arg::new("all").long("all").action(ArgAction::SetTrue).help("All that is in quarantine"))
        .group(ArgGroup::new("which").args(["address", "all"]).required(true))
        .args(change::options())
        .after_help(
            "Examples:\n  tutti tool approve --all --dry-run\n  tutti tool approve --all --yes\n\n\
             It shows what is different and asks. Characters that cannot be seen are shown by their numbers.\n\
             It works on the hub's machine only, for the hub's own user.",
        )
}

/// What `diff` takes.
pub(super) fn diff_arguments() -> clap::Command {
    clap::Command::new("diff")
        .about("Show what is different in what is in quarantine: tools, prompts, instructions")
        .arg(addresses())
        .after_help("Example:\n  tutti tool diff\n\nWithout an address it shows all.")
}

fn addresses() -> Arg {
    Arg::new("address")
        .value_name("ADDRESS")
        .num_args(1..)
        .help("The tool: mcp://SERVER/TOOL; mcp://SERVER/instructions for these")
}

/// Approves tools.
pub(super) fn approve(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let consent = Consent::of(matches);
    with(context, matches, async |client, waiting| {
        client.check_memory()?;
        let made = !waiting.is_empty() && approval::agreed(context, "", waiting, consent)?;
        let mut failures = Vec::new();
        let mut approved = Vec::new();
        if made {
            for tools in waiting.chunk_by(|left, right| left.server == right.server) {
                let tools: Vec<&Waiting> = tools.iter().collect();
                match approval::approve(context, client, &tools[0].server, &tools).await {
                    Ok(()) => approved.extend(tools),
                    Err(error) => failures.push(error),
                }
            }
        }
        if !failures.is_empty() {
            approved
                .iter()
                .for_each(|tool| context.output.message(&format!("{} is approved", one_line(&tool.address(), 200))));
            return Err(Failures(failures));
        }
        report(context, waiting, made);
        Ok(if made || waiting.is_empty() || consent == Consent::DryRun { 0 } else { 1 })
    })
}

fn report(context: &Context, waiting: &[Waiting], made: bool) {
    if context.output.json {
        context.output.value(&json!({"approved": made, "tools": approval::to_json(waiting)}));
    } else if waiting.is_empty() {
        context.output.line("nothing is in quarantine");
    } else if made {
        waiting.iter().for_each(|waiting| approval::tell_approved(context, waiting.kind, &waiting.address()));
    }
}

/// Shows what is different.
pub(super) fn diff(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    with(context, matches, async |_, waiting| {
        if context.output.json {
            context.output.value(&json!({"tools": approval::to_json(waiting)}));
        } else if waiting.is_empty() {
            context.output.line("nothing is in quarantine");
        } else {
            approval::print(context, waiting);
        }
        Ok(0)
    })
}

/// Does something with what is named, or all.
fn with(
    context: &Context,
    matches: &ArgMatches,
    work: impl AsyncFnOnce(&HubClient, &[Waiting]) -> Result<u8, Failures>,
) -> Result<u8, Failures> {
    let named = matches.get_many::<String>("address").into_iter().flatten();
    let named: Vec<Address> = named.map(|text| Address::parse(text)).collect::<Result<_>>()?;
    // Where all are of one server, the others need not be started.
    let server = named.first().and_then(|address| address.server.clone());
    let server = server.filter(|server| named.iter().all(|address| address.server.as_ref() == Some(server)));
    let wanted = Wanted { server, ..Wanted::default() };
    context.block_on(HubClient::with(context, &wanted, async |client| {
        let all = waiting(client).await?;
        let chosen = choose(all, &named)?;
        work(client, &chosen).await
    }))
}

/// Everything that waits, in the order of the servers.
async fn waiting(client: &HubClient) -> Result<Vec<Waiting>> {
    let said = client.get(&format!("/api/v1/servers?settle={SETTLE}")).await?;
    let mut all = Vec::new();
    for server in said["servers"].as_array().into_iter().flatten() {
        let some = server["quarantined"].as_array().is_some_and(|tools| !tools.is_empty());
        if let Some(name) = server["name"].as_str().filter(|_| some) {
            all.extend(approval::waiting(client, name).await?);
        }
    }
    Ok(all)
}

/// The ones that are named; all where none is.
fn choose(all: Vec<Waiting>, named: &[Address]) -> Result<Vec<Waiting>> {
    for address in named {
        // A tool and a prompt of one server may have the same name; both are meant then.
        let mut servers: Vec<&str> =
            all.iter().filter(|waiting| is_meant(waiting, address)).map(|waiting| waiting.server.as_str()).collect();
        servers.dedup();
        match servers.len() {
            0 => return Err(missing(address)),
            1 => {}
            _ => {
                let message = format!("several servers have a tool `{}` in quarantine", one_line(&address.tool, 100));
                return Err(Error::new(Code::Usage, message, "write mcp://SERVER/TOOL"));
            }
        }
    }
    Ok(all
        .into_iter()
        .filter(|waiting| named.is_empty() || named.iter().any(|address| is_meant(waiting, address)))
        .collect())
}

fn is_meant(waiting: &Waiting, address: &Address) -> bool {
    match &address.server {
        Some(server) => {
            *server == waiting.server
                && (address.tool == waiting.tool || address.listed() == tools::naming::exposed(server, &waiting.tool))
        }
        None => address.tool == waiting.tool,
    }
}

fn missing(address: &Address) -> Error {
    let message = format!("`{}` is not in quarantine", one_line(&address.to_string(), 120));
    Error::new(Code::UnknownTool, message, "`tutti tool diff` shows what is")
}

#[cfg(test)]
mod tests;
