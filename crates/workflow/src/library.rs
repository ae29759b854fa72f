//! The workflows of a configuration, which may run each other.

use crate::approval::Approvals;
use crate::catalogue::{Catalogue, Known, ModelFacts, PromptFacts, SubWorkflowFacts, Tool};
use crate::definition::{Action, Step, Workflow};
use crate::effect::Effect;
use crate::limits;
use crate::plan::Plan;
use crate::read::{Gaps, read_part, read_source};
use crate::source::Source;
use base::{Code, Error};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The most workflows of a configuration.
const MOST: usize = 2_000;

/// A file with workflows, as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name and its text.
    pub source: Arc<Source>,
    /// Whether only its keys `workflows` and `main_llm` are about workflows: a configuration file with the older form in it.
    pub part: bool,
}

impl File {
    /// Whether a file of this name holds tests of the workflow beside it, and is none itself.
    pub fn is_of_tests(name: &str) -> bool {
        name.ends_with(".test.yaml") || name.ends_with(".test.yml")
    }
}

/// A workflow, and the file that it was read from.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// What the file says.
    pub workflow: Workflow,
    /// The file.
    pub source: Arc<Source>,
}

/// A plan, or all that is wrong with the workflow.
pub type Planned = Result<Arc<Plan>, Vec<Error>>;

/// Workflows by their names.
pub type Definitions = BTreeMap<String, Definition>;

/// The workflows of `files`.
///
/// # Errors
/// All that is wrong with any of them; two workflows of one name.
pub fn gather(files: &[File]) -> Result<Definitions, Vec<Error>> {
    Gathered::of(files).whole()
}

/// What can be read of files with workflows, whatever is wrong with them.
#[derive(Debug, Clone, Default)]
pub struct Gathered {
    definitions: Definitions,
    /// What of a workflow could not be read.
    gaps: BTreeMap<String, Gaps>,
    /// All that is wrong with the files themselves.
    errors: Vec<Error>,
    /// Whether there may be workflows of which not even the name is known.
    lost: bool,
}

impl Gathered {
    /// Reads `files`.
    pub fn of(files: &[File]) -> Self {
        let mut all = Self::default();
        for file in files {
            all.read(file);
        }
        if let Some(excess) = all.definitions.values().nth(MOST) {
            let message = format!("there are more than {MOST} workflows");
            let next = "name fewer files in `workflows:`";
            all.errors.push(excess.source.error(Code::WorkflowTooLarge, excess.workflow.at, message, next));
        }
        all
    }

    fn read(&mut self, file: &File) {
        let source = &file.source;
        let reading = if file.part { read_part(source) } else { read_source(source) };
        self.lost |= reading.workflows.is_empty() || reading.errors.len() > limits::ERRORS;
        self.errors.extend(reading.errors);
        for (workflow, gaps) in reading.workflows {
            if let Some(other) = self.definitions.get(&workflow.name) {
                let message = format!("{} has a workflow `{}` too", other.source.file, workflow.name);
                let next = "give one of them another name: it is what the workflow is run by";
                self.errors.push(source.error(Code::WorkflowFile, workflow.at, message, next));
                continue;
            }
            if gaps.any {
                self.gaps.insert(workflow.name.clone(), gaps);
            }
            self.definitions.insert(workflow.name.clone(), Definition { workflow, source: Arc::clone(source) });
        }
    }

    /// The same with `other`, whose workflows take the place of those that have their names.
    pub fn add(&mut self, other: Gathered) {
        let mut replaced: BTreeSet<&str> = other.errors.iter().filter_map(file_of).collect();
        for (name, definition) in &other.definitions {
            self.gaps.remove(name);
            replaced.insert(&definition.source.file);
            replaced.extend(self.definitions.get(name).map(|old| old.source.file.as_str()));
        }
        self.errors.retain(|error| file_of(error).is_none_or(|file| !replaced.contains(file)));
        self.definitions.extend(other.definitions);
        self.gaps.extend(other.gaps);
        self.errors.extend(other.errors);
        self.lost |= other.lost;
    }

    /// The workflows, as far as they can be read.
    pub fn definitions(&self) -> &Definitions {
        &self.definitions
    }

    /// All that is wrong with the files themselves.
    pub fn errors(&self) -> &[Error] {
        &self.errors
    }

    /// The workflows.
    ///
    /// # Errors
    /// All that is wrong with the files themselves.
    pub fn whole(self) -> Result<Definitions, Vec<Error>> {
        if self.errors.is_empty() { Ok(self.definitions) } else { Err(self.errors) }
    }

    /// The plan of each workflow, as [`plans()`] makes it, with its name. One that has faults of form has no plan: what else is
    /// wrong with it stands there, without what only follows from these.
    pub fn plans(&self, catalogue: &dyn Catalogue) -> Vec<(&Definition, Planned)> {
        let plans = planned(&self.definitions, &self.gaps, self.lost, catalogue);
        let faulty = |name: &String| self.gaps.contains_key(name);
        let with = self.definitions.iter().zip(plans);
        with.map(|((name, definition), plan)| (definition, if faulty(name) { plan.and(Err(Vec::new())) } else { plan }))
            .collect()
    }
}

fn file_of(error: &Error) -> Option<&str> {
    error.location().map(|place| place.file.as_str())
}

/// Errors in the order of their files, as these come first, and of the lines in each; each once.
pub fn in_order(mut errors: Vec<Error>) -> Vec<Error> {
    let mut files: BTreeMap<String, usize> = BTreeMap::new();
    for place in errors.iter().filter_map(Error::location) {
        let next = files.len();
        files.entry(place.file.clone()).or_insert(next);
    }
    let key = |error: &Error| {
        let place = error.location()?;
        Some((files.get(&place.file).copied(), place.line))
    };
    errors.sort_by_key(key);
    errors.dedup();
    errors
}

/// The plans of all workflows, in the order of their names, held against what `catalogue` says there is besides. What a
/// workflow runs of the others is known from their own plans; a circle of them is an error of each that is in it.
///
/// Each workflow stands by itself: an error of one is none of the others, but for those that run it.
pub fn plans(definitions: &Definitions, catalogue: &dyn Catalogue) -> Vec<Planned> {
    planned(definitions, &BTreeMap::new(), false, catalogue)
}

fn planned(
    definitions: &Definitions,
    gaps: &BTreeMap<String, Gaps>,
    lost: bool,
    catalogue: &dyn Catalogue,
) -> Vec<Planned> {
    let none = Gaps::default();
    let mut facts: BTreeMap<&str, SubWorkflowFacts> =
        definitions.iter().map(|(name, definition)| (name.as_str(), facts(&definition.workflow))).collect();
    let mut plans = BTreeMap::new();
    for name in order(&facts) {
        let Some(definition) = definitions.get(name) else { continue };
        let within = Within { facts: &facts, gaps, lost, catalogue };
        let own = gaps.get(name).unwrap_or(&none);
        let planned = Plan::of_read(&definition.workflow, own, &definition.source, &within).map(Arc::new);
        if let (Ok(plan), Some(facts)) = (&planned, facts.get_mut(name)) {
            facts.effect = plan.effect();
        }
        plans.insert(name, planned);
    }
    plans.into_values().collect()
}

/// What is known of a workflow before it is planned: at worst it is unsafe.
fn facts(workflow: &Workflow) -> SubWorkflowFacts {
    let mut calls = BTreeSet::new();
    collect_calls(&workflow.steps, &mut calls);
    SubWorkflowFacts {
        params: workflow.params.clone(),
        output_schema: workflow.output_schema.clone(),
        effect: Effect::Unsafe,
        calls: calls.into_iter().collect(),
        budget: workflow.budget,
    }
}

/// The workflows that steps run. The reader has limited how deep steps stand within each other.
fn collect_calls(steps: &[Step], calls: &mut BTreeSet<String>) {
    for step in steps {
        if let Action::Workflow(sub) = &step.action {
            calls.insert(sub.name.name.clone());
        }
        step.body.iter().for_each(|branch| collect_calls(&branch.steps, calls));
    }
}

/// The names of all, each behind those that it runs, as far as they stand in no circle.
fn order<'a>(facts: &BTreeMap<&'a str, SubWorkflowFacts>) -> Vec<&'a str> {
    let mut order = Vec::with_capacity(facts.len());
    let mut seen = BTreeSet::new();
    for name in facts.keys().copied() {
        let mut open = vec![(name, false)];
        while let Some((name, left)) = open.pop() {
            if left {
                order.push(name);
            } else if seen.insert(name) {
                open.push((name, true));
                let called = facts.get(name).into_iter().flat_map(|facts| &facts.calls);
                open.extend(called.filter_map(|call| Some((*facts.get_key_value(call.as_str())?.0, false))));
            }
        }
    }
    order
}

/// What there is to call, with the workflows of the configuration.
struct Within<'a> {
    facts: &'a BTreeMap<&'a str, SubWorkflowFacts>,
    gaps: &'a BTreeMap<String, Gaps>,
    lost: bool,
    catalogue: &'a dyn Catalogue,
}

impl Catalogue for Within<'_> {
    fn tool(&self, server: &str, tool: &str) -> Known<Tool> {
        self.catalogue.tool(server, tool)
    }

    fn approvals(&self) -> Option<&Approvals> {
        self.catalogue.approvals()
    }

    fn workflow(&self, name: &str) -> Known<SubWorkflowFacts> {
        // What a workflow takes and gives that has faults of form shows when these are mended.
        if self.gaps.contains_key(name) || self.lost && !self.facts.contains_key(name) {
            return Known::Unknown;
        }
        if let Some(facts) = self.facts.get(name) {
            return Known::Yes(facts.clone());
        }
        match self.catalogue.workflow(name) {
            Known::No { known } => {
                let own = self.facts.keys().map(|name| (*name).to_owned());
                Known::No { known: own.chain(known).collect() }
            }
            other => other,
        }
    }

    fn prompt(&self, name: &str) -> Known<PromptFacts> {
        self.catalogue.prompt(name)
    }

    fn prompt_version(&self, prompt: &str, version: &str) -> Known<bool> {
        self.catalogue.prompt_version(prompt, version)
    }

    fn knows_models(&self) -> bool {
        self.catalogue.knows_models()
    }

    fn model(&self, provider: Option<&str>, model: &str) -> Known<ModelFacts> {
        self.catalogue.model(provider, model)
    }
}

#[cfg(test)]
mod tests;
