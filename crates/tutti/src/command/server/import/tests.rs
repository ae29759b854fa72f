use super::{Found, Plan, selected};
use crate::command::server::file::File;
use crate::command::{Context, Failures};
use base::environment::Environment;
use base::{Code, disk};
use clients::import;
use console::output::Output;
use tempfile::TempDir;

fn found(file: &str, text: &str) -> Found {
    Found::of(file.to_owned(), import::recognise(file, text).unwrap())
}

/// A folder with a configuration, and what an import makes of it.
fn plan(configuration: &str, found: Vec<Found>) -> (Result<Plan, Failures>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    disk::write_atomic(&folder.path().join("tutti.yaml"), configuration, false).unwrap();
    let environment = Environment::from_pairs([("PATH", "/usr/bin:/bin")], folder.path());
    let context = Context { environment, output: Output::plain(), config: None, url: None };
    let file = File::find(&context).unwrap();
    let mut plan = Plan::default();
    (plan.add_all(&context, &file, found).map(|()| plan), folder)
}

const CURSOR: &str = r#"{"mcpServers": {
    "git": {"command": "sh", "env": {"GIT_TOKEN": "hunter2"}},
    "web": {"url": "https://x/mcp", "headers": {"Authorization": "Bearer abc"}}}}"#;

#[test]
fn servers_are_added_and_their_secrets_kept_apart() {
    let (plan, _folder) = plan("# mine\nservers:\n  files:\n    builtin: files\n", vec![found("c.json", CURSOR)]);
    let plan = plan.unwrap();
    assert_eq!(plan.added, ["git", "web"]);
    let expected = "# mine\nservers:\n  files:\n    builtin: files\n  git:\n    command: sh\n    env:\n      \
                    GIT_TOKEN: \"${GIT_TOKEN}\"\n  web:\n    url: https://x/mcp\n    headers:\n      \
                    Authorization: \"Bearer ${WEB_AUTHORIZATION}\"\n";
    assert_eq!(plan.text, expected);
    let pairs: Vec<_> = plan.variables.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(pairs, ["GIT_TOKEN=hunter2", "WEB_AUTHORIZATION=abc"]);
    assert!(!plan.notes.join("\n").contains("hunter2"), "{:?}", plan.notes);
}

#[test]
fn what_is_there_is_passed_over() {
    let configuration = "servers:\n  git:\n    command: other\n  web:\n    url: https://x/mcp\n";
    let same = r#"{"mcpServers": {"web": {"url": "https://x/mcp"}}}"#;
    let (plan, _folder) = plan(configuration, vec![found("c.json", CURSOR), found("d.json", same)]);
    let plan = plan.unwrap();
    assert_eq!(
        (plan.added.len(), plan.skipped, plan.same),
        (0, vec!["git".to_owned(), "web".to_owned()], vec!["web".to_owned()])
    );
    assert_eq!((plan.text.as_str(), plan.variables.len()), (configuration, 0));
}

#[test]
fn an_import_can_be_made_again() {
    let (first, folder) = plan("", vec![found("c.json", CURSOR)]);
    let first = first.unwrap();
    let lines: String = first.variables.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
    disk::write_atomic(&folder.path().join("tutti.yaml"), &first.text, false).unwrap();
    disk::write_atomic(&folder.path().join(".env"), &lines, true).unwrap();
    let environment = Environment::from_pairs([], folder.path());
    let context = Context { environment, output: Output::plain(), config: None, url: None };
    let mut again = Plan::default();
    again.add_all(&context, &File::find(&context).unwrap(), vec![found("c.json", CURSOR)]).unwrap();
    assert_eq!((again.added.len(), again.skipped.len(), again.same.len()), (0, 0, 2), "{:?}", again.notes);
}

#[test]
fn what_the_hub_would_refuse_is_not_written() {
    let (plan, _folder) =
        plan("", vec![found("c.yaml", "servers:\n  a: {command: x, colour: red}\n  b: {url: 'ftp://x'}\n")]);
    let errors = plan.err().unwrap().0;
    let codes: Vec<Code> = errors.iter().map(base::Error::code).collect();
    assert_eq!(codes, [Code::ConfigUnknownKey, Code::ConfigInvalidValue]);
    assert_eq!(errors[0].location().unwrap().to_string(), "c.yaml:2:19");
}

#[test]
fn only_some_can_be_taken() {
    let names = |found: &[Found]| -> Vec<String> {
        found.iter().flat_map(|found| &found.servers).map(|(name, _)| name.clone()).collect()
    };
    assert_eq!(names(&selected(vec![found("c.json", CURSOR)], &[]).unwrap()), ["git", "web"]);
    assert_eq!(names(&selected(vec![found("c.json", CURSOR)], &["web".to_owned()]).unwrap()), ["web"]);
    let error = selected(vec![found("c.json", CURSOR)], &["gitt".to_owned()]).err().unwrap().0.remove(0);
    assert_eq!((error.code(), error.next()), (Code::ServerUnknown, "did you mean `git`?"));
}
