//! Values with templates in them.

use super::context::{Reader, says};
use crate::definition::{Input, Inputs};
use crate::source::short;
use crate::template::{Template, is_template};
use base::Code;
use base::config::{Entry, Node, Place, Section, Value as Written};
use serde_json::Value;
use templates::Fault;

/// A value with templates in it.
pub(super) fn input(reader: &Reader<'_>, node: &Node) -> Input {
    if !holds_template(node) {
        return Input::Value(node.to_json());
    }
    match &node.value {
        Written::Text(text) => {
            let read = Template::of_text(text, node.place.into());
            read.map_or_else(
                |fault| failed(reader, node, text, &fault, Input::Value(text.as_str().into())),
                Input::Template,
            )
        }
        Written::List(items) => Input::List(items.iter().map(|item| input(reader, item)).collect()),
        Written::Map(entries) => Input::Map(Inputs(entries.iter().map(|entry| named(reader, entry)).collect())),
        _ => Input::Value(node.to_json()),
    }
}

fn named(reader: &Reader<'_>, entry: &Entry) -> (String, Input) {
    (entry.key.clone(), input(reader, &entry.node))
}

/// Values under free names.
pub(super) fn inputs(reader: &Reader<'_>, path: &str, node: &Node) -> Inputs {
    let entries = base::config::entries(reader.problems, &reader.source.file, path, node);
    Inputs(entries.into_iter().map(|entry| named(reader, entry)).collect())
}

/// A text with values in it.
pub(super) fn template(reader: &Reader<'_>, what: &str, node: &Node) -> Option<Template> {
    let text = reader.text(what, node)?;
    Template::of_text(&text, node.place.into()).map_or_else(|fault| failed(reader, node, &text, &fault, None), Some)
}

/// An expression, with braces around it or without.
pub(super) fn condition(reader: &Reader<'_>, what: &str, node: &Node) -> Option<Template> {
    let text = reader.text(what, node)?;
    if text.trim().is_empty() {
        reader.fault(node.place, format!("{what} is empty"), "write an expression such as `params.count > 3`");
        return None;
    }
    let read = if text.contains("{%") {
        Template::of_text(&text, node.place.into())
    } else {
        Template::of_expression(&text, node.place.into())
    };
    read.map_or_else(|fault| failed(reader, node, &text, &fault, None), Some)
}

/// A JSON Schema of which all that is written is checked.
pub(super) fn schema(reader: &Reader<'_>, section: &mut Section<'_>, key: &'static str) -> Option<Value> {
    let node = section.node(key).filter(says)?;
    let schema = node.to_json();
    for why in schema::unchecked(&schema) {
        reader.fault(
            node.place,
            format!("the schema `{key}` {why}"),
            "write JSON Schema, such as `{ type: object, properties: { title: { type: string } } }`",
        );
    }
    Some(schema)
}

fn failed<T>(reader: &Reader<'_>, node: &Node, text: &str, fault: &Fault, otherwise: T) -> T {
    let message = format!("the template `{}` is none: {}", short(text), fault.why);
    let next = "values stand in `{{ … }}`, conditions and loops in `{% … %}`; docs/guide/workflows.md has examples";
    reader.wrong(Code::WorkflowTemplate, line_of(reader, node, fault.line), message, next);
    otherwise
}

/// Where the line of a template stands in the file. The text of a block begins on the line behind its mark.
fn line_of(reader: &Reader<'_>, node: &Node, line: usize) -> Place {
    let place = node.place;
    let begins = reader.source.text.lines().nth(place.line.saturating_sub(1)).unwrap_or_default();
    let mark = begins.chars().nth(place.column.saturating_sub(1));
    let block = matches!(mark, Some('|' | '>'));
    match (block, line) {
        (false, 0 | 1) => place,
        (false, _) => Place { line: place.line + line - 1, column: 1 },
        (true, _) => Place { line: place.line + line.max(1), column: 1 },
    }
}

fn holds_template(node: &Node) -> bool {
    match &node.value {
        Written::Text(text) => is_template(text),
        Written::List(items) => items.iter().any(holds_template),
        Written::Map(entries) => entries.iter().any(|entry| holds_template(&entry.node)),
        _ => false,
    }
}
