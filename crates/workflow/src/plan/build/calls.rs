//! What is called is there, may be called, and takes what it is given.

use super::Builder;
use super::names::From;
use crate::catalogue::Known;
use crate::definition::{Action, InDoubt, Input, Inputs, Name, Parameter, Prompt, Step, ToolCall};
use crate::document;
use crate::source::{Spot, hint, short};
use base::Code;
use schema::Node;
use serde_json::Value;
use std::collections::BTreeSet;

/// The most workflows that are gone through for one that runs itself.
const WORKFLOWS: usize = 256;

impl<'a> Builder<'a> {
    pub(super) fn calls(&mut self) {
        self.own_model();
        for place in 0..self.steps.all.len() {
            let Some(step) = self.visit(place) else { continue };
            self.action(step);
            self.models(step);
            self.payable(step);
            if let Some(call) = &step.compensate {
                self.tool(step, call);
            }
            if let Some(InDoubt::Probe(call)) = &step.on_in_doubt {
                self.tool(step, call);
            }
            self.items(step);
        }
        self.quiet = false;
    }

    fn action(&mut self, step: &'a Step) {
        match &step.action {
            Action::Tool(call) => self.tool(step, call),
            Action::ModelCall(inputs) => {
                let node = self.object(inputs);
                self.fits(&document::QUESTION, &node, step.at, &format!("`{}` (model_call)", step.name));
            }
            Action::ParallelQuery { queries, .. } => {
                for query in queries {
                    let node = self.object(query);
                    self.fits(&document::QUESTION, &node, step.at, &format!("a query of `{}`", step.name));
                }
            }
            Action::Prompt(prompt) => self.prompt(prompt, step.at),
            Action::Workflow(sub) => match self.catalogue.workflow(&sub.name.name) {
                Known::Yes(facts) => {
                    self.given(
                        &sub.inputs,
                        &facts.params,
                        step.at,
                        &format!("the workflow `{}`", short(&sub.name.name)),
                        false,
                    );
                    self.recursion(&sub.name);
                    self.budget_within(&sub.name, facts.budget);
                }
                other => {
                    if sub.name.name == self.workflow.name {
                        self.recursion(&sub.name);
                    } else {
                        self.absent(&other, &sub.name, "workflow");
                    }
                }
            },
            Action::Plan(call) => {
                for name in call.tools.iter().filter(|name| !name.name.contains('*')) {
                    if let Some((server, tool)) = name.name.strip_prefix("mcp://").and_then(|rest| rest.split_once('/'))
                    {
                        let known = self.catalogue.tool(server, tool);
                        self.absent(&known, name, "tool");
                    }
                }
            }
            _ => {}
        }
    }

    fn tool(&mut self, step: &Step, call: &ToolCall) {
        let known = self.catalogue.tool(&call.server, &call.tool);
        let Known::Yes(tool) = &known else {
            return self.absent(&known, &Name { name: call.address(), at: call.at }, "tool");
        };
        if let Some(schema) = &tool.input_schema {
            let node = self.object(&call.inputs);
            let at = if call.at.line >= step.at.line { call.at } else { step.at };
            self.fits(schema, &node, at, &format!("`{}`", call.address()));
        }
    }

    /// Says that something is not there, or may not be used.
    pub(super) fn absent<T>(&mut self, known: &Known<T>, name: &Name, what: &str) {
        let shown = short(&name.name);
        match known {
            Known::Yes(_) | Known::Unknown => {}
            Known::No { known } => {
                let next = hint(&name.name, known.iter().map(String::as_str), &format!("there is no {what} at all"));
                self.wrong(Code::WorkflowTool, name.at, format!("there is no {what} `{shown}`"), next);
            }
            Known::Forbidden { why } => {
                let message = format!("the {what} `{shown}` may not be used: {why}");
                self.wrong(Code::WorkflowTool, name.at, message, "use another one, or ask whoever runs the hub");
            }
        }
    }

    /// What a prompt takes is known of the version that is served.
    fn prompt(&mut self, prompt: &Prompt, at: Spot) {
        let facts = match self.catalogue.prompt(&prompt.name.name) {
            Known::Yes(facts) => facts,
            other => return self.absent(&other, &prompt.name, "prompt"),
        };
        let shown = short(&prompt.name.name);
        if let Some(version) = &prompt.version {
            match self.catalogue.prompt_version(&prompt.name.name, &version.name) {
                Known::Yes(true) | Known::Unknown => {}
                Known::Yes(false) => return,
                other => return self.absent(&other, version, &format!("version of the prompt `{shown}` named")),
            }
        }
        self.given(&prompt.inputs, &facts.params, at, &format!("the prompt `{shown}`"), false);
    }

    /// What surely does not fit a schema.
    fn fits(&mut self, schema: &Value, node: &Node, at: Spot, what: &str) {
        for fault in schema::faults(schema, node, "inputs") {
            let last = fault.place.rsplit(['.', '[']).find(|part| !part.ends_with(']')).unwrap_or_default();
            let spot = if last == "inputs" { at } else { self.source.find(at, last, 1 << 14) };
            let message = format!("{what}: `{}`: {}", fault.place, fault.why);
            self.wrong(
                Code::WorkflowType,
                spot,
                message,
                "correct the value, or see what it takes with `tutti tool describe`",
            );
        }
    }

    /// What is given to something with parameters; there may be more of them where it is `open`.
    fn given(&mut self, inputs: &Inputs, params: &[Parameter], at: Spot, what: &str, open: bool) {
        for (name, value) in &inputs.0 {
            let Some(known) = params.iter().find(|known| known.name == *name) else {
                if open {
                    continue;
                }
                let next = hint(name, params.iter().map(|known| known.name.as_str()), &format!("{what} takes nothing"));
                let spot = self.source.find(at, name, 1 << 14);
                self.wrong(Code::WorkflowType, spot, format!("{what} has no parameter `{}`", short(name)), next);
                continue;
            };
            let node = self.node(value);
            for fault in schema::faults(&known.schema, &node, name) {
                let spot = self.source.find(at, name, 1 << 14);
                let message = format!("{what}: `{}`: {}", fault.place, fault.why);
                self.wrong(Code::WorkflowType, spot, message, "correct the value");
            }
        }
        for known in params.iter().filter(|known| known.required && inputs.get(&known.name).is_none()) {
            let next = format!("give `{}`", known.name);
            self.wrong(Code::WorkflowType, at, format!("{what} needs `{}`, which is missing", known.name), next);
        }
    }

    /// A workflow that runs itself, directly or by way of others, never ends.
    fn recursion(&mut self, name: &Name) {
        let own = &self.workflow.name;
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let mut open = vec![vec![name.name.clone()]];
        while let Some(path) = open.pop() {
            let Some(last) = path.last().cloned() else { continue };
            if last == *own {
                let path: Vec<String> = std::iter::once(own).chain(&path).map(|name| format!("`{name}`")).collect();
                let message = format!("the workflow runs itself: {}", path.join(" → "));
                return self.wrong(
                    Code::WorkflowCycle,
                    name.at,
                    message,
                    "repeat steps with `repeat` or `for_each` instead",
                );
            }
            if seen.len() >= WORKFLOWS || !seen.insert(last.clone()) {
                continue;
            }
            if let Known::Yes(facts) = self.catalogue.workflow(&last) {
                open.extend(facts.calls.into_iter().map(|call| path.iter().cloned().chain([call]).collect()));
            }
        }
    }

    /// The items of a `for_each` are a list.
    fn items(&mut self, step: &Step) {
        let Some(Input::Template(template)) = step.for_each.as_ref().map(|rule| &rule.items) else { return };
        let kinds = self.kinds(template);
        if !kinds.may_be(schema::Kinds::LIST) {
            let message = format!(
                "`{}` is done for each item of `{}`, which is {}",
                step.name,
                short(&template.source),
                kinds.words()
            );
            self.wrong(Code::WorkflowType, template.at, message, "give it a list");
        }
    }

    /// What triggers give to the workflow.
    pub(super) fn triggers(&mut self) {
        let workflow = self.workflow;
        let what = format!("the workflow `{}`", workflow.name);
        let from: From = None;
        for schedule in &workflow.triggers.schedules {
            self.given(&schedule.params, &workflow.params, self.trigger("schedules"), &what, self.gaps.params);
            for template in schedule.params.templates() {
                self.template(from, template, &["scheduled_at"]);
            }
        }
        for webhook in &workflow.triggers.webhooks {
            self.given(&webhook.params, &workflow.params, self.trigger("webhooks"), &what, self.gaps.params);
            for template in webhook.params.templates().into_iter().chain(&webhook.dedup) {
                self.template(from, template, &["body", "headers", "query"]);
            }
        }
    }

    fn trigger(&self, key: &str) -> Spot {
        self.source.find(Spot { line: 1, column: 1 }, key, self.source.text.len())
    }
}
