//! `tutti server logs`: what a server wrote, and what the hub did with it.

use super::restart::not_running;
use crate::command::{Command, Context, Failures};
use base::Result;
use clap::{Arg, ArgAction, ArgMatches};
use console::output::{Output, Style, one_line};
use hubs::client::{HubClient, path_segment};
use serde_json::{Value, json};
use std::time::Duration;

/// The command.
pub(super) const COMMAND: Command = Command { arguments, run };

/// How often a followed log is asked for what is new.
const INTERVAL: Duration = Duration::from_millis(500);

fn arguments() -> clap::Command {
    clap::Command::new("logs")
        .about("Show what a server wrote besides its answers")
        .arg(Arg::new("name").value_name("NAME").required(true).help("The server"))
        .arg(Arg::new("follow").long("follow").short('f').action(ArgAction::SetTrue).help("Go on as it writes more"))
        .arg(
            Arg::new("lines")
                .long("lines")
                .short('n')
                .value_name("COUNT")
                .value_parser(clap::value_parser!(u16))
                .default_value("100")
                .help("How many of the last lines to begin with; the hub keeps 1000"),
        )
        .after_help(
            "Examples:\n  tutti server logs files\n  tutti server logs files --follow\n  tutti server logs files -n 10 --json\n\n\
             `err` is what the program wrote to standard error, `out` what it wrote to standard output that is no \
             message, `hub` what the hub did.\n\
             With --json --follow each line is a JSON object of its own.",
        )
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let name = matches.get_one::<String>("name").map_or("", String::as_str);
    let wanted = matches.get_one::<u16>("lines").copied().map_or(100, usize::from);
    context.block_on(async {
        let client = HubClient::running(context).await?.ok_or_else(not_running)?;
        let mut lines = since(&client, name, 0).await?;
        lines.drain(..lines.len().saturating_sub(wanted));
        if !matches.get_flag("follow") {
            if context.output.json {
                context.output.value(&json!({"name": name, "lines": lines}));
            } else {
                lines.iter().for_each(|line| print(&context.output, line));
            }
            return Ok(0);
        }
        let mut reader = Reader::default();
        reader.take(&lines).into_iter().for_each(|line| show(&context.output, line));
        loop {
            tokio::time::sleep(INTERVAL).await;
            let mut lines = since(&client, name, reader.after()).await?;
            if reader.begins_anew(&lines) {
                lines = since(&client, name, 0).await?;
            }
            reader.take(&lines).into_iter().for_each(|line| show(&context.output, line));
        }
    })
}

async fn since(client: &HubClient, name: &str, after: u64) -> Result<Vec<Value>> {
    let mut answer = client.get(&format!("/api/v1/servers/{}/logs?after={after}", path_segment(name))).await?;
    match answer["lines"].take() {
        Value::Array(lines) => Ok(lines),
        _ => Ok(Vec::new()),
    }
}

/// Knows which lines were shown.
#[derive(Default)]
struct Reader {
    last: u64,
}

impl Reader {
    /// After which line to ask. The last one that was shown is asked for again: where it is missing, the server was
    /// replaced by another and its lines are counted from 1.
    fn after(&self) -> u64 {
        self.last.saturating_sub(1)
    }

    fn begins_anew(&mut self, lines: &[Value]) -> bool {
        let anew = self.last > 0 && lines.is_empty();
        if anew {
            self.last = 0;
        }
        anew
    }

    /// The lines that were not shown yet.
    fn take<'l>(&mut self, lines: &'l [Value]) -> Vec<&'l Value> {
        let number = |line: &Value| line["number"].as_u64().unwrap_or(0);
        let last = self.last;
        let new: Vec<&Value> = lines.iter().filter(|line| number(line) > last).collect();
        self.last = new.last().map_or(last, |line| number(line));
        new
    }
}

/// One line of a log that goes on.
fn show(output: &Output, line: &Value) {
    if output.json { output.value(line) } else { print(output, line) }
}

fn print(output: &Output, line: &Value) {
    let text = |key: &str| line[key].as_str().unwrap_or_default();
    let (style, source) = match text("source") {
        "error" => (Style::Plain, "err"),
        "noise" => (Style::Warn, "out"),
        _ => (Style::Faint, "hub"),
    };
    let at = output.paint(Style::Faint, text("at"));
    output.line(&format!(
        "{at} {} {}",
        output.paint(style, source),
        output.paint(style, &one_line(text("text"), 4000))
    ));
}

#[cfg(test)]
mod tests;
