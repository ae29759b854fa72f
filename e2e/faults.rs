//! One upstream fails in the middle of its work; the other one must not feel it, and the client is told the truth.

mod change;
mod remote;
mod start;

use crate::harness::{Era, Healthy, Hub, Setup, eventually, trials_of_both_eras};
use crate::upstream::GARBAGE_LINES;
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    let own = trials_of_both_eras!("faults":
        exit_is_told,
        death_in_a_call_is_told,
        death_between_calls_is_not_noticed,
        h07_hanging_call_ends_in_time,
        a53_garbage_is_passed_over,
        a53_huge_line_is_refused,
        h31_large_answer_is_passed_on,
        a41_wrong_id_is_no_answer,
        a41_second_answer_is_dropped,
        a41_late_error_without_an_id_is_nobodys,
        a54_chatter_on_standard_error_is_drained,
        own_errors_are_passed_on_untouched,
        unknown_tool_is_told,
    );
    [own, change::tests(), remote::tests(), start::tests()].into_iter().flatten().collect()
}

/// The shortest wait between two starts, so that a test need not wait for it.
fn quick() -> Value {
    json!({"first": "1ms", "max": "1ms"})
}

async fn works_again(hub: &Hub) {
    let reply = hub.call_after_backoff("faulty__echo", json!({"message": "again"})).await;
    assert_eq!(reply.text(), "again", "the next call starts it again");
}

async fn exit_is_told(era: Era) {
    let hub = Setup::pair(&[], json!({"backoff": quick()})).ready().await;
    let client = hub.client_of(era).await;
    let healthy = Healthy::begin(&client).await;
    let reply = client.call("faulty__exit", json!({"code": 9})).await;
    let error = reply.assert_fault(&["T-0202"], "faulty");
    assert_eq!(error["code"], -32010);
    let told = format!("{} {}", error["message"], error["data"]["detail"]);
    assert!(told.contains('9'), "the exit code is told: {}", reply.raw);
    healthy.end(&hub).await;
    works_again(&hub).await;
}

async fn death_in_a_call_is_told(era: Era) {
    let hub = Setup::pair(&[], json!({"backoff": quick()})).ready().await;
    let client = hub.client_of(era).await;
    let healthy = Healthy::begin(&client).await;
    let other = client.start_call("faulty__hold", json!({"name": "other"}));
    client.call("faulty__await_hold", json!({"name": "other"})).await.result();
    client.call("faulty__die", json!({})).await.assert_fault(&["T-0202"], "faulty");
    // Every call that was under way on it ends, not only the one that killed it.
    other.finish().await.assert_fault(&["T-0202"], "faulty");
    healthy.end(&hub).await;
    works_again(&hub).await;
}

async fn death_between_calls_is_not_noticed(era: Era) {
    let hub = Setup::pair(&[], json!({"backoff": quick()})).ready().await;
    let client = hub.client_of(era).await;
    let before = client.call("faulty__whoami", json!({})).await.structured()["pid"].clone();
    // This may be the id of a supervisor instead of that of the process itself.
    let listed = hub.server("faulty").await["pid"].clone();
    assert!(listed.is_u64(), "a running server has a process: {listed}");
    assert_eq!(client.call("faulty__exit", json!({"answer": true})).await.text(), "leaving");
    // The end is noticed without a call: what is listed is no longer the old process.
    hub.wait_for("faulty", "the end of the process is noticed", |server| {
        server["pid"] != listed || server["state"] != "ready"
    })
    .await;
    hub.assert_good().await;
    works_again(&hub).await;
    assert_ne!(hub.call("faulty__whoami", json!({})).await.structured()["pid"], before);
}

async fn h07_hanging_call_ends_in_time(era: Era) {
    let hub = Setup::pair(&[], json!({"timeouts": {"call": "300ms"}})).ready().await;
    let client = hub.client_of(era).await;
    let healthy = Healthy::begin(&client).await;
    let reply = client.call("faulty__hang", json!({})).await;
    assert_eq!(reply.assert_fault(&["T-0204"], "faulty")["code"], -32011);
    // The upstream is told that nobody waits any more.
    let cancelled = client.call("faulty__cancelled", json!({"at_least": 1})).await;
    let entry = &cancelled.structured()["cancelled"][0];
    assert_eq!((&entry["tool"], &entry["inFlight"]), (&json!("hang"), &json!(true)), "{entry}");
    healthy.end(&hub).await;
    assert_eq!(client.call("faulty__echo", json!({"message": "same process"})).await.text(), "same process");
    assert_eq!(hub.server("faulty").await["restarts"], 0, "a slow call is no reason to kill the process");
}

async fn a53_garbage_is_passed_over(era: Era) {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let client = hub.client_of(era).await;
    let healthy = Healthy::begin(&client).await;
    assert_eq!(client.call("faulty__garbage", json!({})).await.text(), "after the garbage");
    let all = GARBAGE_LINES.len();
    let least = |server: &Value| server["noise"].as_u64().is_some_and(|noise| noise >= all as u64);
    hub.wait_for("faulty", &format!("{all} lines of noise are counted"), least).await;
    assert_eq!(hub.server("good").await["noise"], 0, "the noise of one is not counted for the other");
    healthy.end(&hub).await;
    assert_eq!(client.call("faulty__echo", json!({"message": "on"})).await.text(), "on");
}

async fn a53_huge_line_is_refused(era: Era) {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let client = hub.client_of(era).await;
    let healthy = Healthy::begin(&client).await;
    let before = hub.resident_bytes();
    let reply = client.call("faulty__huge", json!({"megabytes": 150})).await;
    reply.assert_fault(&["T-0208"], "faulty");
    let grown = hub.resident_bytes().saturating_sub(before) / 1_000_000;
    // What grows is copied, so that there may be half of it once more.
    assert!(grown < 75, "a line of 150 MB is not kept whole: the hub grew by {grown} MB");
    healthy.end(&hub).await;
    assert_eq!(client.call("faulty__echo", json!({"message": "on"})).await.text(), "on");
}

async fn h31_large_answer_is_passed_on(era: Era) {
    let hub = Setup::pair(&[], json!({"limits": {"message": "8MiB"}})).ready().await;
    let client = hub.client_of(era).await;
    let reply = client.call("faulty__huge", json!({"megabytes": 8})).await;
    assert_eq!(reply.text().len(), 8_000_000, "an answer below the limit arrives whole");
    client.call("faulty__huge", json!({"megabytes": 9})).await.assert_fault(&["T-0208"], "faulty");
    hub.assert_good().await;
}

async fn a41_wrong_id_is_no_answer(era: Era) {
    let hub = Setup::pair(&[], json!({"timeouts": {"call": "300ms"}})).ready().await;
    let client = hub.client_of(era).await;
    let healthy = Healthy::begin(&client).await;
    client.call("faulty__wrong_id", json!({})).await.assert_fault(&["T-0204"], "faulty");
    healthy.end(&hub).await;
    assert_eq!(client.call("faulty__echo", json!({"message": "on"})).await.text(), "on");
}

async fn a41_second_answer_is_dropped(era: Era) {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let client = hub.client_of(era).await;
    let healthy = Healthy::begin(&client).await;
    for _ in 0..3 {
        let reply = client.call("faulty__twice", json!({})).await;
        assert_eq!(reply.text(), "first");
        let next = client.call("faulty__echo", json!({"message": "mine"})).await;
        assert_eq!(next.text(), "mine", "the second answer does not reach the next call");
    }
    healthy.end(&hub).await;
}

/// An error that names no call may be that of a call which nobody waits for any more. With one other call under way it
/// looks like that one's, and is not.
async fn a41_late_error_without_an_id_is_nobodys(era: Era) {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let go = hub.setup.path("go");
    let client = hub.client_of(era).await;
    let given_up = client.start_call("faulty__nameless_error", json!({"file": go}));
    eventually("the call has arrived", || async {
        let calls = hub.recorded_method("faulty", "tools/call");
        let arrived = calls.iter().any(|call| call["params"]["name"] == "nameless_error");
        if arrived { Ok(()) } else { Err(format!("{calls:?}")) }
    })
    .await;
    match era {
        Era::Legacy => drop(client.notify("notifications/cancelled", json!({"requestId": given_up.id})).await),
        Era::Modern => drop(given_up),
    }
    client.call("faulty__cancelled", json!({"at_least": 1})).await.result();
    let innocent = client.start_call("faulty__hold", json!({"name": "innocent"}));
    client.call("faulty__await_hold", json!({"name": "innocent"})).await.result();
    std::fs::write(&go, "").unwrap();
    eventually("the error was sent", || async {
        if go.with_extension("sent").exists() { Ok(()) } else { Err("not yet".to_owned()) }
    })
    .await;
    client.call("faulty__release", json!({"name": "innocent"})).await.result();
    assert_eq!(innocent.finish().await.text(), "held innocent");
}

async fn a54_chatter_on_standard_error_is_drained(era: Era) {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let client = hub.client_of(era).await;
    let line = "chatter ".repeat(100);
    // Some 80 MB: a pipe that nobody reads would stop the upstream after 64 KiB.
    let reply = client.call("faulty__stderr", json!({"text": line, "times": 100_000})).await;
    assert_eq!(reply.text(), "written");
    hub.assert_good().await;
}

async fn own_errors_are_passed_on_untouched(era: Era) {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let client = hub.client_of(era).await;
    let reply = client.call("faulty__fail", json!({"text": "no such city"})).await;
    assert_eq!(reply.result()["isError"], true, "a tool's own failure is a result: {}", reply.raw);
    assert_eq!(reply.text(), "no such city");
    let error = json!({"code": -32055, "message": "my own words", "data": {"mine": [1, null]}});
    let reply = client.call("faulty__error", error.clone()).await;
    assert_eq!(*reply.error(), error);
    assert_eq!(hub.server("faulty").await["state"], "ready", "an error that it answers with is no fault");
}

async fn unknown_tool_is_told(era: Era) {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let client = hub.client_of(era).await;
    for tool in ["faulty__nothing", "nobody__echo", "echo", "", "faulty__", "__echo"] {
        assert_eq!(client.call(tool, json!({})).await.assert_code(&["T-0305"])["code"], -32602, "{tool}");
    }
    hub.assert_good().await;
}
