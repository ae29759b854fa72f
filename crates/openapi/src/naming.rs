//! Names of tools and of their arguments.
//!
//! The hub puts the server's name before a tool's and shortens what is too long; here a name only becomes one that all
//! clients take, and stays the same as long as its operation does.

use crate::parameter::Place;
use base::random;
use std::collections::HashMap;

/// The longest name of an argument that model services take.
const ARGUMENT: usize = 64;

/// The names of tools for operations (method, path and `operationId`). Two that would have the same name both get a
/// piece of the digest of what they are, whichever stands first.
pub(crate) fn tools(operations: &[(&str, &str, Option<&str>)]) -> Vec<String> {
    let plain: Vec<String> = operations.iter().map(|(method, path, id)| tool(method, path, *id)).collect();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    plain.iter().for_each(|name| *counts.entry(name.as_str()).or_default() += 1);
    let distinct = |(name, (method, path, _)): (&String, &(&str, &str, Option<&str>))| {
        if counts.get(name.as_str()).copied().unwrap_or_default() < 2 {
            return name.clone();
        }
        let digest = random::to_hex(&random::sha256(format!("{method} {path}").as_bytes())[..4]);
        format!("{name}_{digest}")
    };
    plain.iter().zip(operations).map(distinct).collect()
}

/// The name of one tool: its `operationId`, or what it does where.
fn tool(method: &str, path: &str, id: Option<&str>) -> String {
    let named = id.map(|id| plain(id, "-")).filter(|name| !name.is_empty());
    named.unwrap_or_else(|| {
        let place = plain(path, "-");
        let method = method.to_ascii_lowercase();
        if place.is_empty() { format!("{method}_root") } else { format!("{method}_{place}") }
    })
}

/// The names of arguments for parameters, and for the body if there is one.
pub(crate) fn arguments(parameters: &[(Place, &str)], body: bool) -> (Vec<String>, Option<String>) {
    let mut order: Vec<usize> = (0..parameters.len()).collect();
    order.sort_by_key(|index| parameters[*index].0);
    let mut names = vec![String::new(); parameters.len()];
    let mut taken: Vec<String> = Vec::new();
    for index in order {
        let (place, name) = parameters[index];
        let wanted = match plain(name, "-.") {
            empty if empty.is_empty() => place.word().to_owned(),
            name => name,
        };
        let name = free(&wanted, place.word(), &taken);
        taken.push(name.clone());
        names[index] = name;
    }
    let body = body.then(|| free("body", "request", &taken));
    (names, body)
}

/// The name itself, or with its place before it, or with a number after it.
fn free(wanted: &str, place: &str, taken: &[String]) -> String {
    let cut = |name: String| name.chars().take(ARGUMENT).collect::<String>();
    let first = [cut(wanted.to_owned()), cut(format!("{place}_{wanted}"))];
    let numbered = (2..).map(|number| format!("{}_{number}", first[1].chars().take(ARGUMENT - 6).collect::<String>()));
    first.clone().into_iter().chain(numbered).find(|name| !taken.contains(name)).unwrap_or_default()
}

/// `text` with `_` for everything but letters, digits, `_` and `more`, without `_` at its ends or twice in a row where
/// something was replaced.
fn plain(text: &str, more: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut replaced = false;
    for character in text.chars() {
        if character.is_ascii_alphanumeric() || character == '_' || more.contains(character) {
            out.push(character);
        } else {
            replaced = true;
            if !out.is_empty() && !out.ends_with('_') {
                out.push('_');
            }
        }
    }
    if replaced { out.trim_end_matches('_').to_owned() } else { out }
}

#[cfg(test)]
mod tests;
