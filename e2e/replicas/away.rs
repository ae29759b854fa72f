//! The Redis goes away, hangs, forgets all, or holds what no hub has written: calls go on, and replicas agree again.

use super::{
    Redis, assert_over, is_over, is_standing, is_subscribed, is_told, moved, number, replica, resource, two, two_of,
};
use crate::harness::{Setup, eventually, trials};
use libtest_mimic::Trial;
use rustix::process::Signal;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

pub(super) fn tests() -> Vec<Trial> {
    trials!("replicas":
        redis_killed_in_mid_run_costs_no_call,
        redis_that_hangs_is_not_waited_for,
        what_was_set_while_the_redis_was_away_is_told_afterwards,
        hub_starts_without_its_redis,
        a26_planted_entries_are_ignored_and_counted,
    )
}

async fn redis_killed_in_mid_run_costs_no_call() {
    let (mut redis, one, other) = two().await;
    let done = Arc::new(AtomicBool::new(false));
    let client = one.client().await;
    let callers = [client.clone(), moved(&client, &other), one.modern(), other.modern()].map(|client| {
        let done = Arc::clone(&done);
        tokio::spawn(async move {
            let mut calls = 0;
            while !done.load(Ordering::Relaxed) {
                let reply = client.call("good__echo", json!({"message": "m"})).await;
                assert_eq!(reply.text(), "m");
                calls += 1;
            }
            calls
        })
    });
    redis.kill();
    for hub in [&one, &other] {
        let seen = is_standing(hub, "away").await;
        assert_eq!(seen["error"]["code"], "T-0711");
        assert_eq!(number(hub, "tutti_redis_up").await, 0.0);
        assert!(hub.stderr().contains("redis is away"), "{}", hub.stderr());
    }
    // Sessions are opened and move as ever.
    let late = one.client().await;
    moved(&late, &other).request("ping", json!({})).await.result();
    redis.again().await;
    for hub in [&one, &other] {
        is_standing(hub, "up").await;
        assert_eq!((number(hub, "tutti_redis_up").await, number(hub, "tutti_redis_losses_total").await), (1.0, 1.0));
    }
    done.store(true, Ordering::Relaxed);
    for caller in callers {
        assert!(caller.await.expect("no call is lost") > 0);
    }
    assert_eq!(late.close().await.status, 204);
    is_over(&moved(&late, &other)).await;
}

async fn redis_that_hangs_is_not_waited_for() {
    let redis = Redis::start().await;
    // The one time that is short: it must pass.
    let config = json!({"url": redis.url(), "timeout": "500ms"});
    let setup = || replica(Setup::legacy_pair(), "").with("redis", config.clone());
    let (one, other) = tokio::join!(setup().ready(), setup().ready());
    let client = one.client().await;
    redis.signal(Signal::STOP);
    // One request waits; then it is known, and none does.
    moved(&client, &other).request("ping", json!({})).await.result();
    is_standing(&other, "away").await;
    for _ in 0..20 {
        let client = other.client().await;
        client.request("logging/setLevel", json!({"level": "error"})).await.result();
        assert_eq!(client.close().await.status, 204);
    }
    redis.signal(Signal::CONT);
    is_standing(&other, "up").await;
    is_standing(&one, "up").await;
}

async fn what_was_set_while_the_redis_was_away_is_told_afterwards() {
    let (mut redis, one, other) = two().await;
    let (ended, client) = (one.client().await, one.client().await);
    let at_other = moved(&client, &other);
    moved(&ended, &other).request("ping", json!({})).await.result();
    let mut stream = at_other.listen().await;
    redis.kill();
    is_standing(&one, "away").await;
    is_standing(&other, "away").await;
    let (uri, own, original) = resource(&client).await;
    client.request("resources/subscribe", json!({"uri": uri})).await.result();
    assert_eq!(ended.close().await.status, 204);
    moved(&ended, &other).request("ping", json!({})).await.result();
    redis.again().await;
    is_told(&at_other, &mut stream).await;
    is_over(&moved(&ended, &other)).await;
    // The Redis has lost all once more, and nothing changes meanwhile: replicas tell it again.
    redis.kill();
    is_standing(&one, "away").await;
    redis.again().await;
    is_standing(&one, "up").await;
    eventually("the redis knows again what is over and what is set", || async {
        let names = redis.names();
        let knows = |part: &str| names.iter().any(|name| name.contains(part));
        if knows(":ended:") && knows(":session:") { Ok(()) } else { Err(names.join(" ")) }
    })
    .await;
    let late = replica(Setup::legacy_pair(), &redis.url()).ready().await;
    assert_over(&moved(&ended, &late)).await;
    is_subscribed(&moved(&client, &late), &own, &original, true).await;
}

async fn hub_starts_without_its_redis() {
    let mut redis = Redis::start().await;
    redis.kill();
    let begun = Instant::now();
    let (one, other) = two_of(&redis).await;
    assert!(begun.elapsed() < Duration::from_secs(60), "it is not waited for");
    let client = one.client().await;
    moved(&client, &other).call("good__echo", json!({"message": "m"})).await.result();
    let seen = is_standing(&one, "away").await;
    assert!(seen["error"]["next"].as_str().expect("advice").contains("comes back to it by itself"), "{seen}");
    redis.again().await;
    is_standing(&one, "up").await;
    is_standing(&other, "up").await;
    assert_eq!(client.close().await.status, 204);
    is_over(&moved(&client, &other)).await;
}

async fn a26_planted_entries_are_ignored_and_counted() {
    let (redis, one, other) = two().await;
    let (open, ended) = (one.client().await, one.client().await);
    open.request("logging/setLevel", json!({"level": "error"})).await.result();
    assert_eq!(ended.close().await.status, 204);
    let names = redis.names();
    let [states, over] =
        [":session:", ":ended:"].map(|part| names.iter().filter(|name| name.contains(part)).collect::<Vec<&String>>());
    assert_eq!((states.len(), over.len()), (1, 1), "{names:?}");
    // What was sealed for another place says nothing here, and garbage neither.
    let elsewhere = redis.ask(&["GET", over[0]]).concat();
    redis.ask(&["HSET", states[0], "planted", "x", "level", &elsewhere]);
    let channel = redis.ask(&["PUBSUB", "CHANNELS"]).concat();
    redis.ask(&["PUBLISH", &channel, "{\"planted\": true}"]);
    let moved_there = moved(&open, &other);
    moved_there.request("ping", json!({})).await.result();
    eventually("what was planted is counted", || async {
        let refused = number(&other, "tutti_redis_refused_total").await;
        if refused == 3.0 { Ok(()) } else { Err(refused.to_string()) }
    })
    .await;
    assert_over(&moved(&ended, &other)).await;
    // Names and values tell a reader of the Redis nothing.
    let everything: String =
        names.iter().flat_map(|name| [name.clone(), redis.ask(&["DUMP", name]).concat()]).collect();
    assert!(!everything.contains("error") && !everything.contains("good"), "{everything}");
}
