//! What is told of a run while it goes on.

use crate::output::{Output, Style, one_line};
use base::clock;
use serde_json::Value;
use std::time::Duration;

/// What was told of a run so far.
#[derive(Default)]
pub struct Course {
    running: Vec<String>,
    done: usize,
}

impl Course {
    /// Tells of an entry of the journal, and on a terminal what is under way. `local` says that nobody else can reach the hub.
    pub fn tell(&mut self, output: &Output, entry: &Value, local: bool) {
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
