//! What one replica has fetched the others need not: for whom, until when, and only if a replica has put it there.

use super::{Redis, moved, replica};
use crate::harness::{Client, Era, Http, Hub, Setup, eventually, trials, trials_of_both_eras};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    let mut tests = trials_of_both_eras!("replicas::results":
        result_that_one_replica_keeps_answers_at_another,
    );
    tests.extend(trials!("replicas::results":
        a26_private_result_of_another_key_is_not_given,
        private_result_is_for_who_asked_at_each_replica,
        change_that_one_replica_hears_of_holds_at_all,
        a26_planted_results_are_not_given,
    ));
    tests
}

/// Two hubs with the same entry: each has a process of its own, and both write to one record.
struct Twins {
    redis: Redis,
    one: Hub,
    other: Hub,
}

impl Twins {
    async fn start(scope: &str) -> Self {
        Self::start_as(scope, |setup| setup).await
    }

    async fn start_as(scope: &str, more: impl Fn(Setup) -> Setup) -> Self {
        let redis = Redis::start().await;
        let first = Setup::new();
        let tools = json!({"flaky_read": {"cache": {"ttl": "1h", "scope": scope}}});
        let mut entry = first.fixture_entry("twin", &["--keep", "3600000:public"], json!({"tools": tools}));
        // A program may keep in its home folder whose results they are, so only the same one makes it the same server.
        entry["env"]["HOME"] = json!(first.folder.path());
        entry["cwd"] = json!(first.folder.path());
        let servers = json!({"twin": entry});
        let first = more(replica(first.with("servers", servers.clone()), &redis.url()));
        let second = more(replica(Setup::new().with("servers", servers), &redis.url()));
        let (one, other) = tokio::join!(first.ready(), second.ready());
        Self { redis, one, other }
    }

    /// How often the tool was really called, at either of them.
    fn calls(&self) -> usize {
        let calls = self.one.recorded_method("twin", "tools/call");
        calls.iter().filter(|call| call["params"]["name"] == "flaky_read").count()
    }

    async fn are_told(&self, results: usize) {
        eventually("results are in the redis", || async {
            let names = self.redis.names();
            let found = names.iter().filter(|name| name.contains(":result:")).count();
            if found == results { Ok(()) } else { Err(names.join(" ")) }
        })
        .await;
    }
}

async fn read(client: &Client, echo: &str) -> Value {
    let reply = client.call("twin__flaky_read", json!({"key": "k", "echo": echo})).await;
    reply.structured()["echo"].clone()
}

/// How many requests this hub answered by what another replica has.
async fn from_replicas(hub: &Hub) -> f64 {
    let text = Http::new("GET", &hub.at("/metrics")).send().await.text();
    let series = r#"tutti_result_cache_requests_total{tutti_upstream="twin",tutti_result="replica"} "#;
    let line = text.lines().find_map(|line| line.strip_prefix(series)?.parse().ok());
    line.unwrap_or_else(|| panic!("it is told: {text}"))
}

async fn result_that_one_replica_keeps_answers_at_another(era: Era) {
    let twins = Twins::start("public").await;
    let (one, other) = (twins.one.client_of(era).await, twins.other.client_of(era).await);
    assert_eq!(read(&one, "first").await, "first");
    twins.are_told(1).await;
    for _ in 0..3 {
        assert_eq!(read(&other, "first").await, "first");
    }
    assert_eq!(twins.calls(), 1, "the second upstream was not asked");
    assert_eq!(from_replicas(&twins.other).await, 1.0, "and the redis once");
    assert_eq!(read(&other, "second").await, "second");
    assert_eq!(twins.calls(), 2, "other arguments are another question");
    twins.are_told(2).await;
    assert_eq!(read(&one, "second").await, "second");
    assert_eq!(twins.calls(), 2, "and the other way round");
    // Resources are kept for as long as their server says.
    let uri = json!({"uri": "tutti://twin/test://static"});
    let contents = one.request("resources/read", uri.clone()).await.result()["contents"].clone();
    twins.are_told(3).await;
    let reply = other.request("resources/read", uri).await;
    assert_eq!(reply.result()["contents"], contents);
    assert_eq!(twins.one.recorded_method("twin", "resources/read").len(), 1);
}

async fn private_result_is_for_who_asked_at_each_replica() {
    let twins = Twins::start("private").await;
    let (client, stranger) = (twins.one.client().await, twins.other.client().await);
    assert_eq!(read(&client, "mine").await, "mine");
    twins.are_told(1).await;
    assert_eq!(read(&stranger, "mine").await, "mine");
    assert_eq!(twins.calls(), 2, "another session has it not");
    twins.are_told(2).await;
    assert_eq!(read(&moved(&client, &twins.other), "mine").await, "mine");
    assert_eq!(twins.calls(), 2, "the session has it at each replica");
    assert_eq!(read(&twins.other.modern(), "mine").await, "mine");
    assert_eq!(twins.calls(), 3, "a client without a session has neither");
}

async fn a26_private_result_of_another_key_is_not_given() {
    let keys = ["al-5Qv2nXw8RkLz7Ys3Bd9Hf4Jm6Pc1Tg0U", "bo-9Tg0U8Qv2nXw5RkLz7Ys3Bd4Hf6Jm1Pc"];
    let with_keys = |setup: Setup| {
        setup.with("key", json!(crate::security::STRONG)).with("keys", json!({"alice": keys[0], "bob": keys[1]}))
    };
    let twins = Twins::start_as("private", with_keys).await;
    let with_key = |hub: &Hub, key: &str| hub.modern().with_header("authorization", &format!("Bearer {key}"));
    assert_eq!(read(&with_key(&twins.one, keys[0]), "mine").await, "mine");
    twins.are_told(1).await;
    assert_eq!(read(&with_key(&twins.other, keys[1]), "mine").await, "mine");
    assert_eq!(twins.calls(), 2, "another key has it not");
    assert_eq!(read(&with_key(&twins.other, keys[0]), "mine").await, "mine");
    assert_eq!(twins.calls(), 2, "the same has it at each replica");
}

async fn change_that_one_replica_hears_of_holds_at_all() {
    let twins = Twins::start("public").await;
    let (one, other) = (twins.one.client().await, twins.other.client().await);
    read(&one, "kept").await;
    twins.are_told(1).await;
    read(&other, "kept").await;
    assert_eq!(twins.calls(), 1);
    // Only the first one's process says that something has changed; what lies in the redis is of no use then either.
    one.call("twin__change_tools", json!({})).await.result();
    eventually("the other replica asks anew", || async {
        read(&other, "kept").await;
        if twins.calls() == 2 { Ok(()) } else { Err(twins.calls().to_string()) }
    })
    .await;
    read(&other, "kept").await;
    assert_eq!(twins.calls(), 2, "and once only");
}

async fn a26_planted_results_are_not_given() {
    let twins = Twins::start("public").await;
    let (one, other) = (twins.one.client().await, twins.other.client().await);
    read(&one, "first").await;
    twins.are_told(1).await;
    read(&one, "second").await;
    twins.are_told(2).await;
    let names: Vec<String> = twins.redis.names().into_iter().filter(|name| name.contains(":result:")).collect();
    let values: Vec<String> = names.iter().map(|name| twins.redis.ask(&["GET", name]).concat()).collect();
    twins.redis.ask(&["SET", &names[0], &values[1]]);
    twins.redis.ask(&["SET", &names[1], "planted"]);
    assert_eq!((read(&other, "first").await, read(&other, "second").await), (json!("first"), json!("second")));
    assert_eq!(twins.calls(), 4, "what does not open is asked for");
    assert_eq!(super::number(&twins.other, "tutti_redis_refused_total").await, 2.0);
    assert!(values.iter().all(|value| !value.contains("flaky")), "{values:?}");
}
