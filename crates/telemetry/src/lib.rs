//! What the process tells of itself: metrics, traces, the log.
//!
//! [`Telemetry`] is the one handle. Who counts keeps the series that it counts in ([`operation`], [`family`]); what is
//! known elsewhere anyway, such as the state of an upstream, is asked for when somebody looks ([`Telemetry::watch`]).

pub mod config;
pub mod context;
pub mod economy;
pub mod export;
pub mod family;
pub mod instrument;
pub mod log;
pub mod names;
pub mod operation;
mod process;
mod record;
pub mod session;
pub mod snapshot;
pub mod text;
pub mod trace;

use config::Export;
use economy::Economy;
use export::Flush;
use family::Family;
use instrument::{Counter, Histogram};
use operation::{Operation, Own, Upstream};
use record::Counts;
use session::{Carrier, Lasting};
use snapshot::Snapshot;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use trace::Tracer;

/// Adds what its owner knows to a snapshot. It must be quick and wait for nothing.
pub type Watch = Box<dyn Fn(&mut Snapshot) + Send + Sync>;

/// The handle. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Telemetry(Arc<Inner>);

struct Inner {
    version: &'static str,
    start: Duration,
    server: Arc<Family<Histogram>>,
    client: Arc<Family<Histogram>>,
    client_sessions: Arc<Family<Histogram>>,
    upstream_sessions: Arc<Family<Histogram>>,
    own: Own,
    errors: Family<Counter>,
    by_code: RwLock<HashMap<base::Code, Arc<Counter>>>,
    responses: Family<Counter>,
    by_status: RwLock<HashMap<u16, Arc<Counter>>>,
    unknown_tools: Family<Counter>,
    client_bytes: Family<Counter>,
    upstream_bytes: Family<Counter>,
    upstreams: Mutex<HashMap<Box<str>, Arc<Upstream>>>,
    watches: Mutex<Vec<Watch>>,
    /// Held by whoever writes all numbers out.
    writing: tokio::sync::Mutex<()>,
    totals: Totals,
    economy: Economy,
    exported: Family<Counter>,
    tracer: OnceLock<Tracer>,
    flushes: Mutex<Vec<Flush>>,
    closing: CancellationToken,
}

/// Counts without attributes, or with few.
pub struct Totals {
    /// Calls of tools that do not exist.
    pub unknown_tools: Arc<Counter>,
    /// Bytes of messages from clients.
    pub received: Arc<Counter>,
    /// Bytes of messages to clients.
    pub sent: Arc<Counter>,
}

impl Telemetry {
    /// A handle that counts and tells nobody by itself. `version` is that of the program.
    pub fn new(version: &'static str) -> Self {
        let server = Arc::new(Family::new(&names::SERVER_OPERATION));
        let unknown_tools = Family::new(&names::UNKNOWN_TOOL_CALLS);
        let client_bytes = Family::new(&names::CLIENT_BYTES);
        let totals = Totals {
            unknown_tools: unknown_tools.series(&[]),
            received: client_bytes.series(&["in"]),
            sent: client_bytes.series(&["out"]),
        };
        Self(Arc::new(Inner {
            version,
            start: base::clock::wall(),
            own: Own::new(&server),
            server,
            client: Arc::new(Family::new(&names::CLIENT_OPERATION)),
            client_sessions: Arc::new(Family::new(&names::SERVER_SESSION)),
            upstream_sessions: Arc::new(Family::new(&names::CLIENT_SESSION)),
            errors: Family::new(&names::ERRORS),
            by_code: RwLock::default(),
            responses: Family::new(&names::HTTP_RESPONSES),
            by_status: RwLock::default(),
            unknown_tools,
            client_bytes,
            upstream_bytes: Family::new(&names::UPSTREAM_BYTES),
            upstreams: Mutex::default(),
            watches: Mutex::default(),
            writing: tokio::sync::Mutex::default(),
            totals,
            economy: Economy::new(),
            exported: Family::new(&names::EXPORTED),
            tracer: OnceLock::new(),
            flushes: Mutex::default(),
            closing: CancellationToken::new(),
        }))
    }

    /// Begins to send what is counted and recorded to a collector. Needs a runtime.
    pub fn export(&self, export: Export) {
        let Export { traces, metrics, share, interval, resource } = export;
        let resource = self.resource(resource);
        let mut flushes = Vec::new();
        if let Some(target) = traces {
            let (queue, flush) = export::traces(self.options("traces", target, resource.clone()));
            let _ = self.0.tracer.set(Tracer::new(share, queue));
            flushes.push(flush);
        }
        if let Some(target) = metrics {
            let inner = Arc::downgrade(&self.0);
            let look = move || inner.upgrade().map(|inner| Telemetry(inner).snapshot());
            let options = self.options("metrics", target, resource);
            flushes.push(export::metrics(options, interval, self.0.start, look));
        }
        self.0.flushes.lock().unwrap_or_else(PoisonError::into_inner).extend(flushes);
    }

    fn options(&self, signal: &str, target: export::Target, resource: Vec<(String, String)>) -> export::Options {
        let of = |result| self.0.exported.series(&[signal, result]);
        let counts = Counts { sent: of("sent"), failed: of("failed"), dropped: of("dropped") };
        let (version, closing) = (self.0.version, self.0.closing.clone());
        export::Options { target, counts: Arc::new(counts), resource, version, closing }
    }

    fn resource(&self, mut attributes: Vec<(String, String)>) -> Vec<(String, String)> {
        use names::attribute::{PROCESS, SERVICE_INSTANCE, SERVICE_VERSION};
        let instance = base::random::hex::<16>().unwrap_or_default();
        let own = [
            (SERVICE_VERSION, self.0.version.to_owned()),
            (SERVICE_INSTANCE, instance),
            (PROCESS, std::process::id().to_string()),
        ];
        for (name, value) in own {
            if !attributes.iter().any(|(known, _)| known == name) {
                attributes.push((name.to_owned(), value));
            }
        }
        attributes
    }

    /// What begins spans, where traces are sent.
    pub fn tracer(&self) -> Option<&Tracer> {
        self.0.tracer.get()
    }

    /// Sends what has not been sent yet, at the end of the process. Takes at most `limit`, and with a collector that is
    /// not there no time at all.
    pub async fn close(&self, limit: Duration) {
        self.0.closing.cancel();
        let flushes = std::mem::take(&mut *self.0.flushes.lock().unwrap_or_else(PoisonError::into_inner));
        let all = async {
            let mut waits = Vec::new();
            for flush in flushes {
                let (done, wait) = oneshot::channel();
                if flush.send(done).await.is_ok() {
                    waits.push(wait);
                }
            }
            for wait in waits {
                let _ = wait.await;
            }
        };
        let _ = tokio::time::timeout(limit, all).await;
    }

    /// The series of an upstream. One that comes back after a change of the configuration goes on where it was.
    pub fn upstream(&self, name: &str) -> Arc<Upstream> {
        let inner = &self.0;
        let mut upstreams = inner.upstreams.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || Arc::new(Upstream::new(name, &inner.server, &inner.client, &inner.upstream_bytes));
        Arc::clone(upstreams.entry(name.into()).or_insert_with(make))
    }

    /// The series of a method that the hub answers itself. `method` must be one of the protocol, or [`names::OTHER`].
    pub fn own(&self, method: &str) -> Arc<Operation> {
        self.0.own.operation(method)
    }

    /// A session of a client begins, at this version of the protocol.
    pub fn client_session(&self, carrier: Carrier, version: &'static str) -> Lasting {
        Lasting::new(&self.0.client_sessions, None, version, carrier)
    }

    /// A session with an upstream begins, at this version of the protocol.
    pub fn upstream_session(&self, upstream: &str, carrier: Carrier, version: &'static str) -> Lasting {
        Lasting::new(&self.0.upstream_sessions, Some(upstream), version, carrier)
    }

    /// Counts without attributes, or with few.
    pub fn totals(&self) -> &Totals {
        &self.0.totals
    }

    /// What is counted of what saves models tokens and turns.
    pub fn economy(&self) -> &Economy {
        &self.0.economy
    }

    /// Counts an error that a client was given.
    pub fn error(&self, code: base::Code) {
        let inner = &self.0;
        find_or_make(&inner.by_code, code, || inner.errors.series(&[code.id()])).increment();
    }

    /// Counts an answer over HTTP.
    pub fn response(&self, status: u16) {
        let inner = &self.0;
        find_or_make(&inner.by_status, status, || inner.responses.series(&[&status.to_string()])).increment();
    }

    /// Has `watch` asked whenever somebody looks at the numbers. This is the place for gauges and counts that a part keeps
    /// anyway: hold what is asked weakly, and name the metric in [`names`].
    pub fn watch(&self, watch: Watch) {
        self.0.watches.lock().unwrap_or_else(PoisonError::into_inner).push(watch);
    }

    /// All numbers now.
    pub fn snapshot(&self) -> Snapshot {
        let inner = &self.0;
        let mut snapshot = Snapshot::default();
        for histograms in [&inner.server, &inner.client, &inner.client_sessions, &inner.upstream_sessions] {
            histograms.read(&mut snapshot);
        }
        for counters in [
            &inner.errors,
            &inner.responses,
            &inner.unknown_tools,
            &inner.client_bytes,
            &inner.upstream_bytes,
            &inner.exported,
        ] {
            counters.read(&mut snapshot);
        }
        inner.economy.read(&mut snapshot);
        for watch in inner.watches.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            watch(&mut snapshot);
        }
        snapshot.put(&names::BUILD, &[inner.version], 1.0);
        process::read(&mut snapshot, inner.start);
        snapshot
    }

    /// All numbers now, as Prometheus reads them.
    pub fn text(&self) -> String {
        text::render(&self.snapshot())
    }

    /// The same on a thread of its own, for with many tools it takes a while, and calls are not to wait for that. One
    /// after the other: however many want the numbers at once, no more than one thread works for them.
    ///
    /// # Errors
    /// An internal error, when reading a number panicked.
    pub async fn write_out(&self) -> base::Result<String> {
        let _turn = self.0.writing.lock().await;
        let telemetry = self.clone();
        base::task::blocking(move || telemetry.text()).await
    }
}

fn find_or_make<K: Copy + Eq + std::hash::Hash>(
    known: &RwLock<HashMap<K, Arc<Counter>>>,
    key: K,
    make: impl FnOnce() -> Arc<Counter>,
) -> Arc<Counter> {
    if let Some(counter) = known.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return Arc::clone(counter);
    }
    Arc::clone(known.write().unwrap_or_else(PoisonError::into_inner).entry(key).or_insert_with(make))
}
