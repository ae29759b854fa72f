//! Sending one notice until it is taken.

use super::body;
use crate::Runs;
use crate::notice::Notice;
use crate::signature::{self, HEADERS, TIMESTAMP};
use base::network::guard::Guard;
use base::{Code, Error, Result, clock, random};
use identity::Secrets;
use identity::oauth::web::{Post, Web};
use journal::RunId;
use resilience::budget::{self, Budget};
use resilience::retry::{self, Decision, Effect, Failure, Reach};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, watch};

/// How often a notice goes out, and how long is waited between: for about an hour in all.
const OFTEN: retry::Settings =
    retry::Settings { attempts: 16, first: Duration::from_secs(1), longest: Duration::from_secs(600) };

/// A notice that goes out.
pub(super) struct Sending {
    pub(super) notice: Notice,
    pub(super) id: String,
    pub(super) run: RunId,
    /// The path of the step, and the digest of what it shows.
    pub(super) gate: (String, String),
    pub(super) secrets: Secrets,
    pub(super) runs: Arc<dyn Runs>,
    /// Those of its receiver.
    pub(super) places: Arc<Semaphore>,
    /// Hears when the configuration says something else.
    pub(super) told: watch::Receiver<Arc<Vec<Notice>>>,
}

/// A notice that goes out no more.
#[derive(Debug)]
pub(super) struct Sent {
    /// What it is called.
    pub(super) notice: String,
    pub(super) run: RunId,
    pub(super) id: String,
    pub(super) ending: Ending,
}

/// How a notice ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// Its receiver has it.
    Taken,
    /// Nobody is asked any more.
    Over,
    /// The configuration says something else of it, or nothing.
    Outdated,
    /// It was not taken often enough.
    GivenUp,
}

impl Sending {
    /// Sends it until it is taken, nobody is asked any more, or the configuration says something else.
    pub(super) async fn carry_on(mut self) -> Sent {
        let ending = self.tries().await;
        Sent { notice: self.notice.name, run: self.run, id: self.id, ending }
    }

    async fn tries(&mut self) -> Ending {
        let began = clock::now();
        let mut budget = Budget::new(&budget::Settings::default(), resilience::Moment::ZERO);
        let mut attempts = 0;
        loop {
            attempts += 1;
            let error = match self.once().await {
                Ok(ending) => return ending,
                Err(error) => error,
            };
            let (run, notice, step, code) = (self.run, &self.notice.name, &self.gate.0, error.code().id());
            let failure = Failure { effect: Effect::Idempotent, reach: reach(&error), attempts, asked: None };
            match self.again(&failure, &mut budget, began) {
                Decision::Again(wait) => {
                    tracing::warn!(run = %run, notice, step, code, attempts, "a notice of a gate was not taken: {error}");
                    tokio::select! {
                        () = tokio::time::sleep(wait) => {}
                        () = outdated(&mut self.told, &self.notice) => return Ending::Outdated,
                    }
                }
                // Where it has another address by now it is told there.
                Decision::GiveUp(_) if !self.runs.notices().contains(&self.notice) => return Ending::Outdated,
                Decision::GiveUp(_) => {
                    tracing::error!(run = %run, notice, step, code, attempts, "a notice of a gate is given up: {error}");
                    return Ending::GivenUp;
                }
            }
        }
    }

    fn again(&self, failure: &Failure, budget: &mut Budget, began: Instant) -> Decision {
        let spread = random::bytes::<1>().map_or(1.0, |[byte]| f64::from(byte) / 255.0);
        let now = clock::now().saturating_duration_since(began);
        // At least half of the whole wait: others are not to be pressed.
        retry::decide(&OFTEN, failure, (budget, &budget::Settings::default()), now, 0.5 + spread / 2.0)
    }

    /// What is to be told, if somebody is still asked there.
    async fn text(&self) -> Result<Option<String>> {
        let (path, arguments) = &self.gate;
        let asking = match self.runs.runner().asking(self.run).await {
            Err(error) if error.code() == Code::RunUnknown => return Ok(None),
            asking => asking?,
        };
        let open = asking.gates.iter().find(|gate| gate.path == *path && gate.arguments == *arguments);
        Ok(open.map(|gate| body::text(&self.notice, &self.id, &asking.run, gate)))
    }

    /// Sends it once, unless that is to no end any more. Gives how it ended, where it did.
    async fn once(&self) -> Result<Ending> {
        let _place = self.places.acquire().await.map_err(|_| Error::internal("no notices go out any more"))?;
        // Whoever waited for a place or for the next try may have waited long.
        if !self.runs.notices().contains(&self.notice) {
            return Ok(Ending::Outdated);
        }
        let Some(text) = self.text().await? else { return Ok(Ending::Over) };
        let secret = self.secrets.one(&self.notice.secret).await?.ok_or_else(|| {
            let message = format!("the secret `{}` is not in the vault", self.notice.secret);
            Error::new(Code::WebhookSecret, message, "set it with `tutti secret set`")
        })?;
        let timestamp = clock::wall().as_secs().to_string();
        let headers = vec![
            (HEADERS[0], signature::sign(&secret, &signature::stamped(&timestamp, text.as_bytes()))),
            (TIMESTAMP, timestamp),
            ("idempotency-key", self.id.clone()),
        ];
        let post = Post { content_type: "application/json", headers, authorization: None, body: text };
        let guard = Guard::of(self.notice.address.host(), &self.notice.private_hosts);
        let reply =
            Web::new(&self.notice.name, guard).post(&self.notice.address, post).await.map_err(|error| plain(&error))?;
        match reply.status {
            200..300 => {
                tracing::info!(run = %self.run, notice = self.notice.name, "somebody was told of a gate");
                Ok(Ending::Taken)
            }
            status => {
                let message = format!("the receiver answers with the status {status}");
                Err(Error::new(Code::UpstreamProtocol, message, "look at whoever receives it"))
            }
        }
    }
}

/// Waits until `notice` is none of those that are told.
async fn outdated(told: &mut watch::Receiver<Arc<Vec<Notice>>>, notice: &Notice) {
    if told.wait_for(|notices| !notices.contains(notice)).await.is_err() {
        // The hub is at its end, and whoever waits with it.
        std::future::pending::<()>().await;
    }
}

/// The same in words of notices: the way to the network speaks of logins.
fn plain(error: &Error) -> Error {
    match error.code() {
        Code::AddressForbidden => Error::new(
            Code::AddressForbidden,
            "its address may not be reached",
            "use https, or name its host in `private_hosts` of the notice",
        ),
        code => Error::new(code, "the receiver does not answer as it should", "look whether it runs"),
    }
}

fn reach(error: &Error) -> Reach {
    match error.code() {
        // Nobody would let it through a moment later.
        Code::AddressForbidden => Reach::Final,
        _ => Reach::Faulty,
    }
}
