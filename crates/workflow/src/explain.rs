//! A plan in words: for each step why it waits, what it may do, and why that is said of it.

use crate::definition::{Action, Fit, InDoubt, ItemFailure, Limit, OnError, Origin, Step};
use crate::effect::Effect;
use crate::plan::{Plan, PlannedStep};
use crate::words;
use serde::Serialize;
use std::fmt::Write;

/// A step in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explained {
    /// Its name.
    pub step: String,
    /// The step that it stands within.
    pub within: Option<String>,
    /// What it does.
    pub does: String,
    /// Why it waits: one sentence for each reason.
    pub waits: Vec<String>,
    /// The class of its effect.
    pub effect: Effect,
    /// Why, and what follows from it.
    pub effect_reason: String,
    /// The context that it gets.
    pub context: Vec<String>,
    /// How often it is done, and what happens when it fails.
    pub rules: Vec<String>,
}

/// All steps in words, in the order in which they can be done.
pub fn explain(plan: &Plan) -> Vec<Explained> {
    let steps = plan.order().iter().filter_map(|place| plan.steps().get(*place));
    steps.map(|planned| one(plan, planned)).collect()
}

/// All steps in words, as a text.
pub fn explanation(plan: &Plan) -> String {
    let mut text = format!("{}: {} steps, {}\n", plan.name(), plan.steps().len(), plan.effect().word());
    // Writing to a text does not fail.
    for explained in explain(plan) {
        let within = explained.within.as_ref().map(|within| format!(", within {within}")).unwrap_or_default();
        let _ = writeln!(text, "\n{}{within}\n  does    {}", explained.step, explained.does);
        if explained.waits.is_empty() {
            let _ = writeln!(text, "  waits   for nothing");
        }
        for (index, line) in explained.waits.iter().enumerate() {
            let _ = writeln!(text, "  {}  {line}", if index == 0 { "waits " } else { "      " });
        }
        let _ = writeln!(text, "  effect  {}: {}", explained.effect.word(), explained.effect_reason);
        for line in &explained.context {
            let _ = writeln!(text, "  gets    {line}");
        }
        for line in &explained.rules {
            let _ = writeln!(text, "  rule    {line}");
        }
    }
    text
}

fn one(plan: &Plan, planned: &PlannedStep) -> Explained {
    let name = |place: usize| plan.steps().get(place).map_or("", |planned| planned.step.name.as_str());
    let step = &planned.step;
    let waits = planned.waits.iter().flat_map(|edge| {
        let other = name(edge.on);
        edge.reasons.iter().map(move |reason| {
            let by =
                reason.by().filter(|by| *by != step.name).map(|by| format!("`{by}` within it ")).unwrap_or_default();
            format!("for `{other}`: {by}{}", reason.words(other))
        })
    });
    Explained {
        step: step.name.clone(),
        within: planned.parent.map(|parent| name(parent).to_owned()),
        does: words::action(step),
        waits: waits.collect(),
        effect: planned.effect,
        effect_reason: format!("{}; it {}", planned.effect_reason, planned.effect.meaning()),
        context: context(planned),
        rules: rules(plan, planned, step),
    }
}

fn context(planned: &PlannedStep) -> Vec<String> {
    let mut lines = Vec::new();
    for need in &planned.needs {
        let from = match &need.from {
            Origin::UserPrompt => "what the user said".to_owned(),
            Origin::Parameter(name) => format!("the parameter `{}`", name.name),
            Origin::Parameters => "all parameters".to_owned(),
            Origin::ToolOutput(name) | Origin::ModelOutput(name) => format!("what `{}` gives", name.name),
            Origin::LastOutput => "what the step before gives".to_owned(),
            Origin::Classification(class) => format!("notes of the class `{class}`"),
            Origin::Memory { scope, key } => format!("the note `{scope}/{key}`"),
            Origin::Search { most, .. } => format!("up to {most} notes that are found"),
        };
        let select = need.select.as_ref().map(|select| format!(", of it `{}`", select.written())).unwrap_or_default();
        let max = need.max.map(|max| format!(", up to {max} tokens")).unwrap_or_default();
        let fit = match &need.fit {
            Fit::Exact => "",
            Fit::TruncateHead => ", its beginning cut off where it is too long",
            Fit::TruncateTail => ", its end cut off where it is too long",
            Fit::JsonPrune => ", members left out where it is too long",
            Fit::Summary(_) => ", made shorter by a model where it is too long",
        };
        let optional = if need.optional { ", if there is room" } else { "" };
        lines.push(format!("`memory.{}`: {from}{select}{max}{fit}{optional}", need.name));
    }
    match planned.step.memory.as_ref().and_then(|memory| memory.budget) {
        Some(Limit::Tokens(tokens)) => lines.push(format!("at most {tokens} tokens in all")),
        Some(Limit::Share(share)) => lines.push(format!("at most {:.0} % of what its model reads", share * 100.0)),
        None => {}
    }
    lines.extend(planned.step.memory.as_ref().and_then(|memory| memory.transcript).map(|talk| {
        let above = match talk.compact_at {
            Some(Limit::Tokens(tokens)) => format!("{tokens} tokens"),
            Some(Limit::Share(share)) => format!("{:.0} % of what its model reads", share * 100.0),
            None => "most of what its model reads".to_owned(),
        };
        format!("of a talk with tools above {above} older results and rounds are left out, to be called back")
    }));
    lines
}

/// What of the step waits for a person because whoever runs the hub says so.
fn approvals(plan: &Plan, planned: &PlannedStep) -> Vec<String> {
    let mut lines = Vec::new();
    let Some(approvals) = plan.approvals() else { return lines };
    let time = approvals.expires.map(|time| format!(" for {}", words::milliseconds(time))).unwrap_or_default();
    if let Some(approval) = &planned.approval {
        lines.push(format!("waits{time} until a person has approved exactly this call: {}", approval.why));
    }
    if let Some(approval) = &planned.undo_approval {
        lines.push(format!("what undoes it waits{time} until a person has approved exactly that: {}", approval.why));
    }
    if planned.step.action.lends_tools() {
        lines.push("its model gets no tool whose calls want an approval".to_owned());
    }
    lines
}

fn rules(plan: &Plan, planned: &PlannedStep, step: &Step) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(when) = &step.when {
        lines.push(format!("only when `{}`", words::cut(&when.source, 80)));
    }
    if let Some(rule) = &step.for_each {
        let failure = match rule.on_failure {
            ItemFailure::Fail => "the first that fails fails the step".to_owned(),
            ItemFailure::Continue => "those that fail give null".to_owned(),
            ItemFailure::Tolerate(count) => format!("up to {count} may fail and give null"),
        };
        lines.push(format!(
            "for each `{}`, {} at once, at most {}; {failure}",
            rule.variable, rule.concurrency, rule.most
        ));
    }
    if let Some(rule) = &step.repeat {
        lines.push(format!("again until `{}`, at most {} rounds", words::cut(&rule.until.source, 80), rule.most));
    }
    if let Some(retry) = &step.retry {
        let on = if retry.on.is_empty() { "what may pass".to_owned() } else { retry.on.join(", ") };
        lines.push(format!(
            "up to {} attempts, after {on}, the first wait {}",
            retry.attempts,
            words::milliseconds(retry.backoff.first)
        ));
    }
    if let Some(timeout) = step.timeout {
        lines.push(format!("each attempt ends after {}", words::milliseconds(timeout)));
    }
    if let Action::Gate(gate) = &step.action {
        let expires = gate.expires.map(|time| format!(" for {}", words::milliseconds(time))).unwrap_or_default();
        lines.push(format!("waits{expires} until a person has decided"));
    }
    lines.extend(approvals(plan, planned));
    match &step.on_error {
        OnError::Fail => {}
        OnError::Continue => lines.push("when it fails the run goes on, with null as its output".to_owned()),
        OnError::Step(other) => lines.push(format!("when it fails `{}` is done instead", other.name)),
    }
    if let Some(call) = &step.compensate {
        lines.push(format!("undone with `{}` when the run fails later", call.address()));
    }
    if planned.effect == Effect::Unsafe && planned.branches.is_empty() {
        lines.push(match &step.on_in_doubt {
            None | Some(InDoubt::Ask) => "in doubt a person is asked".to_owned(),
            Some(InDoubt::Retry) => "in doubt it is sent again".to_owned(),
            Some(InDoubt::Fail) => "in doubt the step fails".to_owned(),
            Some(InDoubt::Probe(call)) => format!("in doubt `{}` is asked", call.address()),
        });
    }
    lines
}
