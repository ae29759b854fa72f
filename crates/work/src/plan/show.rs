//! Plans for people.

use console::output::{Output, Style, Table, clean, one_line};
use serde_json::Value;

/// The answer of a plan: results as data, the steps as messages.
pub(super) fn report(output: &Output, report: &Value) {
    let results = &report["results"];
    match results {
        Value::String(text) => output.line(&clean(text)),
        results => output.line(&clean(&serde_json::to_string_pretty(results).unwrap_or_default())),
    }
    for step in report["steps"].as_array().into_iter().flatten() {
        let text = |key: &str| step[key].as_str().unwrap_or_default();
        let style = match text("state") {
            "done" => Style::Good,
            "failed" => Style::Bad,
            _ => Style::Faint,
        };
        let mut words = vec![output.paint_message(style, text("state")), one_line(text("name"), 64)];
        words.extend(step["ms"].as_f64().map(|ms| format!("{ms} ms")));
        words.extend(step["waited_ms"].as_f64().map(|ms| format!("after {ms} ms")));
        words.extend(step["calls"].as_u64().map(|calls| format!("{calls} calls")));
        words.extend(step["failed"].as_u64().map(|failed| format!("{failed} failed")));
        words.extend(step["cached"].as_u64().map(|_| "kept".to_owned()));
        words.extend(step["same_as"].as_str().map(|same| format!("with {same}")));
        words.extend(step["because"].as_str().map(|because| format!("because of {because}")));
        words.extend(step["error"].as_str().map(|error| one_line(&error.replace('\n', " | "), 400)));
        output.message(&words.join("  "));
    }
    for problem in report["problems"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        output.message(&output.paint_message(Style::Bad, &one_line(problem, 400)));
    }
    output.message(&format!("{} ms", report["ms"]));
}

/// What a plan would do.
pub(super) fn explanation(output: &Output, said: &Value) {
    if said["fits"] != true {
        output.line("the plan does not fit what there is:");
        for error in said["errors"].as_array().into_iter().flatten() {
            let text = |key: &str| one_line(error[key].as_str().unwrap_or_default(), 400);
            output.line(&format!("{} {}\n  next: {}", text("code"), text("message"), text("next")));
        }
        return;
    }
    let plan = &said["plan"];
    let steps = plan["steps"].as_array().cloned().unwrap_or_default();
    let names = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let path = names(&plan["critical_path"]);
    let mut table = Table::new(&["wave", "", "step", "tool", "effect", "usual", "waits for"]);
    for (number, wave) in plan["waves"].as_array().into_iter().flatten().enumerate() {
        for (index, name) in names(wave).into_iter().enumerate() {
            let Some(step) = steps.iter().find(|step| step["name"] == name.as_str()) else { continue };
            let on_path = path.contains(&name);
            let text = |key: &str| step[key].as_str().unwrap_or_default().to_owned();
            let tool = if step["for_each"] == true { format!("{} for each", text("tool")) } else { text("tool") };
            let usual = step["usual_ms"].as_f64().map_or_else(|| "?".to_owned(), |ms| format!("{ms} ms"));
            let wave = if index == 0 { (number + 1).to_string() } else { String::new() };
            table.row(vec![
                (Style::Faint, wave),
                (Style::Strong, if on_path { "*".to_owned() } else { String::new() }),
                (if on_path { Style::Strong } else { Style::Plain }, name),
                (Style::Plain, tool),
                (Style::Plain, text("effect")),
                (Style::Plain, usual),
                (Style::Faint, names(&step["needs"]).join(", ")),
            ]);
        }
    }
    table.print(output);
    for step in steps.iter().filter(|step| step["same_as"].is_string()) {
        let text = |key: &str| one_line(step[key].as_str().unwrap_or_default(), 64);
        output.line(&format!("{} is the same call as {}, and made once", text("name"), text("same_as")));
    }
    output.line(&format!("* the critical path: {}", path.join(" → ")));
    output.line(&format!("about {} ms; {} ms one by one", plan["expected_ms"], plan["one_by_one_ms"]));
    let rules = names(&plan["rules"]);
    if !rules.is_empty() {
        output.line(&format!("breaks none of the rules {}", rules.join(", ")));
    }
}

/// What was measured.
pub(super) fn profile(output: &Output, said: &Value) {
    let mut table = Table::new(&["", "name", "count", "failed", "kept", "p50", "p95", "waited p95"]);
    let mut any = false;
    for (kind, key) in [("tool", "tools"), ("plan", "plans")] {
        for row in said[key].as_array().into_iter().flatten() {
            any = true;
            let number = |key: &str| (Style::Plain, row[key].to_string());
            let millis =
                |key: &str| (Style::Plain, row[key].as_f64().map_or_else(|| "-".to_owned(), |ms| format!("{ms} ms")));
            table.row(vec![
                (Style::Faint, kind.to_owned()),
                (Style::Strong, row["name"].as_str().unwrap_or_default().to_owned()),
                number("count"),
                number("failed"),
                number("cached"),
                millis("p50_ms"),
                millis("p95_ms"),
                millis("waited_p95_ms"),
            ]);
        }
    }
    if any { table.print(output) } else { output.message("no plan has run yet") }
}
