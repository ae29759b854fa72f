//! Telling a person at the terminal how the servers are.

use assembly::runs::Runs;
use console::output::{Output, Style};
use std::sync::Arc;
use tools::config::Transport;
use tools::machine::State;
use tools::upstream::Upstream;

/// Tells when a server begins or ceases to work. `runs` knows by now which workflows there are.
pub async fn tell(output: Output, upstream: Arc<Upstream>, runs: Option<Arc<Runs>>) {
    let is_workflows = matches!(&upstream.settings.transport, Transport::Within(within) if within.kind == "workflows");
    let mut statuses = upstream.watch();
    let mut last = String::new();
    loop {
        let line = {
            let status = statuses.borrow_and_update();
            let name = &upstream.settings.name;
            match (status.state, &status.error) {
                (State::Ready, None) => {
                    let count = upstream.catalogue().tools.len();
                    // Its list may be of the moment before it was known which workflows there are; it is read again.
                    let workflows = runs.as_ref().filter(|_| is_workflows).map(|runs| runs.runner().workflows().len());
                    let known = workflows.is_none_or(|workflows| count == workflows);
                    let ready = output.paint_message(Style::Good, &format!("{name} is ready"));
                    known.then(|| ready + &counted(count))
                }
                (State::Degraded | State::BackingOff(_) | State::Refused(_), Some(error)) => {
                    Some(output.paint_message(Style::Warn, &format!("{name}: ")) + &error.to_string())
                }
                _ => None,
            }
        };
        if let Some(line) = line.filter(|line| *line != last) {
            output.message(&line);
            last = line;
        }
        if statuses.changed().await.is_err() {
            return;
        }
    }
}

fn counted(tools: usize) -> String {
    if tools == 1 { ", 1 tool".to_owned() } else { format!(", {tools} tools") }
}

#[cfg(test)]
mod tests;
