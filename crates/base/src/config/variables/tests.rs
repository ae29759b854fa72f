use super::{SecretReference, SecretValue, substitute, substitute_secrets};
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

/// Fills in a text that stands under `servers.docs.headers.Authorization`, and gives what was asked of the secrets.
fn with_secrets(text: &str, value: impl Fn() -> SecretValue) -> (Result<String, Vec<crate::Error>>, Vec<String>) {
    let mut node = yaml("t.yaml", &serde_json::Value::from(text).to_string()).unwrap().root;
    let asked = std::cell::RefCell::new(Vec::new());
    let problems = Problems::new();
    let secrets = |reference: &SecretReference<'_>| {
        let SecretReference { name, path, before, .. } = reference;
        asked.borrow_mut().push(format!("{name} at {path} behind {before:?}"));
        value()
    };
    substitute_secrets("t.yaml", "servers.docs", &mut node, &lookup, &secrets, &problems);
    (problems.into_result().map(|()| node.scalar_text().unwrap()), asked.into_inner())
}

#[test]
fn secrets_are_filled_in_once_and_as_they_are() {
    let table = [
        ("Bearer ${secret:A}", "Bearer ${USER}$${x", vec!["A at servers.docs behind \"Bearer \""]),
        ("${USER}${secret:a-b.c}!", "ada${USER}$${x!", vec!["a-b.c at servers.docs behind \"ada\""]),
        ("${NONE:-${secret:A}}", "${USER}$${x", vec!["A at servers.docs behind \"\""]),
        ("${secret:A:-x}", "${USER}$${x", vec!["A at servers.docs behind \"\""]),
        ("$${secret:A}", "${secret:A}", vec![]),
    ];
    for (text, expected, asked) in table {
        let (filled, seen) = with_secrets(text, || SecretValue::Known("${USER}$${x".to_owned()));
        assert_eq!(
            (filled.unwrap().as_str(), seen),
            (expected, asked.into_iter().map(str::to_owned).collect()),
            "{text}"
        );
    }
}

#[test]
fn secrets_that_nobody_has_read_stay_as_they_are_written() {
    for text in ["Bearer ${secret:A}", "${secret:A:-x}"] {
        assert_eq!(with_secrets(text, || SecretValue::Unread).0.unwrap(), text);
        assert_eq!(expand(text).unwrap(), text);
    }
}

#[test]
fn a_secret_that_is_not_there_is_its_default_or_a_problem() {
    let error = |code| crate::Error::new(code, "it is not there", "put it there");
    let missing = || SecretValue::Missing(error(Code::SecretMissing));
    assert_eq!(with_secrets("<${secret:A:-${USER}}>", missing).0.unwrap(), "<ada>");
    assert_eq!(with_secrets("<${secret:A:-}>", missing).0.unwrap(), "<>");
    let errors = with_secrets("${secret:A}", missing).0.unwrap_err();
    assert_eq!((errors[0].code(), errors[0].location().unwrap().line), (Code::SecretMissing, 1));
    let refused = || SecretValue::Refused(error(Code::VaultSealed));
    assert_eq!(with_secrets("${secret:A:-x}", refused).0.unwrap_err()[0].code(), Code::VaultSealed);
    for text in ["${secret:}", "${secret:a b}", "${secret:-a}", "${secret:${USER}}", "${secret:a"] {
        assert_eq!(with_secrets(text, missing).0.unwrap_err()[0].code(), Code::ConfigInvalidValue, "{text}");
    }
}
