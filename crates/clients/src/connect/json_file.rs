//! One entry in a JSON file with comments, and nothing else changed.

use super::{NAME, cannot_edit};
use base::Result;
use base::config::{Node, Value, json};
use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstInputValue, CstObject, CstRootNode};

/// `text` with `entry` under the name of the hub in the map `top`, and with `input` in the list `inputs`. What stands
/// there already is replaced.
pub(super) fn edited(
    file: &str,
    text: &str,
    top: &str,
    entry: CstInputValue,
    input: Option<(&str, CstInputValue)>,
) -> Result<String> {
    let before = json(file, text)?.root;
    if !matches!(before.value, Value::Map(_) | Value::Null) {
        return Err(cannot_edit(file, "it holds something else than a map"));
    }
    let is = |key: &str, fits: fn(&Value) -> bool| before.get(key).is_none_or(|entry| fits(&entry.node.value));
    if !is(top, |value| matches!(value, Value::Map(_) | Value::Null)) {
        return Err(cannot_edit(file, &format!("its `{top}` is no map")));
    }
    if input.is_some() && !is("inputs", |value| matches!(value, Value::List(_) | Value::Null)) {
        return Err(cannot_edit(file, "its `inputs` is no list"));
    }
    let id = input.as_ref().map(|(id, _)| *id);
    // The mark at the start of some Windows files is no part of JSON, and it stays.
    let (mark, body) = text.split_at(if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 });
    let body = if body.trim().is_empty() { "{}\n" } else { body };
    let root = CstRootNode::parse(body, &ParseOptions::default())
        .map_err(|error| cannot_edit(file, &error.kind().to_string()))?;
    let object = root.object_value_or_set();
    if let Some((id, input)) = input {
        put_input(&object, id, input);
    }
    let servers = object.object_value_or_set(top);
    match servers.get(NAME) {
        Some(there) => there.set_value(entry),
        None => {
            servers.append(NAME, entry);
        }
    }
    let after = format!("{mark}{root}");
    let read =
        json(file, &after).map_err(|_| cannot_edit(file, "its layout has a form that the editor does not know"))?;
    // What says the same stays as it is: the editor may lay it out otherwise.
    if read.root.same_as(&before) {
        return Ok(text.to_owned());
    }
    // The editor is somebody else's, and the file is the user's: nothing but our entry may differ.
    let has_ours = read.root.get(top).is_some_and(|top| top.node.get(NAME).is_some());
    if has_ours && others(&read.root, top, id).same_as(&others(&before, top, id)) {
        Ok(after)
    } else {
        Err(cannot_edit(file, "the edit would have changed something else"))
    }
}

fn put_input(object: &CstObject, id: &str, input: CstInputValue) {
    let inputs = object.array_value_or_set("inputs");
    let has_id = |element: &jsonc_parser::cst::CstNode| {
        let element_id = element.as_object().and_then(|element| element.get("id")?.value()?.as_string_lit());
        element_id.and_then(|text| text.decoded_value().ok()).is_some_and(|text| text == id)
    };
    if !inputs.elements().iter().any(has_id) {
        inputs.append(input);
    }
}

/// The tree without what belongs to the hub, to compare the rest.
fn others(root: &Node, top: &str, id: Option<&str>) -> Node {
    let mut root = root.clone();
    if matches!(root.value, Value::Null) {
        root.value = Value::Map(Vec::new());
    }
    if let Value::Map(entries) = &mut root.value {
        for entry in entries.iter_mut() {
            match &mut entry.node.value {
                Value::Map(servers) if entry.key == top => servers.retain(|server| server.key != NAME),
                Value::List(inputs) if entry.key == "inputs" => inputs.retain(|input| !has_id(input, id)),
                _ => {}
            }
        }
        // A map or list that the edit made, or that held nothing but ours, counts as not there.
        let holds = |value: &Value| match value {
            Value::Map(entries) => !entries.is_empty(),
            Value::List(items) => !items.is_empty(),
            value => !matches!(value, Value::Null),
        };
        entries.retain(|entry| (entry.key != top && entry.key != "inputs") || holds(&entry.node.value));
    }
    root
}

fn has_id(input: &Node, id: Option<&str>) -> bool {
    let text = input.get("id").and_then(|entry| entry.node.scalar_text());
    id.is_some_and(|id| text.is_some_and(|text| text == id))
}
