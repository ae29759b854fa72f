//! `tutti tool lint`: what a person should look at in the tools of all servers, and in what else models read of them.

use clap::{Arg, ArgMatches};
use console::output::{Output, Style, one_line};
use hubs::approval;
use hubs::client::{HubClient, Wanted, unknown_server};
use hubs::{Context, Failures};
use serde_json::{Value, json};
use tools::catalogue::Kind;

/// How long servers that are being started are waited for, in seconds.
const SETTLE: u32 = 60;

/// What it takes.
pub(super) fn arguments() -> clap::Command {
    clap::Command::new("lint")
        .about("Look for hidden text, orders to models and borrowed names in what models read")
        .arg(Arg::new("server").long("server").value_name("NAME").help("Only the tools of this server"))
        .after_help(
            "Examples:\n  tutti tool lint\n  tutti tool lint --server time --json\n\n\
             The exit code is 1 where there is an error. What is found may be harmless, and a tool in\n\
             which nothing is found may be harmful.",
        )
}

/// What was looked at, and what was found.
struct Report<'a> {
    /// The findings, each with its server.
    findings: Vec<(&'a str, &'a Value)>,
    /// How many tools there are.
    tools: usize,
    /// Servers whose tools were not looked at.
    unchecked: Vec<&'a str>,
}

/// Runs the command.
pub(super) fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let server = matches.get_one::<String>("server");
    let wanted = Wanted { server: server.cloned(), ..Wanted::default() };
    context.block_on(HubClient::with(context, &wanted, async |client| {
        let said = client.get(&format!("/api/v1/servers?settle={SETTLE}")).await?;
        let all: Vec<&Value> = said["servers"].as_array().into_iter().flatten().collect();
        let name = |server: &Value| server["name"].as_str().unwrap_or_default().to_owned();
        if let Some(wanted) = server
            && !all.iter().any(|server| name(server) == *wanted)
        {
            let names: Vec<String> = all.iter().map(|server| name(server)).collect();
            return Err(unknown_server(wanted, names.iter().map(String::as_str)).into());
        }
        let report = report(all.into_iter().filter(|one| server.is_none_or(|wanted| name(one) == *wanted)));
        let errors = report.count("error");
        print(&context.output, &report);
        Ok(u8::from(errors > 0))
    }))
}

fn report<'a>(servers: impl Iterator<Item = &'a Value>) -> Report<'a> {
    let mut report = Report { findings: Vec::new(), tools: 0, unchecked: Vec::new() };
    for server in servers {
        let name = server["name"].as_str().unwrap_or_default();
        let waiting = server["quarantined"].as_array().into_iter().flatten();
        let waiting = waiting.filter(|waiting| waiting["kind"].as_str().is_none_or(|kind| kind == "tool")).count();
        let served = server["tools"].as_u64().and_then(|count| usize::try_from(count).ok()).unwrap_or(0);
        let tools = served + waiting;
        if server["lint"] == "off" || (tools == 0 && !server["error"].is_null()) {
            report.unchecked.push(name);
            continue;
        }
        report.tools += tools;
        report.findings.extend(server["flagged"].as_array().into_iter().flatten().map(|finding| (name, finding)));
    }
    // The worst first, else in the order of the servers and their tools.
    report.findings.sort_by_key(|(_, finding)| finding["severity"] != "error");
    report
}

impl Report<'_> {
    fn count(&self, severity: &str) -> usize {
        self.findings.iter().filter(|(_, finding)| finding["severity"] == severity).count()
    }

    fn to_json(&self) -> Value {
        let finding = |(server, finding): &(&str, &Value)| {
            let mut finding = (*finding).clone();
            finding["server"] = (*server).into();
            finding["address"] = format!("mcp://{server}/{}", finding["tool"].as_str().unwrap_or_default()).into();
            finding
        };
        json!({
            "ok": self.count("error") == 0,
            "tools": self.tools,
            "errors": self.count("error"),
            "warnings": self.count("warning"),
            "findings": self.findings.iter().map(finding).collect::<Vec<_>>(),
            "unchecked": self.unchecked,
        })
    }
}

/// Where it was found, for a person.
fn address(server: &str, finding: &Value) -> String {
    let kind = finding["kind"].as_str().and_then(Kind::of_word).unwrap_or_default();
    approval::address_of(server, kind, finding["tool"].as_str().unwrap_or_default())
}

fn print(output: &Output, report: &Report<'_>) {
    if output.json {
        return output.value(&report.to_json());
    }
    for (server, finding) in &report.findings {
        let text = |key: &str| one_line(finding[key].as_str().unwrap_or_default(), 400);
        let severity = text("severity");
        let style = if severity == "error" { Style::Bad } else { Style::Warn };
        let address = output.paint(Style::Strong, &one_line(&address(server, finding), 200));
        output.line(&format!("{} {address}{} {}", output.paint(style, &severity), place(&text("place")), text("rule")));
        output.line(&format!("  {}", text("excerpt")));
    }
    let (errors, warnings) = (report.count("error"), report.count("warning"));
    output.message(&format!(
        "{}, {} in {}",
        many(errors, "error"),
        many(warnings, "warning"),
        many(report.tools, "tool")
    ));
    if !report.unchecked.is_empty() {
        let names = one_line(&report.unchecked.join(", "), 400);
        output.message(&format!("not looked at, because it is off or the server does not work: {names}"));
    }
}

fn place(pointer: &str) -> String {
    if pointer.is_empty() { String::new() } else { format!(" {pointer}") }
}

fn many(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests;
