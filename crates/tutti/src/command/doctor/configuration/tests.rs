use super::checks;
use crate::command::doctor::check::{Check, Status};
use base::disk;
use base::environment::Environment;
use console::output::Output;
use hubs::Context;

/// What is found about a configuration, and about a `.env` beside it.
fn found(text: &str, dot_env: Option<&str>) -> Vec<Check> {
    let folder = tempfile::tempdir().unwrap();
    disk::write_atomic(&folder.path().join("tutti.yaml"), text, false).unwrap();
    if let Some(text) = dot_env {
        disk::write_atomic(&folder.path().join(".env"), text, false).unwrap();
    }
    let environment = Environment::from_pairs([("PATH", "/usr/bin:/bin")], folder.path());
    checks(&Context { environment, output: Output::plain(), config: None, url: None }, false)
}

fn status(checks: &[Check], name: &str) -> Status {
    checks.iter().find(|check| check.name == name).unwrap_or_else(|| panic!("{name}")).status
}

#[test]
fn what_servers_need_is_looked_for() {
    let text = "servers:\n  a: {command: sh}\n  b: {command: program-that-nobody-has}\n  c: {command: x, enabled: false}\n  \
                d: {url: 'https://x.test/mcp?key=1'}\n  e: {builtin: files}\n  f: {builtin: files, root: nowhere}\n  \
                g: {command: sh, cwd: nowhere}\n";
    let checks = found(text, None);
    assert_eq!(status(&checks, "configuration"), Status::Ok);
    let expected = [Status::Ok, Status::Fail, Status::Info, Status::Info, Status::Ok, Status::Fail, Status::Fail];
    let servers = ["a", "b", "c", "d", "e", "f", "g"].map(|name| status(&checks, &format!("server {name}")));
    assert_eq!(servers, expected);
    let whole = format!("{checks:?}");
    assert!(checks.iter().any(|check| check.name == "certificates") && !whole.contains("key=1"), "{whole}");
}

#[test]
fn keys_and_secrets_are_looked_at() {
    let checks = found("servers: {}\n", None);
    assert_eq!(status(&checks, "key"), Status::Ok);
    let checks = found("listen: 0.0.0.0:4747\n", None);
    assert_eq!(status(&checks, "key"), Status::Fail);
    let checks = found("listen: 0.0.0.0:4747\nkey: abcdefghijklmnopqrstuvwx\n", Some("A=1"));
    assert_eq!((status(&checks, "key"), status(&checks, "secrets")), (Status::Info, Status::Warn));
    assert!(cfg!(not(unix)) || checks.iter().filter(|check| check.name == "secrets").count() == 2);
}

#[test]
fn every_fault_is_told() {
    let checks = found("lisen: 1\nservers:\n  a: {command: x, colour: red}\n", None);
    assert_eq!((checks[0].name.as_str(), checks[0].status), ("configuration", Status::Fail));
    assert!(checks[0].message.starts_with("T-0103 tutti.yaml:1:1: "), "{checks:?}");
    let checks = found("listen: 0.0.0.0:1\nservers:\n  a: {command: x, colour: red}\n", None);
    assert_eq!((status(&checks, "configuration"), status(&checks, "key")), (Status::Fail, Status::Fail));
}

#[test]
fn a58_packages_without_a_version_are_warned_of() {
    let text = "servers:\n  a: {command: npx, args: [-y, '@scope/server@latest']}\n  b: {command: npx, args: [-y, 'server@1.2.3']}\n  \
                c: {command: uvx, args: [server], enabled: false}\n";
    let warned: Vec<Check> = found(text, None).into_iter().filter(|check| check.status == Status::Warn).collect();
    assert!(warned.len() == 1 && warned[0].name == "server a", "{warned:?}");
    assert!(warned[0].message.contains("`@scope/server@latest`"), "{warned:?}");
    assert!(warned[0].fix.as_ref().is_some_and(|fix| fix.contains("@1.2.3")), "{warned:?}");
}

#[test]
fn a58_packages_without_a_version_fail_where_versions_are_required() {
    let text =
        "require_pinned: true\nservers:\n  a: {command: npx, args: [-y, '@scope/server@latest']}\n  b: {command: sh}\n";
    let failed: Vec<Check> = found(text, None).into_iter().filter(|check| check.message.contains("T-0218")).collect();
    assert!(failed.len() == 1 && failed[0].name == "server a" && failed[0].status == Status::Fail, "{failed:?}");
}

#[test]
fn teams_that_are_not_there_are_warned_of() {
    let text = "servers: {}\nteams: { research: { budget: $1/day } }\n\
                keys: { a: { key: Zq5uE1hG7jNx6RbV0pKt2MaS, team: reserch } }\n";
    let warned = |check: &Check| check.status == Status::Warn && check.message.contains("`keys.a.team` is `reserch`");
    let found: Vec<Check> = found(text, None).into_iter().filter(warned).collect();
    assert!(found.len() == 1 && found[0].fix.as_deref() == Some("did you mean `research`?"), "{found:?}");
}
