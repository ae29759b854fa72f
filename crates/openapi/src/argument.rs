//! The value of a parameter, written in the style of its place.

use crate::convert::scalar;
use crate::encode;
use crate::fault;
use crate::parameter::{Parameter, Place, Style};
use crate::path;
use base::Result;
use serde_json::{Map, Value};

/// The most items of one list, and properties of one object.
const MOST: usize = 10_000;

/// How the parts of a value are encoded in this place.
type Encoder = fn(&str) -> String;

/// The value as a piece of the path. `slashes` says that its parts may have slashes, encoded.
pub(crate) fn in_path(parameter: &Parameter, argument: &str, value: &Value, slashes: bool) -> Result<String> {
    let parts = Parts::of(parameter, argument, value)?;
    parts.each(|part| path::check(argument, part, slashes))?;
    let name = encode::component(&parameter.name);
    let text = match (parameter.style, &parts) {
        (Style::Label, parts) => {
            let separator = if parameter.explode { "." } else { "," };
            format!(".{}", parts.joined(separator, parameter.explode, encode::component))
        }
        (Style::Matrix, Parts::One(one)) => format!(";{name}={}", encode::component(one)),
        (Style::Matrix, Parts::List(items)) if parameter.explode => {
            items.iter().map(|item| format!(";{name}={}", encode::component(item))).collect()
        }
        (Style::Matrix, Parts::Map(pairs)) if parameter.explode => pairs
            .iter()
            .map(|(key, value)| format!(";{}={}", encode::component(key), encode::component(value)))
            .collect(),
        (Style::Matrix, parts) => format!(";{name}={}", parts.joined(",", false, encode::component)),
        (_, parts) => parts.joined(",", parameter.explode, encode::component),
    };
    if text.is_empty() {
        return Err(fault::argument(argument, "is empty, and it is a part of the path", "give it a value"));
    }
    Ok(text)
}

/// The value as pieces of the query: `name=value`, encoded. `taken` says which names are those of other parameters.
pub(crate) fn in_query(
    parameter: &Parameter,
    argument: &str,
    value: &Value,
    taken: &dyn Fn(&str) -> bool,
) -> Result<Vec<String>> {
    let parts = Parts::of(parameter, argument, value)?;
    let encoder: Encoder =
        if parameter.reserved { |text| encode::percent(text, encode::is_reserved_harmless) } else { encode::component };
    let name = encode::component(&parameter.name);
    let pair = |text: String| vec![format!("{name}={text}")];
    Ok(match (parameter.style, parts) {
        (_, Parts::One(one)) => pair(encoder(&one)),
        (Style::DeepObject, Parts::Map(pairs)) => {
            let mut out = Vec::with_capacity(pairs.len());
            for (key, value) in pairs {
                check_bracketed(argument, &key)?;
                out.push(format!("{name}%5B{}%5D={}", encode::component(&key), encoder(&value)));
            }
            out
        }
        (Style::Form, Parts::Map(pairs)) if parameter.explode => {
            let mut out = Vec::with_capacity(pairs.len());
            for (key, value) in pairs {
                // Each property becomes a parameter of its own, and must not be one that is somebody else's.
                if taken(&key) {
                    let why = format!("has the property `{}`, which is another parameter", fault::shown(&key));
                    return Err(fault::argument(argument, &why, "leave that property out"));
                }
                out.push(format!("{}={}", encode::component(&key), encoder(&value)));
            }
            out
        }
        (Style::SpaceDelimited, parts) if !parameter.explode => pair(parts.joined("%20", false, encoder)),
        (Style::PipeDelimited, parts) if !parameter.explode => pair(parts.joined("%7C", false, encoder)),
        (_, Parts::List(items)) if parameter.explode => {
            items.iter().map(|item| format!("{name}={}", encoder(item))).collect()
        }
        (_, parts) => pair(parts.joined(",", false, encoder)),
    })
}

/// The value as that of a header.
pub(crate) fn in_header(parameter: &Parameter, argument: &str, value: &Value) -> Result<String> {
    let text = Parts::of(parameter, argument, value)?.joined(",", parameter.explode, str::to_owned);
    header_value(argument, &text)?;
    Ok(text)
}

/// The value as that of a cookie.
pub(crate) fn in_cookie(parameter: &Parameter, argument: &str, value: &Value) -> Result<String> {
    Ok(Parts::of(parameter, argument, value)?.joined("%2C", false, encode::component))
}

/// Checks that a text can be the value of a header and of that header alone.
fn header_value(argument: &str, text: &str) -> Result<()> {
    let is_fine = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if is_fine {
        return Ok(());
    }
    let why = "has line ends, control characters or characters outside ASCII, and it is sent in a header";
    Err(fault::argument(argument, why, "give it plain ASCII text on one line"))
}

/// A key within brackets must not close them and open others.
fn check_bracketed(argument: &str, key: &str) -> Result<()> {
    if key.contains(['[', ']']) {
        let why = format!("has the property `{}`, and brackets would make it another one", fault::shown(key));
        return Err(fault::argument(argument, &why, "leave the brackets out"));
    }
    Ok(())
}

/// A value taken apart as far as a style can say it.
enum Parts {
    One(String),
    List(Vec<String>),
    Map(Vec<(String, String)>),
}

impl Parts {
    fn of(parameter: &Parameter, argument: &str, value: &Value) -> Result<Self> {
        if parameter.style == Style::Json {
            return Ok(Parts::One(value.to_string()));
        }
        let plain = |value: &Value| {
            scalar(value).ok_or_else(|| {
                let why = format!(
                    "has lists or objects within each other, which its place ({}) cannot say",
                    parameter.place.word()
                );
                fault::argument(argument, &why, "give it a plain value, or a list or object of plain values")
            })
        };
        let too_many = |count: usize| {
            let why = format!("has more than {MOST} parts");
            if count > MOST { Err(fault::argument(argument, &why, "send fewer")) } else { Ok(()) }
        };
        match value {
            Value::Array(items) => {
                too_many(items.len())?;
                Ok(Parts::List(items.iter().map(plain).collect::<Result<_>>()?))
            }
            Value::Object(members) => {
                too_many(members.len())?;
                check_keys(parameter, argument, members)?;
                let pair = |(key, value): (&String, &Value)| Ok((key.clone(), plain(value)?));
                Ok(Parts::Map(members.iter().filter(|(_, value)| !value.is_null()).map(pair).collect::<Result<_>>()?))
            }
            other => Ok(Parts::One(plain(other)?)),
        }
    }

    /// Passes every part to `check`.
    fn each(&self, check: impl Fn(&str) -> Result<()>) -> Result<()> {
        match self {
            Parts::One(one) => check(one),
            Parts::List(items) => items.iter().try_for_each(|item| check(item)),
            Parts::Map(pairs) => pairs.iter().try_for_each(|(key, value)| check(key).and_then(|()| check(value))),
        }
    }

    /// The parts in one text. With `explode` the key and value of an object are joined by `=`.
    fn joined(&self, separator: &str, explode: bool, encoder: Encoder) -> String {
        match self {
            Parts::One(one) => encoder(one),
            Parts::List(items) => items.iter().map(|item| encoder(item)).collect::<Vec<_>>().join(separator),
            Parts::Map(pairs) => {
                let between = if explode { "=" } else { separator };
                let pairs = pairs.iter().map(|(key, value)| format!("{}{between}{}", encoder(key), encoder(value)));
                pairs.collect::<Vec<_>>().join(separator)
            }
        }
    }
}

/// Refuses properties that the document does not know where their names become a part of the request.
fn check_keys(parameter: &Parameter, argument: &str, members: &Map<String, Value>) -> Result<()> {
    let Some(known) = &parameter.properties else { return Ok(()) };
    match members.keys().find(|key| !known.contains(key)) {
        None => Ok(()),
        Some(key) => {
            let why = format!("has the property `{}`, which the document does not know", fault::shown(key));
            let next = if parameter.place == Place::Path || known.is_empty() {
                "send a plain value".to_owned()
            } else {
                format!("its properties are {}", known.join(", "))
            };
            Err(fault::argument(argument, &why, &next))
        }
    }
}
