//! How runs begin.

use crate::places::Place;
use crate::plans::Served;
use crate::runner::JournalRunner;
use base::Result;
use base::ports::Principal;
use journal::{Created, JournalError, NewRun, Payload, RunId};
use serde_json::{Map, Value};

/// A run that is to be started.
#[derive(Debug, Clone, PartialEq)]
pub struct Start {
    /// The name of the workflow.
    pub workflow: String,
    /// What it is given.
    pub params: Map<String, Value>,
    /// Who starts it: whose the run is, and with whose rights it calls.
    pub principal: Principal,
    /// Recognises, within the tenant, that the same run is to be started once more.
    pub deduplication: Option<String>,
    /// What starts it, where nobody does so by name.
    pub trigger: Option<Value>,
    /// Runs of a higher number come first.
    pub priority: i32,
}

/// A run that was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Started {
    /// The run.
    pub run: RunId,
    /// Whether it is new; otherwise it is the one that was started with the same key before.
    pub new: bool,
}

impl Start {
    /// The workflow `workflow` with these parameters, started by somebody on this machine.
    pub fn of(workflow: impl Into<String>, params: Map<String, Value>) -> Self {
        Self {
            workflow: workflow.into(),
            params,
            principal: Principal::local(),
            deduplication: None,
            trigger: None,
            priority: 0,
        }
    }
}

impl JournalRunner {
    /// The run that whoever wants to start one has started with the same key before, if there is one.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn started(&self, principal: &Principal, deduplication: &str) -> Result<Option<Started>> {
        let store = &self.shared.store;
        let Some(run) = store.created_with(&principal.tenant, deduplication).await? else { return Ok(None) };
        let own = store.run(run).await?.principal == principal.name;
        Ok(own.then_some(Started { run, new: false }))
    }

    /// Starts a run. It is on the disk when this returns. Whoever has started it with the same key before gets that run, whatever they may
    /// by now.
    ///
    /// # Errors
    /// All that is wrong, as one each: there is no such workflow, or its parameters are not what it takes; whoever starts it may not
    /// call what its steps surely call; those of the store.
    pub async fn start(&self, start: Start) -> Result<Started, Vec<base::Error>> {
        if let Some(key) = &start.deduplication
            && let Some(started) = self.started(&start.principal, key).await.map_err(|error| vec![error])?
        {
            return Ok(started);
        }
        if let Ok(served) = self.shared.plans.named(&start.workflow) {
            let (plans, outside) = (&self.shared.plans, &*self.shared.outside);
            crate::sure::permitted(plans, outside, &served.plan, &start.principal).map_err(|error| vec![error])?;
        }
        self.start_as(start, None).await
    }

    /// Starts a run as a step of another.
    pub(crate) async fn start_as(&self, start: Start, parent: Option<RunId>) -> Result<Started, Vec<base::Error>> {
        let (new, served) = self.prepare(start, parent).await?;
        self.create(new, &served).await
    }

    /// A run as it is to be created.
    pub(crate) async fn prepare(
        &self,
        start: Start,
        parent: Option<RunId>,
    ) -> Result<(NewRun, Served), Vec<base::Error>> {
        let one = |error: base::Error| vec![error];
        let served = self.shared.plans.named(&start.workflow).map_err(one)?;
        workflow::arguments(served.plan.params(), &start.params)?;
        let at = self.shared.now();
        let definition = self.shared.plans.define(&*self.shared.store, &served, at).await.map_err(one)?;
        let input = Payload::new(&Value::Object(start.params).to_string());
        let new = NewRun {
            id: RunId::new(at, base::random::bytes().map_err(one)?),
            at,
            definition,
            tenant: start.principal.tenant,
            principal: start.principal.name,
            tag: self.shared.options.tag.clone(),
            priority: start.priority,
            parent,
            input: input.map_err(|error| one(error.into()))?,
            trigger: start.trigger,
            past: Vec::new(),
            deduplication: start.deduplication,
            lease: None,
            first: Vec::new(),
        };
        Ok((new, served))
    }

    /// Creates a run that was prepared, at this worker where it has room.
    pub(crate) async fn create(&self, mut new: NewRun, served: &Served) -> Result<Started, Vec<base::Error>> {
        let one = |error: base::Error| vec![error];
        let store = &*self.shared.store;
        let mut place = self.shared.places.take(new.id);
        new.lease = place.as_ref().map(|_| Place::lease(&self.shared.options));
        if let Some(kept) = &mut place
            && kept.begin(&mut new, &served.plan).is_err()
        {
            // The run itself tells why, once there is one.
            (place, new.lease) = (None, None);
        }
        let mut created = store.create_run(new.clone()).await;
        if matches!(created, Err(JournalError::DefinitionUnknown(_))) {
            self.shared.plans.is_gone(served.plan.name());
            self.shared.plans.define(store, served, new.at).await.map_err(one)?;
            created = store.create_run(new.clone()).await;
        }
        if let Some(place) = place {
            place.became(&created);
            if matches!(created, Err(JournalError::Invalid(_))) && !new.first.is_empty() {
                // The journal does not take what its worker would write first: the run itself tells so, once there is one.
                (new.lease, new.first) = (None, Vec::new());
                created = store.create_run(new).await;
            }
        }
        let created = created.map_err(|error| one(error.into()))?;
        Ok(Started { run: created.id(), new: matches!(created, Created::New(_)) })
    }
}
