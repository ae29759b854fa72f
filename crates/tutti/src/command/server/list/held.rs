//! What breakers hold back, in words.

use base::visible::escaped;
use serde_json::Value;

/// What a breaker holds back, when it does.
pub(super) fn in_short(breaker: &Value) -> String {
    let share = |of: &Value| of["share"].as_f64().unwrap_or(1.0);
    let tools: Vec<&Value> = breaker["of_tools"].as_array().into_iter().flatten().collect();
    let held = tools.iter().filter(|tool| share(tool) < 1.0).count();
    match (share(breaker), held) {
        (share, _) if share <= 0.0 => ", held back".to_owned(),
        (share, _) if share < 1.0 => format!(", {:.0} % let through", share * 100.0),
        (_, 0) => String::new(),
        (_, 1) => ", 1 tool held back".to_owned(),
        (_, held) => format!(", {held} tools held back"),
    }
}

/// How many tools of a server are told of one by one.
const TOOLS: usize = 5;

/// What the breakers of a server hold back, since when and why, each in a line; nothing when all is let through.
pub(super) fn lines(breaker: &Value) -> Vec<String> {
    let is_held = |of: &Value| of["share"].as_f64().is_some_and(|share| share < 1.0);
    let mut lines: Vec<String> = is_held(breaker).then(|| line("its calls", breaker)).into_iter().collect();
    if let Some(seconds) = breaker["paused_for"].as_f64() {
        lines.push(format!("it asked to be left alone, and is for {:.0} s more", seconds.ceil()));
    }
    let tools: Vec<&Value> =
        breaker["of_tools"].as_array().into_iter().flatten().filter(|tool| is_held(tool)).collect();
    lines.extend(tools.iter().take(TOOLS).map(|tool| {
        let called: String = escaped(&tool["name"].as_str().unwrap_or_default().chars().take(100).collect::<String>());
        line(&format!("calls of `{called}`"), tool)
    }));
    if tools.len() > TOOLS {
        lines.push(format!("and {} more tools", tools.len() - TOOLS));
    }
    lines
}

fn line(what: &str, breaker: &Value) -> String {
    let share = breaker["share"].as_f64().unwrap_or_default();
    let lets = match share {
        share if share <= 0.0 => format!("{what} are held back, but for probes"),
        share => format!("{:.0} % of {what} are let through", share * 100.0),
    };
    let seconds = breaker["seconds"].as_u64().unwrap_or_default();
    format!("{lets}, for {seconds} s now: {}", why(breaker))
}

fn why(breaker: &Value) -> String {
    let number = |value: &Value| value.as_u64().unwrap_or_default();
    let why = &breaker["why"];
    match why["kind"].as_str() {
        Some("failed") => format!("{} of {} calls failed", number(&why["failed"]), number(&why["calls"])),
        Some("jammed") => format!("{} calls had piled up", number(&why["in_flight"])),
        _ => "so it was before the hub was started".to_owned(),
    }
}

#[cfg(test)]
mod tests;
