//! One upstream: its state, its connection, what it has, and what it says.
//!
//! A task of its own ([`driver`]) keeps it; everything else holds an [`Upstream`] and reads from it without a lock.

mod builtin;
mod driver;
mod health;
mod keep;
mod news;
mod open;
mod personal;
mod pinned;
mod refusal;
mod session;
mod start;
mod tell;
mod wait;
pub mod watched;

use crate::builtin::{Asked, Local};
use crate::catalogue::Catalogue;
use crate::config::Server;
use crate::machine::State;
use crate::pins::Approval;
use crate::results::Results;
use arc_swap::{ArcSwap, ArcSwapOption};
use base::ports::{Account, Principal, UpstreamCredentials};
use base::{Code, Error, Result, clock};
use mcp::Message;
use mcp::client::handshake::Greeting;
use mcp::client::{Call, Link, Request, tail::Tail};
use mcp::{Era, Method};
use personal::Personal;
use protection::Guard;
use search::Encoding;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use store::Db;
use store::redis::Redis;
use telemetry::Telemetry;
use tokio::sync::{mpsc, oneshot, watch};
use watched::Watched;

/// What an upstream is doing, for people.
#[derive(Debug, Clone)]
pub struct Status {
    /// Where it stands.
    pub state: State,
    /// Since when.
    pub since: Instant,
    /// Why it does not work, if it does not.
    pub error: Option<Error>,
    /// How often it was started again after an end or a failure.
    pub restarts: u64,
    /// How it speaks and who it is, once that is known.
    pub greeting: Option<Greeting>,
    /// The process, if there is one.
    pub pid: Option<u32>,
    /// Whether what it has comes from an earlier run.
    pub stale: bool,
}

/// A connection in use.
pub struct Live {
    connection: Connection,
    /// Who is at the other end.
    pub greeting: Greeting,
    /// Counts the connections of one upstream.
    generation: u64,
}

enum Connection {
    Link(Link),
    Builtin(Arc<dyn Local>),
}

/// One upstream.
pub struct Upstream {
    /// How it is configured.
    pub settings: Server,
    live: ArcSwapOption<Live>,
    status: watch::Sender<Status>,
    catalogue: ArcSwap<Catalogue>,
    orders: mpsc::Sender<Order>,
    /// What it says.
    pub tail: Arc<Tail>,
    in_flight: AtomicUsize,
    used_at: AtomicU64,
    started_at: Instant,
    degraded: AtomicBool,
    known: AtomicBool,
    /// Calls since the hub was started.
    pub calls: AtomicU64,
    /// Calls that failed by the upstream's fault.
    pub failures: AtomicU64,
    log_level: AtomicUsize,
    watched: Arc<Watched>,
    /// What protects it from its callers, and them from it.
    pub guard: Arc<Guard>,
    /// Results of it that are kept.
    pub results: Results,
    /// What is counted of it.
    pub series: Arc<telemetry::operation::Upstream>,
    account: Option<Arc<dyn Account>>,
    /// Where each principal logs in for itself: the connections of the others.
    personal: Personal,
    /// Whose connection this is.
    principal: Principal,
}

/// What the hub is told by a driver.
pub enum Change {
    /// What the upstream has is another. The answer says that clients see it.
    Catalogue(oneshot::Sender<()>),
    /// A notification that belongs to no call.
    Notice(String, Message),
}

/// What a driver needs besides the configuration.
#[derive(Clone)]
pub struct Context {
    /// Where is remembered what was learned.
    pub db: Db,
    /// The program that supervises child processes.
    pub supervisor: Option<PathBuf>,
    /// Where is counted what happens.
    pub telemetry: Telemetry,
    /// Who gives credentials for upstreams that want a login.
    pub credentials: Option<Arc<dyn UpstreamCredentials>>,
    /// What is shared with other replicas, where there are some.
    pub redis: Option<Redis>,
    /// What tells how like texts are.
    pub encoding: Option<Arc<Encoding>>,
    /// Where changes are told.
    pub changes: mpsc::Sender<Change>,
}

/// What the driver is asked for.
enum Order {
    /// A connection, now or as soon as there is one.
    Want { told: bool, reply: oneshot::Sender<Result<Arc<Live>>> },
    /// The connection of this generation does not work any more.
    Lost(u64, Error),
    /// A call failed by the upstream's fault.
    Failed(Error),
    /// A call worked after one that failed.
    Worked,
    /// The level of log messages that clients want has changed.
    Level,
    /// A notification came on the way of a call.
    Heard(Message),
    /// Somebody approved tools or prompts that are in quarantine.
    Approve(Approval, oneshot::Sender<Result<()>>),
    /// The end.
    Stop(Duration, oneshot::Sender<()>),
}

/// A call in flight; counts as long as it lives.
pub struct Lease {
    slot: Slot,
    /// The connection.
    pub live: Arc<Live>,
}

impl Upstream {
    /// What it is doing.
    pub fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    /// Tells of every change of what it is doing.
    pub fn watch(&self) -> watch::Receiver<Status> {
        self.status.subscribe()
    }

    /// What it has, perhaps from an earlier run.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        self.catalogue.load_full()
    }

    /// The hub's account there, if it logs in.
    pub fn account(&self) -> Option<&Arc<dyn Account>> {
        self.account.as_ref()
    }

    /// Whether it was ever learned what it has.
    pub fn is_known(&self) -> bool {
        self.known.load(Ordering::Relaxed)
    }

    /// Calls in flight.
    pub fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// Lines on standard output that were no messages, and answers that nobody waited for.
    pub fn oddities(&self) -> (u64, u64) {
        match self.live.load().as_deref().map(|live| &live.connection) {
            Some(Connection::Link(Link::Shared(link))) => {
                (link.noise.load(Ordering::Relaxed), link.unmatched.load(Ordering::Relaxed))
            }
            _ => (0, 0),
        }
    }

    /// About how many calls have worked so far; never more than did.
    fn answered(&self) -> u64 {
        let others = self.failures.load(Ordering::Relaxed).saturating_add(self.in_flight() as u64);
        self.calls.load(Ordering::Relaxed).saturating_sub(others)
    }

    /// A connection on which a call works, started if need be.
    pub async fn lease(self: &Arc<Self>) -> Result<Lease> {
        let slot = Slot::take(self);
        if self.in_flight() > self.settings.limits.calls {
            return Err(self.busy());
        }
        let live = match self.live.load_full() {
            Some(live) => live,
            None => self.want(false).await?,
        };
        self.calls.fetch_add(1, Ordering::Relaxed);
        Ok(Lease { slot, live })
    }

    /// A connection, if one is there and it may be used.
    pub fn lease_now(self: &Arc<Self>) -> Option<Lease> {
        let slot = Slot::take(self);
        let live = self.live.load_full().filter(|_| self.in_flight() <= self.settings.limits.calls)?;
        Some(Lease { slot, live })
    }

    /// Starts it, also when it was given up; answers when it works or why it does not.
    pub async fn restart(&self) -> Result<()> {
        self.want(true).await.map(drop)
    }

    /// Serves tools and prompts that are in quarantine from now on, given by their names and the digests, in hexadecimal, of
    /// what somebody looked at: all of them or none. Who may say so is the caller's to find out.
    ///
    /// # Errors
    /// [`Code::ApprovalStale`] when one of them is another by now, or is not in quarantine.
    pub async fn approve(&self, approval: Approval) -> Result<()> {
        let (reply, done) = oneshot::channel();
        self.orders.send(Order::Approve(approval, reply)).await.map_err(|_| self.removed())?;
        done.await.map_err(|_| self.removed())?
    }

    /// Ends it. Calls that are under way get `patience` to end by themselves; no new ones are taken.
    pub async fn stop(&self, patience: Duration) {
        self.personal.stop(patience).await;
        let (reply, done) = oneshot::channel();
        if self.orders.send(Order::Stop(patience, reply)).await.is_ok() {
            let _ = done.await;
        }
    }

    /// Sets the lowest level of log messages that any client wants, by its place in the list of levels.
    pub fn set_log_level(&self, level: usize) {
        if self.log_level.swap(level, Ordering::Relaxed) != level {
            self.order(Order::Level);
        }
    }

    /// Says that a call on `lease` ended well.
    pub fn worked(&self) {
        if self.degraded.load(Ordering::Relaxed) {
            self.order(Order::Worked);
        }
    }

    /// Says that a call on `live` failed.
    pub fn failed(&self, live: &Live, error: &Error) {
        self.failures.fetch_add(1, Ordering::Relaxed);
        // One connection that breaks, or one call that is forbidden, says nothing of the other calls to an address.
        let shared = live.is_shared();
        match error.code() {
            Code::UpstreamUnreachable | Code::UpstreamSessionLost => self.lost(live, error),
            Code::UpstreamExited if shared => self.lost(live, error),
            _ => self.order(Order::Failed(error.clone())),
        }
    }

    /// Gives up a connection for all.
    fn lost(&self, live: &Live, error: &Error) {
        self.order(Order::Lost(live.generation, error.clone()));
        // Whoever comes next must not get this connection again, however long the driver takes.
        self.live.rcu(|current| current.clone().filter(|current| current.generation != live.generation));
    }

    /// Passes on a notification that came on the way of a call and is not the call's.
    pub fn heard(&self, message: Message) {
        self.order(Order::Heard(message));
    }

    async fn want(&self, told: bool) -> Result<Arc<Live>> {
        let (reply, answer) = oneshot::channel();
        let gone = |_| self.removed();
        self.orders.send(Order::Want { told, reply }).await.map_err(|_| self.removed())?;
        answer.await.map_err(gone)?
    }

    /// Passes an order on. When the driver is so busy that its orders are full, one more or less makes no difference.
    fn order(&self, order: Order) {
        let _ = self.orders.try_send(order);
    }

    /// Milliseconds since this object was made.
    pub fn age(&self) -> u64 {
        u64::try_from(clock::now().duration_since(self.started_at).as_millis()).unwrap_or(u64::MAX)
    }
}

/// One of the calls that may be in flight. While there is one, the upstream is not idle.
struct Slot(Arc<Upstream>);

impl Slot {
    fn take(upstream: &Arc<Upstream>) -> Self {
        upstream.in_flight.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(upstream))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.used_at.store(self.0.age(), Ordering::Relaxed);
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Lease {
    /// The upstream.
    pub fn upstream(&self) -> &Arc<Upstream> {
        &self.slot.0
    }

    /// Says that a call of `counted` failed on it: the upstream itself, or the one of which this is a principal's own
    /// connection.
    pub fn failed(&self, counted: &Arc<Upstream>, error: &Error) {
        self.upstream().failed(&self.live, error);
        if !Arc::ptr_eq(self.upstream(), counted) {
            counted.failures.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A number for the next request.
    pub fn next_id(&self) -> u64 {
        match &self.live.connection {
            Connection::Link(link) => link.next_id(),
            Connection::Builtin(_) => 1,
        }
    }

    /// Sends a request of `principal`.
    pub fn call(&self, method: &Method, request: &Request<'_>, principal: &Arc<str>) -> Result<Call> {
        match &self.live.connection {
            Connection::Link(link) => link.call(request),
            Connection::Builtin(builtin) => {
                let (method, params, principal) = (method.clone(), request.params.to_owned(), Arc::clone(principal));
                Ok(builtin::call(Arc::clone(builtin), Asked { method, params, principal }))
            }
        }
    }

    /// Whether it is reached over HTTP.
    pub fn is_http(&self) -> bool {
        matches!(&self.live.connection, Connection::Link(Link::Http(_)))
    }

    /// How the upstream speaks.
    pub fn era(&self) -> Era {
        self.live.greeting.era
    }
}
