use super::Secrets;
use base::config::{Node, yaml};
use base::environment::Environment;
use std::path::Path;

fn node(text: &str) -> Node {
    yaml("x.yaml", text).unwrap().root
}

/// The server after its secrets are hidden, and what is to be added to `.env`.
fn hidden(process: &[(&str, &str)], dot_env: &str, server: &str) -> (String, Vec<String>) {
    let process = Environment::from_pairs(process.iter().copied(), Path::new("/"));
    let mut secrets = Secrets::new(&process, dot_env);
    let mut node = node(server);
    secrets.hide_in("my-hub", &mut node);
    let text = clients::export::server_text("x", &node);
    (text, secrets.added.iter().map(|(name, value)| format!("{name}={value}")).collect())
}

#[test]
fn secrets_go_to_the_dot_env_file() {
    let (text, added) =
        hidden(&[], "", "env: {GITHUB_TOKEN: abc, LANG: en, EMPTY_KEY: '', X: sk-123, USE_KEY: 'true'}");
    assert_eq!(
        text,
        "  x:\n    env:\n      GITHUB_TOKEN: \"${GITHUB_TOKEN}\"\n      LANG: en\n      EMPTY_KEY: \"\"\n      X: \"${X}\"\n      USE_KEY: \"true\"\n"
    );
    assert_eq!(added, ["GITHUB_TOKEN=abc", "X=sk-123"]);
    let (text, added) = hidden(&[], "", "headers: {Authorization: bearer abc, X-Api-Key: 'a$${b', Accept: x}");
    assert!(text.contains("Authorization: \"bearer ${MY_HUB_AUTHORIZATION}\""), "{text}");
    assert_eq!(added, ["MY_HUB_AUTHORIZATION=abc", "MY_HUB_X_API_KEY=a${b"]);
    let (_, added) = hidden(&[], "", "env: {DATABASE_URL: 'postgres://u:p@h/db', HOME_URL: 'https://h/@:x'}");
    assert_eq!(added, ["DATABASE_URL=postgres://u:p@h/db"]);
}

#[test]
fn references_stay() {
    let (text, added) = hidden(&[], "", "env: {TOKEN: '${OTHER}'}\nheaders: {Authorization: 'Bearer ${A:-b}'}");
    assert!(text.contains("\"${OTHER}\"") && text.contains("\"Bearer ${A:-b}\""), "{text}");
    assert!(added.is_empty());
}

#[test]
fn a_name_with_another_value_is_left_alone() {
    let server = "env: {API_KEY: new}";
    let used = |process: &[(&str, &str)], dot_env: &str| {
        let (text, added) = hidden(process, dot_env, server);
        (text.split("${").nth(1).unwrap().split('}').next().unwrap().to_owned(), added)
    };
    let own = |name: &str, added: &[&str]| (name.to_owned(), added.iter().map(|line| (*line).to_owned()).collect());
    assert_eq!(used(&[], "API_KEY=new"), own("API_KEY", &[]));
    assert_eq!(used(&[("API_KEY", "new")], ""), own("API_KEY", &["API_KEY=new"]));
    assert_eq!(used(&[("API_KEY", "other")], ""), own("MY_HUB_API_KEY", &["MY_HUB_API_KEY=new"]));
    assert_eq!(used(&[("API_KEY", "other")], "API_KEY=new"), own("MY_HUB_API_KEY", &["MY_HUB_API_KEY=new"]));
    assert_eq!(used(&[], "API_KEY=old\nMY_HUB_API_KEY=old"), own("MY_HUB_API_KEY_2", &["MY_HUB_API_KEY_2=new"]));
}

#[test]
fn arguments_and_addresses_are_looked_at_too() {
    let server = "args: [-y, pkg, --api-key, hunter2, --token=abc, -e, GITHUB_TOKEN=x, sk-zzz, --key-file, f, --port, 1, --v]\n\
                  url: 'http://h/?api_key=q&x=1&token=${T}&flag'";
    let (text, added) = hidden(&[], "", server);
    for shown in [
        "--api-key\"\n      - \"${MY_HUB_API_KEY}\"",
        "\"--token=${MY_HUB_TOKEN}\"",
        "\"GITHUB_TOKEN=${GITHUB_TOKEN}\"",
        "- \"${MY_HUB_SECRET}\"\n      - \"--key-file\"\n      - f\n      - \"--port\"\n      - 1\n",
        "url: \"http://h/?api_key=${MY_HUB_API_KEY_2}&x=1&token=${T}&flag\"",
    ] {
        assert!(text.contains(shown), "{shown} is not in {text}");
    }
    let expected =
        ["MY_HUB_API_KEY=hunter2", "MY_HUB_TOKEN=abc", "GITHUB_TOKEN=x", "MY_HUB_SECRET=sk-zzz", "MY_HUB_API_KEY_2=q"];
    assert_eq!(added, expected);
}

#[test]
fn what_was_hidden_is_filled_in_as_it_was() {
    let text = "args: [--key, \"a b'\\\"$\", 'TOKEN=x=y', '$${z}', '--secret=$${z}']\nenv: {A_KEY: \"l1\\nl2\", B: c}\n\
                headers: {Authorization: 'Basic dTpw'}\nurl: 'https://h/?key=a%20b'";
    let process = Environment::from_pairs([], Path::new("/"));
    let (mut plain, mut hidden) = (node(text), node(text));
    let mut secrets = Secrets::new(&process, "");
    secrets.hide_in("s", &mut hidden);
    assert!(!hidden.same_as(&plain) && secrets.added.len() == 6, "{:?}", secrets.added);
    let problems = base::config::Problems::new();
    let lookup = |name: &str| secrets.added.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone());
    for node in [&mut plain, &mut hidden] {
        base::config::substitute_node("x", "x", node, &lookup, &problems);
    }
    assert!(problems.is_empty() && hidden.same_as(&plain));
}
