//! Steps.

use super::context::{Reader, items, milliseconds, says, spot};
use super::{action, call, input, memory, rules};
use crate::definition::{Action, InDoubt, Name, OnError, Step};
use crate::effect::Effect;
use crate::limits;
use crate::source::{hint, short};
use base::Code;
use base::config::{Node, Section, Value as Written};

/// The steps of a list. `depth` says within how many steps they stand.
pub(super) fn list<'a>(reader: &Reader<'a>, path: &str, node: &'a Node, depth: usize) -> Vec<Step> {
    if depth > limits::DEPTH {
        let message = format!("steps stand more than {} levels deep within each other", limits::DEPTH);
        reader.wrong(Code::WorkflowTooLarge, node.place, message, "move them to a workflow of their own");
        reader.missing(|gaps| gaps.lost = true);
        return Vec::new();
    }
    if !matches!(node.value, Written::List(_)) {
        reader.missing(|gaps| gaps.lost = true);
    }
    let found = items(reader, path, node, limits::STEPS + 1);
    let steps = found.iter().enumerate().filter_map(|(index, item)| {
        let step = one(reader, &format!("{path}[{index}]"), item, depth);
        if step.is_none() {
            reader.missing(|gaps| gaps.lost = true);
        }
        step
    });
    steps.collect()
}

fn one<'a>(reader: &Reader<'a>, path: &str, node: &'a Node, depth: usize) -> Option<Step> {
    if !reader.count(node.place) {
        return None;
    }
    if let Written::Null = node.value {
        reader.fault(node.place, format!("`{path}` is empty"), "write `name:` and what it does, or take it out");
        return None;
    }
    let mark = reader.mark();
    // A step is known by its name, not by its place.
    let named = match &node.value {
        Written::Map(entries) => {
            entries.iter().find(|entry| entry.key == "name").and_then(|entry| entry.node.scalar_text())
        }
        _ => None,
    };
    let path =
        named.as_deref().filter(|name| limits::is_name(name)).map_or(path.to_owned(), |name| format!("steps.{name}"));
    let mut section = reader.open(&path, node, "step")?;
    let name = section.text("name").unwrap_or_default();
    let at = spot(&section, "name");
    if section.has("name") {
        reader.name(&name, section.place_of("name"));
    }
    let (action, body) = action::read(reader, &mut section, depth, list)?;
    let step = Step {
        name,
        description: section.text("description"),
        action,
        body,
        when: section.node("when").filter(says).and_then(|node| input::condition(reader, "`when`", node)),
        for_each: section.node("for_each").filter(says).and_then(|node| rules::for_each(reader, &path, node)),
        repeat: section.node("repeat").filter(says).and_then(|node| rules::repeat(reader, &path, node)),
        retry: section.node("retry").filter(says).and_then(|node| rules::retry(reader, &path, node)),
        timeout: milliseconds(&mut section, "timeout"),
        on_error: on_error(reader, &mut section),
        compensate: section
            .node("compensate")
            .filter(says)
            .and_then(|node| call::nested(reader, &format!("{path}.compensate"), node)),
        effect: section.choice("effect", &Effect::ALL.map(|effect| (effect.word(), effect))),
        on_in_doubt: in_doubt(reader, &mut section),
        after: after(reader, &mut section),
        memory: section.node("memory").filter(says).and_then(|node| memory::read(reader, &path, node)),
        output: section.node("output").filter(says).map(|node| input::input(reader, node)),
        output_schema: input::schema(reader, &mut section, "output_schema"),
        at,
    };
    check(reader, &section, &step);
    section.finish();
    reader.owns(&step.name, mark);
    Some(step)
}

/// What does not go together.
fn check(reader: &Reader<'_>, section: &Section<'_>, step: &Step) {
    let sits = !step.body.is_empty() || matches!(step.action, Action::Switch { .. } | Action::Group);
    if step.for_each.is_some() && step.repeat.is_some() {
        let next = "put the one around the other: a step with `for_each` and `steps:`, and `repeat` within";
        reader.fault(section.place_of("repeat"), format!("`{}` has both `for_each` and `repeat`", step.name), next);
    }
    let gives_up = ["retry", "compensate", "timeout", "on_in_doubt", "memory"];
    for key in gives_up.into_iter().filter(|key| sits && section.has(key)) {
        let next = format!("write `{key}` at the steps within it");
        reader.fault(section.place_of(key), format!("`{}` only holds other steps, and has `{key}`", step.name), next);
    }
    if let Some(transcript) = step.memory.as_ref().and_then(|memory| memory.transcript)
        && !step.action.lends_tools()
    {
        let place = base::config::Place { line: transcript.at.line, column: transcript.at.column };
        let message = format!("`{}` lends no model any tools, and has `memory.transcript`", step.name);
        reader.fault(place, message, "take it out, or give `tools` to the model");
    }
    let waits = matches!(step.action, Action::Gate(_) | Action::Wait(_) | Action::Set(_));
    for key in ["retry", "compensate", "on_in_doubt", "timeout"].into_iter().filter(|key| waits && section.has(key)) {
        let next = match (key, &step.action) {
            ("timeout", Action::Gate(_)) => "write `expires:` within `gate`",
            _ => "take it out: nothing outside is called",
        };
        reader.fault(section.place_of(key), format!("`{}` calls nothing, and has `{key}`", step.name), next);
    }
}

fn on_error<'a>(reader: &Reader<'a>, section: &mut Section<'a>) -> OnError {
    let Some(node) = section.node("on_error").filter(says) else { return OnError::Fail };
    if let Written::Map(_) = node.value {
        let Some(mut inner) = reader.open(&format!("{}.on_error", section.path()), node, "on_error") else {
            return OnError::Fail;
        };
        let step = inner.text("step");
        let at = spot(&inner, "step");
        inner.finish();
        return step.map_or(OnError::Fail, |name| OnError::Step(Name { name, at }));
    }
    match node.scalar_text().as_deref() {
        Some("fail") => OnError::Fail,
        Some("continue") => OnError::Continue,
        other => {
            let written = short(other.unwrap_or_default());
            let next = match base::config::nearest(&written, ["fail", "continue"]) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "write `fail`, `continue`, or `{ step: name }` for a step that is done instead".to_owned(),
            };
            reader.fault(node.place, format!("`on_error` cannot be `{written}`"), next);
            OnError::Fail
        }
    }
}

fn in_doubt<'a>(reader: &Reader<'a>, section: &mut Section<'a>) -> Option<InDoubt> {
    let node = section.node("on_in_doubt").filter(says)?;
    let path = format!("{}.on_in_doubt", section.path());
    if let Written::Map(_) = node.value {
        let mut inner = reader.open(&path, node, "in_doubt")?;
        let probe =
            inner.node("probe").filter(says).and_then(|node| call::nested(reader, &format!("{path}.probe"), node));
        inner.finish();
        return probe.map(InDoubt::Probe);
    }
    let words = [("ask", InDoubt::Ask), ("retry", InDoubt::Retry), ("fail", InDoubt::Fail)];
    let written = node.scalar_text().unwrap_or_default();
    let found = words.iter().find(|(word, _)| *word == written).map(|(_, doubt)| doubt.clone());
    if found.is_none() {
        let next = hint(&written, words.iter().map(|(word, _)| *word).chain(["probe"]), "");
        reader.fault(node.place, format!("`on_in_doubt` cannot be `{}`", short(&written)), next);
    }
    found
}

fn after<'a>(reader: &Reader<'a>, section: &mut Section<'a>) -> Vec<Name> {
    let Some(node) = section.node("after").filter(says) else { return Vec::new() };
    if let Written::Text(name) = &node.value {
        return vec![Name { name: name.clone(), at: node.place.into() }];
    }
    let found = items(reader, "after", node, limits::AFTER).iter();
    found
        .filter_map(|item| reader.text("a name in `after`", item).map(|name| Name { name, at: item.place.into() }))
        .collect()
}
