//! Several hubs with one secret and a real Redis: what one of them knows of a session holds at the others.

mod away;
mod redis;
mod results;

use crate::harness::{Client, Era, Http, Hub, Setup, Stream, eventually, trials, within};
use libtest_mimic::Trial;
use redis::Redis;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    let mut tests = trials!("replicas":
        h02_h03_session_of_one_replica_is_served_by_another,
        modern_client_moves_between_replicas,
        a26_session_ended_at_one_replica_is_over_at_all,
        what_a_session_sets_at_one_replica_holds_at_another,
        what_a_session_sets_holds_where_it_is_in_use_too,
        answer_of_another_replica_is_not_taken_up,
        a26_replicas_with_other_secrets_share_nothing_and_say_so,
        redis_over_tcp_wants_its_password,
    );
    tests.extend(away::tests());
    tests.extend(results::tests());
    tests.into_iter().map(|test| test.with_ignored_flag(redis::is_missing())).collect()
}

/// The same for all replicas of a test.
const SECRET: &str = "pL7vQ2xN9mZ4kR8tW1yB6cF3hJ5sD0gAqEuXoVnITMw";

/// A hub among replicas: two upstreams, the secret of all, and the Redis. The time is long, so that a busy machine is not
/// taken for a Redis that is away.
fn replica(setup: Setup, url: &str) -> Setup {
    setup.environment("TUTTI_SECRET", SECRET).with("redis", json!({"url": url, "timeout": "5s"}))
}

async fn two_of(redis: &Redis) -> (Hub, Hub) {
    let url = redis.url();
    let (one, other) = (replica(Setup::legacy_pair(), &url), replica(Setup::legacy_pair(), &url));
    tokio::join!(one.ready(), other.ready())
}

async fn two() -> (Redis, Hub, Hub) {
    let redis = Redis::start().await;
    let (one, other) = two_of(&redis).await;
    (redis, one, other)
}

/// The same client at another replica.
fn moved(client: &Client, hub: &Hub) -> Client {
    client.clone().at(&hub.url)
}

async fn assert_over(client: &Client) {
    let reply = client.request("ping", json!({})).await;
    assert_eq!((reply.status, reply.code()), (404, Some("T-0312")));
}

async fn is_over(client: &Client) {
    eventually("the session is over", || async {
        let reply = client.request("ping", json!({})).await;
        if reply.status == 404 { Ok(()) } else { Err(reply.raw) }
    })
    .await;
}

/// What the hub says of its Redis.
async fn standing(hub: &Hub) -> Value {
    Http::new("GET", &hub.at("/readyz?verbose")).send().await.json()["redis"].clone()
}

async fn is_standing(hub: &Hub, state: &str) -> Value {
    eventually(&format!("the redis is {state}"), || async {
        let seen = standing(hub).await;
        if seen["state"] == state { Ok(seen) } else { Err(seen.to_string()) }
    })
    .await
}

/// A number of the hub that has no labels.
async fn number(hub: &Hub, name: &str) -> f64 {
    let text = Http::new("GET", &hub.at("/metrics")).send().await.text();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok());
    line.unwrap_or_else(|| panic!("{name} is told: {text}"))
}

async fn h02_h03_session_of_one_replica_is_served_by_another() {
    let (_redis, one, other) = two().await;
    let client = one.bare(Era::Legacy).able(&json!({"roots": {}})).shake_hands("2025-06-18").await;
    client.call("faulty__echo", json!({"message": "one"})).await.result();
    for hub in [&other, &one, &other] {
        let client = moved(&client, hub);
        assert_eq!(client.call("faulty__echo", json!({"message": "more"})).await.text(), "more");
    }
    // What it said of itself goes with it.
    let answer = |_: &str, _: &Value| Ok(json!({"roots": []}));
    let ended = moved(&client, &other).call_and_answer("faulty__ask", json!({"method": "roots/list"}), answer).await;
    assert_eq!(ended.asked.len(), 1, "{}", ended.reply.raw);
    assert_eq!(standing(&one).await["state"], "up");
    assert_eq!(number(&one, "tutti_redis_up").await, 1.0);
}

async fn modern_client_moves_between_replicas() {
    let redis = Redis::start().await;
    let setup = || replica(Setup::pair(&["--era", "modern"], json!({})), &redis.url());
    let (one, other) = tokio::join!(setup().ready(), setup().ready());
    let client = one.modern().able(&json!({"roots": {}}));
    let mut params = json!({"name": "faulty__ask", "arguments": {"method": "roots/list"}});
    let first = client.request("tools/call", params.clone()).await;
    params["requestState"] = first.result()["requestState"].clone();
    params["inputResponses"] = json!({"question": {"roots": []}});
    let reply = moved(&client, &other).request("tools/call", params).await;
    assert_eq!(reply.structured()["result"], json!({"roots": []}), "{}", reply.raw);
}

async fn a26_session_ended_at_one_replica_is_over_at_all() {
    let (redis, one, other) = two().await;
    let client = one.client().await;
    let at_other = moved(&client, &other);
    at_other.request("ping", json!({})).await.result();
    // Opened here, ended there.
    assert_eq!(at_other.close().await.status, 204);
    assert_over(&at_other).await;
    is_over(&client).await;
    // Opened and ended here; the other replica has never heard of it.
    let client = one.client().await;
    assert_eq!(client.close().await.status, 204);
    assert_over(&moved(&client, &other)).await;
    assert_over(&client).await;
    // Neither does one that comes later, or forgets all, take it up again.
    let late = replica(Setup::legacy_pair(), &redis.url()).ready().await;
    assert_over(&moved(&client, &late)).await;
}

/// A resource that two clients can speak of, and what its upstream calls it.
async fn resource(client: &Client) -> (String, String, String) {
    let uri = client.list("resources/list", "resources").await[0]["uri"].as_str().expect("an address").to_owned();
    let (own, original) = uri.strip_prefix("tutti://").and_then(|rest| rest.split_once('/')).expect("a mapped address");
    let (own, original) = (own.to_owned(), original.to_owned());
    (uri, own, original)
}

/// Touches the resource at this hub until its upstream has a subscription, and waits for the news of it.
async fn is_told(client: &Client, stream: &mut Stream) {
    let (uri, own, original) = resource(client).await;
    is_subscribed(client, &own, &original, true).await;
    let note = stream.next_notification("notifications/resources/updated").await;
    assert_eq!(note["params"]["uri"], uri);
}

async fn is_subscribed(client: &Client, own: &str, original: &str, wanted: bool) {
    eventually(&format!("subscribed: {wanted}"), || async {
        let touched = client.call(&format!("{own}__touch"), json!({"uri": original})).await;
        if touched.structured()["subscribed"] == wanted { Ok(()) } else { Err(touched.raw) }
    })
    .await;
}

/// How many log messages of this level the client gets in a call.
async fn logged(client: &Client, level: &str) -> usize {
    let reply = client.call("good__log", json!({"level": level, "text": "t"})).await;
    reply.notifications("notifications/message").len()
}

async fn what_a_session_sets_at_one_replica_holds_at_another() {
    let (_redis, one, other) = two().await;
    let client = one.client().await;
    let (uri, _, _) = resource(&client).await;
    client.request("logging/setLevel", json!({"level": "error"})).await.result();
    client.request("resources/subscribe", json!({"uri": uri})).await.result();
    let client = moved(&client, &other);
    assert_eq!((logged(&client, "info").await, logged(&client, "error").await), (0, 1), "with its first request");
    let mut stream = client.listen().await;
    is_told(&client, &mut stream).await;
}

async fn what_a_session_sets_holds_where_it_is_in_use_too() {
    let (_redis, one, other) = two().await;
    let client = one.client().await;
    let at_other = moved(&client, &other);
    let mut stream = at_other.listen().await;
    let (uri, own, original) = resource(&client).await;
    client.request("resources/subscribe", json!({"uri": uri})).await.result();
    client.request("logging/setLevel", json!({"level": "error"})).await.result();
    is_told(&at_other, &mut stream).await;
    eventually("the level is taken over", || async {
        let messages = logged(&at_other, "info").await;
        if messages == 0 { Ok(()) } else { Err(messages.to_string()) }
    })
    .await;
    // And back: what ends there ends here.
    at_other.request("resources/unsubscribe", json!({"uri": uri})).await.result();
    is_subscribed(&client, &own, &original, false).await;
}

async fn answer_of_another_replica_is_not_taken_up() {
    let (_redis, one, other) = two().await;
    let client = one.client().await;
    let params = json!({"name": "faulty__hold", "arguments": {"name": "h", "file": one.setup.path_text("never")}});
    let id = json!("held");
    let mut stream = client.post(&client.message(&id, "tools/call", params)).open().await;
    let event = within("the first event", stream.next_event()).await.expect("there is one");
    let event = event.lines().find_map(|line| line.strip_prefix("id:")).expect("it has an id").trim().to_owned();
    drop(stream);
    let http = Http::new("GET", &other.url).header("accept", "text/event-stream").header("last-event-id", &event);
    let mut stream = moved(&client, &other).add_session(http).open().await;
    let answer = stream.next_message("an answer to the call").await;
    assert_eq!((&answer["id"], &answer["error"]["data"]["code"]), (&id, &json!("T-0326")), "{answer}");
    assert!(answer["error"]["message"].as_str().expect("a message").contains("replica"), "{answer}");
}

async fn a26_replicas_with_other_secrets_share_nothing_and_say_so() {
    let redis = Redis::start().await;
    let one = replica(Setup::legacy_pair(), &redis.url()).ready().await;
    let other = replica(Setup::legacy_pair(), &redis.url());
    let other = other.environment("TUTTI_SECRET", &SECRET.chars().rev().collect::<String>()).ready().await;
    assert_eq!(
        (&standing(&one).await["other_secret"], &standing(&other).await["other_secret"]),
        (&json!(false), &json!(true))
    );
    assert!(other.stderr().contains("another secret"), "{}", other.stderr());
    let client = one.client().await;
    assert_over(&moved(&client, &other)).await;
    client.request("ping", json!({})).await.result();
}

/// The Redis on a port of this machine.
async fn port_of(redis: &Redis) -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let (port, socket) = (listener.local_addr().expect("it listens").port(), redis.socket());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let Ok(mut behind) = tokio::net::UnixStream::connect(&socket).await else { return };
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut stream, &mut behind).await });
        }
    });
    port
}

async fn redis_over_tcp_wants_its_password() {
    let redis = Redis::start_with(&["--requirepass", "s3cret/word"]).await;
    let port = port_of(&redis).await;
    let hub = |url: String| replica(Setup::legacy_pair(), &url).environment("REDIS_PASSWORD", "s3cret%2Fword").start();
    let good = hub(format!("redis://:${{REDIS_PASSWORD}}@127.0.0.1:{port}/3")).await;
    assert_eq!(standing(&good).await["state"], "up");
    let wrong = hub(format!("redis://:wrong-word@127.0.0.1:{port}")).await;
    let seen = is_standing(&wrong, "away").await;
    assert_eq!(seen["error"]["code"], "T-0711");
    let message = seen["error"]["message"].as_str().expect("a message");
    assert!(message.contains("authentication failed") && !message.contains("wrong-word"), "{message}");
    for hub in [&good, &wrong] {
        let told = hub.stderr() + &standing(hub).await.to_string();
        assert!(!told.contains("s3cret") && !told.contains("wrong-word"), "{told}");
    }
}
