//! Making a plan: all that is wrong is told at once.

mod approvals;
mod calls;
mod effects;
mod models;
mod names;
mod needs;
mod types;
mod within;

use super::flat::{Sight, Steps};
use super::graph::{self, Edges};
use super::part;
use super::{Edge, Plan, PlannedBranch, PlannedStep, Reason, VERSION, Warning};
use crate::catalogue::Catalogue;
use crate::definition::{Name, Need, OnError, Step, Workflow};
use crate::effect::Effect;
use crate::read::Gaps;
use crate::source::{Source, Spot, hint, short};
use crate::{hash, limits};
use base::{Code, Error};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

impl Plan {
    /// The plan of `workflow`, which was read from `source`, held against what `catalogue` says there is.
    ///
    /// # Errors
    /// All that is wrong, in the order of the lines.
    pub fn of(workflow: &Workflow, source: &Source, catalogue: &dyn Catalogue) -> Result<Plan, Vec<Error>> {
        Self::of_read(workflow, &Gaps::default(), source, catalogue)
    }

    /// As [`Plan::of`], of a workflow with `gaps`: what would only follow from these is not told.
    pub(crate) fn of_read(
        workflow: &Workflow,
        gaps: &Gaps,
        source: &Source,
        catalogue: &dyn Catalogue,
    ) -> Result<Plan, Vec<Error>> {
        let hash = hash::of(workflow).map_err(|error| vec![error])?;
        let mut builder = Builder::new(workflow, gaps, source, catalogue);
        builder.schemas();
        builder.names();
        builder.calls();
        let effects = builder.effects();
        let order = builder.order();
        let approvals = builder.approvals(&effects);
        builder.warn(&effects);
        if !builder.errors.is_empty() {
            return Err(builder.sorted());
        }
        Ok(builder.finish(hash, effects, approvals, order))
    }
}

struct Builder<'a> {
    workflow: &'a Workflow,
    /// What of it could not be read.
    gaps: &'a Gaps,
    source: &'a Source,
    catalogue: &'a dyn Catalogue,
    steps: Steps<'a>,
    /// The JSON Schema of what each step gives.
    outputs: Vec<Option<Value>>,
    /// The context that each step needs.
    needs: Vec<Vec<Need>>,
    /// The names that the templates of each step use.
    uses: Vec<BTreeSet<String>>,
    /// Steps whose output somebody uses.
    used: BTreeSet<usize>,
    edges: Edges<Reason>,
    instead_of: BTreeMap<usize, Vec<usize>>,
    errors: Vec<Error>,
    /// Whether what is looked at has faults of form: what else seems wrong with it may follow from these.
    quiet: bool,
    warnings: Vec<Warning>,
}

impl<'a> Builder<'a> {
    fn new(workflow: &'a Workflow, gaps: &'a Gaps, source: &'a Source, catalogue: &'a dyn Catalogue) -> Self {
        let steps = Steps::of(workflow);
        let count = steps.all.len();
        let written = |step: &Step| step.memory.as_ref().map(|memory| memory.needs.clone()).unwrap_or_default();
        let needs = steps.all.iter().map(|flat| written(flat.step)).collect();
        Self {
            workflow,
            gaps,
            source,
            catalogue,
            steps,
            outputs: vec![None; count],
            needs,
            uses: vec![BTreeSet::new(); count],
            used: BTreeSet::new(),
            edges: BTreeMap::new(),
            instead_of: BTreeMap::new(),
            errors: Vec::new(),
            quiet: false,
            warnings: Vec::new(),
        }
    }

    fn step(&self, place: usize) -> Option<&'a Step> {
        self.steps.get(place).map(|flat| flat.step)
    }

    fn wrong(&mut self, code: Code, spot: Spot, message: impl Into<String>, next: impl Into<String>) {
        if !self.quiet && self.errors.len() < limits::ERRORS {
            let error = self.source.error(code, spot, message, next);
            self.errors.push(error);
        }
    }

    /// The step at a place, to be looked at: nothing is told of one that has faults of form.
    fn visit(&mut self, place: usize) -> Option<&'a Step> {
        let step = self.step(place)?;
        self.quiet = self.is_faulty(step);
        Some(step)
    }

    fn is_faulty(&self, step: &Step) -> bool {
        self.gaps.steps.contains(&step.name)
    }

    fn sorted(self) -> Vec<Error> {
        let mut errors = self.errors;
        errors.sort_by_key(|error| error.location().map(|place| (place.line, place.column)));
        errors.dedup();
        errors
    }

    /// Every name that a step uses leads to something that is there by then.
    fn names(&mut self) {
        for place in 0..self.steps.all.len() {
            let Some(step) = self.visit(place) else { continue };
            self.written_needs(place, step);
            for (part, template) in part::templates(step) {
                self.template(Some((place, part)), template, &[]);
            }
            self.after(place, step);
            self.handler(place, step);
            self.budget(place, step);
        }
        self.quiet = false;
        for template in self.workflow.output.iter().flat_map(crate::definition::Input::templates) {
            self.template(None, template, &[]);
        }
        self.quiet = self.gaps.triggers;
        self.triggers();
        self.quiet = false;
    }

    fn after(&mut self, place: usize, step: &'a Step) {
        for name in &step.after {
            let Some(other) = self.named(name, "`after`") else { continue };
            match self.steps.sight(Some(place), other) {
                Sight::Beside(around) => self.edge(around, other, Reason::After),
                sight => self.unseen(place, other, sight, name.at),
            }
        }
    }

    fn handler(&mut self, place: usize, step: &'a Step) {
        let OnError::Step(name) = &step.on_error else { return };
        let Some(other) = self.named(name, "`on_error`") else { return };
        match self.steps.sight(Some(place), other) {
            Sight::Beside(around) if around == place => {
                self.edge(other, place, Reason::Failure);
                self.instead_of.entry(other).or_default().push(place);
                self.used.insert(other);
            }
            _ => {
                let message = format!("`{}` cannot be done instead of `{}`", short(&name.name), step.name);
                self.wrong(Code::WorkflowUnknown, name.at, message, "name another step of the same list");
            }
        }
    }

    /// The step that a key names.
    fn named(&mut self, name: &Name, key: &str) -> Option<usize> {
        let found = self.steps.find(&name.name);
        if found.is_none() && !self.gaps.lost {
            let next = hint(&name.name, self.steps.names(), "there are no other steps");
            self.wrong(
                Code::WorkflowUnknown,
                name.at,
                format!("{key} names the step `{}`, which is not there", short(&name.name)),
                next,
            );
        }
        found
    }

    fn edge(&mut self, from: usize, on: usize, reason: Reason) {
        self.edges.entry(from).or_default().entry(on).or_default().insert(reason);
    }

    /// Says why a step does not see another.
    fn unseen(&mut self, place: usize, other: usize, sight: Sight, at: Spot) {
        let (name, other_name) = (self.steps.name(place), self.steps.name(other));
        let (message, next) = match sight {
            Sight::Itself => (
                format!("`{name}` waits for itself"),
                "take it out; the round before is `previous` in a `repeat`".to_owned(),
            ),
            Sight::Around => (
                format!("`{name}` waits for `{other_name}`, which it stands within"),
                "take it out; the round before is `previous` in a `repeat`".to_owned(),
            ),
            Sight::Within => (
                format!("`{name}` waits for `{other_name}`, which stands within it"),
                "use it in `output` or `until`, or in the steps within".to_owned(),
            ),
            Sight::Hidden(holder) => {
                let holder = self.steps.name(holder);
                let next = format!("use `steps.{holder}.output`; what is within `{holder}` is seen only there");
                (format!("`{other_name}` stands within `{holder}`, where `{name}` does not see it"), next)
            }
            Sight::Beside(_) => return,
        };
        self.wrong(Code::WorkflowUnknown, at, message, next);
    }

    /// The order, or the circles as errors.
    fn order(&mut self) -> Vec<usize> {
        match graph::order(self.steps.all.len(), &self.edges) {
            Ok(order) => order,
            Err(circles) => {
                for circle in circles {
                    self.circle(&circle);
                }
                Vec::new()
            }
        }
    }

    fn circle(&mut self, circle: &[usize]) {
        if circle.iter().filter_map(|place| self.step(*place)).any(|step| self.is_faulty(step)) {
            return;
        }
        let followers = circle.iter().cycle().skip(1);
        let path: Vec<String> =
            circle.iter().chain(circle.first()).map(|place| format!("`{}`", self.steps.name(*place))).collect();
        let why: Vec<String> = circle
            .iter()
            .zip(followers)
            .filter_map(|(from, on)| {
                let reason = self.edges.get(from)?.get(on)?.first()?;
                Some(format!("`{}` {}", self.steps.name(*from), reason.words(self.steps.name(*on))))
            })
            .collect();
        let at = circle.first().and_then(|place| self.step(*place)).map(|step| step.at).unwrap_or_default();
        let message = format!("the steps wait for each other: {} ({})", path.join(" → "), why.join(", "));
        self.wrong(Code::WorkflowCycle, at, message, "take out one of these uses, or put the steps into a `repeat`");
    }

    /// What is allowed and looks like a mistake.
    fn warn(&mut self, effects: &[(Effect, String)]) {
        if self.workflow.output.is_none() {
            return;
        }
        for (place, (effect, _)) in effects.iter().enumerate() {
            let Some(flat) = self.steps.get(place) else { continue };
            let remembered = flat.step.memory.as_ref().is_some_and(|memory| !memory.writes.is_empty());
            let asks =
                matches!(flat.step.action, crate::definition::Action::Gate(_) | crate::definition::Action::Wait(_));
            // What stands within another step may be what that gives.
            if flat.parent.is_none() && *effect <= Effect::Read && !self.used.contains(&place) && !remembered && !asks {
                let message = format!("nobody uses what `{}` gives", flat.step.name);
                self.warnings.push(Warning { line: flat.step.at.line, message });
            }
        }
    }

    fn finish(
        self,
        hash: String,
        effects: Vec<(Effect, String)>,
        approvals: Vec<approvals::Demanded>,
        order: Vec<usize>,
    ) -> Plan {
        let waited: BTreeSet<usize> = self.edges.values().flat_map(|waits| waits.keys().copied()).collect();
        let handlers: BTreeSet<usize> = self.instead_of.keys().copied().collect();
        let is_result = |place: &usize| {
            let root = self.steps.get(*place).is_some_and(|flat| flat.parent.is_none());
            root && !waited.contains(place) && !handlers.contains(place)
        };
        let results = (0..self.steps.all.len()).filter(is_result).collect();
        let mut needs = self.needs.into_iter();
        let mut uses = self.uses.into_iter();
        let mut effects = effects.into_iter();
        let mut demanded = approvals.into_iter();
        let mut planned = Vec::with_capacity(self.steps.all.len());
        for (place, flat) in self.steps.all.iter().enumerate() {
            let waits = self.edges.get(&place).into_iter().flatten();
            let waits =
                waits.map(|(on, reasons)| Edge { on: *on, reasons: reasons.iter().cloned().collect() }).collect();
            let (effect, effect_reason) = effects.next().unwrap_or((Effect::Unsafe, String::new()));
            let (approval, undo_approval) = demanded.next().unwrap_or_default();
            planned.push(PlannedStep {
                step: Step { body: Vec::new(), ..flat.step.clone() },
                parent: flat.parent,
                branch: flat.branch,
                branches: branches(&self.steps, place, flat.step),
                waits,
                needs: needs.next().unwrap_or_default(),
                uses: uses.next().unwrap_or_default().into_iter().collect(),
                effect,
                effect_reason,
                instead_of: self.instead_of.get(&place).cloned().unwrap_or_default(),
                approval,
                undo_approval,
            });
        }
        let workflow = self.workflow;
        Plan {
            version: VERSION,
            hash,
            name: workflow.name.clone(),
            description: workflow.description.clone(),
            params: workflow.params.clone(),
            model: workflow.model.clone(),
            budget: workflow.budget,
            triggers: workflow.triggers.clone(),
            steps: planned,
            order,
            output: workflow.output.clone(),
            output_schema: workflow.output_schema.clone(),
            results,
            warnings: self.warnings,
            approvals: approvals::of_plan(self.catalogue.approvals()),
        }
    }
}

fn branches(steps: &Steps<'_>, place: usize, step: &Step) -> Vec<PlannedBranch> {
    let within = |branch: usize| {
        let all = steps.all.iter().enumerate().skip(place);
        all.filter(|(_, flat)| flat.parent == Some(place) && flat.branch == branch).map(|(place, _)| place).collect()
    };
    step.body
        .iter()
        .enumerate()
        .map(|(number, branch)| PlannedBranch { case: branch.case.clone(), steps: within(number) })
        .collect()
}

impl Reason {
    /// The step whose template or need it is.
    pub fn by(&self) -> Option<&str> {
        match self {
            Reason::Reference { by, .. } | Reason::Need { by, .. } => Some(by),
            Reason::After | Reason::Failure => None,
        }
    }

    /// Why, as what the step does that waits for `other`.
    pub fn words(&self, other: &str) -> String {
        match self {
            Reason::Reference { part, path, .. } => format!("uses `{path}` in `{}`", part.word()),
            Reason::Need { name, .. } => format!("needs what `{other}` gives as `memory.{name}`"),
            Reason::After => format!("is to come after `{other}`"),
            Reason::Failure => format!("is done only when `{other}` has failed"),
        }
    }
}
