//! The tool that an operation is.

use crate::body::{self, Body, Kind};
use crate::document::Document;
use crate::expected::Expected;
use crate::fault::Fault;
use crate::found::{Found, is_deprecated};
use crate::parameter::{Parameter, Place, Style};
use crate::schema::{Schemas, Uses};
use serde_json::{Map, Value, json};

/// The most bytes of one definition. Models read all of them.
const MOST: usize = 256 << 10;

/// The most bytes of the schema of answers. Above that a tool promises nothing: it would cost more than it tells.
const OUTPUT: usize = 64 << 10;

/// The longest description, in characters.
const DESCRIPTION: usize = 8000;

/// What was made.
pub(crate) struct Made {
    pub(crate) definition: Value,
    pub(crate) accept: String,
    pub(crate) expected: Expected,
}

/// The schemas of a document, each way.
pub(crate) struct Shelves<'a> {
    pub(crate) sent: Schemas<'a>,
    pub(crate) received: Schemas<'a>,
}

/// The tool of an operation, and what is to be expected of its answers.
pub(crate) fn define(
    document: &Document,
    shelves: &mut Shelves<'_>,
    found: &Found<'_>,
    name: &str,
    parameters: &[(String, Parameter)],
    body: Option<&(String, Body)>,
) -> Result<Made, Fault> {
    // Without a schema of its answers a tool is as good; with one that says too much, or cannot be read, it is not.
    let (output, expected) = output(document, &mut shelves.received, found.value)
        .ok()
        .and_then(|(output, expected)| Some((output?, expected)))
        .filter(|(output, _)| output.to_string().len() <= OUTPUT)
        .map_or((None, Expected::Nothing), |(output, expected)| (Some(output), expected));
    let text = |key: &str| found.value.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    let mut tool = Map::new();
    let mut put = |key: &str, value: Value| tool.insert(key.to_owned(), value);
    put("name", name.into());
    if let Some(title) = text("summary") {
        put("title", shortened(title, 200).into());
    }
    put("description", description(found).into());
    put("inputSchema", input(document, &mut shelves.sent, parameters, body)?);
    if let Some(output) = output {
        put("outputSchema", output);
    }
    put("annotations", annotations(found.method));
    let definition = Value::Object(tool);
    if definition.to_string().len() > 2 * MOST {
        return Err(format!("its schemas have more than {} KiB", (2 * MOST) >> 10));
    }
    Ok(Made { definition, accept: accept(document, found.value), expected })
}

fn description(found: &Found<'_>) -> String {
    let text = |key: &str| found.value.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    let said = [text("summary"), text("description")].into_iter().flatten();
    let mut parts: Vec<&str> = Vec::new();
    for part in said {
        if parts.iter().all(|other| !part.starts_with(other) && !other.starts_with(part)) {
            parts.push(part);
        } else if let Some(first) = parts.first_mut().filter(|first| part.len() > first.len()) {
            *first = part;
        }
    }
    let request = format!("{} {}", found.method, found.path);
    let mut whole = if parts.is_empty() { request } else { format!("{}\n\n{request}", parts.join("\n\n")) };
    if is_deprecated(found.value) {
        whole = format!("Deprecated: use another operation where there is one.\n\n{whole}");
    }
    shortened(&whole, DESCRIPTION)
}

fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// What the method says of its effect (RFC 9110, section 9.2).
fn annotations(method: &str) -> Value {
    match method {
        "GET" | "HEAD" | "OPTIONS" => json!({"readOnlyHint": true, "openWorldHint": true}),
        "PUT" => json!({"readOnlyHint": false, "idempotentHint": true, "openWorldHint": true}),
        "DELETE" => {
            json!({"readOnlyHint": false, "destructiveHint": true, "idempotentHint": true, "openWorldHint": true})
        }
        _ => json!({"readOnlyHint": false, "openWorldHint": true}),
    }
}

fn input(
    document: &Document,
    schemas: &mut Schemas<'_>,
    parameters: &[(String, Parameter)],
    body: Option<&(String, Body)>,
) -> Result<Value, Fault> {
    let mut uses = Uses::new();
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (argument, parameter) in parameters {
        let schema = schemas.convert(&parameter.schema, &mut uses)?;
        let description = parameter_description(argument, parameter);
        properties.insert(argument.clone(), described(schema, description, parameter.deprecated));
        if parameter.required {
            required.push(Value::from(argument.as_str()));
        }
    }
    if let Some((argument, body)) = body {
        // Where properties are changed for this tool alone, the schema itself stands in place of a reference.
        let own = if body.files.is_empty() { &body.schema } else { document.resolve(&body.schema)? };
        let mut schema = schemas.convert(own, &mut uses)?;
        files(&mut schema, &body.files);
        let note = match body.kind {
            Kind::Text | Kind::Bytes => format!("The body, sent as {}.", body::essence(&body.media_type)),
            Kind::Json | Kind::Form | Kind::Multipart => String::new(),
        };
        let said = body.description.as_deref().map(str::trim).unwrap_or_default();
        let description = [said, note.as_str()].join(" ").trim().to_owned();
        properties.insert(argument.clone(), described(schema, description, false));
        if body.required {
            required.push(Value::from(argument.as_str()));
        }
    }
    let definitions = schemas.definitions(&uses, MOST)?;
    let mut schema = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    schema["additionalProperties"] = false.into();
    if !definitions.is_empty() {
        schema["$defs"] = definitions.into();
    }
    Ok(schema)
}

/// Says of files in a form that they come as base64.
fn files(schema: &mut Value, files: &[String]) {
    for name in files {
        let property = &mut schema["properties"][name];
        let is_list = property.get("items").is_some();
        let said = property.get("description").and_then(Value::as_str).unwrap_or_default().to_owned();
        let description = format!("{said} A file, as base64.").trim().to_owned();
        let one = json!({"type": "string", "contentEncoding": "base64"});
        *property = if is_list { json!({"type": "array", "items": one}) } else { one };
        property["description"] = description.into();
    }
}

fn parameter_description(argument: &str, parameter: &Parameter) -> String {
    let mut text = parameter.description.as_deref().map(str::trim).unwrap_or_default().to_owned();
    let mut add = |sentence: &str| {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(sentence);
    };
    // A model that knows the API knows the name that it has there.
    if argument != parameter.name {
        add(&format!("(`{}` in the {})", parameter.name, parameter.place.word()));
    }
    if parameter.style == Style::Json && parameter.place != Place::Path {
        add("(sent as JSON)");
    }
    shortened(&text, DESCRIPTION / 4)
}

/// A schema with a description of its own; what the parameter says goes before what its schema says.
fn described(schema: Value, description: String, deprecated: bool) -> Value {
    let mut members = match schema {
        Value::Object(members) => members,
        Value::Bool(false) => return json!(false),
        _ => Map::new(),
    };
    if !description.is_empty() {
        members.insert("description".to_owned(), description.into());
    }
    if deprecated {
        members.insert("deprecated".to_owned(), true.into());
    }
    members.into()
}

/// The schema of the answer, if all answers that are no errors are JSON of one schema.
fn output(document: &Document, shelf: &mut Schemas<'_>, operation: &Value) -> Result<(Option<Value>, Expected), Fault> {
    let none = Ok((None, Expected::Nothing));
    let mut schemas: Vec<&Value> = Vec::new();
    for answer in successes(document, operation)? {
        let content = answer.get("content").and_then(Value::as_object);
        let json = content.into_iter().flatten().find(|(media_type, _)| body::is_json(media_type));
        let (Some((_, media)), Some(1)) = (json, content.map(Map::len)) else { return none };
        let Some(schema) = media.get("schema") else { return none };
        if schemas.iter().all(|other| *other != schema) {
            schemas.push(schema);
        }
    }
    let [schema] = schemas.as_slice() else { return none };
    let resolved = document.resolve(schema)?;
    // What may be anything is no promise.
    let says = |key: &&String| !matches!(key.as_str(), "title" | "description" | "example" | "examples" | "default");
    if resolved.as_object().is_none_or(|members| members.keys().filter(says).count() == 0) {
        return none;
    }
    let is_object = match resolved.get("type") {
        Some(kind) => kind.as_str() == Some("object"),
        None => resolved.get("properties").is_some(),
    };
    let nullable = crate::convert::truth(resolved.get("nullable")) == Some(true);
    let mut uses = Uses::new();
    if is_object && !nullable {
        let mut output = shelf.convert(resolved, &mut uses)?;
        output["type"] = "object".into();
        with_definitions(&mut output, shelf, &uses)?;
        return Ok((Some(output), Expected::Object));
    }
    // What is no object stands under a name, because the structured content of most clients is an object.
    let inner = shelf.convert(schema, &mut uses)?;
    let mut output = json!({"type": "object", "properties": {"result": inner}, "required": ["result"]});
    with_definitions(&mut output, shelf, &uses)?;
    Ok((Some(output), Expected::Wrapped))
}

fn with_definitions(schema: &mut Value, shelf: &mut Schemas<'_>, uses: &Uses) -> Result<(), Fault> {
    let definitions = shelf.definitions(uses, OUTPUT)?;
    if !definitions.is_empty() {
        schema["$defs"] = definitions.into();
    }
    Ok(())
}

/// The answers that are no errors.
fn successes<'a>(document: &'a Document, operation: &'a Value) -> Result<Vec<&'a Value>, Fault> {
    let answers = operation.get("responses").and_then(Value::as_object).into_iter().flatten();
    let good = answers.filter(|(status, _)| status.starts_with('2'));
    good.map(|(_, answer)| document.resolve(answer)).collect()
}

/// What the `Accept` header says.
fn accept(document: &Document, operation: &Value) -> String {
    let mut types: Vec<String> = Vec::new();
    for answer in successes(document, operation).unwrap_or_default() {
        for (media_type, _) in answer.get("content").and_then(Value::as_object).into_iter().flatten() {
            let essence = body::essence(media_type);
            let fits = essence.bytes().all(|byte| crate::parameter::is_token(byte) || byte == b'/');
            if fits && !essence.contains('*') && !types.contains(&essence) && types.len() < 8 {
                types.push(essence);
            }
        }
    }
    if let Some(json) = types.iter().find(|media_type| body::is_json(media_type)).cloned() {
        types = vec![json];
    }
    if types.is_empty() {
        types.push("application/json".to_owned());
    }
    types.push("*/*;q=0.5".to_owned());
    types.join(", ")
}
