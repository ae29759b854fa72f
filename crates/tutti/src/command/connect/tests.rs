use super::{Way, find, plan, shape, target};
use base::environment::Environment;
use base::{Code, disk};
use clients::connect::{Client, Transport};
use console::output::Output;
use hubs::Context;
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
    let target = target::of(&context, None, Transport::Http).unwrap();
    for client in [Client::ClaudeCode, Client::Cursor, Client::ClaudeDesktop] {
        let plan = plan(&context, client, shape(client, Way::Stdio).unwrap(), &target).unwrap();
        assert_eq!(plan.path, client.path(&context.environment));
        assert!(
            plan.text_after.contains("\"args\": [\"mcp\"]") && !plan.text_after.contains("url"),
            "{}",
            plan.text_after
        );
        assert!(client == Client::ClaudeDesktop || !plan.hint.contains("Claude Desktop"), "{}", plan.hint);
    }
    assert_eq!(shape(Client::Codex, Way::Stdio).unwrap_err().code(), Code::Usage);
    assert_eq!(shape(Client::Codex, Way::Usual).unwrap(), Client::Codex);
}

#[test]
fn a_transport_that_the_client_lacks_is_refused_with_those_that_it_has() {
    let refused = |client, transport| shape(client, Way::Over(transport)).unwrap_err();
    let codex = refused(Client::Codex, Transport::Sse);
    assert_eq!((codex.code(), codex.next()), (Code::Usage, "leave out --transport, or say --transport http"));
    let cursor = refused(Client::Cursor, Transport::WebSocket);
    assert!(cursor.message().contains("cursor does not connect over websocket by itself"), "{cursor}");
    assert_eq!(cursor.next(), "leave out --transport, or say --transport http or sse");
    let desktop = refused(Client::ClaudeDesktop, Transport::Http);
    assert_eq!(desktop.next(), "leave out --transport: it starts `tutti mcp`, which connects");
    assert_eq!(shape(Client::ClaudeCode, Way::Over(Transport::WebSocket)).unwrap(), Client::ClaudeCode);
}

#[test]
fn a_file_with_faults_is_named_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let context = context(folder.path());
    let path = folder.path().join(".mcp.json");
    disk::write_atomic(&path, "{", false).unwrap();
    let target = target::of(&context, None, Transport::Http).unwrap();
    let error = plan(&context, Client::ClaudeCode, Client::ClaudeDesktop, &target).unwrap_err();
    assert_eq!(error.location().unwrap().file, path.display().to_string());
}
