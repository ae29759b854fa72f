//! Rules of the operator for what may stand together in one plan.

use crate::definition::Plan;
use crate::target::Target;
use base::{Code, Error};
use globset::GlobMatcher;
use resilience::retry::Effect;
use std::collections::BTreeSet;

/// A rule. Each of its parts is about the calls that `tools` select.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// The calls that it is about.
    pub tools: Select,
    /// With them there must be one of these.
    pub requires: Option<Select>,
    /// They come before these.
    pub before: Option<Select>,
    /// They are in no plan with these.
    pub never_with: Option<Select>,
    /// There are so many of them at most.
    pub at_most: Option<usize>,
}

/// A selection of calls.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Select(pub Vec<Pattern>);

/// What selects a call.
#[derive(Debug, Clone)]
pub enum Pattern {
    /// The tool's name in the hub, whatever a view calls it.
    Name(GlobMatcher),
    /// What calling the tool twice means.
    Effect(Effect),
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Name(one), Self::Name(other)) => one.glob() == other.glob(),
            (Self::Effect(one), Self::Effect(other)) => one == other,
            _ => false,
        }
    }
}

impl Select {
    fn has(&self, target: &Target) -> bool {
        self.0.iter().any(|pattern| match pattern {
            Pattern::Name(glob) => glob.is_match(&target.known_as),
            Pattern::Effect(effect) => *effect == target.effect,
        })
    }

    fn among(&self, targets: &[Target]) -> Vec<usize> {
        (0..targets.len()).filter(|index| self.has(&targets[*index])).collect()
    }
}

/// How many calls some steps may make together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// The rule that says so.
    pub rule: String,
    /// How many.
    pub most: usize,
    /// The steps.
    pub steps: BTreeSet<usize>,
}

/// The rules that a plan breaks. `ancestors` are the steps that come before each.
pub fn broken(rules: &[Rule], plan: &Plan, targets: &[Target], ancestors: &[BTreeSet<usize>]) -> Vec<Error> {
    rules.iter().flat_map(|rule| rule.broken(plan, targets, ancestors)).collect()
}

/// What the rules leave to be counted while a plan runs: nobody knows before how many items a list has.
pub fn budgets(rules: &[Rule], targets: &[Target]) -> Vec<Budget> {
    let of = |rule: &Rule| {
        let steps: BTreeSet<usize> = rule.tools.among(targets).into_iter().collect();
        let most = rule.at_most.filter(|_| !steps.is_empty())?;
        Some(Budget { rule: rule.name.clone(), most, steps })
    };
    rules.iter().filter_map(of).collect()
}

impl Rule {
    fn broken(&self, plan: &Plan, targets: &[Target], ancestors: &[BTreeSet<usize>]) -> Vec<Error> {
        let named = |index: usize| format!("`{}` ({})", plan.steps[index].name, targets[index].known_as);
        let selected = self.tools.among(targets);
        let Some(first) = selected.first().copied() else { return Vec::new() };
        let mut errors = Vec::new();
        if let Some(requires) = &self.requires
            && requires.among(targets).is_empty()
        {
            let message = format!("step {} needs another call in the plan, and there is none", named(first));
            errors.push(self.error(&message, &format!("add a step with {}", requires.words())));
        }
        if let Some(never) = &self.never_with
            && let Some(other) = never.among(targets).into_iter().find(|other| selected != [*other])
        {
            let one = selected.iter().copied().find(|one| *one != other).unwrap_or(first);
            let message = format!("the steps {} and {} may not be in one plan", named(one), named(other));
            errors.push(self.error(&message, "take one of them out"));
        }
        if let Some(before) = &self.before {
            let later = before.among(targets).into_iter().filter(|later| !selected.contains(later));
            let pairs = later.flat_map(|later| selected.iter().map(move |early| (*early, later)));
            if let Some((early, later)) = pairs.into_iter().find(|(early, later)| !ancestors[*later].contains(early)) {
                let message = format!("step {} must come before step {}", named(early), named(later));
                let next = format!("add `after: [\"{}\"]` to `{}`", plan.steps[early].name, plan.steps[later].name);
                errors.push(self.error(&message, &next));
            }
        }
        if let Some(most) = self.at_most.filter(|most| selected.len() > *most) {
            let message =
                format!("the plan has {} calls such as {}, and {most} are the most", selected.len(), named(first));
            errors.push(self.error(&message, "make fewer of them"));
        }
        errors
    }

    fn error(&self, message: &str, next: &str) -> Error {
        error(&self.name, message, next)
    }
}

/// The error for a rule that is broken.
pub fn error(rule: &str, message: &str, next: &str) -> Error {
    Error::new(Code::PlanRule, format!("the rule `{rule}` is broken: {message}"), next)
}

impl Select {
    fn words(&self) -> String {
        let words = self.0.iter().map(|pattern| match pattern {
            Pattern::Name(glob) => format!("`{}`", glob.glob()),
            Pattern::Effect(effect) => format!("a tool whose effect is `{}`", effect.word()),
        });
        words.collect::<Vec<_>>().join(" or ")
    }
}

#[cfg(test)]
mod tests;
