//! The names that templates use.

use super::Builder;
use super::types;
use crate::definition::{Action, Need, Origin};
use crate::definition::{Fit, Name};
use crate::plan::Reason;
use crate::plan::flat::Sight;
use crate::plan::part::Part;
use crate::source::{Spot, hint, short};
use crate::template::{Template, root};
use base::Code;

/// What `run` has.
const RUN: [&str; 4] = ["id", "workflow", "started", "trigger"];

/// What a step has.
const STEP: [&str; 4] = ["output", "outputs", "status", "error"];

/// Whose template it is: a step's, or that of the workflow itself.
pub(super) type From = Option<(usize, Part)>;

impl Builder<'_> {
    /// Checks the names of a template. `more` are those that are there beside the usual ones.
    pub(super) fn template(&mut self, from: From, template: &Template, more: &[&str]) {
        for path in template.uses() {
            if let Some((place, _)) = from
                && let Some(uses) = self.uses.get_mut(place)
            {
                uses.insert(path.split('.').take(3).collect::<Vec<_>>().join("."));
            }
            let parts: Vec<&str> = path.split('.').collect();
            let spot = |words: &str| self.source.find(template.at, words, template.source.len() * 2 + 512);
            match parts.as_slice() {
                ["params"] => {}
                ["params", name, rest @ ..] => self.parameter(name, rest, spot(&format!("params.{name}"))),
                ["steps", name, rest @ ..] => self.output(from, &path, name, rest, spot(&format!("steps.{name}"))),
                ["memory", name, rest @ ..] => self.remembered(from, name, rest, spot(&format!("memory.{name}"))),
                ["run"] => {}
                ["run", name, ..] if RUN.contains(name) => {}
                ["run", name, ..] => {
                    let next = hint(name, RUN.into_iter(), "");
                    self.wrong(Code::WorkflowUnknown, spot(&path), format!("a run has no `{}`", short(name)), next);
                }
                ["steps" | "memory"] => {
                    let message = format!("`{path}` is used as a whole, and nobody can say what that needs");
                    let next =
                        format!("name what is used: `{path}.<name>`; brackets as in `{path}[\"name\"]` do not tell");
                    self.wrong(Code::WorkflowUnknown, spot(&path), message, next);
                }
                _ => self.variable(from, root(&path), more, spot(root(&path))),
            }
        }
    }

    fn parameter(&mut self, name: &str, rest: &[&str], at: Spot) {
        let params = &self.workflow.params;
        let Some(found) = params.iter().find(|known| known.name == name) else {
            if self.gaps.params {
                return;
            }
            let next = hint(
                name,
                params.iter().map(|known| known.name.as_str()),
                &format!("add it: `params: {{ {name}: {{ type: string }} }}`"),
            );
            return self.wrong(Code::WorkflowUnknown, at, format!("there is no parameter `{}`", short(name)), next);
        };
        if let Err(stray) = types::along(&found.schema, rest) {
            let next = hint(&stray.name, stray.known.iter().map(String::as_str), "correct the schema, or what uses it");
            self.wrong(Code::WorkflowType, at, format!("`params.{name}.{}`: {}", rest.join("."), stray.why), next);
        }
    }

    /// `steps.<name>.output`.
    fn output(&mut self, from: From, path: &str, name: &str, rest: &[&str], at: Spot) {
        let Some(other) = self.steps.find(name) else {
            if self.gaps.lost {
                return;
            }
            let next = hint(name, self.steps.names(), "there are no steps");
            return self.wrong(Code::WorkflowUnknown, at, format!("there is no step `{}`", short(name)), next);
        };
        match rest.first() {
            Some(&"outputs")
                if !self.steps.gives_many(other) && !self.step(other).is_some_and(|step| self.is_faulty(step)) =>
            {
                let message = format!("`{name}` gives one output, and `{path}` asks for several");
                return self.wrong(Code::WorkflowUnknown, at, message, format!("write `steps.{name}.output`"));
            }
            Some(field) if STEP.contains(field) => {}
            Some(field) => {
                let next = match base::config::nearest(field, STEP) {
                    Some(near) => format!("did you mean `steps.{name}.{near}`?"),
                    None => format!("what it gives is `steps.{name}.output`"),
                };
                return self.wrong(Code::WorkflowUnknown, at, format!("a step has no `{}`", short(field)), next);
            }
            None => {
                let message = format!("`steps.{name}` is not what the step gives");
                return self.wrong(Code::WorkflowUnknown, at, message, format!("write `steps.{name}.output`"));
            }
        }
        let by = from.map(|(place, _)| self.steps.name(place).to_owned()).unwrap_or_default();
        let part = from.map_or(Part::Output, |(_, part)| part);
        let reason = Reason::Reference { by, part, path: path.to_owned() };
        if self.sees(from, other, reason, at) {
            self.typed(other, path, rest, at);
        }
    }

    /// `memory.<name>`: what was written down as a need, or an output by its other name.
    fn remembered(&mut self, from: From, name: &str, rest: &[&str], at: Spot) {
        let Some((place, _)) = from else {
            let next = "write `steps.<name>.output` or `params.<name>`";
            return self.wrong(
                Code::WorkflowUnknown,
                at,
                format!("`memory.{}` is of a step, and this belongs to none", short(name)),
                next,
            );
        };
        if let Some(need) = self.needs.get(place).and_then(|needs| needs.iter().find(|need| need.name == name)) {
            let (other, select) = (need.from.step().map(|step| step.name.clone()), need.select.is_some());
            if let Some(other) = other.and_then(|other| self.steps.find(&other)).filter(|_| !select) {
                self.typed(other, &format!("memory.{name}"), &[&["output"], rest].concat(), at);
            }
            return;
        }
        let Some(origin) = self.implied(name, at) else {
            if self.gaps.lost && name.ends_with("_output") {
                return;
            }
            let own = self.needs.get(place).into_iter().flatten().map(|need| need.name.clone());
            let outputs = self.steps.names().map(|step| format!("{step}_output"));
            let known: Vec<String> = own.chain(outputs).chain(["user_prompt".to_owned()]).collect();
            let next = if self.workflow.params.iter().any(|known| known.name == name) {
                format!("write `params.{name}`")
            } else {
                hint(name, known.iter().map(String::as_str), "declare it below `memory.needs`")
            };
            let message = format!("`memory.{}` is neither needed nor what a step gives", short(name));
            return self.wrong(Code::WorkflowUnknown, at, message, next);
        };
        if let Some(other) = origin.step().and_then(|step| self.steps.find(&step.name)) {
            let by = self.steps.name(place).to_owned();
            if self.sees(from, other, Reason::Need { by, name: name.to_owned() }, at) {
                self.typed(other, &format!("memory.{name}"), &[&["output"], rest].concat(), at);
            }
        }
        let need = Need {
            from: origin,
            name: name.to_owned(),
            select: None,
            max: None,
            fit: Fit::Exact,
            priority: 0,
            optional: false,
            implied: true,
            at,
        };
        if let Some(needs) = self.needs.get_mut(place) {
            needs.push(need);
        }
    }

    /// What a name means that nobody declared.
    fn implied(&self, name: &str, at: Spot) -> Option<Origin> {
        match name {
            "user_prompt" => return Some(Origin::UserPrompt),
            "parameters" => return Some(Origin::Parameters),
            _ => {}
        }
        let step = name.strip_suffix("_output")?;
        let place = self.steps.find(step)?;
        let name = Name { name: step.to_owned(), at };
        let of_model = self.step(place).is_some_and(|step| {
            matches!(step.action, Action::ModelCall(_) | Action::ParallelQuery { .. } | Action::Prompt(_))
        });
        Some(if of_model { Origin::ModelOutput(name) } else { Origin::ToolOutput(name) })
    }

    /// Whether the template may use what `other` gives; then the edge is made.
    pub(super) fn sees(&mut self, from: From, other: usize, reason: Reason, at: Spot) -> bool {
        let sight = self.steps.sight(from.map(|(place, _)| place), other);
        let allowed = match (sight, from) {
            (Sight::Beside(around), Some(_)) => {
                self.edge(around, other, reason);
                true
            }
            (Sight::Beside(_), None) => true,
            (Sight::Itself, Some((_, part))) => part.knows_itself(),
            (Sight::Within, Some((_, part))) => part.knows_within(),
            _ => false,
        };
        if allowed {
            self.used.insert(other);
        } else if let Some((place, _)) = from {
            self.unseen(place, other, sight, at);
        } else {
            let holder = match sight {
                Sight::Hidden(holder) => self.steps.name(holder),
                _ => "",
            };
            let message = format!("`{}` stands within `{holder}`, and is not seen here", self.steps.name(other));
            self.wrong(Code::WorkflowUnknown, at, message, format!("use `steps.{holder}.output`"));
        }
        allowed
    }

    /// Any other name.
    fn variable(&mut self, from: From, name: &str, more: &[&str], at: Spot) {
        let mut known: Vec<&str> = more.to_vec();
        if let Some((place, part)) = from {
            for around in self.steps.chain(place) {
                let Some(step) = self.step(around) else { continue };
                let inside = around != place || !part.is_before();
                if let Some(rule) = step.for_each.as_ref().filter(|_| inside) {
                    known.extend([rule.variable.as_str(), "index"]);
                }
                if step.repeat.is_some() && inside {
                    known.extend(["iteration", "previous"]);
                }
            }
            if matches!(part, Part::Output | Part::Until) {
                known.push("result");
            }
        }
        let is_faulty = |around: usize| self.step(around).is_some_and(|step| self.is_faulty(step));
        // Those around it may have brought the name.
        if known.contains(&name) || from.is_some_and(|(place, _)| self.steps.chain(place).any(is_faulty)) {
            return;
        }
        let own = from.and_then(|(place, part)| self.step(place).filter(|_| part.is_before()));
        let of_items = own.and_then(|step| step.for_each.as_ref()).is_some_and(|rule| rule.variable == name);
        let next = if of_items {
            "this is looked at once, before the items; put the step into `steps:` of one with the `for_each`".to_owned()
        } else if self.workflow.params.iter().any(|param| param.name == name) {
            format!("did you mean `params.{name}`?")
        } else if self.steps.find(name).is_some() {
            format!("did you mean `steps.{name}.output`?")
        } else {
            known.extend(["params", "steps", "memory", "run"]);
            hint(name, known.iter().copied(), "")
        };
        self.wrong(Code::WorkflowUnknown, at, format!("there is nothing called `{}` here", short(name)), next);
    }
}
