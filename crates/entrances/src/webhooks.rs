//! Runs that begin by requests from outside: `POST /api/v1/webhooks/NAME`.
//!
//! A request is signed as GitHub's webhooks are: a header with `sha256=` and the HMAC-SHA256 of the body in hexadecimal
//! (docs.github.com, validating webhook deliveries), with a secret of the vault. A webhook without a secret takes requests of
//! whoever runs the hub alone. What comes in is never trusted: steps mark it as foreign where they show it to models.

use crate::Runs;
use crate::deduplication;
use crate::notices;
use crate::owner::together;
use crate::signature::{HEADERS as SIGNATURES, is_signature, is_signed};
use base::{Code, Error, Limit, Result, Secret, clock};
use bytes::Bytes;
use identity::Secrets;
use journal::RunId;
use resilience::bucket::{Bucket, Rate};
use runner::Start;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use workflow::Plan;
use workflow::definition::Webhook;

/// Headers that no template sees.
const HIDDEN: [&str; 5] = ["authorization", "cookie", "proxy-authorization", SIGNATURES[0], SIGNATURES[1]];

/// The largest body, in bytes.
pub const LARGEST: usize = 1 << 20;

/// How many signed requests each webhook takes.
const RATE: Rate = Rate { count: 60, per: Duration::from_secs(60), burst: 60 };

/// How long a secret counts after it was looked for: many tries in a row cost no more than their hashes.
const REMEMBERED: Duration = Duration::from_secs(1);

/// The longest text of a template by which requests are recognised.
const LONGEST: usize = 4 << 10;

/// Begins runs by requests, as whoever runs the hub.
pub struct Webhooks {
    runs: Arc<dyn Runs>,
    secrets: Secrets,
    began: Instant,
    /// Of each webhook, for what was signed: nobody else can use up what is there for those who know the secret.
    buckets: Mutex<HashMap<String, Bucket>>,
    /// What is known of each secret, for whoever checks a signature. At one they wait for each other, each in turn: strangers never
    /// have the hub compute more than one hash at a time there, of what they sent themselves, and hold up no other.
    turns: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Option<Looked>>>>>,
}

/// A secret as it was a moment ago, if there was one. It stays until somebody asks again.
struct Looked {
    since: Instant,
    secret: Option<Secret<String>>,
}

/// A request to a webhook.
#[derive(Debug, Clone, Default)]
pub struct Delivery {
    /// The webhook, the last part of the path.
    pub name: String,
    /// What follows `?` in the address.
    pub query: String,
    /// The headers, their names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
    /// Whether whoever runs the hub sent it: then a webhook without a secret takes it.
    pub trusted: bool,
}

/// What a request began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// The run.
    pub run: String,
    /// The workflow.
    pub workflow: String,
    /// Whether it is new; otherwise a request that is the same began it before.
    pub new: bool,
}

impl Webhooks {
    /// Those of the workflows of `runs`, with secrets of the vault.
    pub fn new(runs: Arc<dyn Runs>, secrets: Secrets) -> Self {
        Self { runs, secrets, began: clock::now(), buckets: Mutex::default(), turns: Mutex::default() }
    }

    /// Begins a run by a request.
    ///
    /// # Errors
    /// [`Code::WebhookUnknown`], [`Code::WebhookSignature`], [`Code::WebhookSecret`], [`Code::WebhookBody`],
    /// [`Code::ClientRate`]; what is wrong with what the templates of the webhook make of it.
    pub async fn deliver(&self, delivery: &Delivery) -> Result<Begun> {
        let workflows = self.runs.runner().workflows();
        let found = workflows.values().find_map(|served| {
            let all = &served.plan.triggers().webhooks;
            all.iter().find(|webhook| webhook.name == delivery.name).map(|webhook| (&served.plan, webhook))
        });
        let Some((plan, webhook)) = found else {
            let name = base::visible::escaped(&delivery.name.chars().take(64).collect::<String>());
            let next = "write it under `triggers: { webhooks: … }` of a workflow";
            return Err(Error::new(Code::WebhookUnknown, format!("there is no webhook `{name}`"), next));
        };
        self.check(webhook, delivery).await?;
        self.count(&webhook.name)?;
        self.begin(plan, webhook, delivery).await
    }

    /// Decides at a gate by the signed answer of somebody who was told of it: `delivery` names the notice.
    ///
    /// # Errors
    /// [`Code::WebhookUnknown`]: nobody of this name is told, or they may not answer; [`Code::WebhookSignature`],
    /// [`Code::WebhookSecret`], [`Code::WebhookBody`], [`Code::ClientRate`]; those of [`runner::Runner::approve`].
    pub async fn answer(&self, delivery: &Delivery) -> Result<(RunId, String)> {
        let notices = self.runs.notices();
        let Some(notice) = notices.iter().find(|notice| notice.answers && notice.name == delivery.name) else {
            let name = base::visible::escaped(&delivery.name.chars().take(64).collect::<String>());
            let next = "write it under `runs: { notices: … }`, with `answers: true`";
            return Err(Error::new(Code::WebhookUnknown, format!("no notice `{name}` is answered here"), next));
        };
        let answer = notices::Answer { headers: &delivery.headers, body: &delivery.body };
        let unsigned = || {
            let message =
                format!("the answer to the notice `{}` is not signed with its secret, or not lately", notice.name);
            let next = "sign the time, a full stop and the body, and send both headers; check the clock";
            Error::new(Code::WebhookSignature, message, next)
        };
        let signed = |secret: &Secret<String>| answer.is_signed(secret);
        if !answer.may_be_signed() || !self.knows(&notice.name, &notice.secret, signed).await? {
            return Err(unsigned());
        }
        // No webhook has a name with this character.
        self.count(&format!("!{}", notice.name))?;
        notices::decided(&*self.runs, notice, &delivery.body).await
    }

    async fn begin(&self, plan: &Plan, webhook: &Webhook, delivery: &Delivery) -> Result<Begun> {
        let context = context(delivery)?;
        let params = webhook.params.render(&context)?;
        let same = webhook.dedup.as_ref().map(|template| template.render(&context)).transpose()?;
        let start = Start {
            deduplication: same.map(|same| recognised(webhook, &same)).transpose()?,
            trigger: Some(json!({"kind": "webhook", "name": webhook.name})),
            ..Start::of(plan.name(), params)
        };
        self.runs.ready().await?;
        let started = self.runs.runner().start(start).await.map_err(|errors| together(&errors))?;
        tracing::info!(run = %started.run, workflow = plan.name(), webhook = webhook.name, new = started.new, "a webhook");
        Ok(Begun { run: started.run.to_string(), workflow: plan.name().to_owned(), new: started.new })
    }

    /// Whether the request comes from somebody who knows the secret.
    async fn check(&self, webhook: &Webhook, delivery: &Delivery) -> Result<()> {
        let Some(name) = &webhook.secret else {
            if delivery.trusted {
                return Ok(());
            }
            let message = format!("the webhook `{}` has no secret, so nobody outside may use it", webhook.name);
            let next = "keep one with `tutti secret set NAME`, and write `secret: NAME`";
            return Err(Error::new(Code::WebhookSignature, message, next));
        };
        let mut given = delivery.headers.iter().filter(|(header, _)| SIGNATURES.contains(&header.as_str()));
        if let (Some((_, signature)), None) = (given.next(), given.next()) {
            let signed = |secret: &Secret<String>| is_signed(secret, &delivery.body, signature);
            // Before anything is unsealed: whoever sends it may be anybody.
            if is_signature(signature) && self.knows(&webhook.name, name, signed).await? {
                return Ok(());
            }
        }
        let message = format!("the request to the webhook `{}` is not signed with its secret", webhook.name);
        let next = format!("send `{}: sha256=…`, the HMAC-SHA256 of the body in hexadecimal", SIGNATURES[0]);
        Err(Error::new(Code::WebhookSignature, message, next))
    }

    /// Whether something is `signed` with the secret that is called `name`.
    async fn knows(&self, webhook: &str, name: &str, signed: impl FnOnce(&Secret<String>) -> bool) -> Result<bool> {
        // There are no more of them than the configuration names.
        let turn =
            Arc::clone(self.turns.lock().unwrap_or_else(PoisonError::into_inner).entry(name.to_owned()).or_default());
        let mut turn = turn.lock().await;
        let now = clock::now();
        let looked = match turn.take().filter(|looked| now.saturating_duration_since(looked.since) < REMEMBERED) {
            Some(looked) => looked,
            None => Looked { since: now, secret: self.secrets.one(name).await? },
        };
        let Looked { secret, .. } = turn.insert(looked);
        let lacks = || {
            let message = format!("the secret of the webhook `{webhook}` is not in the vault");
            // Whoever asks from outside is not told its name.
            tracing::error!(webhook, secret = name, "the secret of a webhook is not in the vault");
            Error::new(Code::WebhookSecret, message, "whoever runs the hub sets it with `tutti secret set`")
        };
        secret.as_ref().map(signed).ok_or_else(lacks)
    }

    fn count(&self, name: &str) -> Result<()> {
        let now = clock::now().saturating_duration_since(self.began);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        // There are no more of them than webhooks.
        let answer = buckets.entry(name.to_owned()).or_default().take(&RATE, now);
        if answer.passes {
            return Ok(());
        }
        let message = format!("the webhook `{name}` takes {} requests in {:?}", RATE.count, RATE.per);
        let limit = Limit {
            most: RATE.burst,
            remaining: answer.remaining,
            reset: answer.reset,
            retry_after: answer.retry_after,
        };
        Err(Error::new(Code::ClientRate, message, "send it again later").with_limit(limit))
    }
}

/// The key of requests that are the same. It may be of any kind: JSON tells `1` from `"1"`.
fn recognised(webhook: &Webhook, same: &Value) -> Result<String> {
    let same = same.to_string();
    if same.len() > LONGEST || same == "null" || same == "\"\"" {
        let message = format!("`dedup` of the webhook `{}` gives nothing of the request, or too much", webhook.name);
        return Err(Error::new(Code::WebhookBody, message, "send what `dedup` uses, such as the id of the event"));
    }
    Ok(deduplication::key(&["webhook", &webhook.name, &same]))
}

/// What templates of a webhook see.
fn context(delivery: &Delivery) -> Result<Map<String, Value>> {
    let wrong = |why: &str| Error::new(Code::WebhookBody, format!("the body {why}"), "send JSON, or text in UTF-8");
    let text = std::str::from_utf8(&delivery.body).map_err(|_| wrong("is no UTF-8"))?;
    // What is no JSON is text.
    let body = base::json::from_text(text).unwrap_or_else(|_| Value::from(text));
    let shown = delivery.headers.iter().filter(|(name, _)| !HIDDEN.contains(&name.as_str()));
    let headers: Map<String, Value> = shown.map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    let pairs = form_urlencoded::parse(delivery.query.as_bytes()).into_owned();
    let query: Map<String, Value> = pairs.map(|(name, value)| (name, Value::from(value))).collect();
    let members = [("body", body), ("headers", headers.into()), ("query", query.into())];
    Ok(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

#[cfg(test)]
mod tests;
