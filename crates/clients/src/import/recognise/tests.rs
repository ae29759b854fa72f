use super::recognise;
use crate::export::{add_server, server_text};
use base::Code;
use base::config::{Node, Place};
use proptest::prelude::*;

/// The servers as YAML, and the notices.
fn import(file: &str, text: &str) -> (String, Vec<String>) {
    let imported = recognise(file, text).unwrap();
    let servers: String = imported.servers.iter().map(|(name, node)| server_text(name, node)).collect();
    (format!("{}\n{}", imported.format, servers), imported.notices)
}

fn check(file: &str, text: &str, expected: &str, notices: &[&str]) {
    let (servers, found) = import(file, text);
    assert_eq!(servers, expected, "{text}");
    assert_eq!(found, notices, "{text}");
}

#[test]
fn mcp_servers_of_claude_cursor_cline_and_windsurf() {
    let text = r#"{
  "globalShortcut": "x",
  "mcpServers": {
    "files": {"type": "stdio", "command": "npx", "args": ["-y", "@m/files", "${HOME}"], "env": {"A": "${env:A}", "COUNT": 1}, "cwd": "/x"},
    "web": {"type": "streamable-http", "url": "https://x/mcp", "headers": {"Authorization": "Bearer ${KEY:-none}"}, "disabled": false},
    "surf": {"serverUrl": "https://y/mcp", "disabled": true, "headers": null},
    "cline": {"command": "x", "timeout": 60, "autoApprove": ["a"], "disabled": true},
    "slow": {"command": "x", "timeout": 600000, "protocolEra": "modern"},
    "old": {"type": "sse", "url": "https://z/sse", "gizmo": 1, "envFile": ".env"}
  }
}"#;
    let expected = "mcpServers
  files:
    command: npx
    args: [\"-y\", \"@m/files\", \"${HOME}\"]
    env:
      A: \"${A}\"
      COUNT: 1
    cwd: /x
  web:
    url: https://x/mcp
    headers:
      Authorization: \"Bearer ${KEY:-none}\"
  surf:
    url: https://y/mcp
    enabled: false
  cline:
    command: x
    enabled: false
    timeouts:
      call: 1m
  slow:
    command: x
    era: modern
    timeouts:
      call: 10m
  old:
    url: https://z/sse
    transport: sse
";
    let notices = [
        "m.json:7:31: server `cline`: `timeout: 60` was taken as 1m; clients differ in the unit",
        "m.json:7:46: server `cline`: `autoApprove` was left out: which calls need no approval is for the client to say",
        "m.json:8:30: server `slow`: `timeout: 600000` was taken as 10m; clients differ in the unit",
        "m.json:9:52: server `old`: the key `gizmo` has no counterpart here and was left out",
        "m.json:9:64: server `old`: `envFile` is not read; put its variables into .env beside tutti.yaml and name them under `env`",
    ];
    check("m.json", text, expected, &notices);
}

#[test]
fn vs_code_with_inputs() {
    let text = r#"// mine
{
  "inputs": [
    {"type": "promptString", "id": "github-token", "description": "GitHub PAT", "password": true},
    {"type": "pickString", "id": "region", "options": ["eu"], "default": "eu"},
  ],
  "servers": {
    "github": {"type": "http", "url": "https://x/${input:region}", "headers": {"Authorization": "Bearer ${input:github-token}"}},
    "local": {"type": "stdio", "command": "node", "args": ["${workspaceFolder}/s.js", "${input:lost}", "${config:a}"], "dev": {"watch": "*"}},
  },
}"#;
    let expected = "vscode
  github:
    url: \"https://x/${REGION:-eu}\"
    headers:
      Authorization: \"Bearer ${GITHUB_TOKEN}\"
  local:
    command: node
    args: [\"${WORKSPACE_FOLDER:-.}/s.js\", \"${LOST}\", \"$${config:a}\"]
";
    let notices = [
        "v.json:9:120: server `local`: `dev` (watching and debugging) is VS Code's own and was left out",
        "v.json: `${input:github-token}` (GitHub PAT) is the variable GITHUB_TOKEN here: set it in the environment or in .env. It is a secret: keep that file out of the repository",
        "v.json: `${input:lost}` is not declared under `inputs`; set the variable LOST in its place",
        "v.json: `${input:region}` is the variable REGION here; without it, `eu` is taken",
        "v.json: `${workspaceFolder}` is the variable WORKSPACE_FOLDER here; without it, `.` is taken",
        "v.json: `${config:a}` is no variable that Tutti knows; it stays as it is written",
    ];
    check("v.json", text, expected, &notices);
    let settings = r#"{"editor.tabSize": 2, "mcp": {"inputs": [], "servers": {"a": {"command": "x"}}}}"#;
    check("settings.json", settings, "vscode\n  a:\n    command: x\n", &[]);
}

#[test]
fn zed_in_both_shapes() {
    let text = r#"{
  "theme": "One",
  "context_servers": {
    "flat": {"source": "custom", "enabled": true, "command": "x", "args": ["${HOME}"], "env": {}},
    "old": {"command": {"path": "/bin/y", "args": ["a"], "env": {"A": "b"}, "timeout": 30000}, "settings": {}},
    "web": {"url": "https://x/mcp", "headers": {"K": "v"}},
    "extension": {"source": "extension", "enabled": false, "settings": {"a": 1}},
    "odd": {"source": "registry", "command": "z", "settings": {"a": 1}}
  }
}"#;
    let expected = "zed
  flat:
    command: x
    args: [\"$${HOME}\"]
    env: {}
    enabled: true
  old:
    command: /bin/y
    args: [a]
    env:
      A: b
    timeouts:
      call: 30s
  web:
    url: https://x/mcp
    headers:
      K: v
  odd:
    command: z
";
    let notices = [
        "z.json:5:77: server `old`: `timeout: 30000` was taken as 30s; clients differ in the unit",
        "z.json:7:18: server `extension`: a Zed extension provides it, without a command that could be taken over; passed over",
        "z.json:8:13: server `odd`: the key `source` has no counterpart here and was left out",
        "z.json:8:51: server `odd`: the key `settings` has no counterpart here and was left out",
    ];
    check("z.json", text, expected, &notices);
}

#[test]
fn codex_names_variables() {
    let text = r#"
model = "x"
[mcp_servers.files]
command = "npx"
args = ["-y", "${literal}"]
env_vars = ["PROXY", { name = "NPM_TOKEN" }]
startup_timeout_sec = 20
tool_timeout_sec = 1.5
enabled = false
enabled_tools = ["a"]
[mcp_servers.files.env]
A = "b"
[mcp_servers."my web"]
url = "https://x/mcp"
bearer_token_env_var = "TOKEN"
env_http_headers = { X-Org = "ORG" }
http_headers = { X-Lit = "v" }
startup_timeout_ms = 250
"#;
    let expected = "codex
  files:
    command: npx
    args: [\"-y\", \"$${literal}\"]
    env:
      A: b
    inherit: [PATH, HOME, USER, LANG, LC_ALL, TZ, TMPDIR, PROXY, NPM_TOKEN]
    enabled: false
    timeouts:
      start: 20s
      call: 1500ms
  my-web:
    url: https://x/mcp
    headers:
      X-Lit: v
      Authorization: \"Bearer ${TOKEN}\"
      X-Org: \"${ORG}\"
    timeouts:
      start: 250ms
";
    let notices = [
        "c.toml:10:1: server `files`: `enabled_tools` was left out: a view of tutti.yaml selects tools",
        "c.toml:13:14: server `my web` is called `my-web` here",
    ];
    check("c.toml", text, expected, &notices);
}

#[test]
fn continue_lists_our_own_files_and_bare_maps() {
    let yaml = "name: mine\nmcpServers:\n  - name: a b\n    command: x\n    env: {K: \"${{ secrets.K }}\"}\n    connectionTimeout: 5000\n  - name: w\n    url: https://x\n    requestOptions: {headers: {A: b}, verifySsl: false}\n";
    let expected = "continue\n  a-b:\n    command: x\n    env:\n      K: \"${K}\"\n    timeouts:\n      start: 5s\n  w:\n    url: https://x\n    headers:\n      A: b\n";
    let notices = [
        "c.yaml:6:5: server `a b`: `connectionTimeout: 5000` was taken as 5s; clients differ in the unit",
        "c.yaml:3:11: server `a b` is called `a-b` here",
        "c.yaml:9:39: server `w`: the key `verifySsl` has no counterpart here and was left out",
    ];
    check("c.yaml", yaml, expected, &notices);
    check("l.json", r#"[{"name": "a", "command": "x"}]"#, "continue\n  a:\n    command: x\n", &[]);
    check(
        "t.yaml",
        "servers:\n  a: {command: x, idle_stop: 5m}\n",
        "tutti\n  a:\n    command: x\n    idle_stop: 5m\n",
        &[],
    );
    check(
        "b.json",
        r#"{"a": {"command": "x"}, "b": {"url": "z"}}"#,
        "mcpServers\n  a:\n    command: x\n  b:\n    url: z\n",
        &[],
    );
}

#[test]
fn tutti_itself_and_second_shapes_are_passed_over() {
    let text = r#"{"mcpServers": {"tutti": {"type": "http", "url": "http://127.0.0.1:4747/mcp"}, "hub": {"command": "C:\\x\\Tutti.exe", "args": ["mcp"]}, "a": {"command": "tutti"}},
 "servers": {"b": {"command": "x"}}}"#;
    let notices = [
        "m.json:1:17: server `tutti` is Tutti itself; passed over",
        "m.json:1:80: server `hub` is Tutti itself; passed over",
        "m.json: the file also has `servers`, which was not read",
    ];
    check("m.json", text, "mcpServers\n  a:\n    command: tutti\n", &notices);
}

#[test]
fn names_that_become_one_stay_two() {
    let (servers, notices) = import(
        "m.json",
        r#"{"mcpServers": {"a b": {"command": "x"}, "a.b": {"command": "z"}, "a-b": {"command": "w"}}}"#,
    );
    assert_eq!(servers, "mcpServers\n  a-b-2:\n    command: x\n  a-b-3:\n    command: z\n  a-b:\n    command: w\n");
    assert_eq!(notices.len(), 2);
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let text = "{\"mcpServers\": {\n \"a\": {\"args\": []},\n \"b\": \"npx\",\n \"c\": {\"command\": null}\n}}";
    let errors = recognise("m.json", text).unwrap_err();
    let shown: Vec<_> =
        errors.iter().map(|error| format!("{} {}", error.location().unwrap(), error.message())).collect();
    let expected = [
        "m.json:2:7 the server `a` has neither `command` nor `url`",
        "m.json:3:7 the server `b` must be a map, and a text stands there",
        "m.json:4:7 the server `c` has neither `command` nor `url`",
    ];
    assert_eq!(shown, expected);
}

#[test]
fn files_of_no_known_shape_are_refused() {
    for (text, near) in [
        ("{\"mcpserver\": {}}", Some("`mcpServers` for `mcpserver`")),
        ("{\"a\": 1}", None),
        ("[]", None),
        ("5", None),
        ("", None),
    ] {
        let errors = recognise("m.json", text).unwrap_err();
        assert_eq!(errors[0].code(), Code::ImportUnrecognised, "{text}");
        assert_eq!(errors[0].next().contains("did you mean"), near.is_some(), "{text}");
        assert!(near.is_none_or(|near| errors[0].next().contains(near)));
    }
    assert_eq!(recognise("m.json", "{").unwrap_err()[0].code(), Code::ConfigSyntax);
    assert!(recognise("m.json", "{\"mcpServers\": {}}").unwrap().servers.is_empty());
}

#[test]
fn places_are_those_of_the_foreign_file() {
    let imported = recognise("m.json", "{\"mcpServers\": {\n  \"a\": {\"disabled\": true,\n \"url\": 5}}}").unwrap();
    let node: &Node = &imported.servers[0].1;
    assert_eq!(node.get("url").unwrap().node.place, Place { line: 3, column: 9 });
    assert_eq!(node.get("enabled").unwrap().key_place, Place { line: 2, column: 9 });
    assert!(add_server("", "a", node).is_ok());
}

proptest! {
    #[test]
    fn no_file_makes_the_importer_panic(
        text in "([\\[\\]{},:]|\"mcpServers\": ?|\"servers\": ?|\"context_servers\": ?|\"command\": ?|\"timeout\": ?|\"\\$\\{[a-z:}]{0,5}\"|\"x\"|-?[0-9]|true|null){0,30}",
        end in prop::sample::select(vec![".json", ".yaml", ".toml"]),
    ) {
        let _ = recognise(&format!("f{end}"), &text);
    }

    #[test]
    fn what_is_imported_can_be_written_and_read(command in "\\PC{0,9}", args in prop::collection::vec("[ -~é]{0,9}", 0..4), name in "\\PC{1,40}", off: bool) {
        let file = serde_json::json!({"mcpServers": {name: {"command": command, "args": args, "disabled": off}}}).to_string();
        let imported = recognise("m.json", &file).unwrap();
        let (name, node) = &imported.servers[0];
        let text = add_server("", name, node).unwrap();
        let again = recognise("tutti.yaml", &text).unwrap();
        prop_assert_eq!(&again.servers[0].0, name);
        prop_assert!(again.servers[0].1.same_as(node));
    }
}

#[test]
fn the_hub_reads_what_was_imported() {
    let files = [
        (
            "m.json",
            r#"{"mcpServers": {"a": {"command": "x", "args": [1], "env": {"A": true}, "cwd": "y", "timeout": 99999999999, "protocolEra": "auto"}, "b": {"type": "sse", "url": "http://x", "headers": {}, "disabled": true}}}"#,
        ),
        (
            "v.json",
            r#"{"inputs": [], "servers": {"a b": {"type": "stdio", "command": "${workspaceFolder}/x", "args": ["${config:x}"]}}}"#,
        ),
        ("z.json", r#"{"context_servers": {"a": {"command": {"path": "x", "args": ["${HOME}"], "timeout": 1}}}}"#),
        (
            "c.toml",
            "[mcp_servers.a]\nurl = 'http://x'\nbearer_token_env_var = 'T'\nstartup_timeout_ms = 1\n[mcp_servers.b]\ncommand = 'x'\nenv_vars = ['Y']\n",
        ),
        ("l.yaml", "mcpServers:\n  - {name: a, command: x, env: {K: '${{ secrets.K }}'}}\n"),
    ];
    let environment = base::environment::Environment::from_pairs([("T", "t"), ("K", "k")], std::path::Path::new("/w"));
    for (file, text) in files {
        let mut imported = recognise(file, text).unwrap();
        let problems = base::config::Problems::new();
        let lookup = |name: &str| environment.get(name).map(str::to_owned);
        for (name, node) in &mut imported.servers {
            base::config::substitute_node(file, name, node, &lookup, &problems);
        }
        let typed: Vec<_> = imported
            .servers
            .iter()
            .map(|(name, node)| tools::config::Typed { name, node, file, fault: None })
            .collect();
        let folder = std::path::PathBuf::from("/w");
        let surroundings = tools::config::Surroundings { environment: environment.clone(), folder, supervisor: None };
        let settings = tools::config::read(&problems, &typed, None, &surroundings);
        assert_eq!(problems.into_result().err().unwrap_or_default().len(), 0, "{file}");
        assert_eq!(settings.servers.len(), typed.len());
    }
}
