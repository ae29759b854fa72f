//! What commands of prompts print.

use console::output::{Style, Table, clean, one_line};
use hubs::Context;
use hubs::change::{Line, unified};
use serde_json::{Value, json};

/// Lines around a difference that are shown.
const AROUND: usize = 3;

/// The beginning of a digest, as people write it.
pub(super) fn short(digest: &Value) -> String {
    digest.as_str().unwrap_or("-").chars().take(12).collect()
}

fn each(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn word(value: &Value) -> String {
    one_line(value.as_str().unwrap_or_default(), 100)
}

fn labels(prompt: &Value, version: Option<&str>) -> String {
    let all = prompt["labels"].as_object().into_iter().flatten();
    let of = all
        .filter(|(_, digest)| version.is_none_or(|version| *digest == version))
        .map(|(label, _)| one_line(label, 64));
    of.collect::<Vec<_>>().join(", ")
}

pub(super) fn list(context: &Context, answer: &Value) {
    let output = &context.output;
    if output.json {
        return output.value(answer);
    }
    if each(&answer["prompts"]).next().is_none() {
        return output.message("there are no prompts; name their files in tutti.yaml: `prompts: [\"prompts/*.md\"]`");
    }
    let mut table = Table::new(&["name", "version", "labels", "parameters", "description"]);
    for prompt in each(&answer["prompts"]) {
        let parameters: Vec<String> = each(&prompt["parameters"]).map(|one| word(&one["name"])).collect();
        table.row(vec![
            (Style::Strong, word(&prompt["name"])),
            (Style::Plain, format!("v{} {}", prompt["number"], short(&prompt["version"]))),
            (Style::Plain, labels(prompt, prompt["version"].as_str())),
            (Style::Plain, parameters.join(", ")),
            (Style::Faint, word(&prompt["description"])),
        ]);
    }
    table.print(output);
}

pub(super) fn one(context: &Context, answer: &Value) {
    let output = &context.output;
    if output.json {
        return output.value(answer);
    }
    let prompt = &answer["prompt"];
    output.line(&format!(
        "{} v{} {}",
        output.paint(Style::Strong, &word(&prompt["name"])),
        prompt["number"],
        short(&prompt["version"])
    ));
    for parameter in each(&prompt["parameters"]) {
        let needed = if parameter["required"] == true { "" } else { " (may be left out)" };
        let schema = one_line(&parameter["schema"].to_string(), 100);
        output.line(&format!("  {}{needed}  {}", word(&parameter["name"]), output.paint(Style::Faint, &schema)));
    }
    output.line("");
    for version in each(&answer["history"]) {
        let digest = version["version"].as_str();
        let line = format!(
            "  v{} {}  {}  {}",
            version["number"],
            short(&version["version"]),
            word(&version["created_at"]),
            word(&version["origin"])
        );
        output.line(&format!("{line}  {}", output.paint(Style::Strong, &labels(prompt, digest))));
    }
    output.line("");
    lines(context, answer["text"].as_str().unwrap_or_default());
}

fn lines(context: &Context, text: &str) {
    text.lines().for_each(|line| context.output.line(&clean(line)));
}

pub(super) fn messages(context: &Context, answer: &Value) {
    let output = &context.output;
    if output.json {
        return output.value(answer);
    }
    for message in each(&answer["messages"]) {
        output.line(&output.paint(Style::Strong, &format!("{}:", word(&message["role"]))));
        lines(context, message["content"].as_str().unwrap_or_default());
        output.line("");
    }
    if let Some(arm) = answer["arm"].as_str() {
        output.message(&format!("arm {} of the experiment {}", one_line(arm, 64), word(&answer["experiment"])));
    }
}

pub(super) fn difference(context: &Context, before: &Value, after: &Value) {
    let whole = |of: &Value| {
        let partials = of["partials"].as_object().into_iter().flatten();
        let partials = partials.map(|(name, text)| format!("\n=== _{name} ===\n{}", text.as_str().unwrap_or_default()));
        std::iter::once(of["text"].as_str().unwrap_or_default().to_owned()).chain(partials).collect::<String>()
    };
    let found = unified(&whole(before), &whole(after), AROUND);
    let output = &context.output;
    let (old, new) = (&before["prompt"]["version"], &after["prompt"]["version"]);
    if output.json {
        let shown =
            |line: &Line| if line.mark == '@' { line.text.clone() } else { format!("{}{}", line.mark, line.text) };
        let lines: Vec<String> = found.iter().map(shown).collect();
        return output.value(&json!({"name": after["prompt"]["name"], "before": old, "after": new, "same": found.is_empty(), "diff": lines}));
    }
    if found.is_empty() {
        return output.message("both versions are the same");
    }
    output.line(&format!("--- {}\n+++ {}", short(old), short(new)));
    for line in &found {
        let (mark, text) = (&line.mark, &line.text);
        let style = match mark {
            '+' => Style::Good,
            '-' => Style::Bad,
            '@' => Style::Faint,
            _ => Style::Plain,
        };
        let sign = if *mark == '@' { String::new() } else { mark.to_string() };
        output.line(&output.paint(style, &clean(&format!("{sign}{text}"))));
    }
}

pub(super) fn placed(context: &Context, answer: &Value) {
    let output = &context.output;
    if output.json {
        return output.value(answer);
    }
    let (name, label) = (word(&answer["name"]), word(&answer["label"]));
    match answer["version"].as_str() {
        Some(_) => output.line(&format!("{name}: {label} is {}", short(&answer["version"]))),
        None => output.line(&format!("{name}: {label} is taken away")),
    }
}
