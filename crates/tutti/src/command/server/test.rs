//! `tutti server test`: whether servers start and what they are.

use crate::command::{Command, Context, Failures};
use base::{Code, Error, Result, clock};
use clap::{Arg, ArgMatches};
use console::output::{Output, Style, one_line};
use hubs::client::{HubClient, Wanted, path_segment};
use serde_json::{Value, json};
use std::pin::Pin;
use std::task::Poll;
use std::time::Instant;

/// The command.
pub(super) const COMMAND: Command = Command { arguments, run };

fn arguments() -> clap::Command {
    clap::Command::new("test")
        .about("Start servers and say what they are, or why they do not start")
        .arg(
            Arg::new("names")
                .value_name("NAME")
                .num_args(0..)
                .help("The servers; all that are not switched off if none is named"),
        )
        .after_help(
            "Examples:\n  tutti server test\n  tutti server test files time\n  tutti server test --json\n\n\
             In a running hub they are started anew, and calls under way on them end; without one they are started for \
             the test alone.\n\
             The exit code is 0 if all work, 9 if some do; if none does, it is that of the first error.",
        )
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let mut names: Vec<String> = matches.get_many::<String>("names").unwrap_or_default().cloned().collect();
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    let only = if let [name] = names.as_slice() { Some(name.clone()) } else { None };
    let wanted = Wanted { server: only, ..Wanted::default() };
    let tests = context.block_on(HubClient::with(context, &wanted, async |client| {
        let names = if names.is_empty() { enabled(client).await? } else { names };
        Ok(all(context, client, names).await)
    }))?;
    if context.output.json {
        let servers: Vec<Value> = tests.iter().map(Test::to_json).collect();
        context.output.value(&json!({"ok": tests.iter().all(Test::is_ok), "servers": servers}));
    } else if tests.is_empty() {
        context.output.message("there are no servers; add one with `tutti server add`");
    } else if tests.len() > 1 {
        let good = tests.iter().filter(|test| test.is_ok()).count();
        context.output.message(&format!("{good} of {} servers work", tests.len()));
    }
    Ok(exit(&tests))
}

/// One server and how it did.
pub(crate) struct Test {
    /// The server.
    pub(crate) name: String,
    /// What it is, or why it does not start.
    pub(crate) outcome: Result<Outcome>,
}

/// What a server that started is.
pub(crate) struct Outcome {
    described: Value,
    milliseconds: u128,
}

/// The servers that are not switched off.
pub(crate) async fn enabled(client: &HubClient) -> Result<Vec<String>> {
    let answer = client.get("/api/v1/servers").await?;
    let servers = answer["servers"].as_array().into_iter().flatten();
    let on = servers.filter(|server| server["state"] != "disabled");
    Ok(on.filter_map(|server| server["name"].as_str().map(str::to_owned)).collect())
}

/// Tests servers at the same time, and prints each as soon as it is known.
async fn all(context: &Context, client: &HubClient, names: Vec<String>) -> Vec<Test> {
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    tests(client, names, |test| {
        if !context.output.json {
            print(&context.output, test, width);
        }
    })
    .await
}

/// Tests servers at the same time; `told` hears of each as soon as it is known.
pub(crate) async fn tests(client: &HubClient, names: Vec<String>, told: impl Fn(&Test)) -> Vec<Test> {
    let start = clock::now();
    let told = &told;
    let work = names.into_iter().map(|name| async move {
        let outcome = outcome(client, &name, start).await;
        let test = Test { name, outcome };
        told(&test);
        test
    });
    together(work.collect()).await
}

/// Starts one server anew, and says what it is.
pub(super) async fn outcome(client: &HubClient, name: &str, start: Instant) -> Result<Outcome> {
    let described = client.post(&format!("/api/v1/servers/{}/restart", path_segment(name))).await?;
    // It answers when there is a connection; lists that cannot be read leave it degraded.
    if let Some(error) = hubs::client::coded(&described["error"]) {
        return Err(error);
    }
    Ok(Outcome { described, milliseconds: clock::now().duration_since(start).as_millis() })
}

impl Outcome {
    /// Tools that are not shown, and why.
    fn left_out(&self) -> impl Iterator<Item = Error> {
        self.described["left_out"].as_array().into_iter().flatten().filter_map(hubs::client::coded)
    }

    /// What it is, for people.
    pub(crate) fn words(&self) -> String {
        let text = |key: &str| self.described[key].as_str().unwrap_or_default();
        let count = |key: &str| self.described[key].as_u64().unwrap_or(0);
        let mut parts = vec![format!("{} {}", text("era"), text("version")), one_line(text("software"), 60)];
        for (key, one) in [("tools", "tool"), ("prompts", "prompt"), ("resources", "resource")] {
            match count(key) {
                0 if key != "tools" => {}
                1 => parts.push(format!("1 {one}")),
                count => parts.push(format!("{count} {one}s")),
            }
        }
        parts.push(format!("{} ms", self.milliseconds));
        parts.retain(|part| !part.trim().is_empty());
        parts.join(", ")
    }

    /// What it is, for programs.
    pub(super) fn to_json(&self, name: &str) -> Value {
        let mut value =
            json!({"name": name, "ok": true, "milliseconds": u64::try_from(self.milliseconds).unwrap_or(u64::MAX)});
        for key in ["era", "version", "software", "tools", "prompts", "resources", "templates", "left_out"] {
            value[key] = self.described[key].clone();
        }
        value
    }
}

impl Test {
    pub(crate) fn is_ok(&self) -> bool {
        self.outcome.is_ok()
    }

    fn to_json(&self) -> Value {
        match &self.outcome {
            Ok(outcome) => outcome.to_json(&self.name),
            Err(error) => json!({"name": self.name, "ok": false, "error": error.to_json()}),
        }
    }
}

fn print(output: &Output, test: &Test, width: usize) {
    let name = format!("{:width$}", test.name);
    match &test.outcome {
        Ok(outcome) => {
            output.line(&format!("{}    {name}  {}", output.paint(Style::Good, "ok"), outcome.words()));
            for left_out in outcome.left_out() {
                output.line(&format!(
                    "      {} {}",
                    output.paint(Style::Warn, "!"),
                    one_line(&left_out.to_string(), 400)
                ));
            }
        }
        Err(error) => {
            output.line(&format!("{}  {name}  {}", output.paint(Style::Bad, "FAIL"), one_line(error.message(), 400)));
            for line in error.detail().into_iter().flat_map(str::lines) {
                output.line(&format!("      {} {}", output.paint(Style::Faint, "|"), one_line(line, 400)));
            }
            let next = output.paint(Style::Strong, "next:");
            output.line(&format!("      {next} {} ({})", error.next(), error.code()));
        }
    }
}

/// All work: 0. One was asked for: its own code. Of several: 9 if some work.
fn exit(tests: &[Test]) -> u8 {
    let failed: Vec<&Error> = tests.iter().filter_map(|test| test.outcome.as_ref().err()).collect();
    match failed.first() {
        None => 0,
        Some(first) if failed.len() == tests.len() => first.code().exit(),
        Some(_) => Code::ServersFailed.exit(),
    }
}

/// Runs futures at the same time, and answers with what each gave.
async fn together<T>(work: Vec<impl Future<Output = T>>) -> Vec<T> {
    let mut waiting: Vec<Pin<Box<_>>> = work.into_iter().map(Box::pin).collect();
    let mut done: Vec<Option<T>> = waiting.iter().map(|_| None).collect();
    std::future::poll_fn(move |context| {
        for (future, slot) in waiting.iter_mut().zip(&mut done) {
            if slot.is_none()
                && let Poll::Ready(value) = future.as_mut().poll(context)
            {
                *slot = Some(value);
            }
        }
        if done.iter().all(Option::is_some) {
            Poll::Ready(done.iter_mut().filter_map(Option::take).collect())
        } else {
            Poll::Pending
        }
    })
    .await
}

#[cfg(test)]
mod tests;
