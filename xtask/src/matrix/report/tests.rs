use super::Report;
use serde_json::json;

fn line(out: &str, case: &str, stream: bool, ok: bool, lost: &[&str]) -> String {
    let problem = (!ok).then_some("text: '' instead of 'owl'");
    let check = json!({
        "in": "anthropic", "out": out, "case": case, "stream": stream, "sdk": "python", "ok": ok, "lost": lost,
        "problem": problem,
    });
    format!("{check}\n")
}

fn report() -> Report {
    let lines = [
        line("ollama", "text", false, true, &[]),
        line("ollama", "text", true, true, &["top_k"]),
        line("ollama", "tools", false, true, &["top_k", "ids"]),
        line("ollama", "tools", true, false, &["top_k"]),
        line("gemini", "text", false, true, &[]),
        "something else\n{\"passed\": 4, \"failed\": 1}\n".to_owned(),
    ];
    Report::read(&lines.concat())
}

#[test]
fn cells_are_merged_over_their_checks() {
    let cell = |out: &str, case: &str, ok: bool, lost: &[&str]| json!({ "in": "anthropic", "out": out, "case": case, "ok": ok, "lost": lost });
    let wanted = [
        cell("ollama", "text", true, &["top_k"]),
        cell("ollama", "tools", false, &["top_k", "ids"]),
        cell("gemini", "text", true, &[]),
    ];
    assert_eq!(report().to_json(), json!({ "cells": wanted }));
}

#[test]
fn the_table_has_a_row_for_clients_and_a_column_for_providers() {
    let wanted = "in \\ out   ollama  gemini\nanthropic     1/2     1/1\n  anthropic → ollama loses top_k (text, tools); ids (tools)";
    assert_eq!(report().table(), wanted);
    assert_eq!(report().summary(), "2 of 3 cells are in order");
}

#[test]
fn what_failed_is_told() {
    let problems: Vec<_> = report().problems().collect();
    assert_eq!(
        problems,
        ["NOT IN ORDER: anthropic → ollama, tools, streamed, python: text: '' instead of 'owl'".to_owned()]
    );
    assert!(!report().is_in_order() && !report().is_empty());
}

#[test]
fn lines_without_a_check_are_no_cells() {
    assert!(Report::read("Traceback\n{\"passed\": 0, \"failed\": 0}\n").is_empty());
}
