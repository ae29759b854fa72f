//! `tutti server list`: which servers there are and how they are.

mod held;

use crate::command::{Command, Context, Failures};
use assembly::wiring;
use base::{Code, Error};
use clap::ArgMatches;
use console::output::{Output, Style, Table, one_line};
use hubs::client::HubClient;
use serde_json::{Value, json};
use tools::config::Server;

/// The command.
pub(super) const COMMAND: Command = Command { arguments, run };

fn arguments() -> clap::Command {
    clap::Command::new("list").about("List the servers and how they are").after_help(
        "Examples:\n  tutti server list\n  tutti server list --json\n\n\
         Where no hub runs, the servers of the configuration are listed, and none is started.",
    )
}

fn run(context: &Context, _: &ArgMatches) -> Result<u8, Failures> {
    let answer = context.block_on(async {
        match HubClient::running(context).await? {
            Some(client) => Ok(Some((client.get("/api/v1/servers").await?, client.url()))),
            None => Ok(None),
        }
    })?;
    let (answer, source) = match answer {
        Some((answer, url)) => (answer, format!("as the hub at {url} says")),
        None => (configured(context)?, "no hub runs; `tutti up` starts one".to_owned()),
    };
    let output = &context.output;
    if output.json {
        output.value(&answer);
        return Ok(0);
    }
    let servers: Vec<&Value> = answer["servers"].as_array().into_iter().flatten().collect();
    if servers.is_empty() {
        output.message("there are no servers; add one with `tutti server add NAME -- COMMAND`");
    } else {
        table(&servers).print(output);
        print_errors(output, &servers);
    }
    let faults = answer["faults"].as_array().into_iter().flatten().filter_map(hubs::client::coded);
    output.failures(&faults.collect::<Vec<_>>());
    output.message(&output.paint_message(Style::Faint, &format!("\n{source}")));
    Ok(0)
}

/// What the hub would answer, as far as the configuration knows it.
fn configured(context: &Context) -> Result<Value, Failures> {
    let resolved = wiring::resolve(&context.load()?)?;
    let servers: Vec<Value> = resolved.settings.servers.iter().map(described).collect();
    let views: Vec<&str> =
        std::iter::once(tools::config::ALL).chain(resolved.settings.views.keys().map(String::as_str)).collect();
    Ok(json!({"servers": servers, "views": views, "faults": []}))
}

/// A server that does not run, with the keys that it has while it runs.
fn described(server: &Server) -> Value {
    json!({
        "name": server.name,
        "state": if server.enabled { "not_running" } else { "disabled" },
        "seconds": null,
        "error": server.fault.as_ref().map(Error::to_json),
        "transport": server.transport.carrier(),
        "target": server.summary(),
        "era": server.era.map(mcp::Era::word),
        "version": null,
        "software": null,
        "pid": null,
        "tools": null,
        "prompts": null,
        "resources": null,
        "templates": null,
        "left_out": [],
        "pins": server.pins.word(),
        "unpinned": server.unpinned(),
        "lint": server.lint.word(),
        "quarantined": [],
        "flagged": [],
        "stale": false,
        "restarts": 0,
        "calls": 0,
        "failures": 0,
        "in_flight": 0,
        "noise": 0,
        "unmatched": 0,
        "breaker": null,
    })
}

fn table(servers: &[&Value]) -> Table {
    let mut table = Table::new(&["name", "state", "tools", "era", "target"]);
    for server in servers {
        let text = |key: &str| server[key].as_str().unwrap_or("-");
        let state = text("state");
        let login = server["error"]["code"] == Code::LoginNeeded.id();
        let state = if login { "needs login" } else { state };
        let style = match state {
            "ready" => Style::Good,
            "degraded" | "backing_off" | "needs login" => Style::Warn,
            "refused" => Style::Bad,
            _ => Style::Faint,
        };
        let tools = server["tools"].as_u64().map_or("-".to_owned(), |count| count.to_string());
        table.row(vec![
            (Style::Strong, text("name").to_owned()),
            (style, format!("{}{}", state.replace('_', " "), held::in_short(&server["breaker"]))),
            (Style::Plain, tools),
            (Style::Plain, text("era").to_owned()),
            (Style::Plain, one_line(text("target"), 100)),
        ]);
    }
    table
}

/// Why servers do not work, and what to do.
fn print_errors(output: &Output, servers: &[&Value]) {
    for server in servers {
        let name = server["name"].as_str().unwrap_or_default();
        for left_out in server["left_out"].as_array().into_iter().flatten().filter_map(hubs::client::coded) {
            output.line(&format!(
                "\n{} {}",
                output.paint(Style::Strong, &format!("{name}:")),
                problem(output, &left_out)
            ));
        }
        print_unpinned(output, name, server);
        print_warnings(output, name, server);
        print_held(output, name, &server["breaker"]);
        let Some(error) = hubs::client::coded(&server["error"]) else { continue };
        output.line(&format!("\n{} {}", output.paint(Style::Strong, &format!("{name}:")), problem(output, &error)));
        // The server's own last words mostly say it best.
        let words: Vec<&str> = error.detail().into_iter().flat_map(str::lines).collect();
        for line in &words[words.len().saturating_sub(LAST_WORDS)..] {
            output.line(&format!("  {} {}", output.paint(Style::Faint, "|"), one_line(line, 200)));
        }
        output.line(&format!("  {} {}", output.paint(Style::Strong, "next:"), one_line(error.next(), 400)));
    }
}

/// That a server is another program on the day that somebody publishes one.
fn print_unpinned(output: &Output, name: &str, server: &Value) {
    let refused = server["error"]["code"] == Code::UpstreamUnpinned.id();
    let Some(package) = server["unpinned"].as_str().filter(|_| !refused) else { return };
    let (label, warning) = (output.paint(Style::Strong, &format!("{name}:")), output.paint(Style::Warn, "not pinned:"));
    let package = one_line(&base::visible::escaped(package), 100);
    output.line(&format!("\n{label} {warning} it runs whatever version of `{package}` is the latest"));
}

/// What breakers hold back, why, and what to do.
fn print_held(output: &Output, name: &str, breaker: &Value) {
    let lines = held::lines(breaker);
    for line in &lines {
        output.line(&format!("\n{} {line}", output.paint(Style::Strong, &format!("{name}:"))));
    }
    if !lines.is_empty() {
        let next = format!("`tutti server logs {name}` may say what is wrong; calls that work let more through");
        output.line(&format!("  {} {next}", output.paint(Style::Strong, "next:")));
    }
}

/// What waits for an approval, and what else a person should look at.
fn print_warnings(output: &Output, name: &str, server: &Value) {
    let label = || output.paint(Style::Strong, &format!("{name}:"));
    let waiting: Vec<&Value> = server["quarantined"].as_array().into_iter().flatten().collect();
    for error in waiting.iter().filter_map(|waiting| hubs::client::coded(&waiting["error"])).take(WARNINGS) {
        output.line(&format!("\n{} {}", label(), problem(output, &error)));
    }
    if waiting.len() > WARNINGS {
        output.line(&format!("  and {} more", waiting.len() - WARNINGS));
    }
    if !waiting.is_empty() {
        let next = format!("see what is different, and approve it: `tutti server approve {name}`");
        output.line(&format!("  {} {next}", output.paint(Style::Strong, "next:")));
    }
    for flag in server["flagged"].as_array().into_iter().flatten().take(WARNINGS) {
        let text = |key: &str| one_line(&base::visible::escaped(flag[key].as_str().unwrap_or_default()), 300);
        let warning = output.paint(Style::Warn, "warning:");
        let what = match flag["kind"].as_str() {
            Some("instructions") => "the instructions".to_owned(),
            kind => format!("the {} {}", kind.unwrap_or("tool"), text("tool")),
        };
        output.line(&format!("\n{} {warning} {what}: {}", label(), text("warning")));
    }
}

/// How many tools of a server are told of one by one.
const WARNINGS: usize = 5;

/// How many lines of what a server wrote stand below its error.
const LAST_WORDS: usize = 3;

fn problem(output: &Output, error: &Error) -> String {
    format!("{} {}", output.paint(Style::Bad, error.code().id()), one_line(error.message(), 400))
}

#[cfg(test)]
mod tests;
