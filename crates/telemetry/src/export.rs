//! Sending spans and metrics to a collector of OpenTelemetry, in the background.
//!
//! Whoever records hands over and goes on: what finds the queue full is dropped and counted. A collector that is slow or
//! gone costs nothing but what it does not get.

mod encode;
mod protobuf;
mod send;

pub use send::{Fault, Target};

use crate::record::{Counts, Queue, Record};
use crate::snapshot::Snapshot;
use base::{Code, clock, task};
use bytes::Bytes;
use encode::Resource;
use send::Attempt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

/// The most spans in one message.
const BATCH: usize = 512;

/// How long a span waits for others at most.
const PATIENCE: Duration = Duration::from_secs(2);

/// The most attempts for one message.
const ATTEMPTS: u32 = 5;

/// The wait after the first failed attempt; doubled each time.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// The longest wait that a collector may ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Asks for all that waits to be sent.
pub(crate) type Flush = mpsc::Sender<oneshot::Sender<()>>;

/// What both senders are made of.
pub(crate) struct Options {
    pub(crate) target: Target,
    pub(crate) counts: Arc<Counts>,
    /// Attributes of the process.
    pub(crate) resource: Vec<(String, String)>,
    /// The version of the program.
    pub(crate) version: &'static str,
    /// Cancelled when the process ends: from then on nothing is tried twice.
    pub(crate) closing: CancellationToken,
}

/// A task that sends messages of one kind.
struct Sender {
    what: &'static str,
    options: Options,
    resource: Resource,
    /// Whether the last message was taken; said once for each change.
    well: bool,
}

/// Starts the task that sends spans.
pub(crate) fn traces(options: Options) -> (Arc<Queue>, Flush) {
    let (queue, mut waiting) = Queue::new(Arc::clone(&options.counts));
    let (flush, mut flushes) = mpsc::channel::<oneshot::Sender<()>>(1);
    let mut sender = Sender::new("traces", options);
    task::spawn("export of traces", async move {
        let mut batch = Vec::new();
        loop {
            let mut done = None;
            tokio::select! {
                count = waiting.recv_many(&mut batch, BATCH) => if count == 0 { return },
                asked = flushes.recv() => match asked {
                    Some(asked) => done = Some(asked),
                    None => return,
                },
            }
            let deadline = tokio::time::sleep(PATIENCE);
            tokio::pin!(deadline);
            while done.is_none() && batch.len() < BATCH {
                let room = BATCH - batch.len();
                tokio::select! {
                    count = waiting.recv_many(&mut batch, room) => if count == 0 { break },
                    asked = flushes.recv() => done = asked,
                    () = &mut deadline => break,
                }
            }
            sender.spans(&mut batch).await;
            if let Some(done) = done {
                while let Ok(record) = waiting.try_recv() {
                    batch.push(record);
                    if batch.len() == BATCH {
                        sender.spans(&mut batch).await;
                    }
                }
                sender.spans(&mut batch).await;
                let _ = done.send(());
            }
        }
    });
    (queue, flush)
}

/// Starts the task that sends metrics, every `interval`. `start` is when the process was started, since 1970.
pub(crate) fn metrics<F>(options: Options, interval: Duration, start: Duration, look: F) -> Flush
where
    F: Fn() -> Option<Snapshot> + Send + Sync + 'static,
{
    let (flush, mut flushes) = mpsc::channel::<oneshot::Sender<()>>(1);
    let mut sender = Sender::new("metrics", options);
    let look = Arc::new(look);
    task::spawn("export of metrics", async move {
        loop {
            let done = tokio::select! {
                () = tokio::time::sleep(interval) => None,
                asked = flushes.recv() => match asked {
                    Some(asked) => Some(asked),
                    None => return,
                },
            };
            // On a thread of its own: with many tools it takes a while, and calls are not to wait for that.
            let (look, resource) = (Arc::clone(&look), sender.resource.clone());
            let encoded = task::blocking(move || look().map(|snapshot| encoded(&resource, &snapshot, start))).await;
            match encoded {
                Ok(Some((body, points))) => sender.send(body, points).await,
                Ok(None) => return,
                Err(error) => tracing::error!(%error, "the numbers could not be read"),
            }
            if let Some(done) = done {
                let _ = done.send(());
            }
        }
    });
    flush
}

/// All numbers as a message, and how many points it holds.
fn encoded(resource: &Resource, snapshot: &Snapshot, start: Duration) -> (Vec<u8>, u64) {
    let points = snapshot.by_metric().map(|(_, points)| points.len() as u64).sum();
    (encode::metrics(resource, snapshot, start, clock::wall()), points)
}

impl Sender {
    fn new(what: &'static str, mut options: Options) -> Self {
        let attributes = std::mem::take(&mut options.resource);
        let resource = Resource { attributes, version: options.version };
        Self { what, options, resource, well: true }
    }

    async fn spans(&mut self, batch: &mut Vec<Record>) {
        if !batch.is_empty() {
            self.send(encode::traces(&self.resource, batch), batch.len() as u64).await;
            batch.clear();
        }
    }

    /// Sends a message that holds `count` things, again if need be.
    async fn send(&mut self, body: Vec<u8>, count: u64) {
        let body = Bytes::from(body);
        let counts = Arc::clone(&self.options.counts);
        for attempt in 0..ATTEMPTS {
            let (why, after) = match self.options.target.send(body.clone()).await {
                Attempt::Taken => {
                    counts.sent.add(count);
                    return self.tell(None);
                }
                Attempt::Refused(why) => {
                    counts.failed.add(count);
                    return self.tell(Some(&why));
                }
                Attempt::Again { why, after } => (why, after),
            };
            self.tell(Some(&why));
            if attempt + 1 == ATTEMPTS {
                break;
            }
            let wait = after.unwrap_or(FIRST_WAIT * 2u32.pow(attempt)).min(LONGEST_WAIT);
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.options.closing.cancelled() => break,
            }
        }
        counts.failed.add(count);
    }

    /// Says in the log when sending begins to fail and when it works again.
    fn tell(&mut self, failure: Option<&str>) {
        let (what, collector) = (self.what, self.options.target.place());
        match (failure, self.well) {
            (Some(why), true) => {
                let code = Code::TelemetryExport;
                tracing::warn!(%code, collector, why, "{what} cannot be sent; next: `tutti explain {code}`");
            }
            (None, false) => tracing::info!(collector, "{what} can be sent again"),
            _ => {}
        }
        self.well = failure.is_none();
    }
}

#[cfg(test)]
mod tests;
