//! Which texts are answered by what another text got, and which never are. The upstream counts, and real answers decide.

use super::breaker;
use crate::harness::{Era, Http, Hub, Reply, Setup, trials, trials_of_both_eras};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    let mut tests = trials_of_both_eras!("resilience::alike":
        the_same_text_in_other_notation_is_answered_and_labelled,
    );
    tests.extend(trials!("resilience::alike":
        what_changes_the_answer_is_asked,
        in_the_shadow_nothing_is_given_and_all_is_compared,
        a_tool_that_does_not_repeat_itself_is_no_longer_answered,
        other_words_are_answered_once_real_answers_have_shown_that_they_may_be,
        a_call_that_may_change_something_ends_what_is_kept,
        failures_answer_no_other_text,
    ));
    tests
}

const ONE: &str = "What's the weather in Rome on 3 May 2026?";
const SAME: &str = " What's the weather in Rome on 3 May 2026?\n";

/// A hub that gives results of `tool` to texts that mean the same, as `semantic` says, and checks none of them by chance.
async fn hub(tool: &str, mut semantic: Value) -> Hub {
    semantic["check"] = json!("0%");
    let rule = json!({"effect": "read", "cache": {"ttl": "1h", "scope": "public", "semantic": semantic}});
    Setup::pair(&[], json!({"tools": {tool: rule}})).ready().await
}

async fn flaky(hub: &Hub, text: &str) -> Reply {
    hub.call("faulty__flaky_read", json!({"key": "k", "echo": text})).await
}

async fn alike(hub: &Hub) -> Value {
    breaker(hub, "faulty").await["cache"]["alike"].clone()
}

async fn metrics(hub: &Hub) -> String {
    Http::new("GET", &hub.at("/metrics")).send().await.text()
}

async fn the_same_text_in_other_notation_is_answered_and_labelled(era: Era) {
    let hub = hub("flaky_r*", json!({"argument": "echo"})).await;
    let client = hub.client_of(era).await;
    let call = |text: &str| {
        let params = json!({"name": "faulty__flaky_read", "arguments": {"key": "k", "echo": text}});
        client.request("tools/call", params)
    };
    let first = call(ONE).await;
    assert_eq!(first.result()["_meta"]["tutti/cache"], Value::Null, "{}", first.raw);
    let second = call(SAME).await;
    let structured = &second.result()["structuredContent"];
    assert_eq!((&structured["calls"], &structured["echo"]), (&json!(1), &json!(ONE)), "{}", second.raw);
    let label = &second.result()["_meta"]["tutti/cache"];
    assert_eq!(label["likeness"], 1.0, "{}", second.raw);
    assert!(label["age"].as_f64().is_some_and(|age| (0.0..3600.0).contains(&age)), "{}", second.raw);
    assert_eq!(second.result().get("resultType").is_some(), era == Era::Modern, "{}", second.raw);

    let mut params = json!({"name": "faulty__flaky_read", "arguments": {"key": "k", "echo": SAME}});
    params["_meta"] = json!({"tutti/cache": "bypass"});
    let real = client.request("tools/call", params.clone()).await;
    assert_eq!(real.result()["structuredContent"]["calls"], 2, "a client that wants a real answer gets one");
    params["arguments"]["echo"] = json!(ONE);
    let real = client.request("tools/call", params).await;
    assert_eq!(real.result()["structuredContent"]["calls"], 3, "{}", real.raw);
    assert_eq!(alike(&hub).await["given"], 1);
    let lines = metrics(&hub).await;
    assert!(lines.contains(r#"tutti_result_cache_requests_total{tutti_upstream="faulty",tutti_result="alike"} 1"#));
}

async fn what_changes_the_answer_is_asked() {
    let hub = hub("flaky_read", json!({"argument": "echo", "error": "20%"})).await;
    let texts = [
        ONE,
        "What's the weather in Rome on 4 May 2026?",
        "What's the weather in Nice on 3 May 2026?",
        "What's not the weather in Rome on 3 May 2026?",
        "What's the weather in Rome on 3 May 2026 at 10 o'clock?",
        "what's the weather in ROME on 3 May 2026?",
        // To a person they are the same: that they are to the tool, its answers must show.
        "What is the weather in Rome on 2026-05-03?",
        "Please, what's the weather in Rome on 3 May 2026?",
    ];
    for (count, text) in texts.iter().enumerate() {
        assert_eq!(flaky(&hub, text).await.structured()["calls"], count + 1, "{text}");
    }
    let other = hub.call("faulty__flaky_read", json!({"key": "other", "echo": SAME})).await;
    assert_eq!(other.structured()["calls"], 1, "another argument is another");
    assert_eq!(alike(&hub).await["given"], 0);
}

async fn in_the_shadow_nothing_is_given_and_all_is_compared() {
    let hub = hub("secret", json!({"argument": "text", "shadow": true})).await;
    for text in [ONE, SAME] {
        hub.call("faulty__secret", json!({"text": text})).await.result();
    }
    let tally = alike(&hub).await;
    let of = |name: &str| tally[name].as_u64();
    assert_eq!(
        (of("given"), of("compared"), of("right"), of("wrong")),
        (Some(0), Some(1), Some(1), Some(0)),
        "{tally}"
    );
    assert_eq!(hub.recorded_method("faulty", "tools/call").len(), 2);
    let lines = metrics(&hub).await;
    assert!(lines.contains(r#"tutti_result_cache_checks_total{tutti_upstream="faulty",tutti_result="right"} 1"#));
}

/// The upstream answers with a number that rises.
async fn a_tool_that_does_not_repeat_itself_is_no_longer_answered() {
    let semantic = json!({"argument": "echo", "check": "100%"});
    let rule = json!({"effect": "read", "cache": {"ttl": "1h", "scope": "public", "semantic": semantic}});
    let hub = Setup::pair(&[], json!({"tools": {"flaky_read": rule}})).ready().await;
    for (count, text) in [ONE, SAME].iter().enumerate() {
        assert_eq!(flaky(&hub, text).await.structured()["calls"], count + 1, "all is checked");
    }
    let tally = alike(&hub).await;
    assert_eq!((&tally["given"], &tally["wrong"]), (&json!(0), &json!(1)), "{tally}");
    let third = flaky(&hub, "What's the weather in Rome on 3 May 2026?  ").await;
    assert_eq!(third.structured()["calls"], 3);
    let tally = alike(&hub).await;
    assert_eq!(tally["wrong"], 1, "nothing would have been given any more: {tally}");
}

/// The upstream answers all texts alike, which is how it can be learned that two of them are the same to it.
async fn other_words_are_answered_once_real_answers_have_shown_that_they_may_be() {
    let hub = hub("secret", json!({"argument": "text", "error": "20%"})).await;
    let ask = async |text: &str, round: u64| hub.call("faulty__secret", json!({"text": text, "round": round})).await;
    let (one, reworded) = ("What is the size of the payments table?", "Which size does the payments table have?");
    let mut given = None;
    for round in 0..80 {
        ask(one, round).await.result();
        let reply = ask(reworded, round).await;
        if reply.result()["_meta"]["tutti/cache"]["likeness"].as_f64().is_some_and(|likeness| likeness < 1.0) {
            given = Some(round);
            break;
        }
    }
    let tally = alike(&hub).await;
    let Some(round) = given else { panic!("it was never given: {tally}") };
    assert!(round >= 14, "a bound of 20 % takes 14 comparisons without a mistake, not {round}: {tally}");
    let calls = hub.recorded_method("faulty", "tools/call").len();
    let others = [
        "Which size did the payments table have on 3 May?",
        "Which size does the Payments2 table have?",
        "Which size does the payments table not have?",
    ];
    for text in others {
        let reply = ask(text, round).await;
        assert_eq!(reply.result()["_meta"]["tutti/cache"], Value::Null, "{text}: {}", reply.raw);
    }
    assert_eq!(hub.recorded_method("faulty", "tools/call").len(), calls + others.len());
}

async fn a_call_that_may_change_something_ends_what_is_kept() {
    let hub = hub("flaky_read", json!({"argument": "echo"})).await;
    assert_eq!(flaky(&hub, ONE).await.structured()["calls"], 1);
    assert_eq!(flaky(&hub, SAME).await.structured()["calls"], 1);
    hub.call("faulty__flaky_put", json!({"key": "another"})).await.result();
    assert_eq!(flaky(&hub, SAME).await.structured()["calls"], 2);
}

async fn failures_answer_no_other_text() {
    let semantic = json!({"argument": "echo", "check": "0%"});
    let rule = json!({"effect": "read", "cache": {"ttl": "1h", "scope": "public", "semantic": semantic}});
    let entry = json!({"retry": {"attempts": 1}, "tools": {"flaky_read": rule}});
    let hub = Setup::pair(&[], entry).ready().await;
    for how in ["error", "tool_error"] {
        let ask = |text: &str| {
            hub.call("faulty__flaky_read", json!({"key": how, "fail": 1, "how": how, "code": -32000, "echo": text}))
        };
        let reply = ask(ONE).await;
        assert!(reply.message.get("error").is_some() || reply.result()["isError"] == true, "{}", reply.raw);
        assert_eq!(ask(SAME).await.structured()["calls"], 2, "{how}");
    }
    assert_eq!(alike(&hub).await["given"], 0);
}
