//! Suites: cases with arguments, and what an answer is held against.

use crate::fault::short;
use crate::parameter::real;
use base::config::{Node, Problems, Section, Value as Written, yaml};
use base::{Code, Error};
use regex::{Regex, RegexBuilder};
use serde_json::{Map, Value};

/// The most cases of a suite.
const CASES: usize = 10_000;

/// The most checks of a case.
const CHECKS: usize = 32;

/// A suite.
#[derive(Debug, Clone)]
pub struct Suite {
    /// Its name.
    pub name: String,
    /// The prompt that it tries.
    pub prompt: String,
    /// The model that is asked, in place of what the prompt says.
    pub model: Option<String>,
    /// The model that judges.
    pub judge: Option<String>,
    /// The share of cases that must pass.
    pub threshold: f64,
    /// The cases.
    pub cases: Vec<Case>,
}

/// A case.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its name; no other has the same.
    pub name: String,
    /// What the prompt is given.
    pub arguments: Map<String, Value>,
    /// What the answer is held against. All must pass.
    pub checks: Vec<Check>,
}

/// What an answer is held against.
#[derive(Debug, Clone)]
pub enum Check {
    /// It is this text, but for spaces around it.
    Exact(String),
    /// It has this form somewhere.
    Regex(Regex),
    /// It is JSON that fits this schema.
    Schema(Value),
    /// It means the same as a text, as the embedder sees it.
    Similar {
        /// The text.
        to: String,
        /// How alike the vectors must be, from 0 to 1.
        at_least: f64,
    },
    /// A model finds that it is as a person asks for.
    Judge {
        /// What is asked for.
        asks: String,
        /// The share of ten points that it must get.
        at_least: f64,
    },
}

impl Check {
    /// What kind of check it is, as it is written.
    pub fn kind(&self) -> &'static str {
        match self {
            Check::Exact(_) => "exact",
            Check::Regex(_) => "regex",
            Check::Schema(_) => "schema",
            Check::Similar { .. } => "similar",
            Check::Judge { .. } => "judge",
        }
    }

    /// The score of `answer` and what is wrong with it, where that can be said without asking anybody.
    pub fn plain(&self, answer: &str) -> Option<(f64, Option<String>)> {
        let said = |fits: bool, why: String| Some((f64::from(u8::from(fits)), (!fits).then_some(why)));
        match self {
            Check::Exact(text) => said(answer.trim() == text.trim(), format!("it is not `{}`", short(text))),
            Check::Regex(pattern) => {
                said(pattern.is_match(answer), format!("it does not have the form `{}`", short(pattern.as_str())))
            }
            Check::Schema(wanted) => match base::json::from_text(unfenced(answer)) {
                Err(error) => said(false, format!("it is no JSON: {error}")),
                Ok(json) => {
                    let misfits = schema::misfits(wanted, &json, "answer");
                    let why: Vec<String> =
                        misfits.iter().take(5).map(|(place, why)| format!("{place}: {why}")).collect();
                    said(misfits.is_empty(), why.join("; "))
                }
            },
            Check::Similar { .. } | Check::Judge { .. } => None,
        }
    }
}

/// JSON as models write it: bare, or between fences.
fn unfenced(answer: &str) -> &str {
    let answer = answer.trim();
    let inner = answer.strip_prefix("```json").or_else(|| answer.strip_prefix("```"));
    inner.and_then(|inner| inner.strip_suffix("```")).map_or(answer, str::trim)
}

impl Suite {
    /// Reads a suite. All that is wrong with it is told at once.
    pub fn read(file: &str, text: &str) -> Result<Suite, Vec<Error>> {
        let document = yaml(file, text).map_err(|error| vec![error])?;
        let problems = Problems::new();
        let Some(mut section) = Section::new(&problems, file, "", &document.root) else {
            return Err(problems.into_result().err().unwrap_or_default());
        };
        let prompt = section.required_text("prompt").unwrap_or_default();
        let suite = Suite {
            name: section.text("name").unwrap_or_else(|| prompt.clone()),
            prompt,
            model: section.text("model"),
            judge: section.text("judge"),
            threshold: real(&mut section, "threshold", 0.0..=1.0).unwrap_or(1.0),
            cases: section.node("cases").map(|node| cases(&problems, file, node)).unwrap_or_default(),
        };
        if suite.cases.is_empty() && problems.is_empty() {
            section.problem(
                "cases",
                Code::PromptSuite,
                "the suite has no cases".to_owned(),
                "write at least one".to_owned(),
            );
        }
        let judged = suite.cases.iter().flat_map(|case| &case.checks).any(|check| matches!(check, Check::Judge { .. }));
        if judged && suite.judge.is_none() {
            let message = "a check is for a judge, and the suite names no model that judges".to_owned();
            section.problem("judge", Code::PromptSuite, message, "write `judge:` with a model".to_owned());
        }
        section.finish();
        problems.into_result().map(|()| suite)
    }
}

fn cases(problems: &Problems, file: &str, node: &Node) -> Vec<Case> {
    let wrong = |node: &Node, message: String, next: &str| {
        problems.push(Error::new(Code::PromptSuite, message, next).at(node.place.in_file(file)));
    };
    let Written::List(items) = &node.value else {
        wrong(node, "`cases` is no list".to_owned(), "write each case as `- name: …`");
        return Vec::new();
    };
    if items.len() > CASES {
        wrong(node, format!("the suite has more than {CASES} cases"), "make two of it");
    }
    let mut cases: Vec<Case> = Vec::new();
    let mut names = std::collections::HashSet::new();
    for (index, item) in items.iter().take(CASES).enumerate() {
        let path = format!("cases[{index}]");
        let Some(mut section) = Section::new(problems, file, &path, item) else { continue };
        let name = section.text("name").unwrap_or_else(|| format!("case {}", index + 1));
        if !names.insert(name.clone()) {
            wrong(item, format!("two cases are called `{}`", short(&name)), "give one of them another name");
        }
        let arguments = match section.node("arguments").map(Node::to_json) {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(arguments)) => arguments,
            Some(_) => {
                wrong(item, format!("`{path}.arguments` is no map"), "write `arguments: { name: value }`");
                Map::new()
            }
        };
        let checks = section.node("checks").map(|node| checks(problems, file, &path, node)).unwrap_or_default();
        if checks.is_empty() && problems.is_empty() {
            wrong(item, format!("the case `{}` checks nothing", short(&name)), "write `checks:` with at least one");
        }
        section.finish();
        cases.push(Case { name, arguments, checks });
    }
    cases
}

fn checks(problems: &Problems, file: &str, path: &str, node: &Node) -> Vec<Check> {
    let items: &[Node] = match &node.value {
        Written::List(items) if items.len() <= CHECKS => items,
        _ => {
            let error = Error::new(
                Code::PromptSuite,
                format!("`{path}.checks` is no list of at most {CHECKS}"),
                "write each check as `- exact: …`",
            );
            problems.push(error.at(node.place.in_file(file)));
            return Vec::new();
        }
    };
    items
        .iter()
        .enumerate()
        .filter_map(|(index, item)| check(problems, file, &format!("{path}.checks[{index}]"), item))
        .collect()
}

fn check(problems: &Problems, file: &str, path: &str, node: &Node) -> Option<Check> {
    let mut section = Section::new(problems, file, path, node)?;
    let wrong = |section: &Section<'_>, key: &str, message: String, next: &str| {
        section.problem(key, Code::PromptSuite, message, next.to_owned());
    };
    let mut found = Vec::new();
    found.extend(section.text("exact").map(Check::Exact));
    if let Some(pattern) = section.text("regex") {
        match RegexBuilder::new(&pattern).size_limit(1 << 20).build() {
            Ok(pattern) => found.push(Check::Regex(pattern)),
            Err(_) => wrong(
                &section,
                "regex",
                format!("`{}` is no regular expression", short(&pattern)),
                "see docs.rs/regex for the syntax",
            ),
        }
    }
    if let Some(schema) = section.node("schema").map(Node::to_json) {
        for why in schema::unchecked(&schema) {
            wrong(&section, "schema", format!("the schema {why}"), "see docs/guide/prompts.md for the keywords");
        }
        found.push(Check::Schema(schema));
    }
    if let Some(mut similar) = section.section("similar") {
        let (to, at_least) = (similar.required_text("to"), real(&mut similar, "at_least", 0.0..=1.0).unwrap_or(0.8));
        similar.finish();
        found.extend(to.map(|to| Check::Similar { to, at_least }));
    }
    if let Some(mut judge) = section.section("judge") {
        let (asks, at_least) = (judge.required_text("asks"), real(&mut judge, "at_least", 0.0..=1.0).unwrap_or(0.7));
        judge.finish();
        found.extend(asks.map(|asks| Check::Judge { asks, at_least }));
    }
    if found.len() != 1 && problems.is_empty() {
        wrong(
            &section,
            "exact",
            format!("`{path}` is not one check"),
            "write one of exact, regex, schema, similar and judge",
        );
    }
    section.finish();
    found.pop()
}

#[cfg(test)]
mod tests;
