use super::substitute;
use crate::Code;
use crate::config::{Problems, yaml};

fn lookup(name: &str) -> Option<String> {
    match name {
        "USER" => Some("ada".to_owned()),
        "EMPTY" => Some(String::new()),
        "ODD" => Some("${USER} $${x".to_owned()),
        "BIG" => Some("x".repeat(1 << 20)),
        _ => None,
    }
}

fn expand(text: &str) -> Result<String, Vec<crate::Error>> {
    let mut document = yaml("t.yaml", "servers: {x: {args: [placeholder]}}").unwrap();
    let quoted = format!("servers: {{x: {{args: [{}]}}}}", serde_json::Value::from(text));
    document.root = yaml("t.yaml", &quoted).unwrap().root;
    let problems = Problems::new();
    substitute(&mut document, &lookup, &problems);
    problems.into_result()?;
    let args = &document.root.get("servers").unwrap().node.get("x").unwrap().node.get("args").unwrap().node;
    let crate::config::Value::List(items) = &args.value else { panic!("a list") };
    Ok(items[0].scalar_text().unwrap())
}

#[test]
fn variables_are_filled_in() {
    let table = [
        ("plain", "plain"),
        ("$USER $ 5$", "$USER $ 5$"),
        ("${USER}", "ada"),
        ("/home/${USER}/${USER}!", "/home/ada/ada!"),
        ("${env:USER}", "ada"),
        ("${EMPTY}", ""),
        ("${EMPTY:-full}", "full"),
        ("${NONE:-}", ""),
        ("${NONE:-a:-b}", "a:-b"),
        ("${NONE:-${USER}}", "ada"),
        ("${NONE:-${NEITHER:-x}y}", "xy"),
        ("$${USER}", "${USER}"),
        ("a$$${USER}", "a$${USER}"),
        ("${ODD}", "${USER} $${x"),
        ("${input:key} ${workspaceFolder}/a", "${input:key} ${workspaceFolder}/a"),
        ("é${USER}é", "éadaé"),
    ];
    for (text, expected) in table {
        assert_eq!(expand(text).unwrap(), expected, "{text}");
    }
}

#[test]
fn a_missing_variable_is_named_with_its_place() {
    let errors = expand("a ${TOKEN} ${OTHER}").unwrap_err();
    assert_eq!(errors.len(), 2);
    assert_eq!(errors[0].code(), Code::ConfigVariableMissing);
    assert_eq!(errors[0].message(), "the variable TOKEN is not set, and `servers.x.args[0]` uses it");
    assert!(errors[0].next().contains("${TOKEN:-value}"), "{}", errors[0]);
    assert_eq!(errors[0].location().map(|place| (place.line, place.column)), Some((1, 22)));
}

#[test]
fn what_is_no_variable_says_how_to_write_it() {
    for text in ["${", "${}", "${a b}", "${1A}", "${HOME##*/}", "${A:?no}", "${X", &"${A:-".repeat(100)] {
        let errors = expand(text).unwrap_err();
        assert_eq!(errors[0].code(), Code::ConfigInvalidValue, "{text}");
        assert!(errors[0].next().contains("$${"));
    }
    let nested = format!("{}x{}", "${A:-".repeat(20), "}".repeat(20));
    assert_eq!(expand(&nested).unwrap_err()[0].code(), Code::ConfigInvalidValue);
}

#[test]
fn keys_are_left_alone_and_variables_cannot_fill_the_memory() {
    let mut document = yaml("t.yaml", "\"${USER}\": 1\n").unwrap();
    let problems = Problems::new();
    substitute(&mut document, &lookup, &problems);
    assert!(document.root.get("${USER}").is_some() && problems.is_empty());
    assert_eq!(expand(&"${BIG}".repeat(50)).unwrap_err()[0].code(), Code::ConfigTooLarge);
}
