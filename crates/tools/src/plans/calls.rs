//! The calls of a plan that are under way.

use crate::caller::{Ask, Reply};
use crate::forward::{Forward, Step};
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use plan::machine::Unit;
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use tokio::sync::mpsc;

/// What happened to one of them.
pub(super) enum Happened {
    /// A notification for the client, something that it shall answer, or that it need not answer any more.
    Said(Step),
    /// It ended with a result or an error.
    Ended {
        /// Which.
        unit: Unit,
        /// How.
        step: Step,
        /// Whether no server was asked.
        cached: bool,
    },
}

/// A call, with what it is told, until something happens to it.
struct Call {
    unit: Unit,
    forward: Forward,
    inbox: mpsc::UnboundedReceiver<(u64, Reply)>,
}

type Waiting = Pin<Box<dyn Future<Output = (Call, Step)> + Send>>;

/// The calls. Dropping them cancels all.
#[derive(Default)]
pub(super) struct Calls {
    waiting: FuturesUnordered<Waiting>,
    outboxes: HashMap<Unit, mpsc::UnboundedSender<(u64, Reply)>>,
    /// What the client was asked: for which call, and under which key there.
    asked: HashMap<u64, (Unit, u64)>,
    last: u64,
}

impl Calls {
    /// Takes a call that begins now.
    pub(super) fn add(&mut self, unit: Unit, forward: Forward) {
        let (outbox, inbox) = mpsc::unbounded_channel();
        self.outboxes.insert(unit, outbox);
        self.waiting.push(Box::pin(proceed(Call { unit, forward, inbox })));
    }

    /// The next thing that happens. Without calls, nothing ever does.
    pub(super) async fn next(&mut self) -> Happened {
        let Some((call, step)) = self.waiting.next().await else { return std::future::pending().await };
        let unit = call.unit;
        match step {
            Step::Result(_) | Step::Error(_) => {
                self.outboxes.remove(&unit);
                self.asked.retain(|_, (asker, _)| *asker != unit);
                return Happened::Ended { unit, step, cached: call.forward.was_kept() };
            }
            Step::Note(_) | Step::Ask(_) | Step::Withdraw(_) => self.waiting.push(Box::pin(proceed(call))),
        }
        Happened::Said(match step {
            Step::Ask(ask) => {
                self.last += 1;
                self.asked.insert(self.last, (unit, ask.key));
                Step::Ask(Ask { key: self.last, ..ask })
            }
            Step::Withdraw(key) => {
                let ours = self.asked.iter().find(|(_, asked)| **asked == (unit, key)).map(|(ours, _)| *ours);
                ours.iter().for_each(|ours| {
                    self.asked.remove(ours);
                });
                Step::Withdraw(ours.unwrap_or_default())
            }
            step => step,
        })
    }

    /// Takes the client's answer to an ask. An ask is answered once, so what waits in an inbox has an end.
    pub(super) fn reply(&mut self, key: u64, reply: Reply) {
        if let Some((unit, own)) = self.asked.remove(&key)
            && let Some(outbox) = self.outboxes.get(&unit)
        {
            // A call that has ended in this moment needs no answer.
            let _ = outbox.send((own, reply));
        }
    }
}

/// Goes on with a call until there is something to tell of it.
async fn proceed(mut call: Call) -> (Call, Step) {
    loop {
        tokio::select! {
            biased;
            step = call.forward.next() => return (call, step),
            Some((key, reply)) = call.inbox.recv() => call.forward.reply(key, reply),
        }
    }
}
