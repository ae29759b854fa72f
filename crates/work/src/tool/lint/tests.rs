use super::report;
use serde_json::{Value, json};

#[test]
fn errors_come_first_and_what_was_not_looked_at_is_told() {
    let finding =
        |tool: &str, severity: &str| json!({"tool": tool, "severity": severity, "rule": "r", "place": "/name"});
    let servers = [
        json!({"name": "a", "tools": 2, "lint": "warn", "flagged": [finding("x", "warning")], "quarantined": [{}]}),
        json!({"name": "b", "tools": 4, "lint": "off", "flagged": [], "quarantined": [], "error": null}),
        json!({"name": "c", "tools": 1, "lint": "warn", "flagged": [finding("y", "error")], "quarantined": []}),
        json!({"name": "d", "tools": 0, "lint": "warn", "flagged": [], "quarantined": [], "error": {"code": "T-0201"}}),
    ];
    let said = report(servers.iter()).to_json();
    let counts = ["ok", "tools", "errors", "warnings", "unchecked"].map(|key| said[key].clone());
    assert_eq!(counts, [json!(false), json!(4), json!(1), json!(1), json!(["b", "d"])]);
    let addresses: Vec<&Value> = said["findings"].as_array().unwrap().iter().map(|one| &one["address"]).collect();
    assert_eq!(addresses, ["mcp://c/y", "mcp://a/x"]);
}
