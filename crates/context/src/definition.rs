//! Definitions of tools in fewer tokens.

use mcp::raw;

/// How definitions are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// As the server sent them.
    #[default]
    Whole,
    /// Without what says nothing to a model: the same arguments fit as before.
    Minified,
    /// The first sentence of the description, and of the arguments the names and types.
    Brief,
}

/// The forms and their names.
pub const FORMS: [(&str, Form); 3] = [("whole", Form::Whole), ("minified", Form::Minified), ("brief", Form::Brief)];

/// The deepest schema that is looked into.
const DEPTH: usize = 64;

/// The most characters of the description of a brief definition.
const SENTENCE: usize = 200;

/// `definition`, raw JSON, in this form, without the schema of its structured results: these may be left out.
pub fn shaped(definition: &str, form: Form) -> String {
    let shown = raw::without(definition, |member| member.is("outputSchema")).into_owned();
    if form == Form::Whole || raw::deeper_than(&shown, DEPTH) {
        return shown;
    }
    let mut splice = raw::Splice::new(&shown);
    if let Some(schema) = raw::get(&shown, "inputSchema").filter(|schema| raw::is_object(schema)) {
        splice.replace(schema, minified(schema, form == Form::Brief));
    }
    if form == Form::Brief
        && let Some(place) = raw::get(&shown, "description")
        && let Some(text) = raw::text(place)
    {
        splice.replace(place, raw::quote(&first_sentence(&text)));
    }
    splice.finish().into_owned()
}

/// Members of a schema that say nothing of what fits: names and remarks for the authors of schemas.
const REMARKS: [&str; 4] = ["$schema", "$id", "$comment", "title"];

/// Members that tell models more than names and types.
const WORDS: [&str; 4] = ["description", "examples", "deprecated", "markdownDescription"];

/// Members whose members are schemas by names of the author's own, which may be called anything.
const NAMED: [&str; 5] = ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"];

/// Members that are values and no schemas: what stands in them stays.
const VALUES: [&str; 4] = ["enum", "const", "default", "examples"];

/// A schema without remarks. A schema that has an id may be named by it, so that the id stays where there are references.
fn minified(schema: &str, brief: bool) -> String {
    let refers = schema.contains("$ref") || schema.contains("$dynamicRef");
    of_schema(schema, brief, refers)
}

fn of_schema(schema: &str, brief: bool, refers: bool) -> String {
    match schema.as_bytes().first() {
        Some(b'{') => {}
        Some(b'[') => {
            let all: Vec<String> = raw::elements(schema).map(|inner| of_schema(inner, brief, refers)).collect();
            return format!("[{}]", all.join(","));
        }
        _ => return schema.to_owned(),
    }
    let is = |member: &raw::Member<'_>, names: &[&str]| names.iter().any(|name| member.is(name));
    let unwanted = |member: &raw::Member<'_>| {
        let remark = is(member, &REMARKS) && !(refers && member.is("$id"));
        remark || (brief && is(member, &WORDS)) || (member.is("default") && member.value == "null")
    };
    let mut members = Vec::new();
    for member in raw::members(schema).filter(|member| !unwanted(member)) {
        let value = if is(&member, &VALUES) {
            member.value.to_owned()
        } else if is(&member, &NAMED) && raw::is_object(member.value) {
            let inner: Vec<String> = raw::members(member.value)
                .map(|named| format!("{}:{}", named.key, of_schema(named.value, brief, refers)))
                .collect();
            format!("{{{}}}", inner.join(","))
        } else {
            of_schema(member.value, brief, refers)
        };
        members.push(format!("{}:{value}", member.key));
    }
    format!("{{{}}}", members.join(","))
}

/// What stands before the first end of a sentence, or of a line.
fn first_sentence(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or_default().trim();
    let end = line.match_indices(". ").map(|(at, _)| at + 1).find(|at| *at > 20).unwrap_or(line.len());
    let mut shown: String = line[..end].chars().take(SENTENCE).collect();
    if line[..end].chars().nth(SENTENCE).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests;
