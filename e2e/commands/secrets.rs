//! Secrets of the vault: they come in by `tutti secret set`, reach the servers that the configuration gives them to, and
//! show nowhere.

mod upstreams;

use super::run::{Order, binary, desk, put, words};
use crate::harness::{Http, Run, Setup, trials, within};
use crate::security::STRONG;
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Stdio;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;

pub(super) fn tests() -> Vec<Trial> {
    let mut tests = trials!("commands::secrets":
        secrets_are_set_listed_and_removed_without_a_hub,
        a_hub_of_another_folder_has_the_vault,
        value_is_typed_without_being_shown,
        a08_secrets_are_behind_the_key,
        a118_values_of_secrets_show_nowhere,
    );
    tests.extend(upstreams::tests());
    tests
}

/// Runs a line with `--json` and this on standard input.
async fn run(setup: &Setup, line: &str, input: &str) -> Run {
    let words = words(&format!("--json {line}"));
    Order::new(setup, &words.iter().map(String::as_str).collect::<Vec<_>>()).input(input).run().await
}

/// What a line answers that ends with `exit`.
async fn answer(setup: &Setup, line: &str, input: &str, exit: i32) -> Value {
    let run = run(setup, line, input).await;
    assert_eq!(run.code, Some(exit), "{line}: {run:?}");
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{line}: {error}: {run:?}"))
}

/// Sets a secret.
async fn set(setup: &Setup, name: &str, value: &str) -> Value {
    answer(setup, &format!("secret set {name}"), value, 0).await
}

/// The code of the error that a line ends with.
async fn refused(setup: &Setup, line: &str, input: &str, exit: i32) -> String {
    answer(setup, line, input, exit).await["error"]["code"].as_str().unwrap_or_default().to_owned()
}

async fn secrets_are_set_listed_and_removed_without_a_hub() {
    let setup = desk();
    let servers = "servers:\n  docs: {url: \"http://127.0.0.1:1/mcp?key=${secret:B}\", enabled: false}\n  \
        mail: {command: x, env: {A: \"${secret:A}${secret:LOST}\"}}\n";
    put(&setup, "tutti.yaml", servers);
    let made = set(&setup, "A", "one\n").await;
    assert_eq!(made, json!({"name": "A", "replaced": false, "used_by": ["mail"]}));
    assert_eq!(set(&setup, "A", "two").await["replaced"], true);
    assert_eq!(set(&setup, "B", "three").await["used_by"], json!(["docs"]));
    assert_eq!(set(&setup, "unused.1", "four").await["used_by"], json!([]));
    let listed = answer(&setup, "secret list", "", 0).await;
    let all: Vec<_> = listed["secrets"].as_array().expect("a list").iter().map(|kept| kept["name"].clone()).collect();
    assert_eq!(all, ["A", "B", "unused.1"]);
    let first = &listed["secrets"][0];
    assert!(first["set_at"].as_str().is_some_and(|at| at.ends_with('Z')) && first["error"].is_null(), "{listed}");
    assert_eq!(listed["missing"], json!([{"name": "LOST", "used_by": ["mail"]}]));
    assert_eq!(refused(&setup, "secret remove B", "", 6).await, "T-0710");
    assert_eq!(refused(&setup, "secret remove none", "", 5).await, "T-0709");
    assert_eq!(refused(&setup, "secret set EMPTY", "\n", 2).await, "T-0304");
    assert_eq!(refused(&setup, "secret set a␣b", "x", 2).await, "T-0304");
    assert_eq!(refused(&setup, "secret set LARGE", &"x".repeat((64 << 10) + 1), 2).await, "T-0304");
    let removed = answer(&setup, "secret remove B --force", "", 0).await;
    assert_eq!(removed, json!({"name": "B", "removed": true, "used_by": ["docs"]}));
    answer(&setup, "secret remove unused.1", "", 0).await;
    // What lies on the disk shows nothing.
    set(&setup, "A", "canary-on-the-disk").await;
    for name in ["tutti.db", "tutti.db-wal"] {
        let bytes = std::fs::read(setup.path(&format!("home/{name}"))).unwrap_or_default();
        assert!(!bytes.windows(6).any(|window| window == b"canary"), "{name} holds a secret in clear");
    }
}

/// The store has one hub, whichever folder it serves; whoever sets a secret elsewhere means the same vault.
async fn a_hub_of_another_folder_has_the_vault() {
    let entry = json!({"env": {"TOKEN": "${secret:TOKEN}"}});
    let hub = Setup::new().fixture("good", &[], entry).start().await;
    let elsewhere = Setup::new().environment("TUTTI_HOME", hub.setup.folder.path().to_str().expect("it is text"));
    assert_eq!(set(&elsewhere, "TOKEN", "from-elsewhere").await["used_by"], json!(["good"]));
    hub.wait_for_tool("good__environment").await;
    let environment = hub.call("good__environment", json!({})).await;
    assert_eq!(environment.structured()["TOKEN"], "from-elsewhere", "{}", environment.raw);
}

async fn value_is_typed_without_being_shown() {
    const SCRIPT: &str = "/usr/bin/script";
    if !Path::new(SCRIPT).is_file() {
        eprintln!("`tutti secret set` is not run on a terminal: there is no {SCRIPT}");
        return;
    }
    let setup = desk();
    let mut command = Command::new(SCRIPT);
    let line = format!("'{}' secret set TOKEN", binary().display());
    command.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
    command.env_clear().envs(&setup.environment).env("TERM", "xterm").current_dir(setup.folder.path());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    let mut child = command.spawn().expect("it can be started");
    let mut keyboard = child.stdin.take().expect("a pipe");
    let mut screen = child.stdout.take().expect("a pipe");
    let work = async {
        let mut shown = Vec::new();
        let mut typed = false;
        let mut piece = [0; 1024];
        loop {
            let count = screen.read(&mut piece).await.unwrap_or(0);
            if count == 0 {
                return String::from_utf8_lossy(&shown).into_owned();
            }
            shown.extend_from_slice(&piece[..count]);
            if !typed && String::from_utf8_lossy(&shown).contains("not shown: ") {
                typed = true;
                keyboard.write_all(b"typed-canary\n").await.expect("it is read");
            }
        }
    };
    let shown = within("the end of the command", work).await;
    let status = within("the end of the terminal", child.wait()).await.expect("it ends");
    assert!(status.success() && shown.contains("is set"), "{shown}");
    assert!(!shown.contains("typed-canary"), "{shown}");
    let listed = answer(&setup, "secret list", "", 0).await;
    assert_eq!(listed["secrets"][0]["name"], "TOKEN");
}

async fn a08_secrets_are_behind_the_key() {
    let hub = Setup::new().fixture("good", &[], json!({})).with("key", json!(STRONG)).start().await;
    for (method, path) in [("GET", ""), ("PUT", "/A"), ("DELETE", "/A?force")] {
        let request = || {
            let request = Http::new(method, &hub.at(&format!("/api/v1/secrets{path}")));
            request.header("content-type", "application/json").body(r#"{"value": "x"}"#)
        };
        assert_eq!(request().send().await.status, 401, "{method}");
        let wrong = request().header("authorization", "Bearer wrong-wrong-wrong-wrong-1").send().await;
        assert_eq!(wrong.status, 401, "{method}");
        let key = format!("Bearer {STRONG}");
        let page = request().header("authorization", &key).header("origin", "https://evil.example").send().await;
        assert_eq!(page.status, 403, "{method}: a page of another site has no say");
    }
    let listed = answer(&hub.setup, "secret list", "", 0).await;
    assert_eq!(listed["secrets"], json!([]), "nothing was set");
}

async fn a118_values_of_secrets_show_nowhere() {
    const VALUE: &str = "canary-Aq7vRk2Xw9Lz4Ns8Bd1";
    const QUERY: &str = "canary-of-an-address-2Fb";
    let entry = json!({"headers": {"Authorization": "Bearer ${secret:TOKEN}"}});
    let remote = "http://127.0.0.1:1/mcp?key=${secret:QUERY}";
    let hub = Setup::new()
        .fixture("good", &[], json!({"env": {"TOKEN": "${secret:TOKEN}"}}))
        .remote("remote", remote, entry)
        .with("telemetry", json!({"log": {"format": "json"}}))
        .environment("TUTTI_LOG", "trace")
        .start()
        .await;
    let mut told = String::new();
    for (name, value) in [("TOKEN", VALUE), ("QUERY", QUERY)] {
        let run = run(&hub.setup, &format!("secret set {name}"), value).await;
        told.push_str(&format!("{run:?}"));
    }
    hub.wait_for_tool("good__environment").await;
    let seen = hub.call("good__environment", json!({})).await;
    assert_eq!(seen.structured()["TOKEN"], VALUE, "it is what is looked for");
    hub.wait_for("remote", "it cannot be reached", |server| server["error"]["code"] == "T-0205").await;
    told.push_str(&hub.call("remote__nothing", json!({})).await.raw);
    for path in ["/metrics", "/api/v1/servers", "/api/v1/secrets", "/readyz?verbose", "/api/v1/servers/remote/logs"] {
        told.push_str(&Http::new("GET", &hub.at(path)).send().await.text());
    }
    // A body that is none is told of without what it holds.
    let broken = Http::new("PUT", &hub.at("/api/v1/secrets/TOKEN")).header("content-type", "application/json");
    told.push_str(&broken.body(format!(r#"{{"valu": "{VALUE}"}}"#)).send().await.text());
    for line in
        ["secret list", "server list", "server test remote", "server logs remote", "doctor", "secret remove TOKEN"]
    {
        told.push_str(&format!("{:?}", run(&hub.setup, line, "").await));
    }
    let log = hub.stderr();
    assert!(log.contains(r#""secret":"TOKEN""#) && log.contains("a secret was set"), "it is logged by its name: {log}");
    for secret in [VALUE, QUERY] {
        assert!(!told.contains(secret), "{secret} is told: {told}");
        assert!(!log.contains(secret), "{secret} is logged: {log}");
    }
    let setup = hub.stop().await;
    for name in ["tutti.db", "tutti.db-wal", "tutti.yaml"] {
        let bytes = std::fs::read(setup.path(name)).unwrap_or_default();
        assert!(!bytes.windows(6).any(|window| window == b"canary"), "{name} holds a secret in clear");
    }
}
