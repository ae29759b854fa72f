use super::{Inputs, Texts};
use base::config::{Problems, Value, json, substitute_node};
use proptest::prelude::*;

fn inputs() -> Inputs {
    let text = r#"{"inputs": [{"id": "api-key", "password": true, "default": "no"}, {"id": "2nd", "default": "x"}]}"#;
    Inputs::read(&json("t", text).unwrap().root)
}

#[test]
fn variables_of_other_clients_become_ours() {
    let inputs = inputs();
    let table = [
        ("plain $HOME", "plain $HOME"),
        ("${TOKEN}", "${TOKEN}"),
        ("${TOKEN:-a b}", "${TOKEN:-a b}"),
        ("x${env:TOKEN}y", "x${TOKEN}y"),
        ("Bearer ${input:api-key}", "Bearer ${API_KEY}"),
        ("${input:2nd}", "${INPUT_2ND:-x}"),
        ("${input:other}", "${OTHER}"),
        ("${workspaceFolder}/a", "${WORKSPACE_FOLDER:-.}/a"),
        ("${userHome}${/}b", "${HOME}/b"),
        ("${{ secrets.KEY }}!", "${KEY}!"),
        ("${config:a.b} ${file}", "$${config:a.b} ${file}"),
        ("${HOME##*/}", "$${HOME##*/}"),
        ("open ${x", "open $${x"),
        ("${}", "$${}"),
        ("${A:-${env:B}}", "${A:-${B}}"),
        ("${A:-${b.c}}", "${A:-$${b.c}}"),
        ("${{ a b }}", "$${{ a b }}"),
    ];
    for (text, expected) in table {
        assert_eq!(Texts::new(true, &inputs).convert(text), expected, "{text}");
    }
    let mut texts = Texts::new(true, &inputs);
    texts.convert("${input:a} ${workspaceFolder} ${config:b}");
    assert!(texts.workspace && texts.asked.contains("a") && texts.unknown.contains("config:b"));
}

proptest! {
    #[test]
    fn what_a_client_leaves_alone_stays_as_it_is(text in "([a-z]|\\$|\\{|\\}|:-|\\$\\{|é){0,20}") {
        let inputs = Inputs::default();
        let mut node = json("t", "\"\"").unwrap().root;
        node.value = Value::Text(Texts::new(false, &inputs).convert(&text));
        let problems = Problems::new();
        substitute_node("t", "", &mut node, &|_| None, &problems);
        prop_assert!(problems.is_empty());
        prop_assert_eq!(node.scalar_text().unwrap(), text);
    }

    #[test]
    fn what_a_client_fills_in_can_always_be_read(text in "([a-zA-Z]|\\$|\\{|\\}|:-|\\$\\{|input:|env:|\\.|/|é){0,20}") {
        let inputs = Inputs::default();
        let mut node = json("t", "\"\"").unwrap().root;
        node.value = Value::Text(Texts::new(true, &inputs).convert(&text));
        let problems = Problems::new();
        substitute_node("t", "", &mut node, &|_| Some("x".to_owned()), &problems);
        prop_assert!(problems.is_empty(), "{}", text);
    }
}

#[test]
fn heaps_of_signs_are_converted_in_reasonable_time() {
    let inputs = Inputs::default();
    for bit in ["${", "${{", "${A:-", "${A:-x}", "$", "${A ", "${{ a "] {
        for end in ["", "}", "}}"] {
            Texts::new(true, &inputs).convert(&format!("{}{end}", bit.repeat(100_000)));
        }
    }
}
