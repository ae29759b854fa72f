//! A call by way of `call_tool` is the call itself.

use super::{inside, searching};
use crate::harness::{Client, Era, Setup, trials_of_both_eras};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    trials_of_both_eras!("modes::same":
        h20_results_and_errors_come_back_byte_for_byte,
        h08_progress_of_a_call_inside_has_the_token_of_its_client,
        h07_cancel_reaches_the_call_inside,
        h01_questions_of_a_call_inside_are_answered,
        descriptions_are_the_definitions_of_the_list,
    )
}

/// The result or error of a message as it stands there, without the id.
fn outcome(raw: &str) -> &str {
    let place = raw.find("\"result\":").or_else(|| raw.find("\"error\":"));
    &raw[place.unwrap_or_else(|| panic!("an answer: {raw}"))..]
}

async fn h20_results_and_errors_come_back_byte_for_byte(era: Era) {
    for speaks in ["legacy", "modern"] {
        let hub = Setup::pair(&["--era", speaks], json!({})).ready().await;
        let client = searching(&hub, era).await;
        let odd = json!({"result": {"content": [], "x": [1.50, "é", {"resultType": 1}], "structuredContent": null}});
        for (tool, arguments) in [
            ("faulty__kinds", json!({})),
            ("faulty__answer", odd),
            ("faulty__fail", json!({"text": "no"})),
            ("faulty__error", json!({"code": 4711, "message": "own", "data": {"a": 1.0}})),
            ("faulty__echo", json!({"message": "ünï", "deep": {"name": "call_tool", "arguments": {}}})),
            ("faulty__none", json!({})),
            ("none", json!({})),
        ] {
            let direct = client.call(tool, arguments.clone()).await;
            let through = client.request("tools/call", inside(tool, &arguments)).await;
            assert_eq!(outcome(&through.raw), outcome(&direct.raw), "{speaks} {tool}");
            assert_eq!(through.status, direct.status, "{speaks} {tool}");
        }
        // The upstream sees no difference either.
        let calls: Vec<Value> = hub.recorded_method("faulty", "tools/call");
        for pair in calls.chunks(2) {
            let params = |entry: &Value| {
                let mut params = entry["params"].clone();
                params.as_object_mut().unwrap().remove("_meta");
                params
            };
            assert_eq!(params(&pair[0]), params(&pair[1]));
        }
        assert!(calls.len() >= 10, "{}", calls.len());
    }
}

async fn h08_progress_of_a_call_inside_has_the_token_of_its_client(era: Era) {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let client = searching(&hub, era).await;
    let mut params = inside("faulty__progress", &json!({"steps": 3, "label": "p"}));
    params["_meta"] = json!({"progressToken": "mine"});
    let reply = client.request("tools/call", params).await;
    let notes = reply.notifications("notifications/progress");
    let steps: Vec<_> = notes.iter().map(|note| note["params"]["progress"].as_i64().unwrap()).collect();
    assert_eq!(steps, [1, 2, 3]);
    assert!(notes.iter().all(|note| note["params"]["progressToken"] == "mine"), "{notes:?}");
}

async fn h07_cancel_reaches_the_call_inside(era: Era) {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let client = searching(&hub, era).await;
    let held = client.start("tools/call", inside("faulty__hold", &json!({"name": "it"})));
    client.call("faulty__await_hold", json!({"name": "it"})).await.result();
    match era {
        Era::Legacy => {
            let params = json!({"requestId": held.id});
            assert_eq!(client.notify("notifications/cancelled", params).await.status, 202);
        }
        Era::Modern => drop(held),
    }
    let reply = client.call("faulty__cancelled", json!({"at_least": 1})).await;
    assert_eq!(reply.structured()["cancelled"][0]["arguments"]["name"], "it", "{}", reply.raw);
}

async fn h01_questions_of_a_call_inside_are_answered(era: Era) {
    for speaks in ["legacy", "modern"] {
        let hub = Setup::pair(&["--era", speaks], json!({})).ready().await;
        let client = Client::bare(era, &hub.at("/mcp?mode=search")).able(&json!({"roots": {}}));
        let client = if era == Era::Legacy { client.shake_hands("2025-11-25").await } else { client };
        let roots = json!({"roots": [{"uri": "file:///home/me", "name": "me"}]});
        let arguments = json!({"name": "faulty__ask", "arguments": {"method": "roots/list"}});
        let answered = client.call_and_answer("call_tool", arguments, |_, _| Ok(roots.clone())).await;
        assert_eq!(answered.asked.len(), 1, "{speaks}: {:?}", answered.asked);
        assert!(answered.reply.raw.contains("file:///home/me"), "{speaks}: {}", answered.reply.raw);
    }
}

async fn descriptions_are_the_definitions_of_the_list(era: Era) {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let all = hub.client_of(era).await.list("tools/list", "tools").await;
    let find = |name: &str| all.iter().find(|tool| tool["name"] == name).cloned().unwrap();
    let client = searching(&hub, era).await;
    let names = json!({"names": ["good__add", "faulty__echo", "good__none", "call_tool"]});
    let reply = client.call("describe_tools", names).await;
    let described: Value = serde_json::from_str(reply.text()).unwrap();
    assert_eq!(described["tools"], json!([find("good__add"), find("faulty__echo")]));
    assert_eq!(described["unknown"], json!(["good__none", "call_tool"]));
    let tokens = &reply.result()["_meta"]["tutti/tokens"];
    assert_eq!(tokens["saved"].as_u64().unwrap() + tokens["shown"].as_u64().unwrap(), tokens["all"].as_u64().unwrap());
    for arguments in [
        json!({}),
        json!({"names": []}),
        json!({"names": [1]}),
        json!({"names": vec!["good__add"; 21]}),
        json!({"names": ["good__add"], "name": "good__add"}),
    ] {
        client.call("describe_tools", arguments).await.assert_code(&["T-0304"]);
    }
}
