//! The results that other replicas have kept: looked at where this one has none, and told of what this one keeps and of
//! what has changed.

use super::key::Question;
use super::{Kept, Owner, Results, said};
use crate::config::Server;
use base::random;
use mcp::{Era, Message, Method, raw};
use protection::{Keep, Scope};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use store::redis::Redis;
use store::redis::source::Source;
use store::redis::tier::Look;

/// What is kept of an upstream: results of tools, and resources.
const KINDS: usize = 2;

/// Other replicas, where one upstream is concerned.
pub(super) struct Elsewhere(Source);

/// What an upstream says to have changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// The resource at this address, or one that it did not name.
    Resource(Option<String>),
    /// Which resources there are.
    Resources,
    /// Its tools.
    Tools,
}

/// What a look at the other replicas gave.
pub struct Seen {
    /// What an answer that is asked for now may be put under.
    pub generation: String,
    /// The result, and how long it is good.
    pub kept: Option<(Arc<Kept>, Duration)>,
}

impl Changed {
    /// What a notification says to have changed, if it says so.
    pub fn of(message: &Message) -> Option<Self> {
        match message.method()? {
            Method::ResourceUpdated => {
                let uri = message.body().and_then(|body| raw::get(body, "uri")).and_then(raw::text);
                Some(Self::Resource(uri.map(std::borrow::Cow::into_owned)))
            }
            Method::ResourcesChanged => Some(Self::Resources),
            Method::ToolsChanged => Some(Self::Tools),
            _ => None,
        }
    }

    fn kind(&self) -> usize {
        kind(*self != Self::Tools)
    }

    /// As replicas tell each other.
    fn to_text(&self) -> String {
        match self {
            Self::Tools => "tools".to_owned(),
            Self::Resources | Self::Resource(None) => "resources".to_owned(),
            Self::Resource(Some(uri)) => format!("resource\n{uri}"),
        }
    }

    fn from_text(text: &str) -> Option<Self> {
        match text.split_once('\n') {
            Some(("resource", uri)) => Some(Self::Resource(Some(uri.to_owned()))),
            None if text == "resources" => Some(Self::Resources),
            None if text == "tools" => Some(Self::Tools),
            _ => None,
        }
    }
}

fn kind(is_resource: bool) -> usize {
    usize::from(is_resource)
}

impl Elsewhere {
    pub(super) fn new(redis: Redis, settings: &Server) -> Self {
        // One that is reached in another way, or with other secrets, is another one.
        let name = format!("{} {}", settings.name, settings.identity());
        Self(Source::new(redis, &name, KINDS))
    }

    pub(super) fn tell(&self, changed: &Changed) {
        self.0.tell(changed.kind(), changed.to_text(), &["tools", "resources"]);
    }

    pub(super) fn disconnected(&self) {
        self.0.disconnected(kind(true));
    }
}

/// Whose a result is, and what all replicas call the session of who that is, where they know one.
pub type Whose<'a> = (&'a Owner, Option<&'a str>);

/// Whose a result is, in a word that is the same at each replica; nothing for who is known to this one alone.
fn word(whose: Whose<'_>) -> Option<String> {
    match whose {
        (Owner::Principal(principal), _) => Some(format!("principal\n{principal}")),
        (Owner::Session(_), Some(session)) => Some(format!("session\n{session}")),
        (Owner::Session(_), None) => None,
    }
}

/// The key of a result for all, or for one.
fn key(question: &Question<'_>, whose: Option<&str>) -> String {
    let digest = random::to_hex(&question.key(None).digest);
    match whose {
        Some(whose) => format!("{digest}\n{whose}"),
        None => format!("{digest}\nall"),
    }
}

impl Results {
    /// Looks whether another replica has kept the answer to `question`, which this one has not. `epoch` is that of the
    /// look at this one. Waits no longer than is configured for the Redis.
    pub async fn elsewhere(
        &self,
        question: &Question<'_>,
        rule: Option<Keep>,
        whose: Whose<'_>,
        epoch: u64,
    ) -> Option<Seen> {
        let elsewhere = self.elsewhere.as_ref()?;
        let is_resource = question.method == &Method::ResourcesRead;
        let own = word(whose).map(|word| (key(question, Some(&word)), Scope::Private));
        let all = Some((key(question, None), Scope::Public));
        let places = match rule.map(|rule| rule.scope) {
            Some(Scope::Public) => [None, all],
            Some(Scope::Private) => [own, None],
            None => [own, all],
        };
        let (keys, scopes): (Vec<String>, Vec<Scope>) = places.into_iter().flatten().unzip();
        if keys.is_empty() {
            return None;
        }
        let Look { generation, found } = elsewhere.0.tier(kind(is_resource))?.look(&keys).await.ok()?;
        let kept = found.and_then(|(place, value, left)| {
            let kept = Kept::read(&value, question)?;
            let left = rule.map_or(left, |rule| left.min(rule.ttl));
            Some(self.adopt(question, (scopes[place], whose.0), epoch, kept, left))
        });
        if kept.is_some() {
            self.replicated.fetch_add(1, Ordering::Relaxed);
        }
        Some(Seen { generation, kept })
    }

    /// Puts a result that is kept where other replicas find it, without waiting.
    pub fn tell(
        &self,
        question: &Question<'_>,
        rule: Option<Keep>,
        whose: Whose<'_>,
        kept: &Arc<Kept>,
        generation: String,
    ) {
        let Some(elsewhere) = &self.elsewhere else { return };
        let Some(Keep { ttl, scope }) = rule.or_else(|| said(&kept.body)) else { return };
        let key = match (scope, word(whose)) {
            (Scope::Public, _) => key(question, None),
            (Scope::Private, Some(word)) => key(question, Some(&word)),
            (Scope::Private, None) => return,
        };
        let Some(tier) = elsewhere.0.tier(kind(question.method == &Method::ResourcesRead)).cloned() else { return };
        let kept = Arc::clone(kept);
        base::task::spawn("result for replicas", async move {
            let value = format!("{}\n{}", kept.era.word(), kept.body);
            tier.put(&key, &generation, value.as_bytes(), ttl).await;
        });
    }

    /// Takes in what another replica's connection to the upstream was told, if that is what the replica said.
    pub(crate) fn heard_elsewhere(&self, topic: &str, body: &[u8]) {
        let told = self.elsewhere.as_ref().and_then(|elsewhere| elsewhere.0.told(topic, body));
        if let Some(changed) = told.and_then(Changed::from_text) {
            self.forget_changed(&changed);
        }
    }

    /// News of other replicas were missed: all is asked for anew.
    pub(crate) fn missed(&self) {
        self.forget(|_| true);
        self.alike.changed();
    }
}

impl Kept {
    /// What [`Results::tell`] has put.
    fn read(value: &[u8], question: &Question<'_>) -> Option<Arc<Self>> {
        let (era, body) = std::str::from_utf8(value).ok()?.split_once('\n')?;
        let era = [Era::Legacy, Era::Modern].into_iter().find(|known| known.word() == era)?;
        let resource = (question.method == &Method::ResourcesRead).then(|| question.name.to_owned());
        Some(Arc::new(Self { body: body.to_owned(), era, resource }))
    }
}

#[cfg(test)]
mod tests;
