use super::{Client, Target, Transport, connect, plan};
use base::Code;
use base::environment::Environment;
use proptest::prelude::*;
use std::path::Path;

fn environment() -> Environment {
    Environment::from_pairs([("HOME", "/home/u"), ("USERPROFILE", "/home/u")], Path::new("/project"))
}

fn target(with_key: bool) -> Target {
    let bridge = vec!["/bin/tutti".to_owned(), "mcp".to_owned()];
    Target { url: "http://127.0.0.1:4747/mcp".to_owned(), transport: Transport::Http, bridge, with_key }
}

fn after(client: Client, with_key: bool, before: &str) -> String {
    plan(client, &environment(), &target(with_key), Some(before.to_owned())).unwrap().text_after
}

#[test]
fn each_client_gets_its_own_form() {
    let table = [
        (
            Client::ClaudeCode,
            "{\n  \"mcpServers\": {\n    \"tutti\": {\n      \"type\": \"http\",\n      \"url\": \"http://127.0.0.1:4747/mcp\",\n      \"headers\": {\n        \"Authorization\": \"Bearer ${TUTTI_KEY}\"\n      }\n    }\n  }\n}\n",
        ),
        (
            Client::ClaudeDesktop,
            "{\n  \"mcpServers\": {\n    \"tutti\": {\n      \"command\": \"/bin/tutti\",\n      \"args\": [\"mcp\"]\n    }\n  }\n}\n",
        ),
        (
            Client::Cursor,
            "{\n  \"mcpServers\": {\n    \"tutti\": {\n      \"url\": \"http://127.0.0.1:4747/mcp\",\n      \"headers\": {\n        \"Authorization\": \"Bearer ${env:TUTTI_KEY}\"\n      }\n    }\n  }\n}\n",
        ),
        (
            Client::VsCode,
            "{\n  \"inputs\": [\n    {\n      \"type\": \"promptString\",\n      \"id\": \"tutti-key\",\n      \"description\": \"The key of the Tutti hub\",\n      \"password\": true\n    }\n  ],\n  \"servers\": {\n    \"tutti\": {\n      \"type\": \"http\",\n      \"url\": \"http://127.0.0.1:4747/mcp\",\n      \"headers\": {\n        \"Authorization\": \"Bearer ${input:tutti-key}\"\n      }\n    }\n  }\n}\n",
        ),
        (
            Client::Codex,
            "[mcp_servers.tutti]\nurl = \"http://127.0.0.1:4747/mcp\"\nbearer_token_env_var = \"TUTTI_KEY\"\n",
        ),
    ];
    for (client, expected) in table {
        let plan = plan(client, &environment(), &target(true), None).unwrap();
        assert_eq!(plan.text_after, expected);
        assert_eq!(client.snippet(&target(true)), expected);
        assert!(!plan.hint.is_empty() && !plan.changes_nothing() && plan.text_before.is_none());
        let again = super::plan(client, &environment(), &target(true), Some(expected.to_owned())).unwrap();
        assert!(again.changes_nothing(), "{}", again.text_after);
        let keyless = after(client, false, "");
        assert!(!keyless.contains("KEY") && !keyless.contains("headers") && !keyless.contains("input"), "{keyless}");
    }
}

#[test]
fn other_transports_are_named_in_the_words_of_the_client() {
    let of = |client: Client, transport, url: &str| {
        let target = Target { url: url.to_owned(), transport, ..target(false) };
        client.snippet(&target).split_whitespace().collect::<String>()
    };
    let sse = "http://127.0.0.1:4747/sse";
    let entry = |kind: &str, url: &str| format!("\"tutti\":{{{kind}\"url\":\"{url}\"}}");
    for client in [Client::ClaudeCode, Client::VsCode] {
        assert!(of(client, Transport::Sse, sse).contains(&entry("\"type\":\"sse\",", sse)), "{client:?}");
    }
    assert!(of(Client::Cursor, Transport::Sse, sse).contains(&entry("", sse)));
    let web_socket = "ws://127.0.0.1:4747/ws";
    let found = of(Client::ClaudeCode, Transport::WebSocket, web_socket);
    assert!(found.contains(&entry("\"type\":\"ws\",", web_socket)), "{found}");
}

#[test]
fn each_client_has_its_own_file() {
    let path = |client: Client, environment: &Environment| client.path(environment).display().to_string();
    let environment = environment();
    assert_eq!(path(Client::ClaudeCode, &environment), "/project/.mcp.json");
    assert_eq!(path(Client::VsCode, &environment), "/project/.vscode/mcp.json");
    assert_eq!(path(Client::Cursor, &environment), "/home/u/.cursor/mcp.json");
    assert_eq!(path(Client::Codex, &environment), "/home/u/.codex/config.toml");
    assert!(path(Client::ClaudeDesktop, &environment).ends_with("Claude/claude_desktop_config.json"));
    let codex_home = Environment::from_pairs([("CODEX_HOME", "/c")], Path::new("/project"));
    assert_eq!(path(Client::Codex, &codex_home), "/c/config.toml");
}

#[test]
fn clients_are_found_by_name() {
    for client in Client::ALL {
        assert_eq!(Client::find(client.name()).unwrap(), client);
    }
    let error = Client::find("claude_code").unwrap_err();
    assert_eq!((error.code(), error.next()), (Code::ClientUnknown, "did you mean `claude-code`?"));
    assert!(Client::find("emacs").unwrap_err().next().contains("cursor"));
}

#[test]
fn comments_order_and_layout_of_json_stay() {
    let before = "// mine\n{\n\t\"z\": 1, // last letter\n\t\"mcpServers\": {\n\t\t/* files */ \"files\": {\"command\": \"x\", \"args\": [1.10]},\n\t},\n\t\"a\": [1,2 , 3]\n}";
    let expected = "// mine\n{\n\t\"z\": 1, // last letter\n\t\"mcpServers\": {\n\t\t/* files */ \"files\": {\"command\": \"x\", \"args\": [1.10]},\n\t\t\"tutti\": {\n\t\t\t\"url\": \"http://127.0.0.1:4747/mcp\",\n\t\t},\n\t},\n\t\"a\": [1,2 , 3]\n}";
    assert_eq!(after(Client::Cursor, false, before), expected);
    let old = "{\r\n  \"mcpServers\": {\r\n    \"tutti\": { \"command\": \"old\" }, // the hub\r\n    \"b\": {}\r\n  }\r\n}\r\n";
    let new = after(Client::ClaudeDesktop, false, old);
    assert_eq!(
        new,
        "{\r\n  \"mcpServers\": {\r\n    \"tutti\": {\r\n      \"command\": \"/bin/tutti\",\r\n      \"args\": [\"mcp\"]\r\n    }, // the hub\r\n    \"b\": {}\r\n  }\r\n}\r\n"
    );
    let inputs = "{\"inputs\": [{\"id\": \"x\"}], \"servers\": {}}";
    let with_input = after(Client::VsCode, true, inputs);
    assert!(with_input.contains("\"x\"") && with_input.contains("tutti-key"), "{with_input}");
    assert_eq!(after(Client::VsCode, true, &with_input), with_input);
    assert!(after(Client::Cursor, false, "\u{feff}{\"mcpServers\": null}").starts_with("\u{feff}{"));
}

#[test]
fn what_is_there_already_stays_as_it_is_written() {
    // The editor takes white space of all kinds for an indent, and lays its own entry out anew each time.
    let before = "{ // c\n\u{b}\u{b}\u{b}\n\u{b}\u{b}\"a\": { \"b\": {} }, }";
    for client in [Client::ClaudeDesktop, Client::Cursor, Client::VsCode] {
        let once = after(client, true, before);
        assert_eq!(after(client, true, &once), once);
    }
    let own = r#"{"mcpServers":{"tutti":{"url":"http://127.0.0.1:4747/mcp"}}}"#;
    assert_eq!(after(Client::Cursor, false, own), own);
}

#[test]
fn comments_order_and_layout_of_toml_stay() {
    let before = "# mine\nmodel = \"x\" # why\n\n[mcp_servers.tutti]\nurl = \"old\"\nargs = [\n  \"a\",\n]\n# inside\nx = 1\n\n[mcp_servers.tutti.http_headers]\nA = \"b\"\n\n# about b\n[mcp_servers.b]\ncommand = \"y\"\n";
    let expected = "# mine\nmodel = \"x\" # why\n\n[mcp_servers.tutti]\nurl = \"http://127.0.0.1:4747/mcp\"\n\n# about b\n[mcp_servers.b]\ncommand = \"y\"\n";
    assert_eq!(after(Client::Codex, false, before), expected);
    let windows = after(Client::Codex, false, "model = \"x\"\r\n");
    assert_eq!(windows, "model = \"x\"\r\n\r\n[mcp_servers.tutti]\r\nurl = \"http://127.0.0.1:4747/mcp\"\r\n");
    assert_eq!(
        after(Client::Codex, false, "a = 1"),
        "a = 1\n\n[mcp_servers.tutti]\nurl = \"http://127.0.0.1:4747/mcp\"\n"
    );
}

#[test]
fn what_cannot_be_edited_is_refused_with_what_to_add() {
    let table = [
        (Client::Cursor, "[]", Code::ConfigInvalidValue),
        (Client::Cursor, "{\"mcpServers\": []}", Code::ConfigInvalidValue),
        (Client::Cursor, "{\"a\": 1", Code::ConfigSyntax),
        (Client::Cursor, "{'a': 1}", Code::ConfigSyntax),
        (Client::VsCode, "{\"inputs\": {}}", Code::ConfigInvalidValue),
        (Client::Codex, "a = ", Code::ConfigSyntax),
        (Client::Codex, "mcp_servers = { tutti = { url = \"x\" } }\n", Code::ConfigInvalidValue),
        (Client::Codex, "[mcp_servers]\ntutti = { url = \"x\" }\n", Code::ConfigInvalidValue),
        (Client::Codex, "a = '''\n[mcp_servers.tutti]\n'''\n", Code::ConfigInvalidValue),
    ];
    for (client, before, code) in table {
        let error = plan(client, &environment(), &target(true), Some(before.to_owned())).unwrap_err();
        assert_eq!(error.code(), code, "{before}: {error}");
        assert_eq!(error.detail().unwrap(), client.snippet(&target(true)));
        assert!(error.location().is_some());
    }
}

#[test]
fn the_file_is_read_from_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let environment = Environment::from_pairs([], folder.path());
    base::disk::write_atomic(&folder.path().join(".mcp.json"), "{\"a\": 1}", false).unwrap();
    let plan = connect(Client::ClaudeCode, &environment, &target(false)).unwrap();
    assert_eq!(plan.text_before.as_deref(), Some("{\"a\": 1}"));
    assert!(plan.text_after.contains("\"a\": 1"), "{}", plan.text_after);
}

proptest! {
    #[test]
    fn no_file_makes_the_editors_panic(text in "([\\[\\]{},:.=#\\\\'\"]|\"mcpServers\"|\"tutti\"|mcp_servers|tutti|//x|/\\*|\\*/|1|é|\u{feff}|\r\n|\n| ){0,40}") {
        for client in Client::ALL {
            let _ = plan(client, &environment(), &target(true), Some(text.clone()));
        }
    }
}
