//! Parameters: what the document says of each, and how its value is written in its place.

use crate::convert::truth;
use crate::document::Document;
use crate::fault::{Fault, shown};
use serde_json::Value;

/// Where a parameter stands in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Place {
    Path,
    Query,
    Header,
    Cookie,
}

impl Place {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Place::Path => "path",
            Place::Query => "query",
            Place::Header => "header",
            Place::Cookie => "cookie",
        }
    }

    fn of(word: &str) -> Option<Self> {
        [Place::Path, Place::Query, Place::Header, Place::Cookie].into_iter().find(|place| place.word() == word)
    }
}

/// How lists and objects are written (OpenAPI 3.1, section 4.8.12.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Simple,
    Label,
    Matrix,
    Form,
    SpaceDelimited,
    PipeDelimited,
    DeepObject,
    /// As JSON, where the document gives a media type instead of a style.
    Json,
}

/// A parameter of an operation.
#[derive(Debug, Clone)]
pub(crate) struct Parameter {
    /// What it is called in the request.
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) style: Style,
    /// Whether each item of a list, or each property of an object, stands by itself.
    pub(crate) explode: bool,
    /// Whether reserved characters stay that do no harm.
    pub(crate) reserved: bool,
    pub(crate) required: bool,
    /// The properties that its objects have; nothing where they may have any.
    pub(crate) properties: Option<Vec<String>>,
    pub(crate) description: Option<String>,
    pub(crate) deprecated: bool,
    pub(crate) schema: Value,
}

/// Headers that are the sender's business: no document and no argument sets them. Those at the end would make another
/// method of the request than the one that was allowed.
const OWN_HEADERS: [&str; 25] = [
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "origin",
    "proxy-authorization",
    "proxy-connection",
    "referer",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "x-real-ip",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
];

/// What a document's parameter is.
pub(crate) enum Found {
    Parameter(Box<Parameter>),
    /// One that the sender sets by itself, or not at all.
    Own,
}

/// Reads one parameter. `hidden` says which the operator sets, by place and name.
pub(crate) fn read(document: &Document, value: &Value, hidden: &dyn Fn(Place, &str) -> bool) -> Result<Found, Fault> {
    let value = document.resolve(value)?;
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let name = text("name").ok_or("one of its parameters has no name")?.to_owned();
    let word = text("in").ok_or_else(|| format!("its parameter `{}` says not where it stands", shown(&name)))?;
    let place = Place::of(word)
        .ok_or_else(|| format!("its parameter `{}` stands in `{}`, which is not known", shown(&name), shown(word)))?;
    let required = place == Place::Path || truth(value.get("required")) == Some(true);
    let own = match place {
        Place::Header => {
            let lower = name.to_ascii_lowercase();
            OWN_HEADERS.contains(&lower.as_str()) || lower.starts_with("x-forwarded-") || lower.starts_with("proxy-")
        }
        _ => false,
    };
    if own || hidden(place, &name) {
        return Ok(Found::Own);
    }
    let is_token = !name.is_empty() && name.bytes().all(is_token);
    if matches!(place, Place::Header | Place::Cookie) && !is_token {
        return Err(format!("its {word} `{}` has a name that none can have", shown(&name)));
    }
    let (style, schema) = style(value, place, &name)?;
    let explode = truth(value.get("explode")).unwrap_or(style == Style::Form);
    Ok(Found::Parameter(Box::new(Parameter {
        place,
        style,
        explode,
        reserved: truth(value.get("allowReserved")) == Some(true),
        required,
        properties: properties(document, &schema),
        description: text("description").map(str::to_owned),
        deprecated: truth(value.get("deprecated")) == Some(true),
        schema: with_example(value, schema),
        name,
    })))
}

/// How it is written, and its schema.
fn style(value: &Value, place: Place, name: &str) -> Result<(Style, Value), Fault> {
    if let Some((media_type, media)) = value.get("content").and_then(Value::as_object).and_then(|map| map.iter().next())
    {
        let schema = media.get("schema").cloned().unwrap_or(Value::Bool(true));
        let json = crate::body::is_json(media_type);
        return Ok((if json { Style::Json } else { plain(place) }, schema));
    }
    let schema = value.get("schema").cloned().unwrap_or(Value::Bool(true));
    let style = match (value.get("style").and_then(Value::as_str), place) {
        (None, _) => plain(place),
        (Some("simple"), Place::Path | Place::Header) => Style::Simple,
        (Some("label"), Place::Path) => Style::Label,
        (Some("matrix"), Place::Path) => Style::Matrix,
        (Some("form"), Place::Query | Place::Cookie) => Style::Form,
        (Some("spaceDelimited"), Place::Query) => Style::SpaceDelimited,
        (Some("pipeDelimited"), Place::Query) => Style::PipeDelimited,
        (Some("deepObject"), Place::Query) => Style::DeepObject,
        (Some(other), place) => {
            let (name, other) = (shown(name), shown(other));
            return Err(format!(
                "its {} parameter `{name}` has the style `{other}`, which is not for it",
                place.word()
            ));
        }
    };
    Ok((style, schema))
}

/// The style of a place where none is named.
fn plain(place: Place) -> Style {
    match place {
        Place::Path | Place::Header => Style::Simple,
        Place::Query | Place::Cookie => Style::Form,
    }
}

/// The names that the objects of a schema may have, where it says so.
fn properties(document: &Document, schema: &Value) -> Option<Vec<String>> {
    let schema = document.resolve(schema).ok()?;
    let open = match schema.get("additionalProperties") {
        None => ["allOf", "anyOf", "oneOf", "patternProperties"].iter().any(|key| schema.get(key).is_some()),
        Some(value) => truth(Some(value)) != Some(false),
    };
    let listed = schema.get("properties").and_then(Value::as_object);
    let names = listed.map(|listed| listed.keys().cloned().collect()).unwrap_or_default();
    (!open).then_some(names)
}

/// A parameter has its example beside its schema.
fn with_example(value: &Value, mut schema: Value) -> Value {
    if let (Some(example), Some(members)) = (value.get("example"), schema.as_object_mut())
        && !members.contains_key("example")
        && !members.contains_key("$ref")
    {
        members.insert("example".to_owned(), example.clone());
    }
    schema
}

/// Whether a byte may stand in the name of a header (RFC 9110, section 5.6.2).
pub(crate) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
