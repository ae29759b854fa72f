use super::{find, plan, shape, target};
use crate::command::Context;
use crate::connect::Client;
use crate::output::Output;
use base::environment::Environment;
use base::{Code, disk};
use std::path::Path;

fn context(folder: &Path) -> Context {
    let home = folder.display().to_string();
    let pairs = [("HOME", home.as_str()), ("USERPROFILE", home.as_str()), ("TUTTI_HOME", home.as_str())];
    Context { environment: Environment::from_pairs(pairs, folder), output: Output::plain(), config: None, url: None }
}

#[test]
fn an_unknown_client_is_told_all_that_there_are() {
    let error = find("curser").unwrap_err();
    assert_eq!((error.code(), error.next()), (Code::ClientUnknown, "did you mean `cursor`?"));
    assert_eq!(error.detail(), Some("clients: claude-code, claude-desktop, cursor, vscode, codex"));
    assert_eq!(find("emacs").unwrap_err().detail(), None);
    assert_eq!(find("codex").unwrap(), Client::Codex);
}

#[test]
fn the_bridge_is_written_where_the_client_takes_one() {
    let folder = tempfile::tempdir().unwrap();
    let context = context(folder.path());
    let target = target::of(&context, None).unwrap();
    for client in [Client::ClaudeCode, Client::Cursor, Client::ClaudeDesktop] {
        let plan = plan(&context, client, shape(client, true).unwrap(), &target).unwrap();
        assert_eq!(plan.path, client.path(&context.environment));
        assert!(
            plan.text_after.contains("\"args\": [\"mcp\"]") && !plan.text_after.contains("url"),
            "{}",
            plan.text_after
        );
        assert!(client == Client::ClaudeDesktop || !plan.hint.contains("Claude Desktop"), "{}", plan.hint);
    }
    assert_eq!(shape(Client::Codex, true).unwrap_err().code(), Code::Usage);
    assert_eq!(shape(Client::Codex, false).unwrap(), Client::Codex);
}

#[test]
fn a_file_with_faults_is_named_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let context = context(folder.path());
    let path = folder.path().join(".mcp.json");
    disk::write_atomic(&path, "{", false).unwrap();
    let target = target::of(&context, None).unwrap();
    let error = plan(&context, Client::ClaudeCode, Client::ClaudeDesktop, &target).unwrap_err();
    assert_eq!(error.location().unwrap().file, path.display().to_string());
}
