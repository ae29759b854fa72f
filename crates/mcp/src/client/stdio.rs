//! Newline-delimited messages over the pipes of a child process.

use super::child;
use super::lines::read_lines;
use super::outbox::{Outbox, Sender};
use super::shared::{Holder, Link, Parts};
use super::tail::{Source, Tail};
use crate::Message;
use crate::line::Line;
use base::{Error, Result, task};
use rustix::process::Signal;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::unix::pipe;
use tokio::sync::mpsc;

/// A running child process.
struct Process(u32);

impl Holder for Process {
    fn pid(&self) -> Option<u32> {
        Some(self.0)
    }

    fn noun(&self) -> &'static str {
        "the process of"
    }

    fn again(&self) -> &'static str {
        "started"
    }

    fn terminate(&self) {
        child::signal(self.0, Signal::TERM);
    }

    fn kill(&self) {
        child::signal(self.0, Signal::KILL);
    }
}

/// Starts the process. `notices` gets the notifications that belong to no call; `tail` gets what it says.
pub fn start(options: &child::Options, tail: Arc<Tail>, notices: mpsc::Sender<Message>) -> Result<Arc<Link>> {
    let (mut process, pipes) = child::start(options)?;
    let outbox = Arc::new(Outbox::new(Sender::Pipe(pipes.input)));
    let link = Link::new(Parts {
        name: options.name.clone(),
        holder: Arc::new(Process(process.id().unwrap_or_default())),
        outlet: Arc::clone(&outbox) as _,
        limit: options.message_limit,
        tail: Arc::clone(&tail),
        notices,
    });
    let writing = Arc::clone(&link);
    task::spawn("upstream input", async move {
        // A server that closed its input gets nothing any more, and who waits for it would wait in vain.
        if outbox.drain().await {
            writing.terminate();
        }
    });
    let (reading, limit) = (Arc::clone(&link), options.message_limit);
    let reader = task::spawn("upstream output", async move {
        read_lines(pipes.output, limit, |line| reading.take_line(line)).await;
        // A server that closed its output can answer nothing any more, whatever else it still does.
        reading.terminate();
    });
    let errors = task::spawn("upstream errors", read_errors(tail, pipes.errors));
    let watched = Arc::clone(&link);
    task::spawn("upstream process", async move {
        let status = process.wait().await;
        // What the process said before it ended is still in the pipes. A descendant may hold them open for ever.
        let rest = async { (reader.await, errors.await) };
        let _ = tokio::time::timeout(Duration::from_millis(500), rest).await;
        watched.close(ended_with(&watched, status.ok()));
    });
    Ok(link)
}

fn ended_with(link: &Link, status: Option<ExitStatus>) -> Error {
    match status.and_then(|status| status.code()) {
        Some(code) if code > 128 => link.fault(&format!("was ended by signal {}", code - 128)),
        Some(code) => link.fault(&format!("ended with exit code {code}")),
        None => link.fault("was ended by a signal"),
    }
}

async fn read_errors(tail: Arc<Tail>, pipe: pipe::Receiver) {
    read_lines(pipe, 64 << 10, |line| match line {
        Line::Whole(bytes) => tail.push(Source::Error, &bytes),
        Line::TooLong { head, .. } => tail.push(Source::Error, &head),
    })
    .await;
}

#[cfg(test)]
mod tests;
