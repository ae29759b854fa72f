//! Two people with a key each at one hub: what is one's is not the other's.

use super::{STRONG, assert_refused};
use crate::harness::{Client, Era, Http, Hub, Setup, eventually, trials, trials_of_both_eras, within};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    let mut tests = trials_of_both_eras!("security::principals":
        a31_task_of_another_key_is_not_there,
        a31_shortened_result_of_another_key_is_not_read,
        h17_what_is_kept_for_one_key_is_not_the_others,
        a27_each_key_has_its_own_rate,
        a91_what_one_key_asked_answers_no_other_texts,
        a28_view_that_a_key_does_not_open_is_not_there,
    );
    tests.extend(trials!("security::principals":
        a26_session_of_another_key_is_unknown,
        a26_session_of_another_key_is_unknown_after_a_restart,
        a30_waiting_call_of_another_key_is_not_taken_up,
        a34_stream_of_another_key_is_not_taken_up,
        a27_rate_of_a_key_is_for_all_its_sessions,
        a08_key_of_a_client_opens_no_path_of_the_operator,
        a26_removed_key_ends_what_it_began,
        a93_keys_that_are_added_and_exchanged_count_at_once,
        a119_keys_with_faults_change_nothing,
    ));
    tests
}

const ALICE: &str = "al-5Qv2nXw8RkLz7Ys3Bd9Hf4Jm6Pc1Tg0U";
const BOB: &str = "bo-9Tg0U8Qv2nXw5RkLz7Ys3Bd4Hf6Jm1Pc";

fn keyed(setup: Setup) -> Setup {
    setup.with("key", json!(STRONG)).with("keys", json!({"alice": ALICE, "bob": {"key": BOB}}))
}

fn with_key(hub: &Hub, era: Era, key: &str) -> Client {
    Client::bare(era, &hub.url).with_header("authorization", &format!("Bearer {key}"))
}

async fn client_of(hub: &Hub, era: Era, key: &str) -> Client {
    greeted(with_key(hub, era, key)).await
}

async fn greeted(client: Client) -> Client {
    if client.era == Era::Legacy { client.shake_hands("2025-11-25").await } else { client }
}

/// The same client with the key of somebody else: what a thief of all but the key would have.
fn stolen(client: &Client, key: &str) -> Client {
    let mut thief = client.clone();
    thief.extra_headers = vec![("authorization".to_owned(), format!("Bearer {key}"))];
    thief
}

async fn a26_session_of_another_key_is_unknown() {
    let hub = keyed(Setup::pair(&[], json!({}))).ready().await;
    let alice = client_of(&hub, Era::Legacy, ALICE).await;
    for other in [BOB, STRONG] {
        let thief = stolen(&alice, other);
        let reply = thief.request("tools/list", json!({})).await;
        assert_eq!((reply.status, reply.code()), (404, Some("T-0312")), "{}", reply.raw);
        assert_eq!(thief.close().await.status, 404);
        let stream = Http::new("GET", &hub.url).header("accept", "text/event-stream");
        assert_eq!(thief.add_session(stream).send().await.status, 404);
    }
    assert_eq!(alice.call("good__echo", json!({"message": "mine"})).await.text(), "mine");
}

async fn a26_session_of_another_key_is_unknown_after_a_restart() {
    let hub = keyed(Setup::pair(&[], json!({}))).ready().await;
    let alice = client_of(&hub, Era::Legacy, ALICE).await;
    let hub = hub.stop().await.ready().await;
    let alice = alice.at(&hub.url);
    let reply = stolen(&alice, BOB).request("tools/list", json!({})).await;
    assert_eq!((reply.status, reply.code()), (404, Some("T-0312")), "{}", reply.raw);
    assert_eq!(alice.call("good__echo", json!({"message": "mine"})).await.text(), "mine");
}

async fn a30_waiting_call_of_another_key_is_not_taken_up() {
    for speaks in ["legacy", "modern"] {
        let hub = keyed(Setup::pair(&["--era", speaks], json!({}))).ready().await;
        let [alice, bob] = [ALICE, BOB].map(|key| with_key(&hub, Era::Modern, key).able(&json!({"roots": {}})));
        let mut params = json!({"name": "faulty__ask", "arguments": {"method": "roots/list"}});
        let first = alice.request("tools/call", params.clone()).await;
        let asked = first.result()["inputRequests"].as_object().and_then(|all| all.keys().next());
        params["requestState"] = first.result()["requestState"].clone();
        params["inputResponses"] = json!({asked.expect("a question").clone(): {"roots": []}});
        bob.request("tools/call", params.clone()).await.assert_code(&["T-0341"]);
        let last = alice.request("tools/call", params).await;
        assert_eq!(last.structured()["result"], json!({"roots": []}), "{speaks}: {}", last.raw);
    }
}

async fn a31_task_of_another_key_is_not_there(era: Era) {
    let setup = Setup::new().fixture("good", &[], json!({})).fixture("work", &["--tasks"], json!({}));
    let hub = keyed(setup).ready().await;
    let able = json!({"extensions": {"io.modelcontextprotocol/tasks": {}}});
    let [alice, bob] = [ALICE, BOB].map(|key| with_key(&hub, era, key).able(&able));
    let (alice, bob) = (greeted(alice).await, greeted(bob).await);
    let mut params = json!({"name": "work__job", "arguments": {"hold": "h"}});
    let mut methods = vec!["tasks/get", "tasks/cancel"];
    match era {
        Era::Legacy => {
            params["task"] = json!({"ttl": 60_000});
            methods.push("tasks/result");
        }
        Era::Modern => methods.push("tasks/update"),
    }
    let begun = alice.request("tools/call", params).await;
    let task = if era == Era::Legacy { &begun.result()["task"] } else { begun.result() };
    let id = json!({"taskId": task["taskId"]});
    for method in methods {
        bob.request(method, id.clone()).await.assert_code(&["T-0343"]);
    }
    if era == Era::Legacy {
        assert_eq!(bob.request("tasks/list", json!({})).await.result()["tasks"], json!([]));
    }
    assert!(hub.recorded_method("work", "tasks/cancel").is_empty(), "no upstream was asked");
    assert_eq!(alice.request("tasks/get", id).await.result()["status"], "working");
}

async fn a31_shortened_result_of_another_key_is_not_read(era: Era) {
    let views = json!({"short": {"context": {"limit": 200, "keep": "1m"}}});
    let hub = keyed(Setup::pair(&[], json!({})).with("views", views)).ready().await;
    let at = |key| with_key(&hub, era, key).at(&hub.at("/mcp/short"));
    let (alice, bob) = (greeted(at(ALICE)).await, greeted(at(BOB)).await);
    let long = json!({"content": [{"type": "text", "text": "alice only ".repeat(1000)}]});
    let reply = alice.call("faulty__answer", json!({"result": long})).await;
    let id = &reply.result()["_meta"]["tutti/result"]["id"];
    bob.call("read_result", json!({"id": id})).await.assert_code(&["T-0307"]);
    let uri = &reply.result()["_meta"]["tutti/result"]["uri"];
    bob.request("resources/read", json!({"uri": uri})).await.assert_code(&["T-0307"]);
    assert!(alice.call("read_result", json!({"id": id})).await.text().contains("alice only"));
}

/// Results are public here, so that the very same call of the other key is answered; a text that only means the same is not.
async fn a91_what_one_key_asked_answers_no_other_texts(era: Era) {
    let semantic = json!({"argument": "echo", "check": "0%"});
    let rule = json!({"effect": "read", "cache": {"ttl": "1h", "scope": "public", "semantic": semantic}});
    let hub = keyed(Setup::pair(&[], json!({"tools": {"flaky_read": rule}}))).ready().await;
    let (alice, bob) = (client_of(&hub, era, ALICE).await, client_of(&hub, era, BOB).await);
    for (client, text, count) in [
        (&alice, "Show me the open issues", 1),
        (&alice, "Show me the open issues\n", 1),
        (&bob, " Show me the open issues", 2),
        (&bob, "  Show me the open issues", 2),
        (&alice, " Show me the open issues ", 1),
    ] {
        let reply = client.call("faulty__flaky_read", json!({"key": "k", "echo": text})).await;
        assert_eq!(reply.structured()["calls"], count, "{text}: {}", reply.raw);
    }
}

async fn h17_what_is_kept_for_one_key_is_not_the_others(era: Era) {
    let tools = json!({"flaky_read": {"cache": {"ttl": "1h", "scope": "private"}}, "hold": {"cache": {"ttl": "1h", "scope": "private"}}});
    let flags = ["--era", "modern", "--keep", "3600000:private"];
    let hub = keyed(Setup::pair(&flags, json!({"tools": tools}))).ready().await;
    let (alice, bob) = (client_of(&hub, era, ALICE).await, client_of(&hub, era, BOB).await);
    let item = json!({"uri": "tutti://faulty/test://static"});
    for (client, count) in [(&alice, 1), (&alice, 1), (&bob, 2), (&bob, 2), (&alice, 2)] {
        client.request("resources/read", item.clone()).await.result();
        assert_eq!(hub.recorded_method("faulty", "resources/read").len(), count);
        let reply = client.call("faulty__flaky_read", json!({"key": "k"})).await;
        assert!(reply.structured()["calls"].as_u64().is_some_and(|calls| calls <= count as u64), "{}", reply.raw);
    }
    // Nor does one wait for the answer to the other.
    let go = hub.setup.path("go");
    let [one, other] =
        [&alice, &bob].map(|client| client.start_call("faulty__hold", json!({"name": "both", "file": go})));
    eventually("both are asked of the upstream", || async {
        let all = hub.recorded_method("faulty", "tools/call");
        let held = all.iter().filter(|call| call["params"]["name"] == "hold").count();
        if held == 2 { Ok(()) } else { Err(held.to_string()) }
    })
    .await;
    std::fs::write(&go, "").expect("the folder can be written");
    one.finish().await.result();
    other.finish().await.result();
}

async fn a34_stream_of_another_key_is_not_taken_up() {
    let hub = keyed(Setup::pair(&[], json!({}))).ready().await;
    let (alice, bob) = (client_of(&hub, Era::Legacy, ALICE).await, client_of(&hub, Era::Legacy, BOB).await);
    let arguments = json!({"steps": 2, "label": "step", "hold": "h"});
    let params = json!({"name": "faulty__progress", "arguments": arguments, "_meta": {"progressToken": "t"}});
    let mut stream = alice.post(&alice.message(&json!("call"), "tools/call", params)).open().await;
    let first = within("the first event", stream.next_event()).await.expect("an event");
    let event = first.lines().find_map(|line| line.strip_prefix("id:")).expect("it has an id").trim().to_owned();
    let resume = |client: &Client| {
        let http = Http::new("GET", &hub.url).header("accept", "text/event-stream").header("last-event-id", &event);
        client.add_session(http)
    };
    assert_refused(&resume(&bob).send().await, "with an own session", 400, "T-0326");
    assert_refused(&resume(&stolen(&alice, BOB)).send().await, "with the session too", 404, "T-0312");
    hub.call("faulty__await_hold", json!({"name": "h"})).await.result();
    hub.call("faulty__release", json!({"name": "h"})).await.result();
    let answer = stream.next_message("a step or the answer").await;
    assert!(answer.is_object(), "the stream is alice's still");
    // The older transport, where the address of a stream holds its id.
    let open = |key: &str| {
        let http = Http::new("GET", &hub.at("/sse")).header("accept", "text/event-stream");
        http.header("authorization", &format!("Bearer {key}"))
    };
    let mut events = open(ALICE).open().await;
    let address = within("the address for messages", events.next_data()).await.expect("an event");
    let post = |key: &str| {
        let http = Http::new("POST", &hub.at(&address)).header("content-type", "application/json");
        let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});
        http.header("authorization", &format!("Bearer {key}")).body(ping.to_string())
    };
    assert_eq!(post(BOB).send().await.status, 404);
    assert_eq!(post(ALICE).send().await.status, 202);
}

async fn statuses(client: &Client, count: usize) -> Vec<u16> {
    let mut all = Vec::new();
    for _ in 0..count {
        all.push(client.post(&client.message(&json!(1), "tools/list", json!({}))).send().await.status);
    }
    all
}

async fn a27_each_key_has_its_own_rate(era: Era) {
    let hub = keyed(Setup::pair(&[], json!({})).with("limits", json!({"rate": "10/h"}))).start().await;
    let (alice, bob) = (client_of(&hub, era, ALICE).await, client_of(&hub, era, BOB).await);
    let of_alice = statuses(&alice, 12).await;
    assert_eq!(of_alice.last(), Some(&429), "{of_alice:?}");
    assert_eq!(statuses(&bob, 5).await, [200; 5], "what alice sends is not bob's");
}

async fn a27_rate_of_a_key_is_for_all_its_sessions() {
    let keys = json!({"alice": {"key": ALICE, "rate": "10/h"}, "bob": BOB});
    let hub = keyed(Setup::pair(&[], json!({}))).with("keys", keys).start().await;
    // A greeting is two messages.
    let sessions = [client_of(&hub, Era::Legacy, ALICE).await, client_of(&hub, Era::Legacy, ALICE).await];
    let mut all = statuses(&sessions[0], 2).await;
    all.extend(statuses(&sessions[1], 2).await);
    all.extend(statuses(&with_key(&hub, Era::Modern, ALICE), 2).await);
    assert_eq!(all, [200; 6]);
    let refused = sessions[1].request("tools/list", json!({})).await;
    let next = refused.assert_code(&["T-0325"])["data"]["next"].as_str().unwrap_or_default().to_owned();
    assert!(next.contains("keys.alice"), "{next}");
    assert_eq!(statuses(&with_key(&hub, Era::Modern, BOB), 20).await, [200; 20], "the others have none");
}

async fn a28_view_that_a_key_does_not_open_is_not_there(era: Era) {
    let views = json!({"x": {"tools": ["good__echo"]}, "y": {"tools": ["good__*"]}});
    let keys = json!({"alice": {"key": ALICE, "views": ["x"]}});
    let hub = keyed(Setup::pair(&[], json!({})).with("views", views)).with("keys", keys).ready().await;
    let alice = greeted(with_key(&hub, era, ALICE).at(&hub.at("/mcp/x"))).await;
    assert_eq!(alice.tool_names().await, ["good__echo"]);
    for path in ["/mcp", "/mcp/y", "/mcp/y?mode=search", "/mcp?mode=all", "/mcp/nothing"] {
        let elsewhere = alice.clone().at(&hub.at(path));
        let answer = elsewhere.post(&elsewhere.message(&json!(1), "tools/list", json!({}))).send().await;
        assert_refused(&answer, path, 404, "T-0320");
        assert_eq!(answer.json()["error"]["data"]["next"], "views: x", "it does not learn of others");
    }
    for path in ["/ws", "/ws/y", "/sse", "/sse/y"] {
        let http = Http::new("GET", &hub.at(path)).header("accept", "text/event-stream");
        let answer = http.header("authorization", &format!("Bearer {ALICE}")).send().await;
        assert_eq!((answer.status, answer.text().contains("T-0320")), (404, true), "{path}: {}", answer.text());
    }
    assert_eq!(alice.tool_names().await, ["good__echo"]);
}

async fn a08_key_of_a_client_opens_no_path_of_the_operator() {
    let hub = keyed(Setup::pair(&[], json!({}))).environment("TUTTI_LOG", "info").ready().await;
    let filled = |path: &str| {
        let path = path.replace("{name}", "good").replace("{serverName}", "local.tutti%2Fall");
        path.replace("{version}", "latest")
    };
    let ask = |method: &str, path: &str, key: &str| {
        let http = Http::new(method, &hub.at(path)).header("authorization", &format!("Bearer {key}"));
        if method == "POST" { http.header("content-type", "application/json").body("{}") } else { http }
    };
    let document = ask("GET", "/api/v1/openapi.json", ALICE).send().await;
    assert_eq!(document.status, 200);
    let document = document.json();
    let paths = document["paths"].as_object().expect("it has paths");
    assert!(paths.len() > 8, "{paths:?}");
    for (path, methods) in paths {
        let own = ["/api/v1/models", "/api/v1/usage", "/api/v1/budgets", "/api/v1/workflows", "/api/v1/runs"];
        let open = ["/healthz", "/api/v1/openapi.json"].contains(&path.as_str())
            || path.starts_with("/v0.1/")
            || own.contains(&path.as_str());
        // What they tell of models, answers and runs that are not the client's has tests of its own.
        let elsewhere = ["/api/v1/models/{model}", "/api/v1/feedback", "/api/v1/webhooks/{webhook}"];
        let answers = "/api/v1/notices/{notice}/answer";
        let of_runs = ["", "/events", "/approve", "/reject", "/cancel", "/signal"]
            .iter()
            .any(|rest| *path == format!("/api/v1/runs/{{run}}{rest}"));
        if elsewhere.contains(&path.as_str()) || path == answers || of_runs || path.ends_with("{workflow}/runs") {
            continue;
        }
        for (method, operation) in methods.as_object().expect("methods") {
            let answer = ask(&method.to_uppercase(), &filled(path), ALICE).send().await;
            if open {
                assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            } else {
                assert_refused(&answer, path, 403, "T-0408");
                let told = operation["responses"]["403"]["description"].as_str().unwrap_or_default();
                assert!(told.contains("T-0408"), "{path}: the document says so");
            }
        }
    }
    for odd in ["/", "/api/v1/nothing", "//metrics", "/METRICS", "/api/v1/servers/", "/metrics/", "/healthz/../metrics"]
    {
        assert_refused(&ask("GET", odd, ALICE).send().await, odd, 403, "T-0408");
    }
    let numbers = ask("GET", "/metrics", STRONG).send().await;
    assert!(numbers.text().contains("tutti_principal_requests_total{tutti_principal=\"alice\"}"), "{}", numbers.text());
    let log = hub.stderr();
    assert!(log.contains("principal") && log.contains("alice"), "it is told who tried: {log}");
    assert!(![ALICE, BOB, STRONG].iter().any(|key| numbers.text().contains(key) || log.contains(key)));
}

async fn a26_removed_key_ends_what_it_began() {
    let mut hub = keyed(Setup::pair(&[], json!({}))).ready().await;
    let (alice, bob) = (client_of(&hub, Era::Legacy, ALICE).await, client_of(&hub, Era::Legacy, BOB).await);
    let (mut old, mut new) = (alice.listen().await, with_key(&hub, Era::Modern, ALICE).listen().await);
    let mut of_bob = bob.listen().await;
    hub.reconfigure(|config| drop(config["keys"].as_object_mut().expect("keys").remove("alice")));
    for stream in [&mut old, &mut new] {
        within("the end of the stream", async { while stream.next_data().await.is_some() {} }).await;
    }
    for era in Era::BOTH {
        let client = if era == Era::Legacy { alice.clone() } else { with_key(&hub, era, ALICE) };
        let answer = client.post(&client.message(&json!(1), "tools/list", json!({}))).send().await;
        assert_refused(&answer, "/mcp", 401, "T-0404");
    }
    // The name comes back, the session does not.
    hub.reconfigure(|config| config["keys"]["alice"] = json!(ALICE));
    let ask = || alice.post(&alice.message(&json!(1), "tools/list", json!({}))).send();
    let answer = eventually("the key is good again", || async {
        let answer = ask().await;
        if answer.status == 401 { Err(answer.text()) } else { Ok(answer) }
    })
    .await;
    assert_refused(&answer, "/mcp", 404, "T-0312");
    // Whoever stays is not disturbed.
    assert_eq!(bob.call("good__echo", json!({"message": "here"})).await.text(), "here");
    hub.call("good__change_tools", json!({})).await.result();
    of_bob.next_notification("notifications/tools/list_changed").await;
}

async fn a93_keys_that_are_added_and_exchanged_count_at_once() {
    let mut hub = Setup::pair(&[], json!({})).ready().await;
    let nobody = hub.client().await;
    assert_eq!(nobody.call("good__echo", json!({"message": "open"})).await.text(), "open");
    hub.reconfigure(|config| config["keys"] = json!({"alice": ALICE}));
    let asked = |client: Client| async move {
        client.post(&client.message(&json!(1), "tools/list", json!({}))).send().await.status
    };
    let becomes = async |client: &Client, wanted: u16| {
        eventually(&format!("the key is answered with {wanted}"), || async {
            let status = asked(client.clone()).await;
            if status == wanted { Ok(()) } else { Err(status.to_string()) }
        })
        .await;
    };
    becomes(&nobody, 401).await;
    let alice = client_of(&hub, Era::Legacy, ALICE).await;
    hub.reconfigure(|config| config["keys"] = json!({"alice": BOB}));
    becomes(&alice, 401).await;
    // Another key under the same name is the same principal.
    assert_eq!(asked(stolen(&alice, BOB)).await, 200);
    hub.reconfigure(|config| drop(config.as_object_mut().expect("an object").remove("keys")));
    becomes(&nobody, 404).await;
    hub.assert_good().await;
}

async fn a119_keys_with_faults_change_nothing() {
    let mut hub = keyed(Setup::pair(&[], json!({}))).ready().await;
    let alice = client_of(&hub, Era::Legacy, ALICE).await;
    let faults: [Value; 3] = [
        json!({"alice": "short"}),
        json!({"alice": ALICE, "bob": ALICE}),
        json!({"alice": {"key": ALICE, "views": ["no"]}}),
    ];
    for (number, keys) in faults.into_iter().enumerate() {
        hub.reconfigure(|config| config["keys"] = keys);
        eventually("the fault is told", || async {
            let told = hub.stderr().matches("goes on with the one before").count();
            if told > number { Ok(()) } else { Err(hub.stderr()) }
        })
        .await;
        assert_eq!(alice.call("good__echo", json!({"message": "here"})).await.text(), "here");
    }
    assert!(![ALICE, BOB, STRONG].iter().any(|key| hub.stderr().contains(key)), "no key is told");
}
