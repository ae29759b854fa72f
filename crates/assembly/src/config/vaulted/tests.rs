use super::{Opened, Part, Vaulted, read, read_elsewhere};
use base::config::{Node, Problems, yaml};
use base::environment::Environment;
use base::{Code, Error, Secret};
use std::path::Path;

fn node(text: &str) -> Node {
    yaml("tutti.yaml", text).unwrap().root
}

fn environment() -> Environment {
    Environment::from_pairs(
        [("HOST", "https://h"), ("QUERY", "https://h/?a=b&"), ("ODD", "${secret:B}")],
        Path::new("/"),
    )
}

fn vaulted(text: &str) -> Result<Option<Vaulted>, Vec<Error>> {
    let problems = Problems::new();
    let vaulted = read("tutti.yaml", (Part::Server, "docs"), &mut node(text), &environment(), &problems);
    problems.into_result().map(|()| vaulted)
}

#[test]
fn secrets_stand_only_where_nobody_sees_them() {
    let fine = [
        "env: {TOKEN: \"${secret:A}\"}",
        "headers: {Authorization: \"Bearer ${secret:A}\"}",
        "auth: {bearer: \"${secret:A}\"}",
        "auth: {basic: {username: me, password: \"${secret:A}\"}}",
        "auth: {api_key: {name: k, value: \"${secret:A}\"}}",
        "auth: {client_secret: \"${secret:A}\"}",
        "auth: {private_key: \"${secret:A}\"}",
        "url: \"${HOST}/mcp?key=${secret:A}\"",
        "url: \"${QUERY}key=${secret:A}\"",
        "openapi: \"https://h/api.json?key=${secret:A}\"",
    ];
    for text in fine {
        let names = vaulted(text).unwrap_or_else(|errors| panic!("{text}: {errors:?}")).unwrap().names;
        assert_eq!(names.into_iter().collect::<Vec<_>>(), ["A"], "{text}");
    }
    let elsewhere = [
        "command: \"${secret:A}\"",
        "args: [\"--key\", \"${secret:A}\"]",
        "url: \"https://h/${secret:A}/mcp\"",
        "url: \"https://${secret:A}@h/mcp\"",
        "auth: {client_id: \"${secret:A}\"}",
        "auth: {bearer: {x: \"${secret:A}\"}}",
        "cwd: \"${secret:A}\"",
        "era: \"${secret:A}\"",
    ];
    for text in elsewhere {
        let errors = vaulted(text).err().unwrap_or_else(|| panic!("{text}"));
        assert_eq!(errors[0].code(), Code::ConfigInvalidValue, "{text}");
        assert!(errors[0].message().contains("servers.docs.") && errors[0].location().is_some(), "{:?}", errors[0]);
    }
    let problems = Problems::new();
    read_elsewhere("tutti.yaml", "key", &mut node("\"${secret:A}\""), &environment(), &problems);
    assert_eq!(problems.into_result().unwrap_err()[0].code(), Code::ConfigInvalidValue);
}

#[test]
fn an_entry_without_secrets_is_nothing_to_come_back_to() {
    for text in ["env: {A: \"${ODD}\", B: \"$${secret:A}\"}", "url: ${HOST}"] {
        assert!(vaulted(text).unwrap().is_none(), "{text}");
    }
}

#[test]
fn an_entry_is_filled_with_what_the_vault_has() {
    let text = "env: {ONE: \"<${secret:A}>\", TWO: \"${secret:B:-none}\", THREE: \"${ODD}\"}";
    let vaulted = vaulted(text).unwrap().unwrap();
    let secret = |text: &str| Ok(Secret::new(text.to_owned()));
    let env = |opened: &[(&str, Result<Secret<String>, Error>)]| {
        let opened: Opened = opened.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let (node, error) = vaulted.filled(&environment(), &opened);
        let env = &node.get("env").unwrap().node;
        let texts = ["ONE", "TWO", "THREE"].map(|key| env.get(key).unwrap().node.scalar_text().unwrap());
        (texts.join(" "), error)
    };
    // What a value holds is nothing to be filled in.
    assert_eq!(
        env(&[("A", secret("${HOST} ${secret:B}"))]),
        ("<${HOST} ${secret:B}> none ${secret:B}".to_owned(), None)
    );
    assert_eq!(env(&[("A", secret("a")), ("B", secret("b"))]).0, "<a> b ${secret:B}");
    let (_, error) = env(&[("B", secret("b"))]);
    let error = error.unwrap();
    assert_eq!(error.code(), Code::SecretMissing);
    assert!(error.message().contains("servers.docs.env.ONE") && error.next().contains("tutti secret set A"), "{error}");
    let sealed = Err(Error::new(Code::VaultSealed, "it is sealed", "bring it back"));
    let error = env(&[("A", secret("canary")), ("B", sealed)]).1.unwrap();
    assert_eq!((error.code(), error.next()), (Code::VaultSealed, "bring it back"));
    assert!(error.message().contains("servers.docs.env.TWO") && !format!("{error:?}").contains("canary"), "{error}");
}
