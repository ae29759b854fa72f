//! What a plan answers: the results that it was asked for, and how each step went.

use crate::machine::{Machine, Progress, State};
use crate::reference::{Part, Reference};
use crate::template::Template;
use base::Error;
use mcp::{Era, raw};
use resilience::Moment;
use std::borrow::Cow;
use std::cell::RefCell;
use std::time::Duration;

/// The answer of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The results, raw JSON.
    pub results: String,
    /// The whole, raw JSON: results, steps, and what went wrong.
    pub report: String,
    /// Whether the plan failed.
    pub failed: bool,
}

/// The most characters of one error in the table.
const WORDS: usize = 600;

/// What keeps results that are too large to be answered: it takes them, raw JSON, and gives the id under which they can be
/// read, or nothing where there is no room for them.
pub type Keep<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The answer of a plan that has ended. `most` is how many bytes its results may have; larger ones are kept by `keep`: what
/// the plan did cannot be done again to see them.
pub fn of(machine: &Machine, most: usize, now: Moment, keep: Keep<'_>) -> Answer {
    let (results, mut problems) = results(machine, most, keep);
    let lost = results.is_none();
    let results = results.unwrap_or_else(|| "null".to_owned());
    let mut report = format!(r#"{{"results":{results},"steps":["#);
    let plan = &machine.prepared().plan;
    for index in 0..plan.steps.len() {
        if index > 0 {
            report.push(',');
        }
        report.push_str(&row(machine, index));
    }
    report.push_str(&format!(r#"],"ms":{}"#, millis(now)));
    let own = machine.stopped().filter(|error| !is_of_step(machine, error));
    problems.extend(own.map(|error| words(&error.to_string())));
    if !problems.is_empty() {
        let problems: Vec<String> = problems.iter().map(|problem| raw::quote(problem)).collect();
        report.push_str(&format!(r#","problems":[{}]"#, problems.join(",")));
    }
    report.push('}');
    Answer { failed: machine.stopped().is_some() || lost, results, report }
}

/// Whether the row of a step tells of the error.
fn is_of_step(machine: &Machine, error: &Error) -> bool {
    let count = machine.prepared().plan.steps.len();
    let told = (0..count).filter_map(|index| machine.progress(index).error.as_ref());
    told.into_iter().any(|other| other.to_string() == error.to_string())
}

/// The results that are asked for, or where they are kept, unless nothing of them is there; and what is not.
fn results(machine: &Machine, most: usize, keep: Keep<'_>) -> (Option<String>, Vec<String>) {
    let prepared = machine.prepared();
    let missing: RefCell<Vec<String>> = RefCell::default();
    let found = RefCell::new(0usize);
    let look = |reference: &Reference| -> Result<Cow<'_, str>, String> {
        let name = reference.step().unwrap_or_default();
        let done = prepared.place(name).is_some_and(|place| machine.progress(place).state == State::Done);
        Ok(match machine.result(reference) {
            Ok(value) => {
                *found.borrow_mut() += 1;
                value
            }
            Err(why) => {
                // Why a step has no result, its row tells.
                if done {
                    missing.borrow_mut().push(format!("`return`: {why}"));
                }
                Cow::Borrowed("null")
            }
        })
    };
    let own = default_answer(machine);
    let template = prepared.plan.answer.as_ref().unwrap_or(&own);
    let filled = template.fill(most.max(machine.limits().kept), look);
    let wanted = template.references().count();
    let mut problems = missing.into_inner();
    match filled {
        Ok(text) if text.len() <= most => ((wanted == 0 || found.into_inner() > 0).then_some(text), problems),
        filled => {
            let kept = filled.ok().and_then(|text| Some((keep(&text)?, text.len())));
            let next = "return less of them, such as `$.step.items[0].id`, or raise `plans: { answer: … }`";
            problems.push(match &kept {
                Some((id, size)) => format!(
                    "the results are {size} bytes, more than the {most} that are answered: read_result with the id {id} \
                     reads them or searches in them; another time {next}"
                ),
                None => format!("the results are more than {most} bytes: {next}"),
            });
            (kept.map(|(id, size)| format!(r#"{{"kept":{},"bytes":{size}}}"#, raw::quote(&id))), problems)
        }
    }
}

/// What a plan answers that does not say it: the results that no other step uses, by the names of their steps.
fn default_answer(machine: &Machine) -> Template {
    let prepared = machine.prepared();
    let steps = prepared.plan.steps.iter().enumerate();
    let used: Vec<&str> = prepared
        .plan
        .steps
        .iter()
        .flat_map(|step| step.arguments.references().chain(&step.each).filter_map(Reference::step))
        .collect();
    let last = steps.filter(|(_, step)| !used.contains(&step.name.as_str()));
    let members: Vec<String> = last.map(|(_, step)| format!(r#""{0}":"$.{0}""#, step.name)).collect();
    Template::read(&format!("{{{}}}", members.join(",")), "return", false).unwrap_or_default()
}

/// A row of the table.
fn row(machine: &Machine, index: usize) -> String {
    let prepared = machine.prepared();
    let progress: &Progress = machine.progress(index);
    let step = &prepared.plan.steps[index];
    let same = prepared.same_as[index];
    let mut row = format!(r#"{{"name":"{}","state":"{}""#, step.name, progress.state.word());
    if same != index {
        row.push_str(&format!(r#","same_as":"{}""#, prepared.plan.steps[same].name));
    } else if progress.calls_ended > 0 {
        row.push_str(&format!(r#","ms":{}"#, millis(progress.lasted())));
        if progress.waited().as_millis() > 0 {
            row.push_str(&format!(r#","waited_ms":{}"#, millis(progress.waited())));
        }
        if progress.has_items() {
            row.push_str(&format!(r#","calls":{}"#, progress.calls_ended));
        }
        if progress.calls_failed > 0 && progress.has_items() {
            row.push_str(&format!(r#","failed":{}"#, progress.calls_failed));
        }
        if progress.cached > 0 {
            row.push_str(&format!(r#","cached":{}"#, progress.cached));
        }
    }
    if let Some(error) = progress.error.as_ref().filter(|_| same == index) {
        row.push_str(&format!(r#","error":{}"#, raw::quote(&words(&said(error)))));
    }
    let cause = prepared.graph.needs[same].iter().find(|need| machine.progress(**need).state != State::Done);
    if let Some(cause) = cause.copied().filter(|_| progress.state == State::Skipped) {
        row.push_str(&format!(r#","because":"{}""#, prepared.plan.steps[cause].name));
    }
    row.push('}');
    row
}

/// Milliseconds with a tenth.
fn millis(time: Duration) -> String {
    let tenths = (time.as_micros() + 50) / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn said(error: &Error) -> String {
    match error.detail() {
        Some(detail) => format!("{error}\n{detail}"),
        None => error.to_string(),
    }
}

fn words(text: &str) -> String {
    match text.char_indices().nth(WORDS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl Answer {
    /// The answer as the result of the tool.
    pub fn to_result(&self, era: Era) -> String {
        let text = raw::quote(&self.report);
        let kind = if era == Era::Modern { r#""resultType":"complete","# } else { "" };
        let failed = if self.failed { r#","isError":true"# } else { "" };
        format!(r#"{{{kind}"content":[{{"type":"text","text":{text}}}],"structuredContent":{}{failed}}}"#, self.report)
    }
}

/// The result of the tool for a plan that cannot run. Models read results, and mend what they tell; protocol errors they
/// often never see (specification 2025-11-25, tools, error handling).
pub fn refused(errors: &[Error], era: Era) -> String {
    let mut text = String::from("The plan was not started.");
    for error in errors {
        text.push_str(&format!("\n- {error}"));
    }
    let kind = if era == Era::Modern { r#""resultType":"complete","# } else { "" };
    format!(r#"{{{kind}"content":[{{"type":"text","text":{}}}],"isError":true}}"#, raw::quote(&text))
}

/// What a reference says, as it is written.
pub fn written(reference: &Reference) -> String {
    let mut text = reference.step().map_or_else(|| "$item".to_owned(), |step| format!("$.{step}"));
    for part in &reference.path {
        match part {
            Part::Member(name) => text.push_str(&format!(".{name}")),
            Part::Element(number) => text.push_str(&format!("[{number}]")),
            Part::All => text.push_str("[*]"),
        }
    }
    text
}
