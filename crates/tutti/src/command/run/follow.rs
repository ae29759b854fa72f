//! Following a run while it goes on.

use super::show;
use crate::client::{HubClient, Wanted, path_segment};
use crate::command::{Context, Failures};
use crate::output::{Output, Style, one_line};
use base::clock;
use base::{Code, Error};
use serde_json::{Value, json};
use std::sync::OnceLock;
use std::time::Duration;

/// Which run is followed, once that is known: it goes on when the command is ended.
#[derive(Default)]
pub(in crate::command) struct Way {
    run: OnceLock<(String, bool)>,
}

/// Runs `work` with a hub that carries runs out. Who ends the command is told how the run goes on.
pub(in crate::command) fn with_hub(
    context: &Context,
    wanted: &Wanted,
    work: impl AsyncFn(&HubClient, &Way) -> Result<u8, Failures>,
) -> Result<u8, Failures> {
    let way = Way::default();
    let done = context.block_on(HubClient::with(context, wanted, async |client| work(client, &way).await));
    context.output.progress("");
    match (&done, way.run.get()) {
        (Err(Failures(errors)), Some((run, local))) if errors.iter().any(|error| error.code() == Code::Interrupted) => {
            let how = match local {
                true => format!("it goes on with the next `tutti up` here, or with `tutti run watch {run}`"),
                false => format!("it goes on; `tutti run watch {run}` follows it, `tutti run cancel {run}` ends it"),
            };
            context.output.message(&format!("the run {run} was left: {how}"));
            Ok(Code::Interrupted.exit())
        }
        _ => done,
    }
}

/// Follows a run to its end, and tells what it gave. The exit code says how it ended.
pub(in crate::command) async fn to_the_end(
    output: &Output,
    client: &HubClient,
    run: &str,
    way: &Way,
) -> Result<u8, Failures> {
    let _ = way.run.set((run.to_owned(), client.is_local()));
    let path = format!("/api/v1/runs/{}", path_segment(run));
    output.message(&output.paint_message(Style::Faint, &format!("run {run}")));
    let mut course = Course::default();
    let mut seen = 0_u64;
    loop {
        let mut events = client.events(&format!("{path}/events?from={}", seen + 1)).await?;
        while let Some(data) = events.next().await? {
            seen += 1;
            let entry: Value = base::json::from_text(&data).unwrap_or_default();
            if output.json {
                output.line(&json!({"run": run, "sequence": seen, "entry": entry}).to_string());
            } else {
                course.tell(output, &entry, client.is_local());
            }
            if entry["kind"] == "finished" {
                output.progress("");
                return finished(output, &client.get(&path).await?);
            }
        }
        // A hub that is being stopped ends its streams; whether another is there, the next request tells.
        if seen == 0 {
            let message = format!("nothing is told of the run {run}");
            return Err(Error::new(Code::HubAnswer, message, "look at it with `tutti run inspect`").into());
        }
    }
}

/// What a run gave, or why it failed.
fn finished(output: &Output, said: &Value) -> Result<u8, Failures> {
    let result = &said["result"];
    if output.json {
        output.value(said);
    } else {
        show::steps(output, said);
        if said["status"] == "succeeded" {
            output.line(&show::value(result));
        }
    }
    let status = said["status"].as_str().unwrap_or_default();
    if status == "succeeded" {
        return Ok(0);
    }
    let code = result["code"].as_str().and_then(Code::find);
    let usual = if status == "cancelled" { Code::RunCancelled } else { Code::ToolFailed };
    let exit = code.unwrap_or(usual).exit();
    if !output.json {
        let why = one_line(result["message"].as_str().unwrap_or("it says not why"), 1_000);
        let id = said["id"].as_str().unwrap_or_default();
        let next = format!("look at it with `tutti run inspect {id}`; `tutti run fork` goes on from a step");
        output.complaints(&[Error::new(code.unwrap_or(usual), format!("the run is {status}: {why}"), next)]);
    }
    Ok(exit)
}

/// What was told of a run so far.
#[derive(Default)]
struct Course {
    running: Vec<String>,
    done: usize,
}

impl Course {
    /// Tells of an entry, and on a terminal what is under way.
    fn tell(&mut self, output: &Output, entry: &Value, local: bool) {
        let step = one_line(entry["step"].as_str().unwrap_or_default(), 100);
        let (style, words) = match entry["kind"].as_str().unwrap_or_default() {
            "attempted" | "scheduled" => {
                if !self.running.contains(&step) {
                    self.running.push(step);
                }
                return self.show(output);
            }
            "succeeded" => (Style::Good, "done".to_owned()),
            "failed" => {
                let code = entry["code"].as_str().unwrap_or_default();
                (Style::Bad, format!("failed {code} {}", one_line(entry["message"].as_str().unwrap_or_default(), 400)))
            }
            "gate_opened" => {
                let prompt = one_line(entry["payload"]["prompt"].as_str().unwrap_or_default(), 400);
                let how = match local {
                    true => {
                        "answer with `tutti run approve` or `reject` when this command is ended, or `tutti up` runs"
                    }
                    false => "answer with `tutti run approve` or `reject`",
                };
                (Style::Warn, format!("waits for somebody: {prompt} ({how})"))
            }
            "gate_approved" => (Style::Good, format!("approved by {}", actor(entry))),
            "gate_rejected" => (Style::Bad, format!("rejected by {}", actor(entry))),
            "gate_expired" => (Style::Bad, "nobody decided in time".to_owned()),
            "in_doubt" => {
                (Style::Warn, "nobody knows whether it was carried out (answer with `tutti run resolve`)".to_owned())
            }
            "compensated" => (Style::Warn, "undone".to_owned()),
            "cancelled" => (Style::Warn, format!("cancelled by {}", actor(entry))),
            "paused" => (Style::Warn, format!("paused by {}", actor(entry))),
            "resumed" => (Style::Good, format!("resumed by {}", actor(entry))),
            _ => return,
        };
        self.running.retain(|other| *other != step);
        self.done += usize::from(style == Style::Good);
        output.progress("");
        let at = Duration::from_millis(entry["at"].as_u64().unwrap_or_default());
        let time: String = clock::rfc3339(at).chars().skip(11).take(8).collect();
        let name = if step.is_empty() { "run".to_owned() } else { step };
        let (faint, strong) = (output.paint_message(Style::Faint, &time), output.paint_message(Style::Strong, &name));
        output.message(&format!("{faint}  {strong}  {}", output.paint_message(style, &words)));
        self.show(output);
    }

    fn show(&self, output: &Output) {
        let running = self.running.join(", ");
        output.progress(&format!("{} done  {running}", self.done));
    }
}

fn actor(entry: &Value) -> String {
    one_line(entry["actor"].as_str().unwrap_or_default(), 64)
}
