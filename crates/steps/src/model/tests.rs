use super::Question;
use base::Code;
use serde_json::{Map, Value, json};
use workflow::{Nothing, Plan, Source, read};

fn plan(model: &str) -> Plan {
    let text = format!("name: w\n{model}steps:\n  - {{ name: a, wait: 1s }}\n");
    let workflow = read("w.yaml", &text).unwrap().remove(0);
    Plan::of(&workflow, &Source::new("w.yaml", &text), &Nothing).unwrap()
}

fn inputs(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

fn body(value: Value, model: &str) -> Value {
    let question = Question::of(&inputs(value), &plan(model)).unwrap();
    serde_json::from_str(question.asked().unwrap().text()).unwrap()
}

#[test]
fn a_step_asks_in_the_dialect_of_chats() {
    let asked = body(
        json!({"provider": "p", "model": "m", "system": "Be brief.", "prompt": {"a": 1}, "temperature": "0.5", "max_tokens": 10, "stop": ["x"]}),
        "",
    );
    let expected = json!({
        "model": "p/m", "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "{\"a\":1}"}],
        "temperature": 0.5, "max_tokens": 10, "stop": ["x"],
    });
    assert_eq!(asked, expected);
    let schema = json!({"type": "object"});
    let asked = body(
        json!({"messages": [{"role": "user", "content": "hi"}], "schema": schema, "tools": ["mcp://a/*"]}),
        "model: r\n",
    );
    assert_eq!((&asked["model"], &asked["tools"]), (&json!("r"), &json!("tutti")));
    assert_eq!(asked["response_format"]["json_schema"]["schema"], schema);
}

#[test]
fn what_cannot_be_asked_is_told() {
    let cases = [
        (json!({"prompt": "hi"}), Code::ModelUnknown),
        (json!({"model": "m"}), Code::ModelRequest),
        (json!({"model": "m", "prompt": "hi", "seed": "seven"}), Code::ModelRequest),
        (json!({"model": "m", "messages": "hi"}), Code::ModelRequest),
    ];
    for (said, code) in cases {
        let error = Question::of(&inputs(said.clone()), &plan("")).unwrap_err();
        assert_eq!(error.code(), code, "{said}: {error}");
    }
}
