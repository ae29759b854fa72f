use super::faults;
use crate::Limits;
use crate::definition::read;
use crate::target::Target;
use resilience::retry::Effect;
use serde_json::{Value, json};

fn said(steps: &Value) -> Vec<String> {
    let plan = read(&json!({"steps": steps}).to_string(), &Limits::default()).unwrap();
    let definition = json!({
        "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}, "count": {"type": "integer"}}, "required": ["text"]},
        "outputSchema": {"type": "object", "properties": {
            "id": {"type": "integer"}, "items": {"type": "array", "items": {"$ref": "#/$defs/item"}}},
            "$defs": {"item": {"type": "object", "properties": {"name": {"type": "string"}}}}},
    });
    let target = |tool: &str| Target {
        known_as: tool.to_owned(),
        effect: Effect::Read,
        definition: (tool == "known").then(|| definition.to_string()),
        usual: None,
    };
    let targets: Vec<Target> = plan.steps.iter().map(|step| target(&step.tool)).collect();
    faults(&plan, &targets).iter().map(|error| error.message().to_owned()).collect()
}

#[test]
fn constants_are_checked_before_anything_runs() {
    let steps = json!([{"name": "a", "tool": "known", "arguments": {"count": "5"}}, {"name": "b", "tool": "unknown"}]);
    let expected = [
        "step `a`: `arguments`: `text` is missing",
        "step `a`: `arguments.count`: it must be a whole number, and is a text",
    ];
    assert_eq!(said(&steps), expected);
}

#[test]
fn references_are_checked_by_what_their_tools_promise() {
    let with = |text: &str, count: &str, each: Option<&str>| {
        let mut step = json!({"name": "b", "tool": "known", "arguments": {"text": text, "count": count}});
        if let Some(each) = each {
            step["for_each"] = json!(each);
        }
        said(
            &json!([{"name": "a", "tool": "known", "arguments": {"text": "x"}}, {"name": "u", "tool": "unknown"}, step]),
        )
    };
    assert!(with("$.u.anything", "$.a.id", None).is_empty());
    assert!(with("no. ${$.a.id}", "$.u", None).is_empty());
    assert_eq!(
        with("$.a.id", "$.a.id", None),
        ["step `b`: `arguments.text`: it must be a text, and will be a whole number"]
    );
    assert_eq!(
        with("x", "$.a.items", None),
        ["step `b`: `arguments.count`: it must be a whole number, and will be a list"]
    );
    assert_eq!(with("x", "is ${$.u}", None).len(), 1, "a text with values in it is a text");
    assert!(with("$item.name", "$index", Some("$.a.items")).is_empty());
    assert_eq!(with("$index", "$item.name", Some("$.a.items")).len(), 2);
    assert_eq!(with("$item", "$index", Some("$.a.items")).len(), 1, "an item is an object");
}
