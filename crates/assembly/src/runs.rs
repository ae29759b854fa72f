//! Durable runs: their store, what carries them out, and the workflows that can be started.

use crate::config::RunSettings;
use crate::entering;
use crate::wiring::Resolved;
use crate::workflows::{Available, Versions};
use arc_swap::ArcSwap;
use base::ports::{Principal, Wait};
use base::{Error, Result, clock, random, task};
use entrances::{Notice, Notices, Schedules, Tools, Webhooks};
use identity::Secrets;
use journal::StoredJournal;
use llm::Gateway;
use memory::Memory;
use prompts::Library;
use runner::{JournalRunner, Options, Runner, Served};
use server::Handle;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use steps::{Acting, People, Steps};
use store::Db;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tools::Hub;
use tools::catalogue::Catalogue;
use workflow::Definitions;

/// How often it is looked which runs ended long ago.
const PRUNE: Duration = Duration::from_secs(3_600);
/// How many of them are forgotten at once.
const AT_ONCE: usize = 500;
/// How long servers that are being started are waited for before a run is started: what they say of their tools says what
/// may be done twice.
const PATIENCE: Duration = Duration::from_secs(30);

/// The workflows of a configuration, and what it tells of what they may call.
#[derive(Clone)]
pub struct Planning {
    definitions: Definitions,
    available: Available,
    settings: RunSettings,
}

impl Planning {
    /// What a configuration says.
    pub fn of(resolved: &Resolved) -> Self {
        let available = Available::of(resolved);
        Self { definitions: resolved.workflows.clone(), available, settings: resolved.runs.clone() }
    }

    /// The same with these workflows, which take the place of others of their names.
    #[must_use]
    pub fn with(mut self, definitions: Definitions) -> Self {
        self.definitions.extend(definitions);
        self
    }
}

/// Carries runs out.
pub struct Runs {
    runner: JournalRunner,
    db: Db,
    /// The store of all but runs.
    store: Db,
    /// The workflows as tools.
    workflows: Arc<Tools>,
    hub: Hub,
    library: Library,
    staff: Arc<Staff>,
    /// Who is told of gates.
    notices: ArcSwap<Vec<Notice>>,
    /// What signs notices, where they are sent.
    secrets: OnceLock<Secrets>,
    planning: tokio::sync::Mutex<Planned>,
    stop: CancellationToken,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

/// What is planned, and by what.
struct Planned {
    planning: Planning,
    /// What the upstreams had when it was planned, and how often the prompts had changed; nothing before.
    seen: Option<(Vec<Arc<Catalogue>>, u64)>,
    /// What was wrong then, so that nobody is told twice.
    faults: BTreeSet<String>,
}

/// Who may what: the server in front of the hub knows.
#[derive(Default)]
struct Staff(OnceLock<Handle>);

impl People for Staff {
    fn acting(&self, principal: &Principal) -> Result<Acting> {
        let server = self.0.get().ok_or_else(|| Error::internal("runs are carried out before the hub serves"))?;
        let server::acting::Acting { views, operator, client, models } = server.acting(&principal.name)?;
        Ok(Acting { views, everything: operator, client, models })
    }
}

impl Runs {
    /// Runs that lie in `db`, with the memory in `store`. Of all that lie there, those are carried out that were started for the
    /// configuration in `folder`: others may need what only theirs has. Nothing is carried out before [`Runs::work`].
    ///
    /// # Errors
    /// Those of the stores.
    pub async fn open(
        (db, store): (Db, &Db),
        (hub, models, library, tools): (&Hub, &Gateway, &Library, &Arc<Tools>),
        planning: Planning,
        folder: &Path,
    ) -> Result<Arc<Self>> {
        let journal = StoredJournal::open(db.clone()).await?;
        // A file of runs is one process's: who had runs before is gone.
        journal.take_over(u64::try_from(clock::wall().as_millis()).unwrap_or(u64::MAX)).await?;
        let memory = Memory::open(store.clone()).await?;
        let memory = match hub.encoding_of_notes() {
            Some(encoding) => memory.with_meaning(encoding),
            None => memory,
        };
        let staff = Arc::new(Staff::default());
        let outside = Steps::new(hub.clone(), models.clone(), library.clone(), Arc::clone(&staff) as Arc<dyn People>);
        let outside = outside.with_memory(memory.clone());
        let worker = format!("{}-{}", std::process::id(), random::hex::<6>()?);
        let options = Options { tag: tag_of(folder), ..Options::of(worker) };
        let runner = JournalRunner::new(Arc::new(journal), Arc::new(outside), memory, options);
        let planned = Planned { planning, seen: None, faults: BTreeSet::new() };
        let runs = Arc::new(Self {
            runner,
            db,
            store: store.clone(),
            workflows: Arc::clone(tools),
            hub: hub.clone(),
            library: library.clone(),
            staff,
            notices: ArcSwap::default(),
            secrets: OnceLock::new(),
            planning: tokio::sync::Mutex::new(planned),
            stop: CancellationToken::new(),
            tasks: Mutex::default(),
        });
        tools.serve(&(Arc::clone(&runs) as Arc<dyn server::runs::Runs>));
        Ok(runs)
    }

    /// What starts runs and tells of them.
    pub fn runner(&self) -> &JournalRunner {
        &self.runner
    }

    /// Carries runs out from now on, those included that another process has left, with the rights that `server` knows.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn work(self: &Arc<Self>, server: Handle) -> Result<()> {
        let _ = self.staff.0.set(server);
        self.plan().await?;
        let (runner, stop) = (self.runner.clone(), self.stop.clone());
        let work = task::spawn("runs", async move {
            if let Err(error) = runner.work(stop).await {
                tracing::error!(code = error.code().id(), "runs are not carried out: {error}");
            }
        });
        let runs = Arc::clone(self) as Arc<dyn server::runs::Runs>;
        if let Some(secrets) = self.secrets.get().cloned() {
            let notices = Notices::open(Arc::clone(&runs), secrets, self.store.clone()).await?;
            let stop = self.stop.clone();
            let notices = task::spawn("notices of gates", async move { notices.work(stop).await });
            self.tasks.lock().unwrap_or_else(PoisonError::into_inner).push(notices);
        }
        let (schedules, stop) = (Schedules::open(runs, self.store.clone()).await?, self.stop.clone());
        let schedules = task::spawn("schedules", async move { schedules.work(stop).await });
        let pruning = task::spawn("old runs", prune(Arc::downgrade(self), self.stop.clone()));
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).extend([work, schedules, pruning]);
        Ok(())
    }

    /// What begins runs by requests from outside, with secrets of the vault. From [`Runs::work`] on others are told of gates too,
    /// with the same secrets.
    pub fn webhooks(self: &Arc<Self>, secrets: &Secrets) -> Arc<Webhooks> {
        let _already = self.secrets.set(secrets.clone());
        Arc::new(Webhooks::new(Arc::clone(self) as Arc<dyn server::runs::Runs>, secrets.clone()))
    }

    /// Serves other workflows. Runs go on as they began.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn take(&self, planning: Planning) -> Result<()> {
        {
            let mut planned = self.planning.lock().await;
            planned.planning = planning;
            planned.seen = None;
        }
        self.plan().await
    }

    /// Gives the runs back that are under way, and closes their store.
    pub async fn close(&self) {
        self.stop.cancel();
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        for task in tasks {
            if task.await.is_err() {
                tracing::warn!("what carries runs out has failed");
            }
        }
        self.db.clone().close().await;
    }

    /// The versions of prompts that are served.
    async fn versions(&self, served: &[prompts::library::Served]) -> Result<BTreeMap<String, Versions>> {
        let mut versions = BTreeMap::new();
        for served in served {
            let name = &served.prompt.name;
            let (all, labels) = (self.library.versions(name).await?, self.library.labels(name).await?);
            versions.insert(name.clone(), Versions { all, labels, served: served.version.clone() });
        }
        Ok(versions)
    }

    /// Plans the workflows by what the upstreams have at this moment, unless they were planned by the same.
    async fn plan(&self) -> Result<()> {
        let mut planned = self.planning.lock().await;
        let now: Vec<Arc<Catalogue>> = self.hub.upstreams().iter().map(|upstream| upstream.catalogue()).collect();
        let changes = *self.library.changes().borrow();
        let is_same = |(seen, before): &(Vec<Arc<Catalogue>>, u64)| {
            let alike = || seen.iter().zip(&now).all(|(old, new)| Arc::ptr_eq(old, new));
            *before == changes && seen.len() == now.len() && alike()
        };
        if planned.seen.as_ref().is_some_and(is_same) {
            return Ok(());
        }
        let prompts = self.library.served().await?;
        let Planning { definitions, available, .. } = planned.planning.clone();
        let available = available.with_hub(&self.hub).with_prompts(prompts.iter().map(|served| &*served.prompt));
        let available = available.with_versions(self.versions(&prompts).await?);
        let mut faults = BTreeSet::new();
        let mut workflows = Vec::with_capacity(definitions.len());
        for plan in workflow::plans(&definitions, &available) {
            match plan {
                Ok(plan) => {
                    let source = definitions.get(plan.name()).map(|definition| definition.source.text.as_str());
                    workflows.push(Served { source: source.unwrap_or_default().into(), plan });
                }
                Err(errors) => faults.extend(errors.iter().map(ToString::to_string)),
            }
        }
        for fault in faults.difference(&planned.faults) {
            tracing::warn!("a workflow cannot be started: {fault}");
        }
        let before = self.workflows.digest();
        self.runner.trust_starters(planned.planning.settings.own_gates);
        self.notices.store(Arc::new(planned.planning.settings.notices.clone()));
        self.runner.serve(workflows);
        if self.workflows.digest() != before {
            entering::changed(&self.hub);
        }
        planned.faults = faults;
        planned.seen = Some((now, changes));
        Ok(())
    }

    /// Forgets runs that ended long ago, and notes whose time is over.
    async fn forget(&self) {
        let keep = self.planning.lock().await.planning.settings.keep;
        let now = u64::try_from(clock::wall().as_millis()).unwrap_or(u64::MAX);
        let before = now.saturating_sub(u64::try_from(keep.as_millis()).unwrap_or(u64::MAX));
        loop {
            match self.runner.prune(before, AT_ONCE).await {
                Ok(count) if count >= AT_ONCE => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!("runs that ended long ago cannot be forgotten: {error}");
                    break;
                }
            }
        }
        loop {
            match self.runner.memory().prune(now, before).await {
                Ok(pruned) if pruned.more => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!("notes whose time is over cannot be forgotten: {error}");
                    break;
                }
            }
        }
    }
}

/// What runs are marked with that were started for the configuration in `folder`.
fn tag_of(folder: &Path) -> String {
    let real = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let digest = random::sha256(real.to_string_lossy().as_bytes());
    random::to_hex(&digest).chars().take(32).collect()
}

/// Forgets now and then what nobody needs any more.
async fn prune(runs: std::sync::Weak<Runs>, stop: CancellationToken) {
    while let Some(runs) = runs.upgrade() {
        runs.forget().await;
        drop(runs);
        tokio::select! {
            () = tokio::time::sleep(PRUNE) => {}
            () = stop.cancelled() => return,
        }
    }
}

impl server::runs::Runs for Runs {
    fn runner(&self) -> &dyn Runner {
        &self.runner
    }

    fn roles(&self, principal: &str) -> Vec<String> {
        let team = self.staff.0.get().and_then(|server| server.acting(principal).ok()?.models.team);
        team.iter().map(ToString::to_string).collect()
    }

    fn notices(&self) -> Arc<Vec<Notice>> {
        self.notices.load_full()
    }

    fn ready(&self) -> Wait<'_, ()> {
        Box::pin(async move {
            self.hub.settle(PATIENCE).await;
            self.plan().await
        })
    }
}
