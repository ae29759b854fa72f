//! Runs that begin at times, on the real binary. Nobody can wait for a minute to begin, and no clock is set: a hub stands still
//! over a time of its schedule, as the mark in its store says, and makes up for it when it is there again.

use crate::harness::{Http, Hub, Setup, eventually, trials};
use base::clock;
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::time::Duration;
use store::{Db, KeyValue};

pub(crate) fn tests() -> Vec<Trial> {
    trials!("schedules":
        a_time_that_passed_while_the_hub_was_away_begins_one_run,
    )
}

const DAILY: &str = "
name: daily
params: { at: { type: string } }
triggers: { schedules: [{ cron: 'MINUTE HOUR * * *', params: { at: '{{ scheduled_at }}' } }] }
steps:
  - { name: say, tool: \"mcp://good/echo\", effect: unsafe, inputs: { message: '{{ params.at }} by {{ run.trigger.kind }}' } }
output: '{{ steps.say.output.message }}'
";

/// A hub with a schedule whose time was half a day ago, so that no other comes while the test runs; and that time, in seconds
/// since 1970.
fn setup() -> (Setup, u64) {
    let due = (clock::wall().as_secs() - 43_200) / 60 * 60;
    let (minute, hour) = (due / 60 % 60, due / 3_600 % 24);
    let text = DAILY.replace("MINUTE", &minute.to_string()).replace("HOUR", &hour.to_string());
    let setup = Setup::pair(&[], json!({})).with("workflows", json!(["daily.yaml"]));
    std::fs::write(setup.path("daily.yaml"), text).expect("the folder of the test can be written");
    (setup, due)
}

/// What the store of a hub that has ended keeps of the schedule; kept again as `change` makes it.
async fn mark(setup: &Setup, change: impl FnOnce(&mut Value)) -> Value {
    let db = Db::open(&setup.path("tutti.db")).await.expect("nobody has the store");
    let kept = KeyValue::new(db.clone()).await.expect("the store is sound");
    let marks = kept.list("schedules").await.expect("the store can be read");
    let [entry] = &marks[..] else { panic!("one schedule is marked, and not {}", marks.len()) };
    let found: Value = serde_json::from_slice(&entry.value).expect("a mark is JSON");
    let mut changed = found.clone();
    change(&mut changed);
    if changed != found {
        kept.put("schedules", &entry.key, changed.to_string()).await.expect("the store can be written");
    }
    db.close().await;
    found
}

async fn runs(hub: &Hub) -> Vec<Value> {
    let listed = Http::new("GET", &hub.at("/api/v1/runs")).send().await.json();
    listed["runs"].as_array().unwrap_or_else(|| panic!("a list: {listed}")).clone()
}

async fn a_time_that_passed_while_the_hub_was_away_begins_one_run() {
    let (setup, due) = setup();
    // A hub that ends in order has looked at its schedules. This one is new: it begins with the next time.
    let setup = setup.ready().await.stop().await;
    let new = mark(&setup, |mark| mark["at"] = json!(due - 60)).await;
    assert!(new["run"].is_null() && new["at"].as_u64() > Some(due), "{new}");
    let hub = setup.ready().await;
    let run = eventually("the run is at its end", || async {
        let all = runs(&hub).await;
        let ended = all.first().filter(|run| run["status"] == "succeeded").cloned();
        ended.ok_or_else(|| format!("{all:?}"))
    })
    .await;
    let id = run["id"].as_str().expect("a run has an id");
    let shown = Http::new("GET", &hub.at(&format!("/api/v1/runs/{id}"))).send().await.json();
    let said = format!("{} by schedule", clock::rfc3339(Duration::from_secs(due)));
    assert_eq!(shown["result"], said, "{shown}");
    // A hub that died when the run had begun and was not yet marked looks at the same time again.
    let setup = hub.stop().await;
    let begun = mark(&setup, |mark| *mark = json!({"at": due - 60, "run": null})).await;
    assert_eq!(begun, json!({"at": due, "run": id}));
    let setup = setup.ready().await.stop().await;
    assert_eq!(mark(&setup, |_| ()).await, begun, "the time is that of the same run");
    let hub = setup.ready().await;
    assert_eq!(runs(&hub).await.len(), 1);
    assert_eq!(hub.recorded_method("good", "tools/call").len(), 1, "the server was called once");
}
