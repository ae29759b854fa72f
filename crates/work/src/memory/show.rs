//! What runs remember, as people read it.

use super::place::Place;
use base::clock;
use base::config::size_text;
use console::output::{Output, Style, Table, clean, one_line};
use serde_json::Value;
use std::time::Duration;

/// Fragments as a table.
pub(super) fn list(output: &Output, said: &Value) {
    if output.json {
        return output.value(said);
    }
    let fragments: Vec<&Value> = said["fragments"].as_array().into_iter().flatten().collect();
    if fragments.is_empty() {
        return output.message("nothing is remembered there");
    }
    let mut table = Table::new(&["note", "version", "size", "class", "trust", "from", "written", "until"]);
    for fragment in fragments {
        let trust = text(fragment, "trust");
        table.row(vec![
            (Style::Strong, place(fragment)),
            (Style::Plain, fragment["version"].to_string()),
            (Style::Plain, size(&fragment["bytes"])),
            (Style::Plain, one_line(fragment["classification"].as_str().unwrap_or("-"), 64)),
            (trusted(&trust), trust),
            (Style::Plain, origin(fragment)),
            (Style::Faint, moment(&fragment["created_at"])),
            (Style::Faint, moment(&fragment["expires_at"])),
        ]);
    }
    table.print(output);
    if let Some(next) = said["next"].as_str() {
        output.message(&format!("there are more: --after {}", one_line(next, 600)));
    }
}

/// A note with its text.
pub(super) fn note(output: &Output, said: &Value) {
    if output.json {
        return output.value(said);
    }
    let trust = text(said, "trust");
    let head = format!("{}  version {}", output.paint(Style::Strong, &place(said)), said["version"]);
    output.line(&format!("{head}  {}", output.paint(trusted(&trust), &trust)));
    let fact = |name: &str, value: &str| output.line(&format!("{} {value}", output.paint(Style::Faint, name)));
    fact("from", &origin(said));
    fact("written", &moment(&said["created_at"]));
    fact("until", &moment(&said["expires_at"]));
    fact("size", &format!("{}, {} tokens", size(&said["bytes"]), said["tokens"]));
    fact("type", &one_line(said["mime"].as_str().unwrap_or("-"), 200));
    fact("handle", &one_line(said["sha256"].as_str().unwrap_or("-"), 64));
    let versions: Vec<String> = said["versions"].as_array().into_iter().flatten().map(Value::to_string).collect();
    fact("versions", &versions.join(" "));
    output.line(&format!("\n{}", clean(said["text"].as_str().unwrap_or_default())));
}

/// What has a handle, whole.
pub(super) fn original(output: &Output, said: &Value) {
    if output.json {
        return output.value(said);
    }
    output.line(&output.paint(Style::Strong, &one_line(said["source"].as_str().unwrap_or_default(), 500)));
    let fact = |name: &str, value: &str| output.line(&format!("{} {value}", output.paint(Style::Faint, name)));
    let fragment = &said["fragment"];
    if fragment.is_object() {
        let trust = text(fragment, "trust");
        fact("trust", &output.paint(trusted(&trust), &trust));
        fact("from", &origin(fragment));
        fact("written", &moment(&fragment["created_at"]));
    }
    fact("size", &format!("{}, {} tokens", size(&said["bytes"]), said["tokens"]));
    output.line(&format!("\n{}", clean(said["text"].as_str().unwrap_or_default())));
}

/// Notes that were found, with how they begin.
pub(super) fn found(output: &Output, said: &Value) {
    if output.json {
        return output.value(said);
    }
    let fragments: Vec<&Value> = said["fragments"].as_array().into_iter().flatten().collect();
    if fragments.is_empty() {
        return output.message("no note is about that");
    }
    for fragment in fragments {
        let trust = text(fragment, "trust");
        let place = output.paint(Style::Strong, &place(fragment));
        output.line(&format!("{place}  {}", output.paint(trusted(&trust), &trust)));
        output.line(&format!("  {}", one_line(fragment["beginning"].as_str().unwrap_or_default(), 300)));
    }
}

/// How much there is.
pub(super) fn stats(output: &Output, said: &Value) {
    if output.json {
        return output.value(said);
    }
    let mut table = Table::new(&["scope", "fragments", "size", "tokens"]);
    for scope in said["largest"].as_array().into_iter().flatten() {
        let name = (Style::Strong, one_line(scope["scope"].as_str().unwrap_or_default(), 300));
        table.row(vec![
            name,
            plain(&scope["fragments"]),
            (Style::Plain, size(&scope["bytes"])),
            plain(&scope["tokens"]),
        ]);
    }
    let all = (Style::Plain, "all".to_owned());
    table.row(vec![all, plain(&said["fragments"]), (Style::Plain, size(&said["bytes"])), plain(&said["tokens"])]);
    table.print(output);
    let context = &said["context"];
    let count = context["runs"].as_u64().unwrap_or_default();
    if count > 0 {
        let runs = if count == 1 { "run".to_owned() } else { format!("{count} runs") };
        let (given, full, saved) = (&context["given"], &context["full"], &context["saved"]);
        output.message(&format!("steps of the last {runs} read {given} of {full} tokens: {saved} saved"));
    }
}

/// What went, or would go.
pub(super) fn pruned(output: &Output, said: &Value) {
    if output.json {
        return output.value(said);
    }
    let much = much(said);
    match said["fragments"].as_u64() {
        Some(0) | None => output.message("nothing is there that may go"),
        Some(_) if said["pruned"] == true => output.line(&format!("{much} removed")),
        Some(_) => output.line(&format!("{much} would be removed")),
    }
}

/// How much goes, in words.
pub(super) fn much(said: &Value) -> String {
    let count = said["fragments"].as_u64().unwrap_or_default();
    let word = if count == 1 { "fragment" } else { "fragments" };
    format!("{count} {word} ({})", size(&said["bytes"]))
}

fn place(said: &Value) -> String {
    let of = |name: &str| said[name].as_str().unwrap_or_default().to_owned();
    one_line(&Place { scope: of("scope"), key: of("key") }.text(), 500)
}

fn text(said: &Value, name: &str) -> String {
    one_line(said["provenance"][name].as_str().unwrap_or_default(), 200)
}

/// Who wrote it.
fn origin(said: &Value) -> String {
    let (run, step) = (text(said, "run"), text(said, "step"));
    match (run.as_str(), step.as_str()) {
        ("", _) => "a person".to_owned(),
        (run, "") => format!("run {run}"),
        (run, step) => format!("{step} of {run}"),
    }
}

fn trusted(trust: &str) -> Style {
    if trust == "trusted" { Style::Good } else { Style::Warn }
}

fn plain(number: &Value) -> (Style, String) {
    (Style::Plain, number.to_string())
}

/// Bytes, to three figures or so.
fn size(bytes: &Value) -> String {
    const KIBI: u64 = 1 << 10;
    let bytes = bytes.as_u64().unwrap_or_default();
    let unit = [KIBI.pow(3), KIBI.pow(2), KIBI].into_iter().find(|unit| bytes >= 10 * unit).unwrap_or(1);
    let text = size_text(bytes / unit * unit);
    if unit == 1 { format!("{bytes}B") } else { text }
}

fn moment(milliseconds: &Value) -> String {
    milliseconds.as_u64().map_or_else(|| "-".to_owned(), |at| clock::rfc3339(Duration::from_millis(at)))
}

#[cfg(test)]
mod tests;
