//! A plan against what there is: its tools, their schemas, the rules; and what of it need not be done twice.

use crate::definition::{OnError, Plan, Step};
use crate::graph::Graph;
use crate::limits::{FAULTS, Limits};
use crate::reference;
use crate::rule::{self, Budget, Rule};
use crate::target::Target;
use base::{Error, Result};
use mcp::raw;
use resilience::retry::Effect;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

/// A plan that can run.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The plan.
    pub plan: Plan,
    /// The tool of each step.
    pub targets: Vec<Target>,
    /// The order of the steps, without those that are another's.
    pub graph: Graph,
    /// For each step the one whose call it shares; itself for most.
    pub same_as: Vec<usize>,
    /// What is counted while it runs.
    pub budgets: Vec<Budget>,
    /// For each step how long it is expected to take, in microseconds.
    pub weights: Vec<u64>,
}

/// How long a tool is expected to take that was never measured.
const UNKNOWN: Duration = Duration::from_millis(100);

/// Checks a plan. `find` finds a tool by the name that the client's view has for it.
pub fn prepare(
    plan: Plan,
    limits: &Limits,
    rules: &[Rule],
    find: impl Fn(&str) -> Result<Target>,
) -> Result<Prepared, Vec<Error>> {
    let mut errors = Vec::new();
    let mut targets = Vec::with_capacity(plan.steps.len());
    for step in &plan.steps {
        match find(&step.tool) {
            Ok(target) => targets.push(target),
            Err(error) => errors.push(of_step(&step.name, &error)),
        }
    }
    let graph = match Graph::of(&plan) {
        Ok(graph) => graph,
        Err(error) => {
            errors.push(error);
            return Err(errors);
        }
    };
    if targets.len() == plan.steps.len() {
        errors.extend(crate::fit::faults(&plan, &targets));
        errors.extend(rule::broken(rules, &plan, &targets, &graph.ancestors()));
    }
    if !errors.is_empty() {
        errors.truncate(FAULTS);
        return Err(errors);
    }
    let same_as = merged(&plan, &targets, &graph);
    let graph = joined(&graph, &same_as).unwrap_or(graph);
    let weight = |target: &Target| target.usual.unwrap_or(UNKNOWN).as_micros().try_into().unwrap_or(u64::MAX);
    let weights = targets.iter().map(weight).collect();
    let mut budgets = rule::budgets(rules, &targets);
    budgets.push(Budget { rule: String::new(), most: limits.calls, steps: (0..plan.steps.len()).collect() });
    Ok(Prepared { plan, targets, graph, same_as, budgets, weights })
}

/// An error as that of a step.
pub fn of_step(step: &str, error: &Error) -> Error {
    let own = Error::new(error.code(), format!("step `{step}`: {}", error.message()), error.next());
    let own = error.upstream().into_iter().fold(own, Error::of_upstream);
    error.detail().into_iter().fold(own, Error::with_detail)
}

/// For each step the one whose call it shares: the first that reads the same in the same way, with nothing between them
/// that may have changed what is read.
fn merged(plan: &Plan, targets: &[Target], graph: &Graph) -> Vec<usize> {
    let ancestors = graph.ancestors();
    let writes = |index: usize| -> BTreeSet<usize> {
        ancestors[index].iter().copied().filter(|before| targets[*before].effect != Effect::Read).collect()
    };
    let mut same_as: Vec<usize> = (0..plan.steps.len()).collect();
    let mut seen: HashMap<(String, String, Option<OnError>, BTreeSet<usize>), usize> = HashMap::new();
    for index in graph.order.iter().copied().filter(|index| targets[*index].effect == Effect::Read) {
        let Step { arguments, each, on_error, .. } = &plan.steps[index];
        let said = format!("{} {each:?}", canonical(arguments.source()));
        let key = (targets[index].known_as.clone(), said, *on_error, writes(index));
        same_as[index] = *seen.entry(key).or_insert(index);
    }
    same_as
}

/// The graph in which a step stands for all that share its call.
fn joined(graph: &Graph, same_as: &[usize]) -> Option<Graph> {
    let needs = graph.needs.iter().enumerate().map(|(index, needs)| {
        let shares = same_as[index] != index;
        if shares { BTreeSet::new() } else { needs.iter().map(|need| same_as[*need]).collect() }
    });
    // A step comes before those that share its call, so there is no circle.
    Graph::made_of(needs.collect()).ok()
}

/// Raw JSON with the members of objects in one order and no white space.
fn canonical(value: &str) -> String {
    match value.as_bytes().first() {
        Some(b'{') => {
            let mut members: Vec<(String, String)> =
                raw::members(value).map(|member| (member.key.to_owned(), canonical(member.value))).collect();
            members.sort();
            let members: Vec<String> = members.into_iter().map(|(key, value)| format!("{key}:{value}")).collect();
            format!("{{{}}}", members.join(","))
        }
        Some(b'[') => format!("[{}]", raw::elements(value).map(canonical).collect::<Vec<_>>().join(",")),
        _ => value.to_owned(),
    }
}

impl Prepared {
    /// What a step refers to is the result of this step.
    pub fn place(&self, name: &str) -> Option<usize> {
        let place = self.plan.steps.iter().position(|step| step.name == name)?;
        self.same_as.get(place).copied()
    }

    /// How a step is told of: its name.
    pub fn name(&self, index: usize) -> String {
        self.plan.steps.get(index).map(|step| reference::shorten(&step.name)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
