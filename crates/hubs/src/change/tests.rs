use super::{Change, Consent, make, to_json};
use crate::Context;
use base::environment::Environment;
use base::{Code, disk};
use console::output::Output;
use std::path::Path;

fn context(folder: &Path) -> Context {
    let output = Output::plain();
    Context { environment: Environment::from_pairs([], folder), output, config: None, url: None }
}

#[test]
fn a_change_is_made_only_when_that_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let context = context(folder.path());
    let path = folder.path().join("a/b.txt");
    let change = Change::new(path.clone(), None, "one\n".to_owned());
    assert!(!make(&context, std::slice::from_ref(&change), Consent::DryRun).unwrap());
    assert!(!path.exists());
    assert!(make(&context, std::slice::from_ref(&change), Consent::Given).unwrap());
    assert_eq!(disk::read_text(&path, 10).unwrap(), "one\n");
    let error = make(&context, &[change], Consent::Given).unwrap_err();
    assert_eq!((error.code(), error.message().contains("meanwhile")), (Code::Disk, true));
    let same = Change::new(path, Some("one\n".to_owned()), "one\n".to_owned());
    assert!(same.changes_nothing());
    assert!(make(&context, std::slice::from_ref(&same), Consent::Ask).unwrap());
    assert_eq!(to_json(&[same]), serde_json::json!([]));
}

#[test]
fn secrets_and_control_characters_are_not_shown() {
    let before = Some("# keys\nA=old\n".to_owned());
    let change = Change { path: ".env".into(), before, after: "# keys\nA=old\nB=hunter2\n".to_owned(), secret: true };
    assert_eq!(change.text(), "--- .env\n+++ .env\n@@ -2,0 +3 @@\n+B=…\n");
    let change = Change::new("x".into(), None, "a\u{1b}[31m\tb\u{202e}\r\n".to_owned());
    assert_eq!(change.text(), "--- /dev/null\n+++ x\n@@ -0,0 +1 @@\n+a\tb\n");
}

#[test]
fn secrets_around_a_change_are_not_shown() {
    let shown = |path: &str, before: &str, after: &str| {
        let change = Change::new(path.into(), Some(before.to_owned()), after.to_owned());
        change.text().lines().skip(3).collect::<Vec<_>>().join("\n")
    };
    let before = "key: tk-1234\nservers:\n";
    let added = "  a: {env: {API_KEY: \"x\\\"yz\"}, args: [--token, t0ken, --api-key=k3y5, -v]}\n";
    assert_eq!(
        shown("t.yaml", before, &format!("{before}{added}")),
        " key: …\n servers:\n+  a: {env: {API_KEY: \"…\"}, args: [--token, …, --api-key=…, -v]}"
    );
    let before = "{\"headers\": {\"Authorization\": \"Bearer abcd\", \"X-Key\": \"${KEY}\"}, // tokens\n\"a\": 1}\n";
    assert_eq!(
        shown("t.json", before, &before.replace('1', "2")),
        " {\"headers\": {\"Authorization\": \"…\", \"X-Key\": \"${KEY}\"}, // tokens\n-\"a\": 1}\n+\"a\": 2}"
    );
    let (before, after) =
        ("[a.env]\nTOKEN = 'abcd'\n", "[a.env]\nTOKEN = 'abcd'\n[b]\nbearer_token_env_var = \"TUTTI_KEY\"\n");
    assert_eq!(shown("t.toml", before, after), " [a.env]\n TOKEN = '…'\n+[b]\n+bearer_token_env_var = \"TUTTI_KEY\"");
    // What cannot be read is shown as it is, and names are no values.
    assert_eq!(shown("t.yaml", "key: [tk-1234\n", "key: [tk-1234\nx\n"), " key: [tk-1234\n+x");
    assert_eq!(shown("t.yaml", "key: key\n", "key: key\nx: 1\n"), " key: key\n+x: 1");
}

#[cfg(unix)]
#[test]
fn the_target_of_a_link_is_changed_and_a_new_file_of_secrets_is_private() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = tempfile::tempdir().unwrap();
    let context = context(folder.path());
    let (real, link) = (folder.path().join("real"), folder.path().join("link"));
    disk::write_atomic(&real, "a\n", false).unwrap();
    symlink(&real, &link).unwrap();
    let change = Change::new(link.clone(), Some("a\n".to_owned()), "b\n".to_owned());
    assert!(make(&context, &[change], Consent::Given).unwrap());
    assert_eq!(disk::read_text(&real, 10).unwrap(), "b\n");
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    let path = folder.path().join(".env");
    let change = Change { path: path.clone(), before: None, after: "A=1\n".to_owned(), secret: true };
    assert!(make(&context, &[change], Consent::Given).unwrap());
    assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
}
