//! All upstreams together, and the views that are made of them.

mod health;
mod hints;
mod replicas;
mod tools;

use crate::config::{self, Settings};
use crate::cursor::Cursors;
use crate::discovery::Discovery;
use crate::mode::{Shown, Variant};
use crate::tables;
use crate::upstream::{Change, Context, Upstream};
use crate::view::{self, Source, View};
use crate::wholes::Wholes;
use arc_swap::ArcSwap;
use base::ports::UpstreamCredentials;
use base::{Error, Result, task};
use context::tokens::Family;
use lint::{Finding, Strictness};
use mcp::Message;
use plan::profile::Profile;
use search::{Embedder, Encoding, MemoryCache};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::Db;
use store::redis::Redis;
use telemetry::Telemetry;
use tokio::sync::{broadcast, mpsc};

/// What those who speak with clients are told.
#[derive(Debug, Clone)]
pub enum News {
    /// Lists of a view are others: tools, prompts, resources (with templates).
    Changed {
        /// The view.
        view: Arc<str>,
        /// Which of the three.
        lists: [bool; 3],
    },
    /// A notification of an upstream that belongs to no call.
    Notice {
        /// The upstream.
        upstream: Arc<str>,
        /// What it sent.
        message: Arc<Message>,
    },
}

/// The hub. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

struct Inner {
    state: ArcSwap<State>,
    /// Held while the configuration is applied or views are built, so that these do not overtake each other.
    turn: tokio::sync::Mutex<()>,
    context: Context,
    news: broadcast::Sender<News>,
    cursors: Cursors,
    discovery: Arc<Discovery>,
    wholes: Arc<Wholes>,
    levels: Mutex<HashMap<u64, usize>>,
    profile: Profile,
}

#[derive(Default)]
struct State {
    settings: Settings,
    upstreams: Vec<Arc<Upstream>>,
    by_name: HashMap<String, Arc<Upstream>>,
    views: HashMap<String, Arc<View>>,
    /// What a person should look at, by upstream.
    findings: HashMap<String, Arc<[Finding]>>,
}

impl Hub {
    /// What makes the vectors of texts that clients ask about, if anything does.
    pub fn encoding(&self) -> Option<Arc<Encoding>> {
        self.0.context.encoding.clone()
    }

    /// What makes the vectors of texts that are kept, such as notes, if anything does. They lie in the store.
    pub fn encoding_of_notes(&self) -> Option<Arc<Encoding>> {
        self.0.discovery.notes.clone()
    }

    /// A hub without upstreams. `supervisor` is the program that supervises child processes; `credentials` gives accounts
    /// at upstreams that want a login; `embedder` lets tools be found by their meaning; `redis` is what replicas share.
    pub async fn open(
        db: Db,
        supervisor: Option<PathBuf>,
        credentials: Option<Arc<dyn UpstreamCredentials>>,
        telemetry: Telemetry,
        embedder: Option<Arc<dyn Embedder>>,
        redis: Option<Redis>,
    ) -> Result<Self> {
        tables::prepare(&db).await?;
        let (changes, inbox) = mpsc::channel(1024);
        // What clients ask is in memory only.
        let encoding =
            embedder.clone().map(|embedder| Arc::new(Encoding::new(embedder, Arc::new(MemoryCache::new(1)))));
        let hub = Self(Arc::new(Inner {
            state: ArcSwap::default(),
            turn: tokio::sync::Mutex::default(),
            context: Context { db: db.clone(), supervisor, credentials, telemetry, redis, encoding, changes },
            news: broadcast::Sender::new(1024),
            cursors: Cursors::new()?,
            discovery: Discovery::new(embedder.map(|embedder| (embedder, db))),
            wholes: Arc::default(),
            levels: Mutex::default(),
            profile: Profile::default(),
        }));
        task::spawn("hub changes", hub.clone().follow(inbox));
        hub.tell();
        hub.keep_health();
        hub.ask_health();
        hub.follow_replicas();
        Ok(hub)
    }

    /// Makes the hub what `settings` say. Upstreams whose entry did not change go on undisturbed.
    pub async fn apply(&self, settings: Settings) -> Result<()> {
        let turn = self.0.turn.lock().await;
        let old = self.0.state.load_full();
        let mut upstreams = Vec::new();
        for server in &settings.servers {
            let kept = old.by_name.get(&server.name).filter(|upstream| &upstream.settings == server);
            upstreams.push(match kept {
                Some(upstream) => Arc::clone(upstream),
                None => match Upstream::open(server.clone(), self.0.context.clone()).await {
                    Ok(upstream) => upstream,
                    Err(error) => {
                        // What was opened for nothing must not run on. It may wait for clients to see what it has, which
                        // takes a turn of its own.
                        drop(turn);
                        for opened in upstreams
                            .iter()
                            .filter(|opened| !old.upstreams.iter().any(|kept| Arc::ptr_eq(kept, opened)))
                        {
                            opened.stop(Duration::ZERO).await;
                        }
                        return Err(error);
                    }
                },
            });
        }
        let by_name = upstreams.iter().map(|upstream| (upstream.settings.name.clone(), Arc::clone(upstream))).collect();
        self.publish(State { settings, upstreams, by_name, ..State::default() }).await;
        drop(turn);
        self.pass_on_level();
        let new = self.0.state.load_full();
        for upstream in &old.upstreams {
            let stays = new.upstreams.iter().any(|other| Arc::ptr_eq(other, upstream));
            if !stays {
                let gone = Arc::clone(upstream);
                // Calls that are under way may end; the process then goes.
                let changed = new.by_name.contains_key(&gone.settings.name);
                let patience = if changed { PATIENCE } else { Duration::ZERO };
                task::spawn("removed upstream", async move { gone.stop(patience).await });
            }
        }
        Ok(())
    }

    /// The view with this name, or the variant of one.
    pub fn view(&self, name: &str) -> Option<Arc<View>> {
        self.0.state.load().views.get(name).cloned()
    }

    /// The names of all views, sorted, without those of their variants.
    pub fn view_names(&self) -> Vec<String> {
        let state = self.0.state.load();
        let mut names: Vec<String> =
            state.views.values().filter(|view| view.is_plain()).map(|view| view.name.clone()).collect();
        names.sort_unstable();
        names
    }

    /// The upstream with this name.
    pub fn upstream(&self, name: &str) -> Option<Arc<Upstream>> {
        self.0.state.load().by_name.get(name).cloned()
    }

    /// Where is counted what happens.
    pub fn telemetry(&self) -> &Telemetry {
        &self.0.context.telemetry
    }

    /// Tells whoever looks at the numbers how the upstreams are.
    fn tell(&self) {
        let hub = Arc::downgrade(&self.0);
        self.telemetry().watch(Box::new(move |snapshot| {
            if let Some(hub) = hub.upgrade() {
                hub.state.load().upstreams.iter().for_each(|upstream| upstream.tell(snapshot));
                hub.discovery.tell(snapshot);
            }
        }));
    }

    /// All upstreams in the order of the configuration.
    pub fn upstreams(&self) -> Vec<Arc<Upstream>> {
        self.0.state.load().upstreams.clone()
    }

    /// The most items on one page of a list.
    pub fn page(&self) -> usize {
        self.0.state.load().settings.page.max(1)
    }

    /// What holds for plans of calls.
    pub fn plans(&self) -> config::Plans {
        self.0.state.load().settings.plans.clone()
    }

    /// What was measured of plans.
    pub fn profile(&self) -> &Profile {
        &self.0.profile
    }

    /// What makes and reads cursors.
    pub fn cursors(&self) -> &Cursors {
        &self.0.cursors
    }

    /// Results that were shortened, whole.
    pub fn wholes(&self) -> Arc<Wholes> {
        Arc::clone(&self.0.wholes)
    }

    /// What finds tools.
    pub fn discovery(&self) -> &Discovery {
        &self.0.discovery
    }

    /// News from now on.
    pub fn news(&self) -> broadcast::Receiver<News> {
        self.0.news.subscribe()
    }

    /// Takes the lowest level of log messages that client `client` wants, a place in [`mcp::level::LEVELS`]; nothing when the
    /// client is gone. Upstreams are asked for the lowest level that any client wants.
    pub fn set_log_level(&self, client: u64, level: Option<usize>) {
        {
            let mut levels = self.0.levels.lock().unwrap_or_else(PoisonError::into_inner);
            match level {
                Some(level) => levels.insert(client, level),
                None => levels.remove(&client),
            };
        }
        self.pass_on_level();
    }

    fn pass_on_level(&self) {
        let lowest = self.0.levels.lock().unwrap_or_else(PoisonError::into_inner).values().copied().min();
        if let Some(lowest) = lowest {
            self.upstreams().iter().for_each(|upstream| upstream.set_log_level(lowest));
        }
    }

    /// Waits until no upstream is being started, at most `limit`.
    pub async fn settle(&self, limit: Duration) {
        let all = async {
            for upstream in self.upstreams() {
                let mut status = upstream.watch();
                let _ = status.wait_for(|status| status.state != crate::machine::State::Starting).await;
            }
        };
        let _ = tokio::time::timeout(limit, all).await;
    }

    /// Ends all upstreams.
    pub async fn stop(&self) {
        let turn = self.0.turn.lock().await;
        let old = self.0.state.swap(Arc::default());
        drop(turn);
        health::save(&self.0.context.db, &old.upstreams, true).await;
        let ends: Vec<_> = old
            .upstreams
            .iter()
            .cloned()
            .map(|upstream| task::spawn("upstream end", async move { upstream.stop(Duration::ZERO).await }))
            .collect();
        for end in ends {
            let _ = end.await;
        }
    }

    /// What is wrong with the views.
    pub fn faults(&self) -> Vec<Error> {
        let state = self.0.state.load();
        state.views.values().filter(|view| view.is_plain()).flat_map(|view| view.faults.clone()).collect()
    }

    async fn follow(self, mut inbox: mpsc::Receiver<Change>) {
        let mut batch = Vec::new();
        while inbox.recv_many(&mut batch, 1024).await > 0 {
            let mut waiting = Vec::new();
            for change in batch.drain(..) {
                match change {
                    Change::Notice(upstream, message) => {
                        let news = News::Notice { upstream: upstream.into(), message: Arc::new(message) };
                        let _ = self.0.news.send(news);
                    }
                    Change::Catalogue(seen) => waiting.push(seen),
                }
            }
            // Views are built once for all changes that came while the last were built.
            if !waiting.is_empty() {
                self.build().await;
            }
            for seen in waiting {
                let _ = seen.send(());
            }
        }
    }

    async fn build(&self) {
        let _turn = self.0.turn.lock().await;
        let old = self.0.state.load_full();
        self.publish(State {
            settings: old.settings.clone(),
            upstreams: old.upstreams.clone(),
            by_name: old.by_name.clone(),
            ..State::default()
        })
        .await;
    }

    /// Builds the views of `state`, puts it in place, and tells what changed.
    async fn publish(&self, mut state: State) {
        let sources: Vec<Source> = state
            .upstreams
            .iter()
            .filter(|upstream| upstream.settings.enabled)
            .map(|upstream| Source { name: upstream.settings.name.clone(), catalogue: upstream.catalogue() })
            .collect();
        let old = self.0.state.load_full();
        let mut news = Vec::new();
        for view in views(&state.settings, &sources).await {
            for fault in &view.faults {
                tracing::warn!(error = %fault, "a name clash in a view");
            }
            for variant in Variant::all() {
                let before = old.views.get(&variant.name(&view.name));
                let view = view.as_chosen(variant, before.map(|before| before.shown));
                let same = |index: usize| before.is_some_and(|before| before.face(index) == view.face(index));
                let lists = [!same(0), !same(1), !same(2) || !same(3)];
                if before.is_some() && lists.contains(&true) {
                    news.push(News::Changed { view: view.name.as_str().into(), lists });
                }
                state.views.insert(view.name.clone(), Arc::new(view));
            }
        }
        if state.views.values().any(|view| view.is_plain() && view.shown == Shown::Search) {
            self.0.discovery.expect_searches();
        }
        self.0.discovery.follow(&sources);
        let off = state.upstreams.iter().filter(|upstream| upstream.settings.lint == Strictness::Off);
        let silent = off.map(|upstream| upstream.settings.name.as_str()).collect();
        state.findings = tools::findings(&sources, &silent);
        self.0.state.store(Arc::new(state));
        for item in news {
            let _ = self.0.news.send(item);
        }
    }
}

/// The views of `settings`. Counting tokens with a vocabulary takes its time, above all the first time, and no call shall
/// wait behind it.
async fn views(settings: &Settings, sources: &[Source]) -> Vec<View> {
    let all = [&settings.all].into_iter().chain(settings.views.values());
    if all.map(|view| view.showing.family).any(Family::has_vocabulary) {
        let (settings, sources) = (settings.clone(), sources.to_vec());
        if let Ok(views) = task::blocking(move || view::all(&settings, &sources)).await {
            return views;
        }
    }
    view::all(settings, sources)
}

/// How long the calls of an upstream whose entry was changed may take to end. One that was removed is to be gone.
const PATIENCE: Duration = Duration::from_secs(60);

/// The view that `/mcp` without a name serves.
pub const DEFAULT_VIEW: &str = config::ALL;
