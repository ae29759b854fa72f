//! The interface under schemathesis, which makes requests of the document, right ones and wrong ones, and holds the
//! answers against it. `cargo xtask test` installs it and says where it is; without that these tests are ignored.

use super::hub_of;
use crate::harness::{Hub, trial};
use crate::oauth::realm::Realm;
use crate::security::STRONG;
use libtest_mimic::Trial;
use std::process::Stdio;
use tokio::process::Command;

/// The variable that says where the program is.
const PROGRAM: &str = "TUTTI_E2E_SCHEMATHESIS";

/// Requests for each operation beyond the methodical ones.
const EXAMPLES: &str = "10";

pub(crate) fn tests() -> Vec<Trial> {
    let lacks = std::env::var_os(PROGRAM).is_none();
    vec![
        trial("api::real_schemathesis_finds_no_fault_with_the_key", with_the_key).with_ignored_flag(lacks),
        trial("api::real_schemathesis_finds_no_fault_without_the_key", without_the_key).with_ignored_flag(lacks),
    ]
}

async fn with_the_key() {
    let realm = Realm::start().await;
    let hub = hub_of(&realm).await;
    let key = format!("Authorization: Bearer {STRONG}");
    let said = run(&hub, &["--header", &key, "--checks", "all"]).await;
    assert!(!said.contains(STRONG), "the key is not shown: {said}");
    hub.client().await.call("good__add", serde_json::json!({"a": 1, "b": 2})).await.result();
}

async fn without_the_key() {
    let realm = Realm::start().await;
    let hub = hub_of(&realm).await;
    // What is right about a request nobody looks at before its key.
    let checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,\
        response_headers_conformance";
    run(&hub, &["--checks", checks]).await;
    assert_eq!(hub.server("good").await["restarts"], 0, "nobody without the key restarts a server");
}

/// Runs the program over the document of `hub`, which it must find no fault with.
async fn run(hub: &Hub, arguments: &[&str]) -> String {
    let document = hub.setup.path("openapi.json");
    std::fs::write(&document, super::document(hub).await.to_string()).expect("the folder can be written");
    let mut command = Command::new(std::env::var_os(PROGRAM).unwrap_or_else(|| panic!("{PROGRAM} names a program")));
    command.arg("--config-file").arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../../e2e/api/schemathesis.toml"));
    command.arg("run").arg(&document).args(["--url", &hub.at(""), "--max-examples", EXAMPLES]).args(arguments);
    // The environment of the developer may name a proxy, and settings of the program.
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", hub.setup.folder.path());
    command.current_dir(hub.setup.folder.path()).stdin(Stdio::null()).kill_on_drop(true);
    let output = command.output().await.expect("it can be started");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{}", hub.stderr());
    said
}
