//! Tools in quarantine, on the other transports.

use super::endpoints::{base, open, socket};
use super::talk::{ALL, Talk};
use crate::harness::{Setup, replace, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    trials!("transports::quarantine": h29_quarantine_holds_on_every_transport)
}

fn tools(description: &str) -> String {
    let tool = |name: &str| json!({"name": name, "description": description, "inputSchema": {"type": "object"}});
    let named = |name: &str| json!({"name": name, "inputSchema": {"type": "object"}});
    json!([named("echo"), tool("send"), named("change_tools")]).to_string()
}

async fn h29_quarantine_holds_on_every_transport() {
    let setup = Setup::new();
    replace(&setup.path("tools.json"), &tools("Sends a mail."));
    let (file, path) = (setup.path_text("tools.json"), setup.path_text("hub.sock"));
    let setup = setup.fixture("mail", &["--era", "legacy", "--tools-file", &file], json!({}));
    let views = json!({"small": {"tools": ["mail__send"]}});
    let hub = setup.with("socket", json!(path)).with("views", views).ready().await;
    assert_eq!(socket(&hub.setup), hub.setup.path("hub.sock"));
    // Connections that were there before the change, and some that come after it.
    let mut talks = Vec::new();
    for kind in ALL {
        let mut talk = open(&hub, kind).await;
        talk.greet().await;
        assert_eq!(talk.call("mail__send", json!({})).await["result"]["content"][0]["text"], "send of mail");
        talks.push(talk);
    }
    replace(&hub.setup.path("tools.json"), &tools("Sends it elsewhere."));
    hub.call("mail__change_tools", json!({})).await.result();
    hub.wait_for("mail", "the tool is in quarantine", |server| server["quarantined"][0]["tool"] == "send").await;
    for kind in ALL {
        let mut talk = open(&hub, kind).await;
        talk.greet().await;
        talks.push(talk);
    }
    let base = base(&hub);
    for mut talk in
        [Talk::events(&format!("{base}/sse/small")).await, Talk::web_socket(&base, "/ws/small", "").await.unwrap()]
    {
        talk.greet().await;
        talks.push(talk);
    }
    for talk in &mut talks {
        let refused = talk.call("mail__send", json!({})).await;
        assert_eq!(refused["error"]["data"]["code"], "T-0346", "{refused}");
        let (list, _) = talk.request("tools/list", json!({})).await;
        let names: Vec<&Value> = list["result"]["tools"].as_array().unwrap().iter().map(|tool| &tool["name"]).collect();
        assert!(!names.contains(&&json!("mail__send")), "{list}");
    }
}
