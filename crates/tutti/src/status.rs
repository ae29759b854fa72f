//! Telling a person at the terminal how the servers are.

use console::output::{Output, Style};
use std::sync::Arc;
use tools::machine::State;
use tools::upstream::Upstream;

/// Tells when a server begins or ceases to work.
pub async fn tell(output: Output, upstream: Arc<Upstream>) {
    let mut statuses = upstream.watch();
    let mut last = String::new();
    loop {
        let line = {
            let status = statuses.borrow_and_update();
            let name = &upstream.settings.name;
            match (status.state, &status.error) {
                (State::Ready, None) => {
                    let count = upstream.catalogue().tools.len();
                    Some(output.paint_message(Style::Good, &format!("{name} is ready")) + &format!(", {count} tools"))
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
