//! What is answered without asking the upstream again, for whom, and for how long. The upstream counts.

use super::{breaker, calls};
use crate::harness::{Era, Hub, Setup, eventually, trials, trials_of_both_eras};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    let mut tests = trials_of_both_eras!("resilience::cache":
        h17_resources_are_kept_as_long_as_their_server_says,
        named_tools_are_kept_as_the_operator_says,
    );
    tests.extend(trials!("resilience::cache":
        nothing_is_kept_unless_somebody_says_so,
        what_is_private_is_for_who_asked,
        what_came_over_a_lost_connection_is_read_anew,
        many_who_want_the_same_are_one,
        failures_are_not_kept,
    ));
    tests
}

/// How often the resource was read at the upstream.
fn reads(hub: &Hub) -> usize {
    hub.recorded_method("faulty", "resources/read").len()
}

fn item() -> Value {
    json!({"uri": "tutti://faulty/test://static"})
}

async fn h17_resources_are_kept_as_long_as_their_server_says(era: Era) {
    let hub = Setup::pair(&["--era", "modern", "--keep", "3600000:public"], json!({})).ready().await;
    let client = hub.client_of(era).await;
    let first = client.request("resources/read", item()).await;
    let second = client.request("resources/read", item()).await;
    assert_eq!(first.result()["contents"], second.result()["contents"]);
    assert_eq!(reads(&hub), 1);
    let time = second.result()["ttlMs"].as_u64();
    match era {
        Era::Modern => assert!(time.is_some_and(|time| time > 3_500_000 && time <= 3_600_000), "{}", second.raw),
        Era::Legacy => assert_eq!(time, None, "{}", second.raw),
    }
    let other = hub.client_of(era).await;
    other.request("resources/read", item()).await.result();
    assert_eq!(reads(&hub), 1, "what is public is for all");
    client.request("resources/read", json!({"uri": "tutti://faulty/test://item/1"})).await.result();
    assert_eq!(reads(&hub), 2, "another address is another resource");
}

async fn named_tools_are_kept_as_the_operator_says(era: Era) {
    let tools = json!({"flaky_r*": {"cache": {"ttl": "1h", "scope": "public"}}});
    let hub = Setup::pair(&[], json!({"tools": tools})).ready().await;
    let client = hub.client_of(era).await;
    for (tool, key, echo, calls) in [
        ("flaky_read", "a", 1, 1),
        ("flaky_read", "a", 1, 1),
        ("flaky_read", "a", 2, 2),
        ("flaky_put", "b", 1, 1),
        ("flaky_put", "b", 1, 2),
    ] {
        let reply = client.call(&format!("faulty__{tool}"), json!({"key": key, "echo": echo})).await;
        assert_eq!(reply.structured()["calls"], calls, "{tool} {key} {echo}");
        assert_eq!(reply.structured()["echo"], echo);
    }
    let tally = &breaker(&hub, "faulty").await["cache"];
    assert_eq!((&tally["hits"], &tally["entries"]), (&json!(1), &json!(2)), "{tally}");
}

async fn nothing_is_kept_unless_somebody_says_so() {
    let hub = Setup::pair(&["--era", "modern"], json!({})).ready().await;
    for count in 1..=3 {
        hub.modern().request("resources/read", item()).await.result();
        assert_eq!(reads(&hub), count);
        assert_eq!(hub.call("faulty__flaky_read", json!({"key": "k"})).await.structured()["calls"], count);
    }
    let flags = ["--era", "modern", "--keep", "3600000:public"];
    let hub = Setup::pair(&flags, json!({"cache": false})).ready().await;
    for count in 1..=3 {
        hub.modern().request("resources/read", item()).await.result();
        assert_eq!(reads(&hub), count, "the operator says no");
    }
}

async fn what_is_private_is_for_who_asked() {
    let tools = json!({"flaky_read": {"cache": {"ttl": "1h", "scope": "private"}}});
    let flags = ["--era", "modern", "--keep", "3600000:private"];
    let hub = Setup::pair(&flags, json!({"tools": tools})).ready().await;
    let (one, other) = (hub.client().await, hub.client().await);
    for (client, count) in [(&one, 1), (&one, 1), (&other, 2), (&other, 2), (&one, 2)] {
        client.request("resources/read", item()).await.result();
        assert_eq!(reads(&hub), count);
        client.call("faulty__flaky_read", json!({"key": "k"})).await.result();
        assert_eq!(calls(&hub, "faulty", "k"), count);
    }
}

async fn what_came_over_a_lost_connection_is_read_anew() {
    let hub = Setup::pair(&["--era", "modern", "--keep", "3600000:public"], json!({})).ready().await;
    let client = hub.modern();
    client.request("resources/read", item()).await.result();
    client.request("resources/read", item()).await.result();
    assert_eq!(reads(&hub), 1);
    let pid = hub.server("faulty").await["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok()).unwrap();
    crate::harness::send_signal(pid, rustix::process::Signal::KILL);
    eventually("it is read anew", || async {
        client.request("resources/read", item()).await;
        if reads(&hub) > 1 { Ok(()) } else { Err(reads(&hub).to_string()) }
    })
    .await;
}

/// One is asked for all; and when that one gives up, the others get their answer all the same.
async fn many_who_want_the_same_are_one() {
    let tools = json!({"hold": {"cache": {"ttl": "1h", "scope": "public"}}});
    let hub = Setup::pair(&[], json!({"tools": tools})).ready().await;
    let client = hub.client().await;
    let arguments = json!({"name": "same"});
    let first = client.start_call("faulty__hold", arguments.clone());
    client.call("faulty__await_hold", json!({"name": "same"})).await.result();
    let others: Vec<_> = (0..20).map(|_| client.start_call("faulty__hold", arguments.clone())).collect();
    eventually("the others wait", || async {
        let joined = breaker(&hub, "faulty").await["cache"]["joined"].as_u64().unwrap_or_default();
        if joined == 20 { Ok(()) } else { Err(joined.to_string()) }
    })
    .await;
    let held =
        || hub.recorded_method("faulty", "tools/call").iter().filter(|call| call["params"]["name"] == "hold").count();
    assert_eq!(held(), 1);
    client.notify("notifications/cancelled", json!({"requestId": first.id})).await;
    eventually("another one asks", || async { if held() == 2 { Ok(()) } else { Err(held().to_string()) } }).await;
    client.call("faulty__await_hold", json!({"name": "same"})).await.result();
    client.call("faulty__release", json!({"name": "same"})).await.result();
    for other in others {
        other.finish().await.result();
    }
    assert_eq!(held(), 2);
}

async fn failures_are_not_kept() {
    let rule = json!({"effect": "write", "cache": {"ttl": "1h", "scope": "public"}});
    let hub = Setup::pair(&[], json!({"tools": {"flaky": rule}})).ready().await;
    for how in ["error", "tool_error"] {
        let ask = || hub.call("faulty__flaky", json!({"key": how, "fail": 1, "how": how}));
        let reply = ask().await;
        let failed = reply.message.get("error").is_some() || reply.result()["isError"] == true;
        assert!(failed, "{}", reply.raw);
        for _ in 0..2 {
            assert_eq!(ask().await.structured()["calls"], 2, "{how}");
        }
    }
}
