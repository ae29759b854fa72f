//! Answers that a legacy client takes up again after its connection broke.

use crate::harness::{Client, Era, Http, HttpUpstream, Hub, Setup, Stream, eventually, trials, within};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    trials!("endpoint":
        broken_answer_is_taken_up_again,
        whole_answer_is_replayed,
        older_client_gets_no_event_without_data,
        answer_that_is_lost_with_its_hub_is_an_error,
        cancelled_answer_is_not_waited_for,
        a19_client_that_never_reads_is_hung_up_on_and_comes_back,
        news_that_came_meanwhile_are_told,
        news_after_a_restart_are_told,
        older_client_takes_up_its_news,
        a34_news_of_another_session_are_told_to_nobody,
        a34_event_of_another_session_replays_nothing,
        a34_event_that_was_made_up_replays_nothing,
    )
}

/// One event of a stream.
#[derive(Debug, Clone, PartialEq)]
struct Event {
    id: String,
    /// Null where there is no data.
    message: Value,
}

/// The next event that has an id; nothing at the end.
async fn next(stream: &mut Stream) -> Option<Event> {
    loop {
        let text = within("the next event", stream.next_event()).await?;
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        if let Some(id) = field("id:") {
            let message = serde_json::from_str(field("data:").unwrap_or_default()).unwrap_or_default();
            return Some(Event { id: id.to_owned(), message });
        }
    }
}

async fn rest(mut stream: Stream) -> Vec<Event> {
    let mut all = Vec::new();
    while let Some(event) = next(&mut stream).await {
        all.push(event);
    }
    all
}

/// Begins a call that reports its steps, the last one after a release of `hold`.
async fn begin(client: &Client, id: &Value, hold: &str) -> Stream {
    let arguments = json!({"steps": 3, "label": "step", "hold": hold});
    let params = json!({"name": "faulty__progress", "arguments": arguments, "_meta": {"progressToken": "t"}});
    let stream = client.post(&client.message(id, "tools/call", params)).open().await;
    assert!(stream.is_event_stream());
    stream
}

async fn release(hub: &Hub, hold: &str) {
    hub.call("faulty__await_hold", json!({"name": hold})).await.result();
    hub.call("faulty__release", json!({"name": hold})).await.result();
}

async fn resume(client: &Client, last: &str) -> Stream {
    let http = Http::new("GET", &client.url).header("accept", "text/event-stream").header("last-event-id", last);
    client.add_session(http).open().await
}

fn steps(events: &[Event]) -> Vec<i64> {
    events.iter().filter_map(|event| event.message["params"]["progress"].as_i64()).collect()
}

async fn broken_answer_is_taken_up_again() {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let client = hub.client().await;
    let mut stream = begin(&client, &json!("call"), "h").await;
    let priming = next(&mut stream).await.unwrap();
    assert_eq!(priming.message, Value::Null, "the first event has an id and no data");
    let first = next(&mut stream).await.unwrap();
    assert_eq!(first.message["params"]["progress"], 1);
    drop(stream);
    // Twice, so that a stream that was taken up can break again.
    let mut stream = resume(&client, &first.id).await;
    assert_eq!((stream.status, stream.is_event_stream()), (200, true));
    let second = next(&mut stream).await.unwrap();
    assert_eq!(second.message["params"]["progress"], 2);
    drop(stream);
    release(&hub, "h").await;
    let events = rest(resume(&client, &second.id).await).await;
    assert_eq!(steps(&events), [3], "nothing comes twice");
    let answer = &events.last().unwrap().message;
    assert_eq!((&answer["id"], &answer["result"]["structuredContent"]["steps"]), (&json!("call"), &json!(3)));
    let cancelled = hub.call("faulty__cancelled", json!({})).await;
    assert_eq!(cancelled.structured()["cancelled"], json!([]), "a broken connection cancels nothing");
    assert_eq!(hub.recorded_method("faulty", "tools/call").len(), 4, "and the call was sent once");
}

async fn whole_answer_is_replayed() {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let client = hub.client().await;
    let stream = begin(&client, &json!(7), "h").await;
    release(&hub, "h").await;
    let events = rest(stream).await;
    assert_eq!(steps(&events), [1, 2, 3]);
    for (place, event) in events.iter().enumerate() {
        assert_eq!(rest(resume(&client, &event.id).await).await, events[place + 1..], "behind {place}");
    }
    // The stream for all else is another one, and goes on beside it.
    let mut other = client.listen().await;
    rest(resume(&client, &events[0].id).await).await;
    hub.call("good__change_tools", json!({})).await.result();
    other.next_notification("notifications/tools/list_changed").await;
}

async fn older_client_gets_no_event_without_data() {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let client = hub.bare(Era::Legacy).shake_hands("2025-06-18").await;
    let stream = begin(&client, &json!(1), "h").await;
    release(&hub, "h").await;
    let events = rest(stream).await;
    assert!(events.iter().all(|event| event.message.is_object()), "{events:?}");
    assert_eq!(rest(resume(&client, &events[0].id).await).await, events[1..]);
}

async fn answer_that_is_lost_with_its_hub_is_an_error() {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let client = hub.client().await;
    let mut stream = begin(&client, &json!("lost"), "h").await;
    let event = next(&mut stream).await.unwrap();
    drop(stream);
    let hub = hub.stop().await.ready().await;
    let client = client.at(&hub.url);
    let mut stream = resume(&client, &event.id).await;
    let answer = stream.next_message("the error").await;
    assert_eq!((&answer["id"], &answer["error"]["data"]["code"]), (&json!("lost"), &json!("T-0326")));
    assert_eq!(within("the end", stream.next_data()).await, None);
}

async fn cancelled_answer_is_not_waited_for() {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let client = hub.client().await;
    let mut stream = begin(&client, &json!(5), "h").await;
    let event = next(&mut stream).await.unwrap();
    drop(stream);
    client.notify("notifications/cancelled", json!({"requestId": 5})).await;
    hub.call("faulty__cancelled", json!({"at_least": 1})).await.result();
    let mut stream = resume(&client, &event.id).await;
    // What was kept of it may be there for a moment still; then nothing is.
    while within("the end", stream.next_data()).await.is_some() {}
    // The same for a session that ends while its client is away.
    drop(begin(&client, &json!(6), "h").await);
    assert_eq!(client.close().await.status, 204);
    let cancelled = hub.call("faulty__cancelled", json!({"at_least": 2})).await;
    assert_eq!(cancelled.structured()["cancelled"].as_array().map(Vec::len), Some(2), "{}", cancelled.raw);
}

/// How many connections the hub says that are open, with the one that asks.
async fn connections(hub: &Hub) -> u64 {
    let text = Http::new("GET", &hub.at("/metrics")).send().await.text();
    let line = text.lines().find_map(|line| line.strip_prefix("tutti_connections "));
    line.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("it tells its connections: {text}"))
}

async fn a19_client_that_never_reads_is_hung_up_on_and_comes_back() {
    // Over HTTP nothing is left out on the way to the hub.
    let upstream = HttpUpstream::start(&["--name", "faulty"]).await;
    let hub = Setup::new().remote("faulty", &upstream.url, json!({})).ready().await;
    let client = hub.client().await;
    // More than the sockets of both sides take, and what the hub lets wait.
    let arguments = json!({"steps": 4000, "label": "x".repeat(8000), "hold": "h"});
    let params = json!({"name": "faulty__progress", "arguments": arguments, "_meta": {"progressToken": "t"}});
    let stream = client.post(&client.message(&json!(1), "tools/call", params)).open().await;
    eventually("the connection is closed", || async {
        let open = connections(&hub).await;
        if open == 1 { Ok(()) } else { Err(format!("{open} are open")) }
    })
    .await;
    let read = rest(stream).await;
    assert!(steps(&read).len() < 3999, "it was not sent all of it");
    release(&hub, "h").await;
    let rest = rest(resume(&client, &read.last().unwrap().id).await).await;
    assert_eq!(rest.last().unwrap().message["result"]["structuredContent"]["steps"], 4000);
    let steps = [steps(&read), steps(&rest)].concat();
    assert!(steps.is_sorted_by(|one, other| one < other), "what was left out was left out, and nothing came twice");
}

async fn a34_event_of_another_session_replays_nothing() {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let (owner, stranger) = (hub.client().await, hub.client().await);
    let mut stream = begin(&owner, &json!(1), "h").await;
    let event = next(&mut stream).await.unwrap();
    let own = begin(&stranger, &json!(1), "other").await;
    let refused = resume(&stranger, &event.id).await.finish().await;
    assert_eq!((refused.status, &refused.json()["error"]["data"]["code"]), (400, &json!("T-0326")));
    // The owner's stream has not been taken away from it.
    release(&hub, "h").await;
    assert_eq!(steps(&rest(stream).await), [1, 2, 3]);
    release(&hub, "other").await;
    assert_eq!(steps(&rest(own).await), [1, 2, 3]);
    // Nor does a session that has ended replay.
    owner.close().await;
    assert_eq!(resume(&owner, &event.id).await.status, 404);
}

async fn a34_event_that_was_made_up_replays_nothing() {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let client = hub.client().await;
    let stream = begin(&client, &json!(1), "h").await;
    release(&hub, "h").await;
    let events = rest(stream).await;
    let (name, _) = events[0].id.rsplit_once('.').unwrap();
    let changed = format!("{}{}", if name.starts_with('A') { "B" } else { "A" }, &name[1..]);
    let long = "1".repeat(40);
    for id in
        ["1", "0", ".", "1.1", "x.y", name, &format!("{name}.-1"), &format!("{name}.{long}"), &format!("{changed}.0")]
    {
        let refused = resume(&client, id).await.finish().await;
        assert_eq!((refused.status, &refused.json()["error"]["data"]["code"]), (400, &json!("T-0326")), "{id}");
    }
    // A number beyond the end has nothing behind it.
    assert_eq!(rest(resume(&client, &format!("{name}.{}", u64::MAX)).await).await, []);
}

const CHANGED: &str = "notifications/tools/list_changed";

/// The next event of a stream that tells of changed tools.
async fn next_change(stream: &mut Stream) -> Event {
    loop {
        let event = next(stream).await.expect("the stream goes on");
        if event.message["method"] == CHANGED {
            return event;
        }
    }
}

/// Changes the tools of an upstream, and waits until the hub tells of it.
async fn change(hub: &Hub, witness: &mut Stream, upstream: &str) {
    hub.call(&format!("{upstream}__change_tools"), json!({})).await.result();
    witness.next_notification(CHANGED).await;
}

async fn news_that_came_meanwhile_are_told() {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let (client, witness) = (hub.client().await, hub.client().await);
    let mut witness = witness.listen().await;
    let mut stream = client.listen().await;
    let priming = next(&mut stream).await.unwrap();
    assert_eq!(priming.message, Value::Null, "the first event has an id and no data");
    drop(stream);
    change(&hub, &mut witness, "good").await;
    change(&hub, &mut witness, "faulty").await;
    let mut stream = resume(&client, &priming.id).await;
    assert_eq!((stream.status, stream.is_event_stream()), (200, true));
    let told = next_change(&mut stream).await;
    // It goes on as it was, and whoever comes back again gets nothing twice.
    change(&hub, &mut witness, "good").await;
    let again = next_change(&mut stream).await;
    assert_ne!(told.id, again.id);
    drop(stream);
    let mut stream = resume(&client, &told.id).await;
    assert_eq!(next_change(&mut stream).await, again, "what may have been lost with the connection");
    let mut stream = resume(&client, &again.id).await;
    change(&hub, &mut witness, "faulty").await;
    let last = next_change(&mut stream).await;
    assert!(last.id != again.id && last.id != told.id, "nothing comes twice");
}

/// The streams of the hub before are not known any more; what was missed may be anything.
async fn news_after_a_restart_are_told() {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let client = hub.client().await;
    let mut stream = client.listen().await;
    let priming = next(&mut stream).await.unwrap();
    drop(stream);
    let hub = hub.stop().await.ready().await;
    let client = client.at(&hub.url);
    let mut stream = resume(&client, &priming.id).await;
    let begun = next(&mut stream).await.unwrap();
    assert_eq!(begun.message, Value::Null, "another stream begins");
    let told = next_change(&mut stream).await;
    assert!(told.id != priming.id && begun.id != priming.id);
    hub.call("good__change_tools", json!({})).await.result();
    next_change(&mut stream).await;
    // The stream of an answer is another one.
    let call = begin(&client, &json!(1), "h").await;
    release(&hub, "h").await;
    assert_eq!(steps(&rest(call).await), [1, 2, 3]);
}

async fn older_client_takes_up_its_news() {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let (client, witness) = (hub.bare(Era::Legacy).shake_hands("2025-06-18").await, hub.client().await);
    let mut witness = witness.listen().await;
    let mut stream = client.listen().await;
    change(&hub, &mut witness, "good").await;
    let first = next(&mut stream).await.unwrap();
    assert_eq!(first.message["method"], CHANGED, "no event without data comes first");
    drop(stream);
    change(&hub, &mut witness, "good").await;
    assert_eq!(next(&mut resume(&client, &first.id).await).await.unwrap().message["method"], CHANGED);
    // The oldest knows nothing of ids.
    let oldest = hub.bare(Era::Legacy).shake_hands("2024-11-05").await;
    let mut stream = oldest.listen().await;
    change(&hub, &mut witness, "good").await;
    let event = within("the first event", stream.next_event()).await.unwrap();
    assert!(event.contains(CHANGED) && !event.contains("id:"), "{event}");
}

async fn a34_news_of_another_session_are_told_to_nobody() {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let (client, other) = (hub.client().await, hub.client().await);
    let mut stream = client.listen().await;
    let event = next(&mut stream).await.unwrap();
    for last in [event.id.clone(), event.id.replace('.', ".9"), "1".to_owned(), ".0".to_owned()] {
        let answer = resume(&other, &last).await;
        assert_eq!(answer.status, 400, "{last}");
    }
    // The stream of the session that it belongs to is not disturbed.
    hub.call("good__change_tools", json!({})).await.result();
    next_change(&mut stream).await;
}
