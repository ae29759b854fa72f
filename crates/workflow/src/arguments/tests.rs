use super::arguments;
use crate::read;
use serde_json::{Map, Value, json};

fn given(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[test]
fn defaults_are_filled_in_and_all_that_is_wrong_is_told() {
    let text = "name: a\nparams:\n  topic: { type: string, description: What about. }\n  count: { type: integer, default: 3 }\n  \
                free: { required: false }\nsteps: [{ name: b, wait: 1s }]\n";
    let params = read("a.yaml", text).unwrap().remove(0).params;
    let whole = arguments(&params, &given(&json!({"topic": "x"}))).unwrap();
    assert_eq!(Value::Object(whole), json!({"topic": "x", "count": 3, "free": null}));
    let errors = arguments(&params, &given(&json!({"topc": "x", "count": "many"}))).unwrap_err();
    let told: Vec<String> = errors.iter().map(|error| format!("{}: {}", error.message(), error.next())).collect();
    assert_eq!(
        told,
        [
            "there is no parameter `topc`: did you mean `topic`?",
            "`topic` is missing: give the argument `topic`: What about.",
            "`count` does not fit: it must be a whole number, and is a text: correct the argument",
        ]
    );
}
