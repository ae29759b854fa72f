//! A request that is answered by what is kept, or by the answer to another one.

use super::observe::is_tool_error;
use super::{Forward, Stage, Step};
use crate::naming::Naming;
use crate::results::{Found, Kept, Lead, Pending, Question, Waited, Whose, aged};
use crate::rewrite::{self, Eras};
use mcp::task;
use mcp::{Era, Method};
use protection::Keep;
use std::sync::Arc;
use std::time::Duration;

/// What becomes of the answer to a request.
#[derive(Default)]
pub(super) enum Keeping {
    /// It was not looked yet whether an answer is kept.
    #[default]
    Unlooked,
    /// It goes to the client only.
    No,
    /// It is kept if the upstream says so. The number is that of [`crate::results::Results::find`].
    Perhaps(u64),
    /// Others wait for it too.
    Lead(Box<Lead>),
}

/// What is held until the answer is there.
#[derive(Default)]
pub(super) struct Held {
    /// What the answer may be put under for other replicas.
    generation: Option<String>,
    /// What can be learned from the answer for texts that mean the same.
    pub(super) alike: Option<Box<Pending>>,
}

impl Keeping {
    /// What the upstream had said to have changed when it was looked, where an answer may be kept.
    fn epoch(&self) -> Option<u64> {
        match self {
            Self::Unlooked | Self::No => None,
            Self::Perhaps(epoch) => Some(*epoch),
            Self::Lead(lead) => Some(lead.epoch()),
        }
    }
}

impl Forward {
    /// The answer, if it is kept. Else the request waits for another one, or is to be sent.
    pub(super) fn recall(&mut self) -> Option<Step> {
        match self.keeping {
            Keeping::Unlooked => self.look(true),
            _ => None,
        }
    }

    fn look(&mut self, may_join: bool) -> Option<Step> {
        self.keeping = Keeping::No;
        let rule = self.rule();
        if (rule.is_some() || self.method == Method::ResourcesRead) && self.wants_real() {
            return None;
        }
        let found = self.upstream.results.find(&self.question(), rule, &self.caller.owner, may_join);
        match found {
            Found::Kept(kept, left) => return Some(self.recalled(&kept, Some(left))),
            Found::Joined(seat) => self.stage = Stage::Joined(seat),
            Found::Lead(lead) => self.may_keep(Keeping::Lead(lead)),
            Found::Ask(epoch) => self.may_keep(Keeping::Perhaps(epoch)),
            Found::Nothing => {}
        }
        None
    }

    /// It is to be sent, unless another replica has the answer, or there is one for a text that means the same.
    fn may_keep(&mut self, keeping: Keeping) {
        self.keeping = keeping;
        if self.upstream.results.is_shared() || self.semantic().is_some() {
            self.stage = Stage::Elsewhere;
        } else {
            self.not_kept();
        }
    }

    /// It is known that the answer is kept nowhere.
    fn not_kept(&self) {
        if matches!(self.keeping, Keeping::Lead(_)) {
            self.upstream.results.sent();
        }
    }

    /// Looks whether another replica has the answer, or there is one for a text that means the same.
    pub(super) async fn look_elsewhere(&mut self) -> Option<Step> {
        let mut step = self.look_at_replicas().await;
        if step.is_none() {
            step = self.look_alike().await;
        }
        if step.is_none() {
            self.not_kept();
            self.stage = Stage::Fresh;
        }
        step
    }

    async fn look_at_replicas(&mut self) -> Option<Step> {
        let epoch = self.keeping.epoch();
        let seen = match epoch {
            Some(epoch) => {
                let results = &self.upstream.results;
                results.elsewhere(&self.question(), self.rule(), self.whose(), epoch).await
            }
            None => None,
        };
        let (generation, kept) = seen.map_or((None, None), |seen| (Some(seen.generation), seen.kept));
        self.held.generation = generation;
        let (kept, left) = kept?;
        if let Keeping::Lead(lead) = std::mem::replace(&mut self.keeping, Keeping::No) {
            lead.landed(Some(Arc::clone(&kept)));
        }
        Some(self.recalled(&kept, Some(left)))
    }

    /// Takes what came of waiting for another request.
    pub(super) fn waited(&mut self, waited: Waited) -> Option<Step> {
        self.stage = Stage::Fresh;
        match waited {
            Waited::Kept(kept) => Some(self.recalled(&kept, None)),
            Waited::InVain => self.look(false),
            Waited::Abandoned => self.look(true),
        }
    }

    /// Keeps the upstream's result, if it may be kept, and gives it to those who wait.
    pub(super) fn landed(&mut self, body: &str, era: Era) {
        let keeping = std::mem::replace(&mut self.keeping, Keeping::No);
        let Some(epoch) = keeping.epoch() else { return };
        let is_answer =
            !is_tool_error(body) && !task::is_task(body) && !rewrite::wants_input(body) && !self.asks.any_made();
        let keep = || self.upstream.results.keep(&self.question(), self.rule(), &self.caller.owner, epoch, (body, era));
        let kept = is_answer.then(keep).flatten();
        if let (Some(kept), Some(generation)) = (&kept, self.held.generation.take()) {
            self.upstream.results.tell(&self.question(), self.rule(), self.whose(), kept, generation);
        }
        self.learn(body, is_answer, kept.as_ref());
        if let Keeping::Lead(lead) = keeping {
            lead.landed(kept);
        }
    }

    /// There is nothing to keep: those who wait ask for themselves.
    pub(super) fn crashed(&mut self) {
        if let Keeping::Lead(lead) = std::mem::replace(&mut self.keeping, Keeping::No) {
            lead.landed(None);
        }
    }

    pub(super) fn recalled(&mut self, kept: &Kept, left: Option<Duration>) -> Step {
        self.stage = Stage::Done;
        let eras = Eras { client: self.caller.era, upstream: kept.era };
        let prefix = (self.naming == Naming::Prefixed).then_some(self.upstream.settings.name.as_str());
        let body = match left {
            Some(left) if self.method == Method::ResourcesRead => &aged(&kept.body, left),
            _ => &kept.body,
        };
        Step::Result(rewrite::result(body, &self.method, prefix, eras).into_owned())
    }

    pub(super) fn question(&self) -> Question<'_> {
        Question { method: &self.method, name: &self.original, params: &self.params }
    }

    fn whose(&self) -> Whose<'_> {
        (&self.caller.owner, self.caller.session.as_deref())
    }

    /// What the operator says of keeping the results of the tool.
    fn rule(&self) -> Option<Keep> {
        let has_rules = !self.upstream.guard.protection().rules.is_empty();
        if has_rules && self.is_plain_call() { self.upstream.guard.says(&self.original).cache } else { None }
    }

    /// Whether it calls a tool that is known, and not as a task: that is begun anew each time.
    pub(super) fn is_plain_call(&self) -> bool {
        self.method == Method::ToolsCall && !self.original.is_empty() && !self.wants_task()
    }
}
