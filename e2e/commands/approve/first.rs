//! Servers that are held back as a whole: those that nobody has approved yet, and those that cannot be compared with what
//! was approved.

use super::{approve, tool, tools};
use crate::commands::run::{desk, run_line};
use crate::harness::{Client, Era, Hub, Setup, replace, trials, trials_of_both_eras};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    let mut tests = trials_of_both_eras!("commands::approve": h29_server_waits_for_approval_before_its_first_use);
    tests.extend(trials!("commands::approve":
        h29_what_is_new_of_a_server_that_wants_approvals_waits,
        h29_what_cannot_be_compared_is_not_called,
    ));
    tests
}

const READ: [&str; 2] = ["test://static", "test://item/1"];

fn setup(entry: Value) -> Setup {
    let setup = desk();
    replace(&setup.path("tools.json"), &tools("Sends a mail.").to_string());
    let flags = ["--era", "legacy", "--tools-file", &setup.path_text("tools.json")];
    setup.fixture("mail", &flags, entry)
}

/// What waits, by kind and name.
async fn waiting(hub: &Hub) -> Vec<(String, String)> {
    let server = hub.server("mail").await;
    let all = server["quarantined"].as_array().unwrap();
    let text = |one: &Value, key: &str| one[key].as_str().unwrap().to_owned();
    all.iter().map(|one| (text(one, "kind"), text(one, "tool"))).collect()
}

/// Everything that there is to see.
async fn seen(client: &Client) -> usize {
    let mut all = 0;
    for (method, member) in [
        ("tools/list", "tools"),
        ("prompts/list", "prompts"),
        ("resources/list", "resources"),
        ("resources/templates/list", "resourceTemplates"),
    ] {
        all += client.request(method, json!({})).await.result()[member].as_array().unwrap().len();
    }
    all
}

/// Every kind of request that a client can make of the server.
fn requests() -> Vec<(&'static str, Value)> {
    let argument = |name: &str| json!({"name": name, "value": ""});
    let mut all = vec![
        ("tools/call", json!({"name": "mail__send", "arguments": {}})),
        ("tools/call", json!({"name": "mail__echo", "arguments": {"message": "hi"}})),
        ("prompts/get", json!({"name": "mail__greet", "arguments": {"name": "Ann"}})),
        (
            "completion/complete",
            json!({"ref": {"type": "ref/prompt", "name": "mail__greet"}, "argument": argument("name")}),
        ),
        (
            "completion/complete",
            json!({"ref": {"type": "ref/resource", "uri": "tutti://mail/test://item/{id}"}, "argument": argument("id")}),
        ),
    ];
    all.extend(READ.map(|uri| ("resources/read", json!({"uri": format!("tutti://mail/{uri}")}))));
    all
}

async fn h29_server_waits_for_approval_before_its_first_use(era: Era) {
    let hub = setup(json!({"pins": "approve"})).start().await;
    hub.wait_for("mail", "what it has is known", |server| server["quarantined"].as_array().unwrap().len() == 7).await;
    let expected = [
        ("instructions", "instructions"),
        ("tool", "change_tools"),
        ("tool", "echo"),
        ("tool", "send"),
        ("prompt", "greet"),
        ("resource", "test://static"),
        ("template", "test://item/{id}"),
    ];
    assert_eq!(waiting(&hub).await, expected.map(|(kind, name)| (kind.to_owned(), name.to_owned())));
    let client = hub.client_of(era).await;
    assert_eq!(seen(&client).await, 0);
    for (method, params) in requests() {
        client.request(method, params.clone()).await.assert_fault(&["T-0346"], "mail");
    }
    if era == Era::Legacy {
        assert!(client.greeting["instructions"].is_null(), "{}", client.greeting);
        for uri in READ {
            let watch = client.request("resources/subscribe", json!({"uri": format!("tutti://mail/{uri}")})).await;
            watch.assert_fault(&["T-0346"], "mail");
        }
    }
    for method in ["tools/call", "prompts/get", "resources/read", "resources/subscribe", "completion/complete"] {
        assert_eq!(hub.recorded_method("mail", method).len(), 0, "{method}: the upstream was not asked");
    }
    let shown = run_line(&hub.setup, "tool diff").await;
    let wholly_new = shown.stdout.lines().filter(|line| *line == "--- /dev/null").count();
    assert_eq!((shown.code, wholly_new), (Some(0), 7), "{shown:?}");

    // One thing is approved, and with it the server, but nothing else of what it lists.
    let done = run_line(&hub.setup, "tool approve mcp://mail/send --yes").await;
    assert_eq!(done.code, Some(0), "{done:?}");
    assert_eq!(client.call("mail__send", json!({})).await.text(), "send of mail");
    client.request("resources/read", json!({"uri": "tutti://mail/test://item/1"})).await.result();
    client.call("mail__echo", json!({"message": "hi"})).await.assert_fault(&["T-0346"], "mail");
    client
        .request("resources/read", json!({"uri": "tutti://mail/test://static"}))
        .await
        .assert_fault(&["T-0346"], "mail");
    let done = approve(&hub.setup, "--yes").await;
    assert_eq!(done.code, Some(0), "{done:?}");
    // It outlives the hub.
    let hub = hub.stop().await.ready().await;
    let client = hub.client_of(era).await;
    for (method, params) in requests() {
        client.request(method, params).await.result();
    }
    assert_eq!((waiting(&hub).await.len(), seen(&client).await), (0, 6));
}

async fn h29_what_is_new_of_a_server_that_wants_approvals_waits() {
    let hub = setup(json!({"pins": "approve"})).start().await;
    hub.wait_for("mail", "what it has is known", |server| server["quarantined"].as_array().unwrap().len() == 7).await;
    assert_eq!(approve(&hub.setup, "--yes").await.code, Some(0));
    let mut more = tools("Sends it elsewhere.");
    more.as_array_mut().unwrap().push(tool("extra", "New."));
    super::change(&hub, &more).await;
    super::wait_for_quarantine(&hub, &[("extra", "new"), ("send", "changed")]).await;
    for name in ["extra", "send"] {
        hub.call(&format!("mail__{name}"), json!({})).await.assert_fault(&["T-0346"], "mail");
    }
    assert_eq!(approve(&hub.setup, "--yes").await.code, Some(0));
    // What was approved stays so where less is asked for, and what is pinned counts as approved where more is.
    let mut setup = hub.stop().await;
    for mode in ["pin", "approve"] {
        setup.config["servers"]["mail"]["pins"] = json!(mode);
        let hub = setup.start().await;
        for name in ["extra", "send"] {
            assert_eq!(hub.call(&format!("mail__{name}"), json!({})).await.text(), format!("{name} of mail"), "{mode}");
        }
        setup = hub.stop().await;
    }
}

/// A server that gives no list could be anything by now.
async fn h29_what_cannot_be_compared_is_not_called() {
    for (mode, calls, reads) in
        [("trust", true, true), ("pin-existing-allow-new", true, true), ("pin", false, true), ("approve", false, false)]
    {
        let setup = setup(json!({"pins": mode}));
        replace(&setup.path("tools.json"), "no list");
        let hub = setup.start().await;
        hub.wait_for("mail", "its lists fail", |server| server["state"] == "degraded").await;
        for (method, params) in requests() {
            let answer = hub.modern().request(method, params.clone()).await;
            let asked = match method {
                "tools/call" | "prompts/get" => calls,
                "resources/read" => reads,
                _ => continue,
            };
            match asked {
                true => drop(answer.result()),
                false => {
                    let error = answer.assert_fault(&["T-0346"], "mail").clone();
                    assert!(
                        error["message"].as_str().unwrap().contains("could not be read"),
                        "{mode} {method}: {error}"
                    );
                }
            }
        }
        assert_eq!(hub.recorded_method("mail", "tools/call").is_empty(), !calls, "{mode}");
        assert_eq!(hub.recorded_method("mail", "prompts/get").is_empty(), !calls, "{mode}");
        assert_eq!(hub.recorded_method("mail", "resources/read").is_empty(), !reads, "{mode}");
    }
}
