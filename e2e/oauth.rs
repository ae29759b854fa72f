//! Upstreams that want a login: a resource server and an authorization server that keep the rules, or break one of them.

mod attacks;
mod each;
mod login;
pub(crate) mod realm;
mod unattended;

use crate::harness::{Answer, Http, Hub, Run, Setup, within};
use libtest_mimic::Trial;
use realm::Realm;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Stdio;
use tokio::process::Command;

pub(crate) fn tests() -> Vec<Trial> {
    [login::tests(), unattended::tests(), attacks::tests(), each::tests()].into_iter().flatten().collect()
}

/// A hub with the server `docs` of `realm`, whose entry has `auth`.
async fn hub(realm: &Realm, auth: Value) -> Hub {
    Setup::new().remote("docs", &realm.endpoint(), json!({"auth": auth, "backoff": {"first": "1ms"}})).start().await
}

/// Tells the hub's own interface something.
async fn post(hub: &Hub, path: &str, body: &Value) -> Answer {
    let request = Http::new("POST", &hub.at(path)).header("content-type", "application/json");
    request.body(body.to_string()).send().await
}

/// The binary, in the folder of `setup`.
fn command(setup: &Setup, arguments: &[&str]) -> Command {
    let built = option_env!("CARGO_BIN_EXE_tutti").map(PathBuf::from);
    let binary = std::env::var_os("TUTTI_BINARY").map(PathBuf::from).or(built).expect("the binary under test is known");
    let mut command = Command::new(binary);
    command.args(arguments).args(["--config"]).arg(setup.config_path());
    command.env_clear().envs(&setup.environment).current_dir(setup.folder.path());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// Runs the binary to its end.
async fn tutti(setup: &Setup, arguments: &[&str]) -> Run {
    let output = within("the end of a command", command(setup, arguments).output()).await;
    let output = output.expect("the binary can be started");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Run { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
}

const BACK: &str = "http://127.0.0.1:9/callback";

/// Begins a login, and gives the address for the browser.
async fn begin(hub: &Hub) -> Answer {
    post(hub, "/api/v1/servers/docs/login", &json!({"redirect_uri": BACK})).await
}

/// What a browser does: follows the address, and gives the query that it is sent back with.
async fn consent(url: &str) -> String {
    let answer = Http::new("GET", url).send().await;
    assert_eq!(answer.status, 302, "{}", answer.text());
    let back = answer.header("location").expect("it points back");
    back.strip_prefix(&format!("{BACK}?")).unwrap_or_else(|| panic!("not the way back: {back}")).to_owned()
}

async fn finish(hub: &Hub, query: &str) -> Answer {
    post(hub, "/api/v1/servers/docs/login/finish", &json!({"query": query})).await
}

/// A whole login.
async fn log_in(hub: &Hub) -> Value {
    let begun = begin(hub).await;
    assert_eq!(begun.status, 200, "{}", begun.text());
    let query = consent(begun.json()["url"].as_str().expect("it names the page")).await;
    let finished = finish(hub, &query).await;
    assert_eq!(finished.status, 200, "{}", finished.text());
    finished.json()
}

/// The code of an error that the hub's own interface answered with.
fn code(answer: &Answer) -> String {
    answer.json()["error"]["data"]["code"].as_str().unwrap_or_default().to_owned()
}
