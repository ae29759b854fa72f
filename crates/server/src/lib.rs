//! The outermost room on the network side: HTTP in, the hub behind it.
//!
//! [`guard`] decides who may come in, [`mcp`] speaks the protocol over HTTP and stdio, [`api`] tells what the hub is
//! doing. Nothing here takes a command line from a request.

pub mod acting;
mod answer;
mod api;
mod body;
mod config;
mod connection;
pub mod guard;
pub mod keys;
pub mod mcp;
mod models;

mod protection;
mod rate;
pub mod registry;
mod routes;
pub mod runs;
pub mod secrets;

use base::Result;
use base::network::Socket;
use base::seal::Sealer;
use entrances::{Models, Webhooks};
use guard::Guard;
use identity::tasks::Tasks;
use keys::{Keys, Visitor};
use llm::Gateway;
use mcp::events::Streams;
use mcp::memory::Memory;
use mcp::questions::Questions;
use mcp::resume::Resumable;
use mcp::rounds::Rounds;
use mcp::session::Sessions;
use mcp::subscribers::Subscribers;
use resilience::bucket::Rate;
pub use resilience::places::PerAddress;
use resilience::places::Places;
use routes::Routes;
use std::collections::HashSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use store::Db;
use store::redis::Redis;
use telemetry::names;
use telemetry::snapshot::Snapshot;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tools::Hub;
use tools::pins::Approval;

/// How the server is set up.
#[derive(Clone)]
pub struct Options {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Where the numbers are served without a key, if they are not behind the guard of all else.
    pub metrics: Option<SocketAddr>,
    /// The Unix sockets where it listens too, each with the view that it serves.
    pub sockets: Vec<(String, PathBuf)>,
    /// The keys that clients must show.
    pub keys: Keys,
    /// How much strangers may ask for.
    pub limits: Limits,
    /// What makes the texts that clients give back unchanged.
    pub sealer: Sealer,
    /// Where is kept what sessions have set.
    pub db: Db,
    /// The operator's secrets.
    pub secrets: Arc<dyn secrets::Secrets>,
    /// What other replicas are told by, where there are some.
    pub redis: Option<Redis>,
    /// How the views are named and reached, as servers of a registry.
    pub registry: registry::Settings,
    /// What asks models.
    pub models: Gateway,
    /// The prompts that are served.
    pub prompts: prompts::Library,
    /// What carries runs out, where this hub does.
    pub runs: Option<Arc<dyn runs::Runs>>,
    /// What begins runs by requests from outside, where this hub carries runs out.
    pub webhooks: Option<Arc<Webhooks>>,
}

/// How much strangers may ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request's body.
    pub body: usize,
    /// Sessions at once.
    pub sessions: usize,
    /// After which time without a request a session is forgotten.
    pub session_idle: Duration,
    /// Requests at once.
    pub requests: usize,
    /// Connections at once.
    pub connections: usize,
    /// Connections from one address at once.
    pub per_address: PerAddress,
    /// How long the head of a request may take to arrive, and then its body.
    pub arrival: Duration,
    /// How long requests may take to end when the server is told to stop.
    pub drain: Duration,
    /// How many requests one client may send in a time.
    pub rate: Option<Rate>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 4 << 20,
            sessions: 10_000,
            session_idle: Duration::from_secs(3600),
            requests: 4096,
            connections: 10_000,
            per_address: PerAddress::Quarter,
            arrival: Duration::from_secs(30),
            drain: Duration::from_secs(30),
            rate: None,
        }
    }
}

/// What every request can reach.
pub(crate) struct Shared {
    pub(crate) hub: Hub,
    pub(crate) models: Gateway,
    /// What models did with tools before they called those of their clients.
    pub(crate) past: Arc<rounds::Past>,
    /// The workflows among the models, where this hub carries runs out.
    pub(crate) workflows: OnceLock<Models>,
    pub(crate) guard: Guard,
    /// Who is on this machine and needs no key: over standard input and output, and sockets of the file system.
    pub(crate) local: Arc<Visitor>,
    /// What opens approvals of tools.
    pub(crate) approvals: Sealer,
    pub(crate) limits: Limits,
    /// How the views are named and reached.
    pub(crate) registry: registry::Settings,
    /// When it began, since 1970.
    pub(crate) since: Duration,
    pub(crate) sessions: Sessions,
    pub(crate) subscribers: Subscribers,
    pub(crate) rounds: Rounds,
    pub(crate) tasks: Arc<Tasks>,
    /// What tasks of legacy upstreams ask of modern clients.
    pub(crate) questions: Arc<Questions>,
    pub(crate) resumable: Resumable,
    pub(crate) rates: Arc<rate::Rates>,
    pub(crate) in_flight: AtomicUsize,
    pub(crate) places: Arc<Places>,
    /// Streams of events of the older HTTP transport.
    pub(crate) streams: Streams,
    /// Connections that outlive the request that opened them, or never were one.
    pub(crate) conversations: TaskTracker,
    pub(crate) shutdown: CancellationToken,
}

impl Shared {
    pub(crate) fn new(
        (hub, models): (Hub, Gateway),
        guard: Guard,
        limits: Limits,
        registry: registry::Settings,
        sealer: &Sealer,
        (memory, over): (Memory, HashSet<String>),
    ) -> Result<Arc<Self>> {
        let shared = Arc::new(Self {
            registry,
            since: base::clock::wall(),
            approvals: Approval::sealer(sealer)?,
            sessions: Sessions::new(&limits, sealer.for_purpose("session")?, (memory, over), hub.telemetry().clone())?,
            subscribers: Subscribers::default(),
            tasks: Tasks::new(sealer.for_purpose("task")?),
            questions: Arc::default(),
            resumable: Resumable::new(sealer.for_purpose("event")?),
            rounds: Rounds::new(sealer.for_purpose("request state")?),
            rates: Arc::new(rate::Rates::new(limits.rate)),
            in_flight: AtomicUsize::new(0),
            places: Places::new(limits.connections, limits.per_address),
            streams: Streams::default(),
            conversations: TaskTracker::new(),
            shutdown: CancellationToken::new(),
            hub,
            models,
            past: Arc::default(),
            workflows: OnceLock::new(),
            guard,
            local: Arc::new(Visitor::local(None)),
            limits,
        });
        let seen = Arc::downgrade(&shared);
        shared.hub.telemetry().watch(Box::new(move |snapshot| {
            if let Some(shared) = seen.upgrade() {
                let now = |number: &AtomicUsize| number.load(Ordering::Relaxed) as u64;
                snapshot.count(&names::SESSIONS, &[], shared.sessions.count());
                snapshot.count(&names::REQUESTS, &[], now(&shared.in_flight));
                snapshot.count(&names::CONNECTIONS, &[], shared.places.count());
                shared.count_principals(snapshot);
                models::tell(&shared.models, snapshot);
                if let Some(redis) = shared.sessions.memory.redis() {
                    let status = redis.status();
                    snapshot.count(&names::REDIS_UP, &[], u64::from(status.error.is_none()));
                    snapshot.count(&names::REDIS_LOSSES, &[], status.losses);
                    snapshot.count(&names::REDIS_REFUSED, &[], status.refused);
                }
            }
        }));
        Ok(shared)
    }

    /// Tells how many requests came with each key. Beyond the budget of names they are one.
    fn count_principals(&self, snapshot: &mut Snapshot) {
        let ring = self.guard.ring();
        let mut others = 0;
        for (place, (principal, count)) in ring.counts().enumerate() {
            if place < PRINCIPALS && **principal != *names::OTHER {
                snapshot.count(&names::PRINCIPAL_REQUESTS, &[principal], count);
            } else {
                others += count;
            }
        }
        if others > 0 {
            snapshot.count(&names::PRINCIPAL_REQUESTS, &[names::OTHER], others);
        }
    }

    /// Takes other keys from now on, and ends the sessions and connections of those that are gone.
    async fn change_keys(&self, keys: &Keys) -> Result<()> {
        let gone = self.guard.change(keys)?;
        for principal in &gone {
            tracing::info!(principal = &**principal, "a key is gone, and its sessions end");
        }
        for id in self.sessions.of(&gone) {
            mcp::session::end(self, &id).await;
        }
        Ok(())
    }
}

/// The most principals that are counted by their names.
const PRINCIPALS: usize = 100;

/// What can be told to a server that runs.
#[derive(Clone)]
pub struct Handle(Arc<Shared>);

impl Handle {
    /// Whether these keys could be taken.
    ///
    /// # Errors
    /// Those of [`Handle::change_keys`].
    pub fn check_keys(&self, keys: &Keys) -> Result<()> {
        self.0.guard.check(keys)
    }

    /// Takes other keys from now on. The sessions and connections of those that are gone end.
    ///
    /// # Errors
    /// [`base::Code::KeyWeak`] and [`base::Code::KeyNeeded`]; then everything stays as it was.
    pub async fn change_keys(&self, keys: &Keys) -> Result<()> {
        self.0.change_keys(keys).await
    }
}

/// A server that listens but does not serve yet.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    /// The listener of the numbers, where it is, and its guard.
    metrics: Option<(TcpListener, SocketAddr, Guard)>,
    sockets: Vec<(String, Socket)>,
    secrets: Arc<dyn secrets::Secrets>,
    prompts: prompts::Library,
    runs: Option<Arc<dyn runs::Runs>>,
    webhooks: Option<Arc<Webhooks>>,
    shared: Arc<Shared>,
}

impl Server {
    /// Checks the options and begins to listen.
    pub async fn build(options: Options, hub: Hub) -> Result<Self> {
        let Options { listen, metrics, sockets, keys, limits, sealer, db, secrets, redis, .. } = options;
        let (registry, models, prompts) = (options.registry, options.models, options.prompts);
        let (runs, webhooks) = (options.runs, options.webhooks);
        let guard = Guard::new(listen, &keys)?;
        let (listener, address) = bind(listen).await?;
        let metrics = match metrics {
            Some(listen) => {
                let (listener, address) = bind(listen).await?;
                Some((listener, address, Guard::without_key(listen)))
            }
            None => None,
        };
        let shared = Shared::new((hub, models), guard, limits, registry, &sealer, Memory::open(db, redis).await?)?;
        runs.iter().for_each(|runs| drop(shared.workflows.set(Models::new(Arc::clone(runs)))));
        let listening = sockets.into_iter().map(|(view, path)| Ok((view, Socket::listen(&path)?)));
        let sockets = listening.collect::<Result<_>>()?;
        Ok(Self { listener, address, metrics, sockets, secrets, prompts, runs, webhooks, shared })
    }

    /// Where the numbers are served, if that is an address of their own.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().map(|(_, address, _)| *address)
    }

    /// What it can be told while it runs.
    pub fn handle(&self) -> Handle {
        Handle(Arc::clone(&self.shared))
    }

    /// Where it listens, with the real port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown`, then lets what is under way end.
    pub async fn run(self, shutdown: CancellationToken) {
        let news = base::task::spawn("news", mcp::subscribers::follow(Arc::clone(&self.shared)));
        let sweep = base::task::spawn("session sweep", mcp::session::sweep(Arc::clone(&self.shared)));
        let replicas = base::task::spawn("replicas", mcp::synchrony::follow(Arc::clone(&self.shared)));
        let carried = (self.runs, self.webhooks);
        let routes =
            Routes::new(Arc::clone(&self.shared), self.metrics.is_none(), (self.secrets, self.prompts, carried));
        let metrics = self.metrics.map(|(listener, _, guard)| {
            let routes = Routes::of_metrics(Arc::clone(&self.shared), guard);
            let shared = Arc::clone(&self.shared);
            base::task::spawn("metrics", async move {
                connection::accept(&listener, routes, &shared, &TaskTracker::new()).await;
            })
        });
        let sockets = self.sockets.into_iter().map(|(view, socket)| {
            let shared = Arc::clone(&self.shared);
            base::task::spawn("sockets", async move { mcp::socket::serve(&socket, &view, &shared).await })
        });
        let sockets: Vec<_> = sockets.collect();
        connection::serve(self.listener, routes, Arc::clone(&self.shared), shutdown).await;
        for socket in sockets {
            let _ = socket.await;
        }
        news.abort();
        sweep.abort();
        replicas.abort();
        metrics.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr)> {
    let listener = base::network::listen(address).await?;
    let own = listener.local_addr().map_err(|error| base::Error::internal(format!("no own address: {error}")))?;
    Ok((listener, own))
}
