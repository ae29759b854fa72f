//! The thread that drives a model: one step after another for all who wait.

use engine::{Engine, Failure, FailureKind, Pooling, Request, Step, Ticket, Token};
use std::collections::HashMap;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

/// The most requests that wait for their turn.
const WAITING: usize = 64;

/// Steps of an answer, in order. No more than the answer has tokens, and the context limits those.
pub(crate) type Steps = UnboundedReceiver<Result<Step, Failure>>;

enum Wish {
    Answer(Box<Request>, UnboundedSender<Result<Step, Failure>>),
    Vectors(Vec<Vec<Token>>, oneshot::Sender<Result<Vec<Vec<f32>>, Failure>>),
}

/// A model at work in a thread of its own, which ends with this.
pub(crate) struct Runner {
    wishes: SyncSender<Wish>,
    /// The thread has ended.
    over: CancellationToken,
}

/// Why a wish was not taken.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Refused {
    /// As many wait as may.
    Full,
    /// The thread is gone.
    Gone,
}

impl Runner {
    /// Lets `engine` work.
    pub(crate) fn start(engine: Engine) -> Self {
        let (wishes, receiver) = sync_channel(WAITING);
        let over = CancellationToken::new();
        let guard = over.clone().drop_guard();
        base::task::spawn("model", async move {
            let _guard = guard;
            if let Err(error) = base::task::blocking(move || drive(engine, &receiver)).await {
                tracing::error!(%error, "the model does not work any more");
            }
        });
        Self { wishes, over }
    }

    /// Ends when the thread does, which it does early only by a fault.
    pub(crate) async fn ended(&self) {
        self.over.cancelled().await;
    }

    /// Begins an answer. Who lets go of the steps gives it up.
    pub(crate) fn answer(&self, request: Request) -> Result<Steps, Refused> {
        let (sender, steps) = unbounded_channel();
        self.wish(Wish::Answer(Box::new(request), sender))?;
        Ok(steps)
    }

    /// The vectors of texts.
    pub(crate) async fn vectors(&self, texts: Vec<Vec<Token>>) -> Result<Result<Vec<Vec<f32>>, Failure>, Refused> {
        let (sender, vectors) = oneshot::channel();
        self.wish(Wish::Vectors(texts, sender))?;
        vectors.await.map_err(|_| Refused::Gone)
    }

    fn wish(&self, wish: Wish) -> Result<(), Refused> {
        self.wishes.try_send(wish).map_err(|error| match error {
            TrySendError::Full(_) => Refused::Full,
            TrySendError::Disconnected(_) => Refused::Gone,
        })
    }
}

/// Works until nobody can wish for anything any more, or nothing can be answered any more: the process ends with this thread, and
/// the next request starts another.
fn drive(mut engine: Engine, wishes: &Receiver<Wish>) {
    let most = engine.model().limits().sessions.max(1);
    let mut open: HashMap<Ticket, UnboundedSender<Result<Step, Failure>>> = HashMap::new();
    let mut is_lost = false;
    while !is_lost {
        if open.is_empty() {
            let Ok(wish) = wishes.recv() else { return };
            is_lost |= take(&mut engine, &mut open, wish);
        }
        while open.len() < most
            && let Ok(wish) = wishes.try_recv()
        {
            is_lost |= take(&mut engine, &mut open, wish);
        }
        open.retain(|ticket, steps| !(steps.is_closed() && engine.cancel(*ticket)));
        for (ticket, step) in engine.step() {
            is_lost |= step.as_ref().is_err_and(is_fatal);
            let is_over = step.as_ref().map_or(true, |step| step.ended.is_some());
            let is_heard = open.get(&ticket).is_some_and(|steps| steps.send(step).is_ok());
            if is_over || !is_heard {
                engine.cancel(ticket);
                open.remove(&ticket);
            }
        }
    }
}

/// Whether nothing can be answered any more: what was on a card that failed is gone.
fn is_fatal(failure: &Failure) -> bool {
    failure.kind == FailureKind::CardLost
}

/// Takes a wish up. Gives whether it failed in a way that is the end of all.
fn take(engine: &mut Engine, open: &mut HashMap<Ticket, UnboundedSender<Result<Step, Failure>>>, wish: Wish) -> bool {
    match wish {
        Wish::Answer(_, steps) if steps.is_closed() => {}
        Wish::Answer(request, steps) => match engine.begin(*request) {
            Ok(ticket) => {
                open.insert(ticket, steps);
            }
            // Who asked may have left meanwhile.
            Err(failure) => drop(steps.send(Err(failure))),
        },
        Wish::Vectors(_, vectors) if vectors.is_closed() => {}
        Wish::Vectors(texts, vectors) => {
            let embedded: Result<Vec<_>, _> = texts.iter().map(|text| engine.embed(text, Pooling::Mean)).collect();
            let is_lost = embedded.as_ref().is_err_and(is_fatal);
            drop(vectors.send(embedded));
            return is_lost;
        }
    }
    false
}
