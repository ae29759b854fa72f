//! What servers ask of clients in the middle of calls: in all pairs of eras, of the right client and of no other.

use crate::harness::{Client, Era, HttpUpstream, Hub, Setup, trial, trials, trials_of_both_eras};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    let mut tests = trials_of_both_eras!("asks":
        h01_many_rounds_of_a_modern_upstream,
        h11_what_a_client_cannot_do_is_not_asked_of_it,
        h11_what_a_call_fails_for_lack_of_is_told_in_the_way_of_the_era,
        a43_models_of_clients_are_not_offered_unless_it_is_said,
        a33_only_web_addresses_reach_the_user,
    );
    tests.extend(trials!("asks":
        h11_two_clients_of_one_process_are_not_taken_for_each_other,
        h11_two_clients_of_one_session_are_not_taken_for_each_other,
        h11_what_a_call_asked_that_was_given_up_is_put_to_nobody_else,
        a16_answers_to_nothing_change_nothing,
        a30_states_are_good_for_their_call_only,
        h01_what_a_modern_client_leaves_out_is_asked_again,
        error_of_a_client_reaches_a_legacy_upstream,
        client_that_goes_away_ends_the_call,
    ));
    for transport in ["stdio", "http", "http aside"] {
        for speaks in ["legacy", "modern"] {
            // There are no requests of modern servers.
            if transport == "http aside" && speaks == "modern" {
                continue;
            }
            for era in Era::BOTH {
                let way = transport.replace(' ', "_");
                let name = format!("asks::h01_{way}_{speaks}_upstream_asks_{}_client", era.word());
                tests.push(trial(name, move || every_ask_is_answered(era, speaks, transport)));
            }
        }
    }
    tests
}

/// A client that can be asked everything.
fn able() -> Value {
    json!({"elicitation": {"form": {}, "url": {}}, "roots": {}, "sampling": {}})
}

fn offers_all() -> Value {
    json!({"offers": ["elicitation", "roots", "sampling"]})
}

async fn client_of(hub: &Hub, era: Era, capabilities: &Value) -> Client {
    let client = hub.bare(era).able(capabilities);
    match era {
        Era::Legacy => client.shake_hands("2025-11-25").await,
        Era::Modern => client,
    }
}

fn answer(method: &str, params: &Value) -> Result<Value, Value> {
    Ok(match method {
        "elicitation/create" if params["mode"] == "url" => json!({"action": "accept"}),
        "elicitation/create" => json!({"action": "accept", "content": {"colour": "blue"}}),
        "roots/list" => json!({"roots": [{"uri": "file:///home/me", "name": "me"}]}),
        "sampling/createMessage" => json!({
            "role": "assistant", "model": "m", "stopReason": "endTurn", "content": {"type": "text", "text": "four"},
        }),
        other => panic!("asked {other}"),
    })
}

const ASKS: [(&str, &str); 4] = [
    (
        "elicitation/create",
        r#"{"message":"Which?","x-vendor":[1.50],"requestedSchema":{"type":"object","properties":{"colour":{"type":"string"}}}}"#,
    ),
    (
        "elicitation/create",
        r#"{"mode":"url","message":"Log in","url":"https://example.com/login","elicitationId":"e1"}"#,
    ),
    ("roots/list", "{}"),
    (
        "sampling/createMessage",
        r#"{"maxTokens":10,"messages":[{"role":"user","content":{"type":"text","text":"2+2"}}]}"#,
    ),
];

/// A legacy upstream at an address that asks on the stream which belongs to no request.
async fn aside() -> HttpUpstream {
    HttpUpstream::start(&["--name", "faulty", "--era", "legacy", "--asks-aside"]).await
}

async fn every_ask_is_answered(era: Era, speaks: &'static str, transport: &'static str) {
    let flags = ["--era", speaks];
    let setup = Setup::new().fixture("good", &[], json!({}));
    let remote = match transport {
        "stdio" => None,
        "http" => Some(HttpUpstream::start(&[&["--name", "faulty"], &flags[..]].concat()).await),
        _ => Some(aside().await),
    };
    let setup = match &remote {
        Some(upstream) => setup.remote("faulty", &upstream.url, offers_all()),
        None => setup.fixture("faulty", &flags, offers_all()),
    };
    let hub = setup.ready().await;
    let client = client_of(&hub, era, &able()).await;
    for (method, params) in ASKS {
        let params: Value = serde_json::from_str(params).expect("JSON");
        let arguments = json!({"method": method, "params": params});
        let ended = client.call_and_answer("faulty__ask", arguments, answer).await;
        assert_eq!(ended.asked.len(), 1, "{method}: asked once: {:?}", ended.asked);
        let (asked, got) = &ended.asked[0];
        assert_eq!(asked, method);
        for (name, value) in params.as_object().expect("an object") {
            let gone = name == "elicitationId" && era == Era::Modern;
            assert!(gone || &got[name] == value, "{method}: `{name}` came as it was sent: {got}");
        }
        assert_eq!(ended.reply.structured()["result"], answer(method, got).expect("a result"), "{}", ended.reply.raw);
    }
    hub.assert_good().await;
}

/// A modern upstream may ask again and again; its state goes there and back unchanged.
async fn h01_many_rounds_of_a_modern_upstream(era: Era) {
    let hub = Setup::pair(&["--era", "modern"], offers_all()).ready().await;
    let client = client_of(&hub, era, &able()).await;
    let arguments = json!({"method": "roots/list", "rounds": 3});
    let ended = client.call_and_answer("faulty__ask", arguments, answer).await;
    assert_eq!((ended.asked.len(), &ended.reply.structured()["rounds"]), (3, &json!(3)), "{}", ended.reply.raw);
}

async fn h11_what_a_client_cannot_do_is_not_asked_of_it(era: Era) {
    let hub = Setup::pair(&["--era", "legacy"], offers_all()).ready().await;
    let client = client_of(&hub, era, &json!({"roots": {}})).await;
    for (method, params) in [("elicitation/create", json!({"message": "?"})), ("sampling/createMessage", json!({}))] {
        let arguments = json!({"method": method, "params": params});
        let ended = client.call_and_answer("faulty__ask", arguments, answer).await;
        assert!(ended.asked.is_empty(), "{:?}", ended.asked);
        let error = &ended.reply.structured()["error"];
        assert_eq!(error["data"]["code"], "T-0340", "the upstream learns why: {}", ended.reply.raw);
        let needed =
            if method == "elicitation/create" { json!({"elicitation": {"form": {}}}) } else { json!({"sampling": {}}) };
        assert_eq!(error["data"]["requiredCapabilities"], needed, "{}", ended.reply.raw);
    }
}

/// The server itself does not know what this client can do: the hub knows why it failed.
async fn h11_what_a_call_fails_for_lack_of_is_told_in_the_way_of_the_era(era: Era) {
    let hub = Setup::pair(&["--era", "legacy"], offers_all()).ready().await;
    let client = client_of(&hub, era, &json!({"roots": {}})).await;
    let arguments = json!({"method": "sampling/createMessage", "params": {}, "needed": true});
    let ended = client.call_and_answer("faulty__ask", arguments, answer).await;
    let error = ended.reply.error();
    if era == Era::Legacy {
        assert_eq!((&error["code"], &error["message"]), (&json!(-32000), &json!("nothing works without an answer")));
        return;
    }
    assert_eq!((&error["code"], &error["data"]["code"]), (&json!(-32021), &json!("T-0340")), "{error}");
    assert_eq!(error["data"]["requiredCapabilities"], json!({"sampling": {}}), "{error}");
    assert!(error.to_string().contains("nothing works without an answer"), "the server's own words are kept: {error}");
}

async fn a43_models_of_clients_are_not_offered_unless_it_is_said(era: Era) {
    for speaks in ["legacy", "modern"] {
        let hub = Setup::pair(&["--era", speaks], json!({})).ready().await;
        let client = client_of(&hub, era, &able()).await;
        let arguments = json!({"method": "sampling/createMessage", "params": {"messages": [], "maxTokens": 1}});
        let ended = client.call_and_answer("faulty__ask", arguments, answer).await;
        // A modern upstream does not see that the client could; this one asks all the same, and the client may refuse.
        let passed_on = speaks == "modern" && era == Era::Modern;
        assert!(ended.asked.is_empty() || passed_on, "{speaks}: {:?}", ended.asked);
    }
}

async fn a33_only_web_addresses_reach_the_user(era: Era) {
    for speaks in ["legacy", "modern"] {
        let hub = Setup::pair(&["--era", speaks], offers_all()).ready().await;
        let client = client_of(&hub, era, &able()).await;
        let params = json!({"mode": "url", "message": "m", "elicitationId": "e", "url": "javascript:alert(1)"});
        let arguments = json!({"method": "elicitation/create", "params": params});
        let ended = client.call_and_answer("faulty__ask", arguments, answer).await;
        assert!(ended.asked.is_empty(), "{speaks}: {:?}", ended.asked);
        // A modern upstream's call ends with it; a legacy one is told, and may go on.
        let said =
            if speaks == "legacy" { ended.reply.structured()["error"].clone() } else { ended.reply.error().clone() };
        assert_eq!(said["data"]["code"], "T-0209", "{}", ended.reply.raw);
    }
}

/// Two clients have calls in flight on one process: what it asks could be meant for either, so neither is asked.
async fn h11_two_clients_of_one_process_are_not_taken_for_each_other() {
    not_taken_for_each_other(Setup::pair(&["--era", "legacy"], offers_all()).ready().await).await;
}

/// As above, over HTTP: the upstream asks on the stream that belongs to no call.
async fn h11_two_clients_of_one_session_are_not_taken_for_each_other() {
    let remote = aside().await;
    let hub = Setup::new().remote("faulty", &remote.url, offers_all()).ready().await;
    not_taken_for_each_other(hub).await;
}

async fn not_taken_for_each_other(hub: Hub) {
    let (one, other) = (client_of(&hub, Era::Legacy, &able()).await, client_of(&hub, Era::Legacy, &able()).await);
    let held = other.start_call("faulty__hold", json!({"name": "h"}));
    one.call("faulty__await_hold", json!({"name": "h"})).await.result();
    let ended = one.call_and_answer("faulty__ask", json!({"method": "roots/list"}), answer).await;
    assert!(ended.asked.is_empty());
    assert_eq!(ended.reply.structured()["error"]["code"], -32603, "{}", ended.reply.raw);
    one.call("faulty__release", json!({"name": "h"})).await.result();
    assert_eq!(held.finish().await.text(), "held h");
    // Alone, the same client is asked, also with two calls of its own.
    let held = one.start_call("faulty__hold", json!({"name": "i"}));
    one.call("faulty__await_hold", json!({"name": "i"})).await.result();
    let ended = one.call_and_answer("faulty__release", json!({"name": "i"}), answer).await;
    ended.reply.result();
    held.finish().await.result();
    let ended = one.call_and_answer("faulty__ask", json!({"method": "roots/list"}), answer).await;
    assert_eq!(ended.asked.len(), 1, "{}", ended.reply.raw);
}

/// The question of a call that was given up goes with it.
async fn h11_what_a_call_asked_that_was_given_up_is_put_to_nobody_else() {
    let remote = aside().await;
    let hub = Setup::new().remote("faulty", &remote.url, offers_all()).ready().await;
    let (one, other) = (client_of(&hub, Era::Legacy, &able()).await, client_of(&hub, Era::Legacy, &able()).await);
    let arguments = json!({"name": "faulty__ask", "arguments": {"method": "elicitation/create", "params": {}}});
    let mut stream = one.post(&one.message(&one.fresh_id(), "tools/call", arguments)).open().await;
    assert_eq!(stream.next_message("the question").await["method"], "elicitation/create");
    drop(stream);
    let ended = other.call_and_answer("faulty__cancelled", json!({"at_least": 1}), answer).await;
    assert_eq!(ended.reply.structured()["cancelled"][0]["tool"], "ask", "{}", ended.reply.raw);
    assert!(ended.asked.is_empty(), "{:?}", ended.asked);
}

async fn a16_answers_to_nothing_change_nothing() {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let client = client_of(&hub, Era::Legacy, &able()).await;
    for message in [
        json!({"jsonrpc": "2.0", "id": 1, "result": {}}),
        json!({"jsonrpc": "2.0", "id": "x", "error": {"code": 1, "message": "m"}}),
    ] {
        let answer = client.post(&message).send().await;
        assert_eq!(answer.status, 202, "{}", answer.text());
    }
    assert_eq!(client.call("faulty__echo", json!({"message": "still here"})).await.text(), "still here");
}

async fn a30_states_are_good_for_their_call_only() {
    for speaks in ["legacy", "modern"] {
        let hub = Setup::pair(&["--era", speaks], offers_all()).ready().await;
        let client = client_of(&hub, Era::Modern, &able()).await;
        let params = json!({"name": "faulty__ask", "arguments": {"method": "roots/list"}});
        let first = client.request("tools/call", params.clone()).await;
        let result = first.result();
        assert_eq!(result["resultType"], "input_required", "{}", first.raw);
        let name = result["inputRequests"].as_object().and_then(|all| all.keys().next()).expect("a question").clone();
        let state = result["requestState"].as_str().expect("a state").to_owned();
        let again = |arguments: Value, state: String| {
            let answer = json!({name.clone(): {"roots": []}});
            json!({"name": "faulty__ask", "arguments": arguments, "requestState": state, "inputResponses": answer})
        };
        let own = json!({"method": "roots/list"});
        let other = json!({"method": "roots/list", "other": 1});
        let tampered = format!("{}{}", &state[..state.len() - 2], if state.ends_with("AA") { "BB" } else { "AA" });
        for (arguments, state) in [(other, state.clone()), (own.clone(), tampered), (own.clone(), "round 1".to_owned())]
        {
            let reply = client.request("tools/call", again(arguments, state)).await;
            assert_eq!(reply.assert_code(&["T-0341"])["code"], -32602, "{speaks}");
        }
        client.request("tools/call", again(own.clone(), state.clone())).await.result();
        if speaks == "legacy" {
            let replayed = client.request("tools/call", again(own, state)).await;
            replayed.assert_code(&["T-0341"]);
        }
    }
}

async fn h01_what_a_modern_client_leaves_out_is_asked_again() {
    let hub = Setup::pair(&["--era", "legacy"], offers_all()).ready().await;
    let client = client_of(&hub, Era::Modern, &able()).await;
    let mut params = json!({"name": "faulty__ask", "arguments": {"method": "roots/list"}});
    let first = client.request("tools/call", params.clone()).await;
    params["requestState"] = first.result()["requestState"].clone();
    params["inputResponses"] = json!({"nothing that was asked": {}});
    let second = client.request("tools/call", params.clone()).await;
    assert_eq!(second.result()["resultType"], "input_required", "{}", second.raw);
    let name =
        second.result()["inputRequests"].as_object().and_then(|all| all.keys().next()).expect("it again").clone();
    params["requestState"] = second.result()["requestState"].clone();
    params["inputResponses"] = json!({name: {"roots": []}});
    let last = client.request("tools/call", params).await;
    assert_eq!(last.structured()["result"], json!({"roots": []}), "{}", last.raw);
}

async fn error_of_a_client_reaches_a_legacy_upstream() {
    let hub = Setup::pair(&["--era", "legacy"], offers_all()).ready().await;
    let client = client_of(&hub, Era::Legacy, &able()).await;
    let refuse = |_: &str, _: &Value| Err(json!({"code": -1, "message": "the user said no", "data": {"x": 1}}));
    let ended = client.call_and_answer("faulty__ask", json!({"method": "sampling/createMessage"}), refuse).await;
    let error = &ended.reply.structured()["error"];
    assert_eq!(error, &json!({"code": -1, "message": "the user said no", "data": {"x": 1}}));
}

async fn client_that_goes_away_ends_the_call() {
    let hub = Setup::pair(&["--era", "legacy"], offers_all()).ready().await;
    let client = client_of(&hub, Era::Legacy, &able()).await;
    let message = client.message(
        &client.fresh_id(),
        "tools/call",
        json!({"name": "faulty__ask", "arguments": {"method": "roots/list"}}),
    );
    let mut stream = client.post(&message).open().await;
    assert_eq!(stream.next_message("the question").await["method"], "roots/list");
    drop(stream);
    let cancelled = client.call("faulty__cancelled", json!({"at_least": 1})).await;
    assert_eq!(cancelled.structured()["cancelled"][0]["tool"], "ask", "{}", cancelled.raw);
}
