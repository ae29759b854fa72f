use super::plan;
use serde_json::{Value, json};

#[test]
fn yaml_and_json_say_the_same() {
    let yaml = "steps:\n  - name: a\n    tool: docs__search\n    arguments: { query: x, limit: 5, deep: true }\nreturn: $.a.items[0]\n";
    let json = json!({
        "steps": [{"name": "a", "tool": "docs__search", "arguments": {"query": "x", "limit": 5, "deep": true}}],
        "return": "$.a.items[0]",
    });
    assert_eq!(Value::Object(plan("p.yaml", yaml).unwrap()), json);
    assert_eq!(Value::Object(plan("p.json", &json.to_string()).unwrap()), json);
}

#[test]
fn what_is_no_plan_is_told_with_its_place() {
    assert!(plan("p.yaml", "- 1\n").is_err());
    let error = plan("p.json", "{\"steps\": [}").unwrap_err();
    assert_eq!(error.location().map(|location| location.file.as_str()), Some("p.json"));
}
