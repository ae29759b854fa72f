//! Going through a schema and a value side by side.

mod part;

use crate::node::{Kinds, Node};
use crate::resolved;
use serde_json::Value;
use std::cell::Cell;

/// What does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where, such as `arguments.to[0]`.
    pub place: String,
    /// What.
    pub why: String,
}

/// Whether something fits.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Verdict {
    Fits,
    /// It depends on what is not known yet, or was not understood.
    Perhaps,
    Not(Vec<Fault>),
}

/// How many steps one check takes. A schema with a thousand members and arguments as many is a few thousand.
const FUEL: usize = 50_000;

/// The deepest that schemas lie in one another.
const DEPTH: usize = 48;

/// What of `node`, which stands at `place`, surely does not fit `schema`.
pub fn faults(schema: &Value, node: &Node, place: &str) -> Vec<Fault> {
    let check = Check { root: schema, fuel: Cell::new(FUEL) };
    match check.value(schema, node, place, 0) {
        Verdict::Not(faults) => faults,
        Verdict::Fits | Verdict::Perhaps => Vec::new(),
    }
}

struct Check<'a> {
    root: &'a Value,
    fuel: Cell<usize>,
}

impl Verdict {
    /// Both must fit.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Verdict::Not(mut faults), Verdict::Not(more)) => {
                faults.extend(more);
                Verdict::Not(faults)
            }
            (Verdict::Not(faults), _) | (_, Verdict::Not(faults)) => Verdict::Not(faults),
            (Verdict::Perhaps, _) | (_, Verdict::Perhaps) => Verdict::Perhaps,
            (Verdict::Fits, Verdict::Fits) => Verdict::Fits,
        }
    }
}

fn not(place: &str, why: impl Into<String>) -> Verdict {
    Verdict::Not(vec![Fault { place: place.to_owned(), why: why.into() }])
}

impl Check<'_> {
    fn value(&self, schema: &Value, node: &Node, place: &str, depth: usize) -> Verdict {
        let left = self.fuel.get();
        if left == 0 || depth > DEPTH {
            return Verdict::Perhaps;
        }
        self.fuel.set(left - 1);
        if let Value::Bool(any) = schema {
            return if *any { Verdict::Fits } else { not(place, "nothing may stand here") };
        }
        // In older drafts nothing beside a `$ref` counts; in newer ones all does. What counts in both is checked.
        let referred = match schema.get("$ref") {
            None => Verdict::Fits,
            Some(_) => match resolved(self.root, schema) {
                Some(target) => self.value(target, node, place, depth + 1),
                None => Verdict::Perhaps,
            },
        };
        if let Verdict::Not(_) = referred {
            return referred;
        }
        let kind = self.kind(schema, node, place);
        if let Verdict::Not(_) = kind {
            return kind;
        }
        let own = match node {
            Node::Any(_) if has_limits(schema) => Verdict::Perhaps,
            Node::Any(_) => Verdict::Fits,
            Node::Text(text) => part::text(schema, text, place),
            Node::Number(number) => part::number(schema, number, place),
            Node::List(items) => self.list(schema, items, place, depth),
            Node::Object(members) => self.object(schema, members, place, depth),
            Node::Null | Node::Bool(_) => Verdict::Fits,
        };
        referred.and(kind).and(own).and(self.choices(schema, node, place, depth))
    }

    fn kind(&self, schema: &Value, node: &Node, place: &str) -> Verdict {
        let wanted = schema.get("type").and_then(Kinds::of);
        let kinds = node.kinds();
        let of_kind = match wanted {
            None => Verdict::Fits,
            Some(wanted) if kinds.must_be(wanted) => Verdict::Fits,
            Some(wanted) if kinds.may_be(wanted) => Verdict::Perhaps,
            Some(wanted) => {
                let verb = if node.is_known() { "is" } else { "will be" };
                not(place, format!("it must be {}, and {verb} {}", wanted.words(), kinds.words()))
            }
        };
        let one = |value: &Value| node.equals(value);
        let listed = match (schema.get("enum"), schema.get("const")) {
            (None, None) => Verdict::Fits,
            _ if !node.is_known() => Verdict::Perhaps,
            (Some(Value::Array(values)), _) if !values.iter().any(one) => {
                let known: Vec<String> = values.iter().take(12).map(short).collect();
                not(place, format!("it must be one of {}", known.join(", ")))
            }
            (_, Some(value)) if !one(value) => not(place, format!("it must be {}", short(value))),
            _ => Verdict::Fits,
        };
        of_kind.and(listed)
    }

    fn list(&self, schema: &Value, items: &[Node], place: &str, depth: usize) -> Verdict {
        let mut verdict = part::count(schema, "minItems", "maxItems", items.len(), place, "items");
        let first = match (schema.get("prefixItems"), schema.get("items")) {
            (Some(Value::Array(first)), _) | (None, Some(Value::Array(first))) => first.as_slice(),
            _ => &[],
        };
        let rest = schema.get("items").filter(|items| !items.is_array());
        for (index, item) in items.iter().enumerate() {
            if let Some(schema) = first.get(index).or(rest) {
                verdict = verdict.and(self.value(schema, item, &format!("{place}[{index}]"), depth + 1));
            }
        }
        if schema.get("contains").is_some() || schema.get("uniqueItems").is_some() {
            verdict = verdict.and(Verdict::Perhaps);
        }
        verdict
    }

    fn object(&self, schema: &Value, members: &[(String, Node)], place: &str, depth: usize) -> Verdict {
        let mut verdict = part::count(schema, "minProperties", "maxProperties", members.len(), place, "members");
        let known = schema.get("properties").and_then(Value::as_object);
        for name in schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
            if !members.iter().any(|(key, _)| key == name) {
                verdict = verdict.and(not(place, format!("`{}` is missing", crate::shorten(name))));
            }
        }
        let others = schema.get("additionalProperties");
        let has_patterns = schema.get("patternProperties").is_some();
        for (key, value) in members {
            let inner = format!("{place}.{}", crate::shorten(key));
            match known.and_then(|known| known.get(key)) {
                Some(schema) => verdict = verdict.and(self.value(schema, value, &inner, depth + 1)),
                None if has_patterns => verdict = verdict.and(Verdict::Perhaps),
                None if others == Some(&Value::Bool(false)) => {
                    verdict = verdict.and(not(&inner, part::unknown(key, known)));
                }
                None => {
                    if let Some(schema) = others {
                        verdict = verdict.and(self.value(schema, value, &inner, depth + 1));
                    }
                }
            }
        }
        let more = ["propertyNames", "dependentRequired", "dependentSchemas", "dependencies", "unevaluatedProperties"];
        if more.iter().any(|keyword| schema.get(keyword).is_some()) { verdict.and(Verdict::Perhaps) } else { verdict }
    }

    /// The keywords that put schemas together.
    fn choices(&self, schema: &Value, node: &Node, place: &str, depth: usize) -> Verdict {
        let of = |keyword| schema.get(keyword).and_then(Value::as_array);
        let each = |schemas: &Vec<Value>| -> Vec<Verdict> {
            schemas.iter().map(|schema| self.value(schema, node, place, depth + 1)).collect()
        };
        let mut verdict = Verdict::Fits;
        if let Some(all) = of("allOf") {
            verdict = each(all).into_iter().fold(verdict, Verdict::and);
        }
        for keyword in ["anyOf", "oneOf"] {
            let Some(some) = of(keyword) else { continue };
            let verdicts = each(some);
            let fits = verdicts.iter().filter(|verdict| **verdict == Verdict::Fits).count();
            let fails = verdicts.iter().filter(|verdict| matches!(verdict, Verdict::Not(_))).count();
            verdict = verdict.and(if fails == verdicts.len() && fails > 0 {
                closest(verdicts, place)
            } else if keyword == "oneOf" && fits > 1 {
                not(place, "it fits more than one of the forms that it may have, and must fit one")
            } else if fits == 0 || keyword == "oneOf" && fits + fails < verdicts.len() {
                Verdict::Perhaps
            } else {
                Verdict::Fits
            });
        }
        if let Some(schema) = schema.get("not") {
            verdict = verdict.and(match self.value(schema, node, place, depth + 1) {
                Verdict::Fits => not(place, "it has a form that it may not have"),
                Verdict::Not(_) => Verdict::Fits,
                Verdict::Perhaps => Verdict::Perhaps,
            });
        }
        if let Some(condition) = schema.get("if") {
            let branch = |keyword| match schema.get(keyword) {
                Some(schema) => self.value(schema, node, place, depth + 1),
                None => Verdict::Fits,
            };
            verdict = verdict.and(match self.value(condition, node, place, depth + 1) {
                Verdict::Fits => branch("then"),
                Verdict::Not(_) => branch("else"),
                Verdict::Perhaps => Verdict::Perhaps,
            });
        }
        verdict
    }
}

/// Of several forms none of which fits: the faults of the only one, or that none does.
fn closest(mut verdicts: Vec<Verdict>, place: &str) -> Verdict {
    // A form for null beside one other is how optional arguments are written; what is wrong is wrong with the other.
    verdicts.retain(|verdict| !matches!(verdict, Verdict::Not(faults) if faults.iter().any(|fault| fault.why.starts_with("it must be null"))));
    match verdicts.len() {
        1 => verdicts.remove(0),
        _ => not(place, "it fits none of the forms that it may have"),
    }
}

/// Whether a schema says more of a value than its kind.
fn has_limits(schema: &Value) -> bool {
    let plain = ["type", "title", "description", "default", "examples", "deprecated", "$comment", "$schema", "$defs"];
    schema.as_object().is_some_and(|members| members.keys().any(|key| !plain.contains(&key.as_str())))
}

fn short(value: &Value) -> String {
    crate::shorten(&value.to_string())
}

#[cfg(test)]
mod tests;
