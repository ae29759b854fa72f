//! Answers that need not be asked for again: kept, for as long as the operator says, and asked for once when many want the
//! same at once.
//!
//! Nothing is kept unless the route says so. A key holds everything that an answer may depend on, and whose it is unless all
//! who may ask for the route share what is kept. What is given again is, byte for byte, what the first client got.

mod alike;
mod canonical;
mod finish;
mod kept;
mod key;
mod rule;
mod shelf;
mod store;
mod text;

pub use shelf::Tally;
pub use store::Held;

use crate::answer::{Answer, Body};
use crate::config::{Route, Settings, fallbacks};
use crate::replay::{Recording, Source};
use crate::request::Asked;
use crate::stream::Stream;
use alike::Pending;
use base::Result;
use base::flight::Waited;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use kept::{Head, Kept, Landed, marked};
use key::Key;
use rule::Wish;
use search::Encoding;
use shelf::{Found, Shelf};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use store::{Boarding, Lead, Store};

/// What comes of a request, and what was found on the way.
type Outcome = (Result<Answer>, HeaderMap);

/// What is asked, and by whom.
pub(crate) struct Question<'a> {
    pub(crate) asked: &'a Asked,
    /// The client's headers.
    pub(crate) given: &'a HeaderMap,
    pub(crate) principal: &'a Arc<str>,
}

/// The kept answers of all routes.
pub(crate) struct Caches {
    store: Arc<Store>,
    /// One for each route that keeps answers.
    shelves: BTreeMap<String, Arc<Shelf>>,
    /// What makes the vectors of texts, once it is there.
    encoding: Arc<OnceLock<Arc<Encoding>>>,
}

/// A request that is to be asked.
struct Asking<'a> {
    shelf: &'a Arc<Shelf>,
    key: Key,
    lead: Option<Lead>,
    /// What can be learned from the answer for texts that mean the same.
    pending: Option<Pending>,
}

/// What came of looking.
enum Looked {
    Given(Outcome),
    Ask(Option<Lead>),
}

/// The routes that take over from the route `name`.
fn taking_over<'a>(settings: &'a Settings, name: &str) -> impl Iterator<Item = &'a Route> {
    fallbacks(settings, name).filter_map(|meant| meant.route.map(|(_, route)| route))
}

impl Caches {
    /// Those of these settings. What is kept of routes that stay as they were stays too; `stays` says of a provider whether it
    /// is asked in the same way.
    pub(crate) fn of(settings: &Settings, before: Option<(&Settings, &Self)>, stays: impl Fn(&str) -> bool) -> Self {
        let limit = settings.cache_size.unwrap_or(store::ROOM);
        let same = before.map(|(_, caches)| &caches.store).filter(|store| store.limit == limit);
        let store = same.map_or_else(|| Store::new(limit), Arc::clone);
        let mut shelves = BTreeMap::new();
        for (name, route) in &settings.routes {
            let Some(cache) = &route.cache else { continue };
            let known = before.and_then(|(old, caches)| Some((old.routes.get(name)?, caches.shelves.get(name)?)));
            let all = |settings, route| std::iter::once(route).chain(taking_over(settings, name));
            let is_same = |old| {
                let deployments = || all(settings, route).flat_map(|route: &Route| &route.deployments);
                before.is_some_and(|(before, _)| all(before, old).eq(all(settings, route)))
                    && deployments().all(|deployment| stays(&deployment.provider))
            };
            let shelf = match known {
                Some((old, shelf)) if is_same(old) => Arc::clone(shelf),
                _ => Shelf::new(store.number(), cache.clone(), known.map(|(_, shelf)| &**shelf)),
            };
            shelves.insert(name.clone(), shelf);
        }
        let encoding = before.map_or_else(Arc::default, |(_, caches)| Arc::clone(&caches.encoding));
        Self { store, shelves, encoding }
    }

    /// Has texts compared by vectors of `encoding`. The first one stays.
    pub(crate) fn compare_by(&self, encoding: Arc<Encoding>) {
        self.encoding.get_or_init(|| encoding);
    }

    /// How requests to each route that keeps answers were answered, by its name.
    pub(crate) fn tallies(&self) -> Vec<(String, Arc<Tally>)> {
        self.shelves.iter().map(|(name, shelf)| (name.clone(), Arc::clone(&shelf.tally))).collect()
    }

    /// How much is kept.
    pub(crate) fn held(&self) -> Held {
        self.store.held()
    }

    /// Answers a question by what is kept, or has it asked by `fresh`, which is asked at most once.
    pub(crate) async fn through<Fut>(&self, question: &Question<'_>, fresh: impl FnOnce() -> Fut) -> Outcome
    where
        Fut: Future<Output = Outcome>,
    {
        let Question { asked, given, principal } = *question;
        let Some(shelf) = self.shelves.get(&*asked.model) else { return self.past(&asked.model, fresh).await };
        let wish = Wish::of(given);
        let may = !wish.off && rule::is_repeatable(asked.endpoint, asked.text(), shelf.settings.any_temperature);
        let digest = if may { key::digest(asked, given, None) } else { None };
        let Some(digest) = digest else { return self.past(&asked.model, fresh).await };
        let owner = (!shelf.settings.shared).then(|| Arc::clone(principal));
        let key = Key { shelf: shelf.number, owner, digest };
        let mut asking = Asking { shelf, key, lead: None, pending: None };
        if !wish.anew {
            match self.look(shelf, &asking.key, wish).await {
                Looked::Given(outcome) => return outcome,
                Looked::Ask(lead) => asking.lead = lead,
            }
            if let Some(outcome) = self.look_alike(question, &mut asking, wish).await {
                return outcome;
            }
        }
        shelf.tally.count(Found::Miss);
        let outcome = fresh().await;
        self.landed(asking, asked, outcome)
    }

    /// Has a question asked by `fresh` that has nothing to do with what is kept, and says so where the route that it names, with
    /// or without the ending that puts its deployments in order, keeps answers.
    pub(crate) async fn past<Fut>(&self, model: &str, fresh: impl FnOnce() -> Fut) -> Outcome
    where
        Fut: Future<Output = Outcome>,
    {
        let shelf = self.shelves.get(model).or_else(|| self.shelves.get(routing::suffix(model).0));
        let (outcome, course) = fresh().await;
        match shelf {
            Some(shelf) => {
                shelf.tally.count(Found::Bypass);
                (outcome, marked(course, "bypass"))
            }
            None => (outcome, course),
        }
    }

    /// Looks whether there is an answer for a text that means the same.
    async fn look_alike(&self, question: &Question<'_>, asking: &mut Asking<'_>, wish: Wish) -> Option<Outcome> {
        let shelf = asking.shelf;
        let settings = shelf.settings.semantic.as_ref()?;
        let encoding = self.encoding.get().map(|encoding| &**encoding);
        let looked = shelf.alike.look(settings, question, &asking.key, encoding).await?;
        if let Some((place, likeness)) = looked.give
            && let Some((kept, age)) = self.store.kept(&place, wish.oldest)
        {
            // Those who wait for the same answer look for themselves: theirs may be compared.
            if let Some(lead) = asking.lead.take() {
                lead.landed(None);
            }
            shelf.tally.count(Found::Alike);
            let (answer, course) = kept.for_alike(age, likeness);
            return Some((Ok(answer), course));
        }
        asking.pending = Some(looked.pending);
        None
    }

    /// Looks for the answer, and waits for one that another client is about to get.
    async fn look(&self, shelf: &Shelf, key: &Key, wish: Wish) -> Looked {
        let mut may_join = true;
        loop {
            let landed = match self.store.board(key, wish.oldest, may_join) {
                Boarding::Kept(kept, age) => {
                    shelf.tally.count(Found::Hit);
                    let (answer, course) = kept.again("hit", Some(age));
                    return Looked::Given((Ok(answer), course));
                }
                Boarding::Ask(lead) => return Looked::Ask(lead),
                Boarding::Live(landed) => Waited::Kept(Arc::new(landed)),
                Boarding::Wait(mut seat) => seat.wait().await,
            };
            match landed {
                Waited::Kept(landed) => {
                    if let Some((answer, course)) = landed.again() {
                        shelf.tally.count(Found::Shared);
                        return Looked::Given((Ok(answer), course));
                    }
                    may_join = false;
                }
                Waited::InVain => may_join = false,
                // Whoever asked has left: one of those who wait asks in its place.
                Waited::Abandoned => {}
            }
        }
    }

    /// Takes an answer: for its client, for those who wait for it, and to be kept.
    fn landed(&self, asking: Asking<'_>, asked: &Asked, (outcome, course): Outcome) -> Outcome {
        let Asking { shelf, key, lead, pending } = asking;
        let mut answer = match outcome {
            Ok(answer) => answer,
            Err(error) => {
                // Another time it may be another one: whoever waited asks itself.
                if let Some(lead) = lead {
                    lead.landed(None);
                }
                return (Err(error), marked(course, "miss"));
            }
        };
        let head = Arc::new(Head::of(&answer, &course));
        let landed = match answer.body {
            Body::Stream(stream) => {
                let recording = self.record(stream, (shelf, key, pending), asked, &head);
                let Some(replay) = recording.join() else {
                    return (Err(base::Error::internal("a stream ended before it began")), course);
                };
                answer.body = Body::Replay(replay);
                Some(Landed::Live(head, recording))
            }
            Body::Whole(body) => {
                let kept = || Kept { head: Arc::clone(&head), body: body.clone(), stream: None };
                let text = std::str::from_utf8(&body).unwrap_or_default();
                if answer.status == StatusCode::OK && finish::may_keep(asked.endpoint, text) {
                    keep(&self.store, shelf, (key, pending), kept());
                }
                let landed = Landed::Whole(kept());
                answer.body = Body::Whole(body);
                Some(landed)
            }
            Body::Replay(replay) => {
                answer.body = Body::Replay(replay);
                None
            }
        };
        if let Some(lead) = lead {
            lead.landed(landed.map(Arc::new));
        }
        (Ok(answer), marked(course, "miss"))
    }

    /// Has others read a stream too, and keeps it when it has ended well.
    fn record(
        &self,
        stream: Box<Stream>,
        (shelf, key, pending): (&Arc<Shelf>, Key, Option<Pending>),
        asked: &Asked,
        head: &Arc<Head>,
    ) -> Arc<Recording> {
        let dialect = asked.endpoint.dialect();
        let (number, largest, room) = (self.store.number(), self.store.largest(), Arc::clone(&self.store.room));
        let (store, place) = (Arc::downgrade(&self.store), key.clone());
        let (shelf, kept_head) = (Arc::clone(shelf), Arc::clone(head));
        let done = move |all: Option<Bytes>| {
            let Some(store) = store.upgrade() else { return };
            let all = all.filter(|all| finish::may_keep_stream(dialect, std::str::from_utf8(all).unwrap_or_default()));
            if let Some(body) = all {
                let kept = Kept { head: kept_head, body, stream: Some(dialect) };
                keep(&store, &shelf, (place.clone(), pending), kept);
            }
            store.ended(&place, number);
        };
        let recording = Recording::new(stream, dialect, largest, room, Box::new(done));
        self.store.began(key, number, Arc::clone(head), &recording);
        recording
    }
}

/// Keeps an answer, and remembers for which text it was.
fn keep(store: &Store, shelf: &Shelf, (key, pending): (Key, Option<Pending>), kept: Kept) {
    let kept = Arc::new(kept);
    store.put(key, Arc::clone(&kept), shelf.settings.exact);
    if let Some(pending) = pending {
        let body = std::str::from_utf8(&kept.body).unwrap_or_default();
        shelf.alike.landed(&shelf.settings, &shelf.tally.checks, pending, body);
    }
}

/// What names the answer to a request that comes without headers, where it may be kept at any temperature.
pub fn digest(asked: &Asked) -> Option<[u8; 32]> {
    let may = rule::is_repeatable(asked.endpoint, asked.text(), true);
    if may { key::digest(asked, &HeaderMap::new(), None) } else { None }
}

impl Source for Stream {
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        Stream::poll_next(self, context)
    }

    fn is_whole(&self) -> bool {
        Stream::is_whole(self)
    }
}
