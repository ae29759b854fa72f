//! Making an upstream: from its configuration and what is remembered of it to a running driver.

use super::driver::Driver;
use super::personal::Personal;
use super::pinned::Pinned;
use super::watched::Watched;
use super::{Context, Status, Upstream};
use crate::catalogue::Catalogue;
use crate::config::{Server, Transport};
use crate::machine::Machine;
use crate::results::Results;
use crate::tables;
use arc_swap::{ArcSwap, ArcSwapOption};
use base::ports::Principal;
use base::{Result, clock};
use mcp::client::tail::Tail;
use protection::Guard;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
use tokio::sync::{mpsc, watch};

impl Upstream {
    /// An upstream and the task that keeps it. What is remembered of it is served until it is started.
    pub async fn open(settings: Server, context: Context) -> Result<Arc<Self>> {
        Self::open_for(&Principal::local(), settings, context).await
    }

    /// The same with the account of `principal`.
    pub(super) async fn open_for(principal: &Principal, mut settings: Server, context: Context) -> Result<Arc<Self>> {
        let account = match (&settings.auth, &settings.transport, &context.credentials) {
            (Some(auth), Transport::Address { url, .. }, Some(credentials)) => {
                let account = credentials.account(principal, &settings.name, url, auth);
                // A credential that cannot be used costs its own server and no other.
                account.map_err(|error| settings.fault.get_or_insert(error)).ok()
            }
            _ => None,
        };
        let memory = tables::recall(&context.db, &settings.name, &settings.fingerprint()).await?;
        let (remembered, known) = (memory.as_ref().map(|memory| memory.era), memory.is_some());
        let mut pinned = Pinned::open(&context.db, &settings).await?;
        let catalogue = match memory {
            Some(memory) => pinned.judge(memory.catalogue).await,
            None => Catalogue::default(),
        };
        let now = clock::now();
        let machine = Machine::new(settings.enabled, settings.backoff, now);
        let status = Status {
            state: machine.state(),
            since: now,
            error: None,
            restarts: 0,
            greeting: None,
            pid: None,
            stale: known,
        };
        let (orders, inbox) = mpsc::channel(1024);
        let kept = tables::recall_health(&context.db, &settings.name, &settings.fingerprint()).await?;
        let guard = Guard::new(&settings.name, settings.protection.clone(), kept.as_ref());
        let shared = Arc::new(Self {
            live: ArcSwapOption::empty(),
            status: watch::Sender::new(status),
            catalogue: ArcSwap::from_pointee(catalogue),
            orders,
            tail: Arc::new(Tail::default()),
            in_flight: AtomicUsize::new(0),
            used_at: AtomicU64::new(0),
            started_at: now,
            degraded: AtomicBool::new(false),
            known: AtomicBool::new(known),
            calls: AtomicU64::new(0),
            failures: AtomicU64::new(0),
            log_level: AtomicUsize::new(usize::MAX),
            watched: Arc::new(Watched::new()),
            series: context.telemetry.upstream(&settings.name),
            results: Results::of(&settings, context.redis.clone(), context.encoding.clone()),
            guard,
            account,
            personal: Personal::new(&context),
            principal: principal.clone(),
            settings,
        });
        let driver = Driver::new(Arc::clone(&shared), context, inbox, machine, remembered, pinned);
        // What is not known must be learned; what is known can wait for its first call. A fault is told at once.
        let wanted = shared.settings.eager || !known || shared.settings.fault.is_some();
        driver.begin(wanted);
        Ok(shared)
    }
}
