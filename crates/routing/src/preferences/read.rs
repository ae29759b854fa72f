//! Reading what a client wants: wrong types are errors, unknown members are told, and nothing is longer than it may be.

use super::{MaxPrice, Partition, Preferences, Sort};
use base::{Code, Error};
use conversation::fault::{Fault, Within};
use conversation::json::{self, Number};
use conversation::object::Object;
use std::time::Duration;

/// The longest text that is read, in bytes.
const LONGEST: usize = 32 << 10;
/// The most names in a list.
const NAMES: usize = 64;
/// The longest name, in bytes.
const LONGEST_NAME: usize = 200;
/// The most models in a list.
const MODELS: usize = 16;
/// The most members that are told to be unknown.
const TOLD: usize = 8;
/// As many bytes of an unknown member's name are told.
const TOLD_NAME: usize = 60;
/// The levels of rounding that OpenRouter knows.
const QUANTIZATIONS: [&str; 9] = ["int4", "int8", "fp4", "fp6", "fp8", "fp16", "bf16", "fp32", "unknown"];
/// The percentiles for which a client can give a bound, the lowest first.
const PERCENTILES: [&str; 4] = ["p50", "p75", "p90", "p99"];
/// What the client is told to do.
const NEXT: &str = "write it as at https://openrouter.ai/docs/guides/routing/provider-selection, or leave it out";

impl Preferences {
    /// Reads the object `provider` of a request. `null` says nothing.
    ///
    /// # Errors
    /// [`Code::ModelRequest`] where it is no JSON object, has a member twice, a member is of the wrong type or longer than it
    /// may be, or demands what Tutti cannot see to.
    pub fn read(text: &str) -> Result<Self, Error> {
        read(text).map_err(|fault| error("provider", fault))
    }

    /// Reads the list `models` of a request: the models that may answer, the first before the second.
    ///
    /// # Errors
    /// [`Code::ModelRequest`] where it is no list of names, or has more or longer ones than it may.
    pub fn models(text: &str) -> Result<Vec<String>, Error> {
        let read = || {
            limited(text)?;
            let list = json::elements(trimmed(text)).ok_or_else(|| Fault::new("is no array"))?;
            names(&list, MODELS)
        };
        read().map_err(|fault| error("models", fault))
    }
}

fn error(what: &str, fault: Fault) -> Error {
    Error::new(Code::ModelRequest, format!("the request's {}", fault.inside(what)), NEXT)
}

fn limited(text: &str) -> Result<(), Fault> {
    if text.len() > LONGEST {
        return Err(Fault::new(format!("has {} bytes: {LONGEST} are the most", text.len())));
    }
    Ok(())
}

fn read(text: &str) -> Result<Preferences, Fault> {
    limited(text)?;
    match trimmed(text) {
        "null" => return Ok(Preferences::default()),
        // What the parser would say of another value could repeat all of it.
        text if !text.starts_with('{') => return Err(Fault::new("is no object")),
        _ => {}
    }
    let mut object = Object::read(text)?;
    let mut unheeded = Vec::new();
    let (sort, partition) = sort(&mut object, &mut unheeded)?;
    let max_price = max_price(&mut object, &mut unheeded)?;
    let min_throughput = bound(&mut object, "preferred_min_throughput", &mut unheeded)?;
    let max_latency = bound(&mut object, "preferred_max_latency", &mut unheeded)?;
    let data_collection = choice(&mut object, "data_collection", &[("allow", false), ("deny", true)])?;
    if object.flag("enforce_distillable_text")? == Some(true) {
        let cause = "cannot be seen to: nobody tells the hub which models may be distilled";
        return Err(Fault::new(cause).inside("enforce_distillable_text"));
    }
    let preferences = Preferences {
        order: list(&mut object, "order")?,
        allow_fallbacks: object.flag("allow_fallbacks")?.unwrap_or(true),
        only: list(&mut object, "only")?,
        ignore: list(&mut object, "ignore")?,
        sort,
        partition,
        max_price,
        require_parameters: object.flag("require_parameters")?.unwrap_or(false),
        deny_training: data_collection.unwrap_or(false),
        zero_data_retention: object.flag("zdr")?.unwrap_or(false),
        quantizations: quantizations(&mut object)?,
        min_throughput,
        max_latency: max_latency.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
        unheeded: Vec::new(),
    };
    tell(&object, "provider", &mut unheeded);
    Ok(Preferences { unheeded, ..preferences })
}

/// Adds what nobody took of `object`.
fn tell(object: &Object<'_>, path: &str, unheeded: &mut Vec<String>) {
    let room = TOLD.saturating_sub(unheeded.len());
    let said = object.members().filter(|(_, value)| *value != "null").take(room);
    unheeded.extend(said.map(|(name, _)| format!("{path}.{}", start_of(name, TOLD_NAME))));
}

/// The start of a text, cut between two characters.
fn start_of(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or(text)
}

fn list(object: &mut Object<'_>, name: &str) -> Result<Vec<String>, Fault> {
    let elements = object.array(name)?.unwrap_or_default();
    names(&elements, NAMES).within(name)
}

/// Names, each of which says something.
fn names(elements: &[&str], most: usize) -> Result<Vec<String>, Fault> {
    if elements.len() > most {
        return Err(Fault::new(format!("has {} elements: {most} are the most", elements.len())));
    }
    let read = |(number, element): (usize, &&str)| {
        let wrong = |cause: String| Fault::new(cause).inside(&format!("[{number}]"));
        let name = json::text(element).ok_or_else(|| wrong("is no string".to_owned()))?;
        if name.is_empty() || name.len() > LONGEST_NAME {
            return Err(wrong(format!("has {} bytes: a name has 1 to {LONGEST_NAME}", name.len())));
        }
        Ok(name)
    };
    elements.iter().enumerate().map(read).collect()
}

fn quantizations(object: &mut Object<'_>) -> Result<Vec<String>, Fault> {
    let levels = list(object, "quantizations")?;
    let unknown = levels.iter().position(|level| !QUANTIZATIONS.contains(&level.as_str()));
    unknown.map_or(Ok(()), |number| {
        let cause = format!("is none of {}", QUANTIZATIONS.join(", "));
        Err(Fault::new(cause)).within_element("quantizations", number)
    })?;
    Ok(levels)
}

/// One of some words.
fn choice<T: Copy>(object: &mut Object<'_>, name: &str, words: &[(&str, T)]) -> Result<Option<T>, Fault> {
    let Some(text) = object.text(name)? else { return Ok(None) };
    let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
    found.map(Some).ok_or_else(|| {
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        Fault::new(format!("is none of {}", words.join(", "))).inside(name)
    })
}

/// A word, or an object that has it as `by`.
fn sort(object: &mut Object<'_>, unheeded: &mut Vec<String>) -> Result<(Option<Sort>, Partition), Fault> {
    if object.peek("sort").is_none_or(|value| !value.starts_with('{')) {
        return Ok((choice(object, "sort", &Sort::NAMES)?, Partition::default()));
    }
    let Some(mut inner) = object.object("sort")? else { return Ok((None, Partition::default())) };
    let by = choice(&mut inner, "by", &Sort::NAMES).within("sort")?;
    let partition = choice(&mut inner, "partition", &Partition::NAMES).within("sort")?;
    tell(&inner, "provider.sort", unheeded);
    Ok((by, partition.unwrap_or_default()))
}

fn max_price(object: &mut Object<'_>, unheeded: &mut Vec<String>) -> Result<MaxPrice, Fault> {
    let Some(mut inner) = object.object("max_price")? else { return Ok(MaxPrice::default()) };
    let mut price = |name: &str| {
        let Some(value) = inner.raw(name) else { return Ok(None) };
        dollars(value).map(Some).ok_or_else(|| Fault::new("is no price in dollars, such as 0.5").inside(name))
    };
    let limits = price("prompt").and_then(|prompt| Ok(MaxPrice { prompt, completion: price("completion")? }));
    let limits = limits.within("max_price")?;
    tell(&inner, "provider.max_price", unheeded);
    Ok(limits)
}

/// Dollars as nano-dollars: a number, or a string that is one, as OpenRouter's own clients send it.
fn dollars(value: &str) -> Option<u64> {
    let text = json::text(value).unwrap_or_else(|| value.to_owned());
    let dollars = amount(&text)?;
    // What is more than this holds becomes the most that it does.
    Some((dollars * 1e9).round() as u64)
}

/// A number from 0 on.
fn amount(text: &str) -> Option<f64> {
    Number::parse(text).map(|number| number.as_f64()).filter(|number| number.is_finite() && *number >= 0.0)
}

/// A bound: a number, or an object with numbers for percentiles. What is measured here is an average, to which the bound
/// of the lowest percentile comes closest; the others are told.
fn bound(object: &mut Object<'_>, name: &str, unheeded: &mut Vec<String>) -> Result<Option<f64>, Fault> {
    let wrong = || Fault::new("is no number from 0 on");
    if object.peek(name).is_none_or(|value| !value.starts_with('{')) {
        let Some(value) = object.raw(name) else { return Ok(None) };
        return amount(value).map(Some).ok_or_else(|| wrong().inside(name));
    }
    let Some(mut inner) = object.object(name)? else { return Ok(None) };
    let mut lowest = None;
    for percentile in PERCENTILES {
        let Some(value) = inner.peek(percentile) else { continue };
        let value = amount(value).ok_or_else(|| wrong().inside(percentile)).within(name)?;
        if lowest.is_none() {
            lowest = Some(value);
            inner.raw(percentile);
        }
    }
    tell(&inner, &format!("provider.{name}"), unheeded);
    Ok(lowest)
}

/// A value without the white space of JSON (RFC 8259, section 2) around it.
fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\r'])
}

#[cfg(test)]
mod tests;
