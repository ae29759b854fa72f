//! `tutti tool list`.

use super::find::{self, Found, Server, Tool};
use base::{Code, Error};
use console::output::{Output, Style, Table, cut, one_line, width};
use hubs::client::{HubClient, Wanted, unknown_server};
use hubs::{Context, Failures};
use serde_json::{Value, json};

/// The narrowest that the column of descriptions gets.
const NARROWEST: usize = 24;

/// Runs the command.
pub(super) fn run(context: &Context, server: Option<&str>, view: Option<String>) -> Result<u8, Failures> {
    let wanted = Wanted { server: server.map(str::to_owned), view, ..Wanted::default() };
    context.block_on(HubClient::with(context, &wanted, async |client| {
        let found = find::all(client, client.is_local()).await?;
        let found = match server {
            Some(name) => only(found, name)?,
            None => found,
        };
        let missing: Vec<&Server> =
            found.servers.iter().filter(|server| server.is_out() || server.is_starting()).collect();
        // With nothing to show, what is wrong is all that there is to say.
        let errors: Vec<Error> = missing.iter().filter_map(|server| server.error.clone()).collect();
        if client.is_local() && found.tools.is_empty() && !errors.is_empty() {
            return Err(errors.into());
        }
        print(&context.output, &found, &missing);
        found.faults.iter().for_each(|fault| warn(&context.output, "", fault));
        tell_quarantined(&context.output, &found);
        missing.iter().for_each(|server| tell(&context.output, server, client.is_local()));
        // A hub that runs goes on trying; a command that started the servers itself has failed with these.
        let partial = client.is_local() && !missing.is_empty();
        Ok(if partial { Code::ServersFailed.exit() } else { 0 })
    }))
}

/// What belongs to one server.
fn only(mut found: Found, name: &str) -> Result<Found, Error> {
    if !found.servers.iter().any(|server| server.name == name) {
        return Err(unknown_server(name, found.servers.iter().map(|server| server.name.as_str())));
    }
    found.servers.retain(|server| server.name == name);
    found.tools.retain(|tool| tool.server.as_deref() == Some(name));
    Ok(found)
}

fn print(output: &Output, found: &Found, missing: &[&Server]) {
    if output.json {
        let not_ready: Vec<Value> = missing
            .iter()
            .map(|server| {
                let error = server.error.as_ref().map(Error::to_json);
                json!({"server": server.name, "state": server.state, "error": error})
            })
            .collect();
        let tools: Vec<Value> = found.tools.iter().map(Tool::to_json).collect();
        let quarantined: Vec<Value> = quarantined(found)
            .map(|(server, tool, error)| json!({"server": server.name, "tool": tool, "error": error.to_json()}))
            .collect();
        output.value(&json!({
            "count": tools.len(), "tools": tools, "quarantined": quarantined, "not_ready": not_ready,
        }));
        return;
    }
    if found.tools.is_empty() {
        let is_off = |server: &&Server| server.state == "disabled";
        let off: Vec<&str> = found.servers.iter().filter(is_off).map(|server| server.name.as_str()).collect();
        let why = if off.is_empty() { String::new() } else { format!("; switched off: {}", off.join(", ")) };
        return output.message(&format!("no tools{why}"));
    }
    rows(&found.tools, width()).print(output);
}

/// The table, as wide as the terminal where there is one.
fn rows(tools: &[Tool], width: Option<usize>) -> Table {
    let mut table = Table::new(&["address", "hint", "description"]);
    let cells: Vec<(String, String)> =
        tools.iter().map(|tool| (one_line(&tool.address, 200), tool.hints().join(", "))).collect();
    let longest = |cell: fn(&(String, String)) -> &String, heading: &str| {
        cells.iter().map(|row| cell(row).chars().count()).max().unwrap_or(0).max(heading.len())
    };
    let taken = longest(|row| &row.0, "address") + longest(|row| &row.1, "hint") + 4;
    let left = width.map_or(usize::MAX, |width| width.saturating_sub(taken).max(NARROWEST));
    for (tool, (address, hints)) in tools.iter().zip(cells) {
        let description = one_line(tool.description().trim().lines().next().unwrap_or_default(), usize::MAX);
        let style = if hints == "destructive" { Style::Warn } else { Style::Faint };
        table.row(vec![(Style::Strong, address), (style, hints), (Style::Plain, cut(&description, left))]);
    }
    table
}

/// The tools that wait for an approval.
fn quarantined(found: &Found) -> impl Iterator<Item = (&Server, &str, &Error)> {
    let of = |server| std::iter::repeat(server);
    found.servers.iter().flat_map(move |server| {
        of(server).zip(&server.quarantined).map(|(server, (tool, error))| (server, tool.as_str(), error))
    })
}

/// Says which tools wait for an approval.
fn tell_quarantined(output: &Output, found: &Found) {
    let errors = quarantined(found).map(|(_, _, error)| error);
    errors.take(SHOWN).for_each(|error| warn(output, "", error));
    let more = quarantined(found).count().saturating_sub(SHOWN);
    if more > 0 {
        output.message(&format!(
            "warning: {more} more tools are in quarantine; `tutti server list` says of which servers"
        ));
    }
}

/// How many tools that wait for an approval are told of one by one.
const SHOWN: usize = 5;

/// Says that the tools of a server may be missing, and why.
fn tell(output: &Output, server: &Server, is_local: bool) {
    match &server.error {
        Some(error) => warn(output, &format!("{}: ", server.name), error),
        None if is_local => output.message(&format!("warning: {} did not become ready in time", server.name)),
        None => output.message(&format!("note: {} is still starting; its tools may be missing", server.name)),
    }
}

fn warn(output: &Output, who: &str, error: &Error) {
    let word = output.paint_message(Style::Warn, "warning:");
    output.message(&format!("{word} {who}{} {}", error.code(), error.message()));
    for line in error.detail().into_iter().flat_map(str::lines) {
        output.message(&format!("  {} {line}", output.paint_message(Style::Faint, "|")));
    }
    output.message(&format!("  {} {}", output.paint_message(Style::Strong, "next:"), error.next()));
}

#[cfg(test)]
mod tests;
