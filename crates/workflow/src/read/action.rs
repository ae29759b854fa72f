//! What a step does: one key of several.

use super::context::{Reader, milliseconds, says, small, spot};
use super::{call, input};
use crate::definition::{
    Action, Branch, Case, Gate, Input, Inputs, Name, OnExpiry, PlanCall, Prompt, Step, SubWorkflow, Wait,
};
use crate::limits;
use crate::source::short;
use base::Code;
use base::config::{Entry, Node, Section, Value as Written};

/// The keys of which a step has one.
const ACTIONS: [&str; 9] = ["tool", "prompt", "plan", "workflow", "wait", "gate", "set", "switch", "steps"];

/// Reads the steps of a list, which stands under a path and within so many steps.
pub(super) type Lists<'a> = fn(&Reader<'a>, &str, &'a Node, usize) -> Vec<Step>;

/// What a step does, and the steps within it, which `lists` reads.
pub(super) fn read<'a>(
    reader: &Reader<'a>,
    section: &mut Section<'a>,
    depth: usize,
    lists: Lists<'a>,
) -> Option<(Action, Vec<Branch>)> {
    let written: Vec<&str> = ACTIONS.into_iter().filter(|key| section.has(key)).collect();
    let key = match written.as_slice() {
        [key] => *key,
        [] => {
            let next = "add `tool: mcp://server/tool`, `tool: model_call`, or one of `prompt`, `plan`, `workflow`, `wait`, `gate`, `set`, `switch`, `steps`";
            section.problem("name", Code::WorkflowFile, format!("`{}` does nothing", section.path()), next.to_owned());
            return keep_asking(reader, section);
        }
        [first, second, ..] => {
            let message = format!("`{}` does two things: `{first}` and `{second}`", section.path());
            section.problem(second, Code::WorkflowFile, message, "make two steps of it".to_owned());
            return keep_asking(reader, section);
        }
    };
    if section.has("inputs") && !matches!(key, "tool" | "prompt" | "workflow") {
        let message = format!("`{}` has `inputs`, which belong to `tool`, `prompt` and `workflow`", section.path());
        section.problem("inputs", Code::WorkflowFile, message, format!("write the values below `{key}`"));
    }
    let node = section.node(key)?;
    let action = match key {
        "tool" => tool(reader, section, node),
        "prompt" => prompt(reader, section, node),
        "plan" => plan(reader, section, node),
        "workflow" => {
            let name = reader.text("`workflow`", node).map(|name| Name { name, at: node.place.into() });
            let inputs = inputs(reader, section);
            name.map(|name| Action::Workflow(SubWorkflow { name, inputs }))
        }
        "wait" => wait(reader, section, node).map(Action::Wait),
        "gate" => gate(reader, section, node),
        "set" => Some(Action::Set(input::inputs(reader, &format!("{}.set", section.path()), node))),
        "switch" => return switch(reader, section, node, depth, lists).or_else(|| keep_asking(reader, section)),
        _ => {
            let steps = lists(reader, &format!("{}.steps", section.path()), node, depth + 1);
            if matches!(&node.value, Written::List(items) if items.is_empty()) {
                reader.fault(node.place, format!("`{}.steps` is empty", section.path()), "add a step: `- name: …`");
            }
            return Some((Action::Group, vec![Branch { case: Case::Always, steps }]));
        }
    };
    match action {
        Some(action) => Some((action, Vec::new())),
        None => keep_asking(reader, section),
    }
}

/// Stands in for what could not be read, so that the rest of the step is looked at too.
fn keep_asking(reader: &Reader<'_>, section: &mut Section<'_>) -> Option<(Action, Vec<Branch>)> {
    section.node("inputs");
    if section.has("steps") || section.has("switch") {
        reader.missing(|gaps| gaps.lost = true);
    }
    Some((Action::Set(Inputs::default()), Vec::new()))
}

fn inputs(reader: &Reader<'_>, section: &mut Section<'_>) -> Inputs {
    let path = format!("{}.inputs", section.path());
    section.node("inputs").filter(says).map(|node| input::inputs(reader, &path, node)).unwrap_or_default()
}

fn tool<'a>(reader: &Reader<'a>, section: &mut Section<'a>, node: &'a Node) -> Option<Action> {
    let text = reader.text("`tool`", node)?;
    let path = format!("{}.inputs", section.path());
    match text.as_str() {
        "model_call" => {
            let Some(node) = section.node("inputs").filter(says) else {
                let next = "add `inputs: { prompt: \"…\" }`";
                section.problem(
                    "tool",
                    Code::WorkflowFile,
                    format!("`{}` asks a model nothing", section.path()),
                    next.to_owned(),
                );
                return None;
            };
            question(reader, &path, node, "model_inputs").map(Action::ModelCall)
        }
        "parallel_query" => queries(reader, section, &path),
        _ => {
            let inputs = inputs(reader, section);
            call::of_step(reader, section, &text, inputs).map(Action::Tool)
        }
    }
}

/// What a model is asked: known keys only, and something to answer.
fn question<'a>(reader: &Reader<'a>, path: &str, node: &'a Node, shape: &str) -> Option<Inputs> {
    let section = reader.open(path, node, shape)?;
    let says = ["prompt", "prompt_template", "messages"].into_iter().filter(|key| section.has(key));
    match says.collect::<Vec<_>>().as_slice() {
        [] => {
            let message = format!("`{path}` says nothing to the model");
            section.problem("", Code::WorkflowFile, message, "add `prompt: \"…\"`".to_owned());
        }
        [_] => {}
        [first, second, ..] => {
            let message = format!("`{path}` has both `{first}` and `{second}`");
            section.problem(second, Code::WorkflowFile, message, "keep one of them".to_owned());
        }
    }
    section.finish();
    let entries = base::config::entries(reader.problems, &reader.source.file, path, node);
    let entries = entries.into_iter().filter(|entry| says_something(entry));
    let named = entries.map(|entry| {
        let key = if entry.key == "prompt_template" { "prompt" } else { entry.key.as_str() };
        let value = match key {
            // A schema is data: nothing in it is filled in.
            "schema" => Input::Value(entry.node.to_json()),
            "temperature" | "top_p" | "max_tokens" | "seed" => number(input::input(reader, &entry.node)),
            _ => input::input(reader, &entry.node),
        };
        (key.to_owned(), value)
    });
    Some(Inputs(named.collect()))
}

/// A number, also where it is written as it would not be printed (`0.70`), which the reader of YAML keeps as a text.
fn number(input: Input) -> Input {
    let read = input.literal().and_then(|text| text.parse::<f64>().ok()).and_then(serde_json::Number::from_f64);
    read.map_or(input, |number| Input::Value(number.into()))
}

fn says_something(entry: &Entry) -> bool {
    !matches!(entry.node.value, Written::Null)
}

fn queries<'a>(reader: &Reader<'a>, section: &mut Section<'a>, path: &str) -> Option<Action> {
    let Some(node) = section.node("inputs").filter(says) else {
        let next = "add `inputs: { queries: [{ model: …, prompt: … }] }`".to_owned();
        section.problem("tool", Code::WorkflowFile, format!("`{}` asks no models", section.path()), next);
        return None;
    };
    let mut inner = reader.open(path, node, "queries")?;
    let at_least = small(&mut inner, "at_least", 64);
    let list = inner.node("queries").map(|node| super::context::items(reader, "queries", node, limits::QUERIES));
    let list = list.unwrap_or_default();
    if list.is_empty() && inner.has("queries") {
        inner.problem(
            "queries",
            Code::WorkflowFile,
            format!("`{path}.queries` is empty"),
            "add a query: `{ model: …, prompt: … }`".to_owned(),
        );
    }
    if let Some(least) = at_least.filter(|least| usize::try_from(*least).is_ok_and(|least| least > list.len())) {
        let message = format!("`at_least` is {least}, and there are {} queries", list.len());
        inner.problem("at_least", Code::WorkflowFile, message, "lower it".to_owned());
    }
    inner.finish();
    let read = |(index, node): (usize, &'a Node)| question(reader, &format!("{path}.queries[{index}]"), node, "query");
    let queries = list.iter().enumerate().filter_map(read).collect();
    Some(Action::ParallelQuery { queries, at_least })
}

fn prompt<'a>(reader: &Reader<'a>, section: &mut Section<'a>, node: &'a Node) -> Option<Action> {
    let inputs = inputs(reader, section);
    let Written::Map(_) = node.value else {
        let name = Name { name: reader.text("`prompt`", node)?, at: node.place.into() };
        return Some(Action::Prompt(Prompt { name, version: None, model: None, ask: true, inputs }));
    };
    let mut inner = reader.open(&format!("{}.prompt", section.path()), node, "prompt")?;
    let name = inner.text("name").map(|name| Name { name, at: spot(&inner, "name") });
    let version = inner.text("version").map(|name| Name { name, at: spot(&inner, "version") });
    let model = inner.node("model").filter(says).map(|node| input::input(reader, node));
    let ask = inner.boolean("ask").unwrap_or(true);
    inner.finish();
    name.map(|name| Action::Prompt(Prompt { name, version, model, ask, inputs }))
}

fn plan<'a>(reader: &Reader<'a>, section: &Section<'a>, node: &'a Node) -> Option<Action> {
    let mut inner = reader.open(&format!("{}.plan", section.path()), node, "plan")?;
    let plan = inner.node("plan").filter(says).map(|node| input::input(reader, node));
    let list = inner.node("tools").map(|node| super::context::items(reader, "tools", node, limits::NEEDS));
    let tools = list.unwrap_or_default().iter().filter_map(|node| {
        let text = reader.text("a tool", node)?;
        call::address(reader, &text, node.place).map(|_| Name { name: text, at: node.place.into() })
    });
    let tools = tools.collect();
    inner.finish();
    plan.map(|plan| Action::Plan(PlanCall { plan, tools }))
}

fn wait<'a>(reader: &Reader<'a>, section: &mut Section<'a>, node: &'a Node) -> Option<Wait> {
    let Written::Map(_) = node.value else { return milliseconds(section, "wait").map(Wait::For) };
    let mut inner = reader.open(&format!("{}.wait", section.path()), node, "wait")?;
    let written: Vec<&str> = ["for", "until", "signal"].into_iter().filter(|key| inner.has(key)).collect();
    let timeout = milliseconds(&mut inner, "timeout");
    let found = match written.as_slice() {
        ["for"] => milliseconds(&mut inner, "for").map(Wait::For),
        ["until"] => inner.node("until").map(|node| Wait::Until(input::input(reader, node))),
        ["signal"] => inner.text("signal").map(|name| Wait::Signal { name, timeout }),
        _ => {
            let message = format!("`{}.wait` has {} of `for`, `until` and `signal`", section.path(), written.len());
            let first = written.get(1).copied().unwrap_or_default();
            inner.problem(first, Code::WorkflowFile, message, "write one of them".to_owned());
            None
        }
    };
    if timeout.is_some() && !inner.has("signal") {
        inner.problem(
            "timeout",
            Code::WorkflowFile,
            "only a wait for a signal has a `timeout`".to_owned(),
            "take it out".to_owned(),
        );
    }
    inner.finish();
    found
}

fn gate<'a>(reader: &Reader<'a>, section: &Section<'a>, node: &'a Node) -> Option<Action> {
    let plain = |prompt| Gate {
        prompt,
        show: None,
        approvers: Vec::new(),
        expires: None,
        on_expiry: OnExpiry::Reject,
        edit: false,
    };
    let Written::Map(_) = node.value else {
        return input::template(reader, "`gate`", node).map(|prompt| Action::Gate(plain(prompt)));
    };
    let mut inner = reader.open(&format!("{}.gate", section.path()), node, "gate")?;
    let prompt = inner.node("prompt").filter(says).and_then(|node| input::template(reader, "`prompt`", node));
    let show = inner.node("show").filter(says).map(|node| input::input(reader, node));
    let approvers = inner.texts("approvers").unwrap_or_default();
    let expires = milliseconds(&mut inner, "expires");
    let on_expiry = inner.choice("on_expiry", &[("reject", OnExpiry::Reject), ("approve", OnExpiry::Approve)]);
    let edit = inner.boolean("edit").unwrap_or(false);
    if edit && show.is_none() {
        let next = "add `show:` with what may be changed".to_owned();
        inner.problem(
            "edit",
            Code::WorkflowFile,
            "the gate lets nothing be changed: it shows nothing".to_owned(),
            next,
        );
    }
    if on_expiry.is_some() && expires.is_none() {
        let next = "add `expires:`, such as `expires: 1d`".to_owned();
        inner.problem("on_expiry", Code::WorkflowFile, "the gate never expires".to_owned(), next);
    }
    inner.finish();
    let on_expiry = on_expiry.unwrap_or(OnExpiry::Reject);
    prompt.map(|prompt| Action::Gate(Gate { show, approvers, expires, on_expiry, edit, ..plain(prompt) }))
}

fn switch<'a>(
    reader: &Reader<'a>,
    section: &Section<'a>,
    node: &'a Node,
    depth: usize,
    lists: Lists<'a>,
) -> Option<(Action, Vec<Branch>)> {
    let path = format!("{}.switch", section.path());
    let mut inner = reader.open(&path, node, "switch")?;
    let on = inner.node("value").filter(says).and_then(|node| input::condition(reader, "`value`", node));
    let cases = inner.node("cases").filter(says);
    let entries =
        cases.map(|node| base::config::entries(reader.problems, &reader.source.file, &format!("{path}.cases"), node));
    let entries = entries.unwrap_or_default();
    if let Some(excess) = entries.get(limits::CASES) {
        let message = format!("the `switch` has more than {} cases", limits::CASES);
        reader.wrong(Code::WorkflowTooLarge, excess.key_place, message, "group the values first, with `set`");
    }
    if entries.is_empty() && inner.has("cases") {
        inner.problem(
            "cases",
            Code::WorkflowFile,
            "the `switch` has no cases".to_owned(),
            "add `value: [steps]`".to_owned(),
        );
    }
    let branch = |case: Case, name: &str, node: &'a Node| Branch {
        case,
        steps: lists(reader, &format!("{path}.{}", short(name)), node, depth + 1),
    };
    let mut branches: Vec<Branch> = entries
        .into_iter()
        .take(limits::CASES)
        .map(|entry| branch(Case::Is(entry.key.clone()), &entry.key, &entry.node))
        .collect();
    if let Some(node) = inner.node("default").filter(says) {
        branches.push(branch(Case::Otherwise, "default", node));
    }
    inner.finish();
    on.map(|on| (Action::Switch { on }, branches))
}
