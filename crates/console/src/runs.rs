//! Runs of workflows as people read them.

mod course;
mod live;

pub use course::Course;
pub use live::Live;

use crate::output::{Output, Style, Table, one_line};
use base::{Code, Error, clock};
use serde_json::Value;
use std::time::Duration;

/// Runs as a table.
pub fn list(output: &Output, said: &Value) {
    if output.json {
        return output.value(said);
    }
    let runs: Vec<&Value> = said["runs"].as_array().into_iter().flatten().collect();
    if runs.is_empty() {
        return output.message("there are no such runs");
    }
    let mut table = Table::new(&["id", "workflow", "status", "began", "took", "cost"]);
    for run in runs {
        let text = |name: &str| one_line(run[name].as_str().unwrap_or("-"), 100);
        let status = text("status");
        table.row(vec![
            (Style::Strong, text("id")),
            (Style::Plain, text("workflow")),
            (style(&status), status),
            (Style::Faint, moment(&run["created_at"])),
            (Style::Faint, took(&run["created_at"], &run["finished_at"])),
            (Style::Plain, money(&run["spent"]["nano_dollars"])),
        ]);
    }
    table.print(output);
    if let Some(next) = said["next"].as_str() {
        output.message(&format!("there are more: --after {}", one_line(next, 64)));
    }
}

/// A run as a tree of its steps, with what it waits for.
pub fn run(output: &Output, said: &Value) {
    if output.json {
        return output.value(said);
    }
    let text = |name: &str| one_line(said[name].as_str().unwrap_or("-"), 100);
    let status = text("status");
    output.line(&format!(
        "{}  {}  {}  {}",
        output.paint(Style::Strong, &text("workflow")),
        text("id"),
        output.paint(style(&status), &status),
        output.paint(Style::Faint, &took(&said["created_at"], &said["finished_at"])),
    ));
    let tree = tree(said);
    tree.iter().for_each(|(style, line)| output.line(&output.paint(*style, line)));
    for gate in said["gates"].as_array().into_iter().flatten() {
        let of = |name: &str| one_line(gate[name].as_str().unwrap_or_default(), 400);
        output.line(&output.paint(Style::Warn, &format!("\n{} waits for somebody: {}", of("path"), of("prompt"))));
        let until = match gate["expires_at"].is_u64() {
            true => format!(", until {}", moment(&gate["expires_at"])),
            false => String::new(),
        };
        output.line(&output.paint(Style::Faint, &format!("since {}{until}", moment(&gate["since"]))));
        if !gate["show"].is_null() {
            output.line(&value(&gate["show"]));
        }
        output.line(&format!(
            "decide with: tutti run approve {} --step {} --arguments {}",
            text("id"),
            of("path"),
            of("arguments")
        ));
    }
    for step in said["in_doubt"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let (id, step) = (text("id"), one_line(step, 100));
        let words = format!(
            "\nnobody knows whether {step} was carried out: tutti run resolve {id} happened|retry|fail --step {step}"
        );
        output.line(&output.paint(Style::Warn, &words));
    }
    if !said["result"].is_null() {
        output.line(&format!("\n{}", value(&said["result"])));
    }
}

/// The steps of a run beside what it gave.
pub fn steps(output: &Output, said: &Value) {
    tree(said).iter().for_each(|(style, line)| output.message(&output.paint_message(*style, line)));
}

/// A line for each step, those within another further in.
fn tree(said: &Value) -> Vec<(Style, String)> {
    let steps: Vec<&Value> = said["steps"].as_array().into_iter().flatten().collect();
    let base = |path: &str| path.split(['[', '#', '~']).next().unwrap_or_default().to_owned();
    let depth = |step: &Value| {
        let mut above = step["within"].as_str().map(str::to_owned);
        let mut depth = 0;
        while let Some(name) = above.take().filter(|_| depth < 16) {
            depth += 1;
            let parent = steps.iter().find(|other| base(other["path"].as_str().unwrap_or_default()) == name);
            above = parent.and_then(|parent| parent["within"].as_str()).map(str::to_owned);
        }
        depth
    };
    let line = |step: &&Value| {
        let text = |name: &str| one_line(step[name].as_str().unwrap_or_default(), 100);
        let status = text("status");
        let attempts = step["attempts"].as_u64().filter(|attempts| *attempts > 1);
        let attempts = attempts.map(|attempts| format!("  {attempts} attempts")).unwrap_or_default();
        let time = match step["began_at"].is_u64() && step["ended_at"].is_u64() {
            true => format!("  {}", took(&step["began_at"], &step["ended_at"])),
            false => String::new(),
        };
        let tokens = &step["context"];
        let context = match (tokens["given"].as_u64(), tokens["full_context"].as_u64()) {
            (Some(given), Some(all)) => format!("  {given} of {all} tokens"),
            _ => String::new(),
        };
        let error = step["error"]["message"].as_str().map(|why| format!("  {}", one_line(why, 200)));
        let indent = "  ".repeat(depth(step) + 1);
        let line = format!("{indent}{}  {status}{attempts}{time}{context}{}", text("path"), error.unwrap_or_default());
        (style(&status), line)
    };
    steps.iter().map(line).collect()
}

/// What was decided.
pub fn decided(output: &Output, decision: &str, said: &Value) {
    if output.json {
        return output.value(said);
    }
    let id = one_line(said["id"].as_str().unwrap_or_default(), 64);
    let step = said["step"].as_str().map(|step| format!(" at {}", one_line(step, 100))).unwrap_or_default();
    match decision {
        "fork" => output.line(&id),
        "signal" if said["new"] == false => output.message(&format!("the run {id} was told of it before")),
        _ => output.message(&format!("{decision}{step}: the run {id} knows")),
    }
}

/// What is told of a run that is followed no longer. `local` says that the process carried it out itself.
pub fn left(run: &str, local: bool) -> String {
    let how = match local {
        true => format!("it goes on with the next `tutti up` here, or with `tutti run watch {run}`"),
        false => format!("it goes on; `tutti run watch {run}` follows it, `tutti run cancel {run}` ends it"),
    };
    format!("the run {run} was left: {how}")
}

/// A value as people read it: texts as they are.
pub fn value(value: &Value) -> String {
    match value {
        Value::String(text) => crate::output::clean(text),
        other => serde_json::to_string_pretty(other).unwrap_or_default(),
    }
}

fn style(status: &str) -> Style {
    match status {
        "succeeded" => Style::Good,
        "failed" | "cancelled" => Style::Bad,
        "waiting" | "at_gate" | "in_doubt" | "paused" => Style::Warn,
        "skipped" => Style::Faint,
        _ => Style::Plain,
    }
}

fn moment(milliseconds: &Value) -> String {
    milliseconds.as_u64().map_or_else(|| "-".to_owned(), |at| clock::rfc3339(Duration::from_millis(at)))
}

fn took(began: &Value, ended: &Value) -> String {
    match (began.as_u64(), ended.as_u64()) {
        (Some(began), Some(ended)) => {
            format!("{:.1}s", Duration::from_millis(ended.saturating_sub(began)).as_secs_f64())
        }
        _ => "-".to_owned(),
    }
}

fn money(nano_dollars: &Value) -> String {
    nano_dollars.as_u64().map_or_else(|| "-".to_owned(), |cost| ::model::NanoDollars(cost).to_string())
}

/// Tells how the steps of a run ended, and what [`ended`] does.
pub fn finished(output: &Output, said: &Value) -> u8 {
    if !output.json {
        steps(output, said);
    }
    ended(output, said)
}

/// Tells what a run gave, or why it failed. Gives the exit code of who waited for it.
pub fn ended(output: &Output, said: &Value) -> u8 {
    let result = &said["result"];
    if output.json {
        output.value(said);
    } else if said["status"] == "succeeded" {
        output.line(&value(result));
    }
    let status = said["status"].as_str().unwrap_or_default();
    if status == "succeeded" {
        return 0;
    }
    let code = result["code"].as_str().and_then(Code::find);
    let usual = if status == "cancelled" { Code::RunCancelled } else { Code::ToolFailed };
    let exit = code.unwrap_or(usual).exit();
    if !output.json {
        let why = one_line(result["message"].as_str().unwrap_or("it says not why"), 1_000);
        let id = said["id"].as_str().unwrap_or_default();
        let next = format!("look at it with `tutti run inspect {id}`; `tutti run fork` goes on from a step");
        output.complaints(&[Error::new(code.unwrap_or(usual), format!("the run is {status}: {why}"), next)]);
    }
    exit
}
