//! The workflows that can be started, and the plans of runs.

use crate::limits::PLANS;
use arc_swap::ArcSwap;
use base::{Code, Error, Result};
use journal::{Definition, Digest, JournalStore};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use workflow::Plan;

/// A workflow that can be started.
#[derive(Debug, Clone, PartialEq)]
pub struct Served {
    /// What it does.
    pub plan: Arc<Plan>,
    /// The text as somebody wrote it.
    pub source: Arc<str>,
}

impl Served {
    /// The digest under which runs keep the definition: of the plan with all that was known when it was made. What a server says of
    /// its tools, and so what may be done twice, is a part of that.
    ///
    /// # Errors
    /// None that can be met: a plan is data that JSON has.
    pub fn definition(&self) -> Result<Digest> {
        Ok(Digest::of(self.plan.to_json()?.as_bytes()))
    }
}

/// The workflows that can be started by name, and plans of runs by the hash of their definition.
#[derive(Default)]
pub(crate) struct Plans {
    served: ArcSwap<BTreeMap<String, Served>>,
    ready: Mutex<HashMap<Digest, Arc<Plan>>>,
    /// The definitions of workflows that were started, by name: to write one down takes longer than to start a run.
    defined: Mutex<HashMap<String, (Arc<Plan>, Digest)>>,
}

impl Plans {
    pub(crate) fn serve(&self, workflows: Vec<Served>) {
        let by_name = workflows.into_iter().map(|served| (served.plan.name().to_owned(), served)).collect();
        self.served.store(Arc::new(by_name));
        self.defined().clear();
    }

    pub(crate) fn all(&self) -> Arc<BTreeMap<String, Served>> {
        self.served.load_full()
    }

    /// The workflow of this name.
    ///
    /// # Errors
    /// [`Code::WorkflowMissing`].
    pub(crate) fn named(&self, name: &str) -> Result<Served> {
        let served = self.served.load();
        served.get(name).cloned().ok_or_else(|| {
            let shown: String = name.chars().filter(|one| !one.is_control()).take(64).collect();
            let known: Vec<&str> = served.keys().map(String::as_str).take(10).collect();
            let next = match known.is_empty() {
                true => "name its file under `workflows` in the configuration".to_owned(),
                false => format!("there are {}; see `tutti workflow list`", known.join(", ")),
            };
            Error::new(Code::WorkflowMissing, format!("there is no workflow `{shown}`"), next)
        })
    }

    /// Keeps a definition, so that runs of it go on as they began whatever becomes of its file.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn define(&self, store: &dyn JournalStore, served: &Served, at: u64) -> Result<Digest> {
        let name = served.plan.name();
        let defined =
            self.defined().get(name).filter(|(plan, _)| Arc::ptr_eq(plan, &served.plan)).map(|(_, hash)| *hash);
        if let Some(hash) = defined {
            return Ok(hash);
        }
        let plan = served.plan.to_json()?;
        let hash = Digest::of(plan.as_bytes());
        let (workflow, source) = (name.to_owned(), served.source.to_string());
        store.define(Definition { hash, workflow, source, plan }, at).await?;
        self.keep(hash, Arc::clone(&served.plan));
        self.defined().insert(name.to_owned(), (Arc::clone(&served.plan), hash));
        Ok(hash)
    }

    /// The definition of the workflow with this name is no longer kept: it went with the last of its runs.
    pub(crate) fn is_gone(&self, name: &str) {
        self.defined().remove(name);
    }

    /// The plan that runs of this definition carry out.
    ///
    /// # Errors
    /// Those of the store; it is not kept, or cannot be read by this release.
    pub(crate) async fn of(&self, store: &dyn JournalStore, hash: Digest) -> Result<Arc<Plan>> {
        if let Some(plan) = self.ready().get(&hash) {
            return Ok(Arc::clone(plan));
        }
        let kept = store.definition(hash).await?.ok_or(journal::JournalError::DefinitionUnknown(hash))?;
        let plan = Arc::new(Plan::from_json(&kept.plan)?);
        self.keep(hash, Arc::clone(&plan));
        Ok(plan)
    }

    fn keep(&self, hash: Digest, plan: Arc<Plan>) {
        let mut ready = self.ready();
        if ready.len() >= PLANS {
            // They are read again where they are needed.
            ready.clear();
        }
        ready.insert(hash, plan);
    }

    fn defined(&self) -> std::sync::MutexGuard<'_, HashMap<String, (Arc<Plan>, Digest)>> {
        self.defined.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ready(&self) -> std::sync::MutexGuard<'_, HashMap<Digest, Arc<Plan>>> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
