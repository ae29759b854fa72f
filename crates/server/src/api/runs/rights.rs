//! What of runs a client sees and may do. Whoever runs the hub may all; a client its own runs, and gates that name it.

use crate::Shared;
use crate::keys::Visitor;
use crate::rate::Rates;
use base::ports::Principal;
use base::{Code, Error, Result, random};
use journal::{Filter, JournalError, Page, RunId};
use runner::{By, GateShown, Inspected, Runner};
use std::collections::HashSet;
use std::sync::Arc;
use tools::config::Transport;

/// What of a run somebody sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sight {
    /// All of it.
    Whole,
    /// The gates at which they are to decide.
    Gates,
}

/// Somebody who asks about runs.
pub(super) struct Rights<'a> {
    visitor: &'a Visitor,
    runner: &'a dyn Runner,
}

impl<'a> Rights<'a> {
    pub(super) fn of(visitor: &'a Visitor, runner: &'a dyn Runner) -> Self {
        Self { visitor, runner }
    }

    /// Who decides.
    pub(super) fn by(&self, reason: Option<String>) -> By {
        By {
            actor: self.visitor.principal.to_string(),
            roles: self.visitor.caller().team.iter().map(|team| team.to_string()).collect(),
            everywhere: self.visitor.is_operator(),
            reason,
        }
    }

    async fn sight(&self, run: RunId) -> Result<Sight> {
        let listed = self.runner.run(run).await?;
        let local = Principal::local();
        if self.visitor.is_operator() || (listed.tenant == local.tenant && listed.principal == *self.visitor.principal)
        {
            return Ok(Sight::Whole);
        }
        if !listed.status.is_final() && listed.tenant == local.tenant {
            let gates = self.runner.asking(run).await?.gates;
            if gates.iter().any(|gate| self.is_named(gate)) {
                return Ok(Sight::Gates);
            }
        }
        // As if it were not there: whoever guesses ids learns nothing.
        Err(JournalError::RunUnknown(run).into())
    }

    fn is_named(&self, gate: &GateShown) -> bool {
        let by = self.by(None);
        gate.approvers.iter().any(|approver| *approver == by.actor || by.roles.contains(approver))
    }

    /// Whether the run is theirs.
    ///
    /// # Errors
    /// [`Code::RunUnknown`]: it is not, as far as they learn.
    pub(super) async fn own(&self, run: RunId) -> Result<()> {
        match self.sight(run).await? {
            Sight::Whole => Ok(()),
            Sight::Gates => Err(JournalError::RunUnknown(run).into()),
        }
    }

    /// Whether they may know of the run.
    ///
    /// # Errors
    /// [`Code::RunUnknown`].
    pub(super) async fn known(&self, run: RunId) -> Result<()> {
        self.sight(run).await.map(drop)
    }

    /// A run as they see it.
    ///
    /// # Errors
    /// [`Code::RunUnknown`].
    pub(super) async fn inspect(&self, run: RunId) -> Result<Inspected> {
        let sight = self.sight(run).await?;
        let mut shown = self.runner.inspect(run).await?;
        if sight == Sight::Gates {
            shown.gates.retain(|gate| self.is_named(gate));
            shown.steps.clear();
            shown.doubts.clear();
            (shown.params, shown.result) = (serde_json::json!({}), None);
        }
        Ok(shown)
    }

    /// Their runs, the newest first.
    ///
    /// # Errors
    /// Those of the store.
    pub(super) async fn list(&self, filter: Filter, after: Option<RunId>, most: usize) -> Result<Page> {
        let principal = (!self.visitor.is_operator()).then(|| self.visitor.principal.to_string());
        self.runner.list(Filter { principal, ..filter }, after, most).await
    }

    /// The key by which a start is recognised: what one client chooses is never another's.
    pub(super) fn key(&self, key: Option<String>) -> Option<String> {
        match key {
            Some(key) if !self.visitor.is_operator() => {
                let bound = format!("api\n{}\n{key}", self.visitor.principal);
                Some(format!("api:{}", random::to_hex(&random::sha256(bound.as_bytes()))))
            }
            other => other,
        }
    }

    /// Takes note that they start a run.
    ///
    /// # Errors
    /// [`Code::ClientRate`]; [`Code::KeyRestricted`]: they would come before others.
    pub(super) fn start(&self, shared: &Arc<Shared>, visitor: &Arc<Visitor>, priority: i32) -> Result<()> {
        if self.visitor.is_operator() {
            return Ok(());
        }
        if priority > 0 {
            let message = "only whoever runs the hub starts runs that come before others";
            return Err(Error::new(Code::KeyRestricted, message, "leave `priority` out"));
        }
        Rates::toll(&shared.rates, visitor, None).map_or(Ok(()), |toll| toll.take())
    }
}

/// The workflows that somebody may start: those that are tools of a view of theirs; nothing for whoever may start all.
pub(super) fn startable(shared: &Shared, visitor: &Visitor) -> Option<HashSet<String>> {
    if visitor.is_operator() {
        return None;
    }
    let begins_runs = |server: &str| {
        let upstream = shared.hub.upstream(server);
        upstream.is_some_and(
            |upstream| matches!(&upstream.settings.transport, Transport::Within(within) if within.kind == "workflows"),
        )
    };
    let names = shared.hub.view_names();
    let views = names.iter().filter(|name| visitor.may_see(name)).filter_map(|name| shared.hub.view(name));
    let mut startable = HashSet::new();
    for view in views {
        let routes = view.tools.values().filter(|route| begins_runs(&route.upstream));
        startable.extend(routes.map(|route| route.original.clone()));
    }
    Some(startable)
}

/// The error for a workflow that is not there, as far as somebody learns.
pub(super) fn missing(workflow: &str) -> Error {
    let shown: String = workflow.chars().filter(|one| !one.is_control()).take(64).collect();
    let next = "`GET /api/v1/workflows` tells which there are";
    Error::new(Code::WorkflowMissing, format!("there is no workflow `{shown}`"), next)
}
