//! Sending one notice until it is taken.

use crate::notice::Notice;
use crate::signature::{self, HEADERS, TIMESTAMP};
use base::network::guard::Guard;
use base::{Code, Error, Result, clock, random};
use identity::Secrets;
use identity::oauth::web::{Post, Web};
use journal::RunId;
use resilience::budget::{self, Budget};
use resilience::retry::{self, Decision, Effect, Failure, Reach};
use runner::Runner;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

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
    pub(super) text: String,
    pub(super) secrets: Secrets,
    pub(super) runner: Runner,
    pub(super) places: Arc<Semaphore>,
}

/// A notice that was taken.
pub(super) struct Sent {
    pub(super) run: RunId,
    pub(super) id: String,
}

impl Sending {
    /// Sends it until it is taken, or nobody is asked any more. Gives what was taken.
    pub(super) async fn carry_on(self) -> Option<Sent> {
        let began = clock::now();
        let mut budget = Budget::new(&budget::Settings::default(), resilience::Moment::ZERO);
        for attempts in 1.. {
            let error = match self.once().await {
                Ok(()) => {
                    let (run, id) = (self.run, self.id);
                    tracing::info!(run = %run, notice = self.notice.name, "somebody was told of a gate");
                    return Some(Sent { run, id });
                }
                Err(error) => error,
            };
            let (run, notice, step, code) = (self.run, &self.notice.name, &self.gate.0, error.code().id());
            let failure = Failure { effect: Effect::Idempotent, reach: reach(&error), attempts, asked: None };
            match self.again(&failure, &mut budget, began) {
                Decision::Again(wait) => {
                    tracing::warn!(run = %run, notice, step, code, attempts, "a notice of a gate was not taken: {error}");
                    tokio::time::sleep(wait).await;
                }
                Decision::GiveUp(_) => {
                    tracing::error!(run = %run, notice, step, code, attempts, "a notice of a gate is given up: {error}");
                    return None;
                }
            }
            if !self.is_open().await {
                return None;
            }
        }
        None
    }

    fn again(&self, failure: &Failure, budget: &mut Budget, began: Instant) -> Decision {
        let spread = random::bytes::<1>().map_or(1.0, |[byte]| f64::from(byte) / 255.0);
        let now = clock::now().saturating_duration_since(began);
        // At least half of the whole wait: others are not to be pressed.
        retry::decide(&OFTEN, failure, (budget, &budget::Settings::default()), now, 0.5 + spread / 2.0)
    }

    /// Whether somebody is still asked there.
    async fn is_open(&self) -> bool {
        let (path, arguments) = &self.gate;
        match self.runner.asking(self.run).await {
            Ok(asking) => asking.gates.iter().any(|gate| gate.path == *path && gate.arguments == *arguments),
            // Whoever cannot say so is asked again.
            Err(error) => error.code() != Code::RunUnknown,
        }
    }

    async fn once(&self) -> Result<()> {
        let _place = self.places.acquire().await.map_err(|_| Error::internal("no notices go out any more"))?;
        let secret = self.secrets.one(&self.notice.secret).await?.ok_or_else(|| {
            let message = format!("the secret `{}` is not in the vault", self.notice.secret);
            Error::new(Code::WebhookSecret, message, "set it with `tutti secret set`")
        })?;
        let timestamp = clock::wall().as_secs().to_string();
        let headers = vec![
            (HEADERS[0], signature::sign(&secret, &signature::stamped(&timestamp, self.text.as_bytes()))),
            (TIMESTAMP, timestamp),
            ("idempotency-key", self.id.clone()),
        ];
        let post = Post { content_type: "application/json", headers, authorization: None, body: self.text.clone() };
        let guard = Guard::of(self.notice.address.host(), &self.notice.private_hosts);
        let reply =
            Web::new(&self.notice.name, guard).post(&self.notice.address, post).await.map_err(|error| plain(&error))?;
        match reply.status {
            200..300 => Ok(()),
            status => {
                let message = format!("the receiver answers with the status {status}");
                Err(Error::new(Code::UpstreamProtocol, message, "look at whoever receives it"))
            }
        }
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
