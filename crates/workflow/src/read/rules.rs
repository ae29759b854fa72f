//! How often a step is done, and when it is tried again.

use super::context::{Reader, items, milliseconds, says, small, unknown};
use super::input;
use crate::definition::{Backoff, ForEach, Input, ItemFailure, Repeat, Retry};
use crate::limits;
use crate::source::short;
use base::Code;
use base::config::{Node, Section, Value as Written, nearest};

pub(super) fn for_each<'a>(reader: &Reader<'a>, path: &str, node: &'a Node) -> Option<ForEach> {
    let plain = |items: Input| ForEach {
        items,
        variable: "item".to_owned(),
        concurrency: limits::CONCURRENCY.0,
        most: limits::ITEMS.0,
        on_failure: ItemFailure::Fail,
    };
    let Written::Map(_) = node.value else {
        return items_of(reader, node).map(plain);
    };
    let mut section = reader.open(&format!("{path}.for_each"), node, "for_each")?;
    let items = section.node("items").filter(says).and_then(|node| items_of(reader, node));
    let variable = section.text("as");
    if let Some(name) = variable.as_deref().filter(|name| !limits::is_name(name) || RESERVED.contains(name)) {
        let message = format!("an item cannot be called `{}`", short(name));
        let next = "use letters, digits and `_`, and no name that templates know already";
        section.problem("as", Code::WorkflowFile, message, next.to_owned());
    }
    let concurrency = small(&mut section, "concurrency", limits::CONCURRENCY.1);
    let most = small(&mut section, "max", limits::ITEMS.1);
    let on_failure = section.node("on_failure").filter(says).and_then(|node| item_failure(reader, path, node));
    section.finish();
    let rule = plain(items?);
    Some(ForEach {
        variable: variable.unwrap_or(rule.variable),
        concurrency: concurrency.unwrap_or(rule.concurrency),
        most: most.unwrap_or(rule.most),
        on_failure: on_failure.unwrap_or(rule.on_failure),
        items: rule.items,
    })
}

/// What templates know by these names.
const RESERVED: [&str; 9] = ["params", "steps", "memory", "run", "result", "iteration", "previous", "index", "loop"];

fn items_of(reader: &Reader<'_>, node: &Node) -> Option<Input> {
    match &node.value {
        Written::Text(_) => input::condition(reader, "`for_each`", node).map(Input::Template),
        Written::List(list) => {
            if list.is_empty() {
                reader.fault(node.place, "`for_each` has no items", "write a list, or a template that makes one");
            }
            Some(input::input(reader, node))
        }
        other => {
            let message = format!("the items must be a list or a template, and {} stands there", other.kind());
            reader.fault(node.place, message, "write for example `for_each: \"{{ steps.list.output.files }}\"`");
            None
        }
    }
}

fn item_failure<'a>(reader: &Reader<'a>, path: &str, node: &'a Node) -> Option<ItemFailure> {
    if let Written::Map(_) = node.value {
        let mut section = reader.open(&format!("{path}.for_each.on_failure"), node, "tolerate")?;
        let number = small(&mut section, "tolerate", limits::ITEMS.1);
        section.finish();
        return number.map(ItemFailure::Tolerate);
    }
    match node.scalar_text().as_deref() {
        Some("fail") => Some(ItemFailure::Fail),
        Some("continue") => Some(ItemFailure::Continue),
        other => {
            unknown(reader, node, "`on_failure`", other.unwrap_or_default(), &["fail", "continue", "tolerate"]);
            None
        }
    }
}

pub(super) fn repeat<'a>(reader: &Reader<'a>, path: &str, node: &'a Node) -> Option<Repeat> {
    let mut section = reader.open(&format!("{path}.repeat"), node, "repeat")?;
    let until = section.node("until").filter(says).and_then(|node| input::condition(reader, "`until`", node));
    let most = small(&mut section, "max", limits::ROUNDS.1).unwrap_or(limits::ROUNDS.0);
    let delay = milliseconds(&mut section, "delay");
    section.finish();
    until.map(|until| Repeat { until, most, delay })
}

pub(super) fn retry<'a>(reader: &Reader<'a>, path: &str, node: &'a Node) -> Option<Retry> {
    if !matches!(node.value, Written::Map(_)) {
        let attempts = node.scalar_text().and_then(|text| text.parse::<u32>().ok());
        let attempts = attempts.filter(|attempts| (1..=limits::ATTEMPTS).contains(attempts));
        if attempts.is_none() {
            let message = format!("`retry` is no number of attempts from 1 to {}", limits::ATTEMPTS);
            reader.wrong(Code::ConfigInvalidValue, node.place, message, "write for example `retry: 3`");
        }
        return attempts.map(|attempts| Retry { attempts, backoff: Backoff::default(), on: Vec::new() });
    }
    let mut section = reader.open(&format!("{path}.retry"), node, "retry")?;
    let attempts = small(&mut section, "attempts", limits::ATTEMPTS);
    let backoff = backoff(reader, &mut section);
    let list =
        section.node("codes").filter(says).map(|node| items(reader, "codes", node, limits::NEEDS)).unwrap_or_default();
    let on = list.iter().filter_map(|node| code(reader, node)).collect();
    section.finish();
    attempts.map(|attempts| Retry { attempts, backoff, on })
}

fn backoff<'a>(reader: &Reader<'a>, section: &mut Section<'a>) -> Backoff {
    let rule = Backoff::default();
    let Some(node) = section.node("backoff").filter(says) else { return rule };
    let Written::Map(_) = node.value else {
        let first = milliseconds(section, "backoff").unwrap_or(rule.first);
        return Backoff { first, most: rule.most.max(first), ..rule };
    };
    let path = format!("{}.backoff", section.path());
    let Some(mut inner) = reader.open(&path, node, "backoff") else { return rule };
    let first = milliseconds(&mut inner, "first").unwrap_or(rule.first);
    let factor =
        inner.node("factor").filter(says).map(|node| node.scalar_text().and_then(|text| text.parse::<f64>().ok()));
    let factor = factor.map(|factor| factor.filter(|factor| (1.0..=10.0).contains(factor)));
    if factor == Some(None) {
        let message = format!("`{path}.factor` is no number from 1 to 10");
        inner.problem("factor", Code::ConfigInvalidValue, message, "write for example `factor: 2`".to_owned());
    }
    let most = milliseconds(&mut inner, "max");
    if let Some(most) = most.filter(|most| *most < first) {
        let message = format!("the longest wait, {most} ms, is shorter than the first, {first} ms");
        inner.problem("max", Code::WorkflowFile, message, "make `max` longer or `first` shorter".to_owned());
    }
    inner.finish();
    Backoff { first, factor: factor.flatten().unwrap_or(rule.factor), most: most.unwrap_or(rule.most.max(first)) }
}

/// The identifier of an error code that is written as `T-0204` or by its label.
fn code(reader: &Reader<'_>, node: &Node) -> Option<String> {
    let text = reader.text("an error code", node)?;
    let numbered = text.trim_start_matches(['t', 'T', '-']).chars().all(|one| one.is_ascii_digit());
    let by_number = if numbered { Code::find(&text) } else { None };
    let found = by_number.or_else(|| Code::ALL.iter().copied().find(|code| code.label() == text));
    if found.is_none() {
        let next = match nearest(&text, Code::ALL.iter().flat_map(|code| [code.label(), code.id()])) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "write a code such as `T-0204`; `tutti explain` lists them".to_owned(),
        };
        reader.fault(node.place, format!("`{}` is no error code", short(&text)), next);
    }
    found.map(|code| code.id().to_owned())
}
