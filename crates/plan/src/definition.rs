//! What a plan says: reading it, and what is wrong with it by itself.

use crate::limits::{DEPTH, FAULTS, Limits, NAME, REFERENCES};
use crate::reference::{self, Reference};
use crate::template::{Fault, Template};
use base::config::nearest;
use base::{Code, Error};
use mcp::raw;
use std::collections::HashMap;

/// A plan as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// What it is called, for the profile.
    pub name: Option<String>,
    /// Its steps.
    pub steps: Vec<Step>,
    /// What it answers with; nothing for the results that no other step uses.
    pub answer: Option<Template>,
    /// What happens when a step fails that does not say it itself.
    pub on_error: OnError,
    /// How many calls run at once, if fewer than the limit.
    pub parallel: Option<usize>,
}

/// A step of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its name within the plan.
    pub name: String,
    /// The tool, as the client's view names it.
    pub tool: String,
    /// The arguments.
    pub arguments: Template,
    /// Steps that must have worked before, besides those that are referred to, by their places.
    pub after: Vec<usize>,
    /// The list for whose items the tool is called.
    pub each: Option<Reference>,
    /// What happens when it fails.
    pub on_error: Option<OnError>,
}

/// What happens when a step fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OnError {
    /// Nothing more is started.
    #[default]
    Stop,
    /// What does not need the step goes on.
    Continue,
}

/// The members of a plan.
const PLAN: [&str; 5] = ["name", "steps", "return", "on_error", "parallel"];

/// The members of a step.
const STEP: [&str; 6] = ["name", "tool", "arguments", "after", "for_each", "on_error"];

/// Reads a plan from raw JSON. All faults come at once.
pub fn read(source: &str, limits: &Limits) -> Result<Plan, Vec<Error>> {
    let too = |what: String, next: &str| vec![Error::new(Code::PlanLimit, what, next)];
    if source.len() > limits.size {
        let what = format!("the plan has {} bytes, and {} are the most", source.len(), limits.size);
        return Err(too(what, "make it two plans, or raise `plans: { size: … }`"));
    }
    if raw::deeper_than(source, DEPTH) {
        return Err(too(format!("the plan is nested deeper than {DEPTH} levels"), "send flatter arguments"));
    }
    let mut reading = Reading { faults: Vec::new() };
    let plan = reading.plan(source, limits);
    if reading.faults.is_empty() { Ok(plan) } else { Err(reading.faults) }
}

struct Reading {
    faults: Vec<Error>,
}

impl Reading {
    fn plan(&mut self, source: &str, limits: &Limits) -> Plan {
        let mut plan = Plan::default();
        if !raw::is_object(source) {
            self.push("", format!("a plan is an object, and this is {}", reference::kind(source)), EXAMPLE);
            return plan;
        }
        self.members("", source, &PLAN);
        let steps: Vec<&str> = match raw::get(source, "steps") {
            Some(steps) if steps.starts_with('[') => raw::elements(steps).take(limits.calls + 1).collect(),
            _ => Vec::new(),
        };
        if steps.is_empty() {
            self.push("", "`steps` is no list of steps, or an empty one".to_owned(), EXAMPLE);
        }
        if steps.len() > limits.calls {
            let message = format!("the plan has more than {} steps", limits.calls);
            self.faults.push(Error::new(Code::PlanLimit, message, "make it two plans, or raise `plans: { calls: … }`"));
            return plan;
        }
        plan.steps = steps.iter().enumerate().filter_map(|(index, step)| self.step(step, index)).collect();
        plan.name = self.text("", source, "name").filter(|name| self.is_name("", "name", name));
        plan.on_error = self.on_error("", source).unwrap_or_default();
        plan.parallel = self.number(source, "parallel");
        plan.answer = raw::get(source, "return").and_then(|answer| self.template("", answer, "return", false));
        if self.faults.is_empty() {
            self.names(&mut plan, &steps);
        }
        plan
    }

    fn step(&mut self, source: &str, index: usize) -> Option<Step> {
        let unnamed = format!("step {}: ", index + 1);
        if !raw::is_object(source) {
            self.push(&unnamed, format!("it is {}, and a step is an object", reference::kind(source)), EXAMPLE);
            return None;
        }
        let name = self.text(&unnamed, source, "name").filter(|name| self.is_name(&unnamed, "name", name));
        let Some(name) = name else {
            if raw::get(source, "name").is_none() {
                self.push(&unnamed, "`name` is missing".to_owned(), "name each step, so that others can refer to it");
            }
            return None;
        };
        let at = format!("step `{name}`: ");
        self.members(&at, source, &STEP);
        let tool = self.text(&at, source, "tool");
        if tool.is_none() && raw::get(source, "tool").is_none() {
            self.push(&at, "`tool` is missing".to_owned(), "say which tool is called, by its name in tools/list");
        }
        let each = self.text(&at, source, "for_each").and_then(|text| match reference::read_all(&text) {
            Ok(reference) if reference.step().is_some() => Some(reference),
            Ok(_) => {
                self.push(&at, "`for_each` refers to its own item".to_owned(), "refer to the list of an earlier step");
                None
            }
            Err(why) => {
                self.push(&at, format!("`for_each`: {why}"), "write for example `$.search.items`");
                None
            }
        });
        let in_loop = raw::get(source, "for_each").is_some();
        let arguments = raw::get(source, "arguments").unwrap_or("{}");
        if !raw::is_object(arguments) {
            let message = format!("`arguments` is {}, and must be an object", reference::kind(arguments));
            self.push(&at, message, "send the arguments by their names");
        }
        let arguments = self.template(&at, arguments, "arguments", in_loop);
        let on_error = self.on_error(&at, source);
        Some(Step { name, tool: tool?, arguments: arguments?, after: Vec::new(), each, on_error })
    }

    /// Finds the steps that names stand for.
    fn names(&mut self, plan: &mut Plan, sources: &[&str]) {
        let mut places: HashMap<String, usize> = HashMap::new();
        for (index, step) in plan.steps.iter().enumerate() {
            if places.insert(step.name.clone(), index).is_some() {
                let message = format!("two steps are named `{}`", step.name);
                self.push("", message, "give each step a name of its own");
            }
        }
        let known = |name: &str| places.contains_key(name);
        let mut count = 0;
        for step in &plan.steps {
            let at = format!("step `{}`: ", step.name);
            for reference in step.arguments.references().chain(&step.each) {
                count += 1;
                self.check(&at, reference, &known, plan);
            }
        }
        for reference in plan.answer.iter().flat_map(Template::references) {
            count += 1;
            self.check("`return`: ", reference, &known, plan);
        }
        if count > REFERENCES {
            let message = format!("the plan has {count} references, and {REFERENCES} are the most");
            self.faults.push(Error::new(Code::PlanLimit, message, "make it two plans"));
        }
        for (index, source) in sources.iter().enumerate() {
            let at = format!("step `{}`: ", plan.steps[index].name);
            let Some(after) = raw::get(source, "after") else { continue };
            let one = raw::text(after).into_iter();
            let many = raw::elements(after).map(|name| raw::text(name).unwrap_or_default());
            for name in one.chain(many) {
                match places.get(name.as_ref()) {
                    Some(place) => plan.steps[index].after.push(*place),
                    None => {
                        let message = format!("`after` names `{}`, which is no step", reference::shorten(&name));
                        self.push(&at, message, &suggest(&name, plan));
                    }
                }
            }
        }
    }

    fn check(&mut self, at: &str, reference: &Reference, known: &impl Fn(&str) -> bool, plan: &Plan) {
        if let Some(name) = reference.step().filter(|name| !known(name)) {
            let short = reference::shorten(name);
            let next = format!("{}; text that begins with `$.` is written with one more `$`", suggest(name, plan));
            self.push(at, format!("it refers to `$.{short}`, and there is no step `{short}`"), &next);
        }
    }

    fn template(&mut self, at: &str, source: &str, place: &str, in_loop: bool) -> Option<Template> {
        match Template::read(source, place, in_loop) {
            Ok(template) => Some(template),
            Err(Fault { place, why }) => {
                self.push(at, format!("`{place}`: {why}"), "write for example `$.search.items[0].id`");
                None
            }
        }
    }

    fn text(&mut self, at: &str, source: &str, key: &str) -> Option<String> {
        let value = raw::get(source, key)?;
        let text = raw::text(value).map(std::borrow::Cow::into_owned);
        if text.is_none() {
            self.push(at, format!("`{key}` is {}, and must be a text", reference::kind(value)), "send a text");
        }
        text
    }

    fn number(&mut self, source: &str, key: &str) -> Option<usize> {
        let value = raw::get(source, key)?;
        let number = value.parse().ok().filter(|number| *number > 0);
        if number.is_none() {
            self.push("", format!("`{key}` must be a whole number from 1"), "leave it out for as many as may be");
        }
        number
    }

    fn on_error(&mut self, at: &str, source: &str) -> Option<OnError> {
        let value = raw::get(source, "on_error")?;
        match raw::text(value).as_deref() {
            Some("stop") => Some(OnError::Stop),
            Some("continue") => Some(OnError::Continue),
            _ => {
                self.push(at, "`on_error` is neither `stop` nor `continue`".to_owned(), "send one of the two");
                None
            }
        }
    }

    fn is_name(&mut self, at: &str, key: &str, name: &str) -> bool {
        let is_fine = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
        let fine = !name.is_empty() && name.len() <= NAME && name.chars().all(is_fine);
        if !fine {
            let message = format!("`{key}` is `{}`, which is no name", reference::shorten(name));
            self.push(at, message, "use at most 64 letters, digits, `_` and `-`");
        }
        fine
    }

    fn members(&mut self, at: &str, source: &str, known: &[&'static str]) {
        if let Some(key) = raw::duplicate(source) {
            self.push(at, format!("it has {} twice", reference::shorten(key)), "send each member once");
        }
        for member in raw::members(source) {
            let Some(key) = raw::text(member.key).filter(|key| !known.contains(&key.as_ref())) else { continue };
            let next = match nearest(&key, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the members here are {}", known.join(", ")),
            };
            self.push(at, format!("it has the member `{}`, which plans do not know", reference::shorten(&key)), &next);
        }
    }

    fn push(&mut self, at: &str, message: impl std::fmt::Display, next: &str) {
        if self.faults.len() < FAULTS {
            self.faults.push(Error::new(Code::PlanInvalid, format!("{at}{message}"), next));
        }
    }
}

const EXAMPLE: &str = "send for example {\"steps\": [{\"name\": \"a\", \"tool\": \"files__read\", \"arguments\": {}}]}";

fn suggest(name: &str, plan: &Plan) -> String {
    let names: Vec<&str> = plan.steps.iter().map(|step| step.name.as_str()).collect();
    match nearest(name, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the steps are {}", names.iter().take(12).copied().collect::<Vec<_>>().join(", ")),
    }
}

#[cfg(test)]
mod tests;
