use super::{Came, MOST};
use crate::library::{Feedback, Library};
use crate::made::Made;
use crate::sequential::{Metric, Rule};
use serde_json::{Value, json};
use store::Db;

/// A library where an experiment compares two versions of `a`.
async fn library(metric: Metric) -> Library {
    let library = Library::open(Db::memory().await.unwrap()).await.unwrap();
    for body in ["one", "two"] {
        let text = format!("---\n---\n{body}");
        let file = crate::File { path: "a.md".to_owned(), text };
        library.take(&crate::gather(&[file]).unwrap()).await.unwrap();
    }
    let arms = vec![("control".to_owned(), "v1".to_owned(), 1), ("new".to_owned(), "v2".to_owned(), 1)];
    library.start("a", arms, Rule { metric, alpha: 0.05, most: 200 }).await.unwrap();
    library
}

/// What `key` is given, and the place of its arm.
async fn given(library: &Library, key: &str) -> (Made, usize) {
    let served = library.serve("a", None, Some(key)).await.unwrap();
    (served.made.unwrap(), usize::from(served.arm.unwrap().1 == "new"))
}

async fn arms(library: &Library) -> Vec<Value> {
    library.experiments("a").await.unwrap()[0]["arms"].as_array().unwrap().clone()
}

const fn answered(cost: u64, latency: u64) -> Came {
    Came { cost, latency: Some(latency), failed: false, cached: false }
}

#[tokio::test]
async fn requests_are_booked_to_the_arm_that_they_were_made_with() {
    let library = library(Metric::Score).await;
    let mut of_control = (0..).map(|number| format!("user-{number}"));
    let made = loop {
        let (made, arm) = given(&library, &of_control.next().unwrap()).await;
        if arm == 0 {
            break made;
        }
    };
    library.book(made.clone(), answered(1_000_000_000, 100));
    library.book(made.clone(), answered(3_000_000_000, 300));
    library.book(made.clone(), Came { failed: true, ..Came::default() });
    library.book(made.clone(), Came { cached: true, ..Came::default() });
    let unknown =
        |prompt: &str, version: &str| Made { prompt: prompt.to_owned(), version: version.to_owned(), unit: None };
    library.book(unknown("b", &made.version), answered(1, 1));
    library.book(unknown("a", &"0".repeat(64)), answered(1, 1));
    library.book(unknown("a", &made.version[..8]), answered(2_000_000_000, 200));
    let arms = arms(&library).await;
    let told = ["requests", "cached", "errors", "cost", "latency_ms"].map(|name| arms[0][name].clone());
    assert_eq!(told, [json!(5), json!(1), json!(0.2), json!(2.0), json!(200.0)]);
    assert_eq!((&arms[1]["requests"], &arms[1]["errors"], &arms[1]["cost"]), (&json!(0), &Value::Null, &Value::Null));
}

#[tokio::test]
async fn the_first_answer_to_each_key_counts_and_the_cheaper_arm_wins() {
    let library = library(Metric::Cost).await;
    for number in 0..400 {
        let (made, arm) = given(&library, &format!("user-{number}")).await;
        library.book(made.clone(), answered([4_000, 1_000][arm], 10));
        // Later answers to the same key are in the means alone, and so is what comes with the unit of another arm.
        library.book(made, answered([1_000, 4_000][arm], 10));
        library.flush().await.unwrap();
        if library.experiments("a").await.unwrap()[0]["state"] == "ended" {
            break;
        }
    }
    let experiment = &library.experiments("a").await.unwrap()[0];
    assert_eq!((&experiment["winner"], &experiment["metric"]), (&json!("new"), &json!("cost")), "{experiment}");
    let comparison = &experiment["comparisons"][0];
    assert!((comparison["difference"].as_f64().unwrap() - 3e-6).abs() < 1e-12, "{comparison}");
    assert!(comparison["low"].as_f64().unwrap() > 0.0, "{comparison}");
}

#[tokio::test]
async fn a_key_that_was_given_nothing_and_another_arm_do_not_count() {
    let library = library(Metric::Latency).await;
    let (made, arm) = given(&library, "user-1").await;
    let versions = library.versions("a").await.unwrap();
    let other = Made { version: versions[1 - arm].digest.clone(), ..made.clone() };
    let unseen = Made { unit: Some("0".repeat(32)), ..made.clone() };
    library.book(other, answered(1, 1));
    library.book(unseen, answered(1, 1));
    library.flush().await.unwrap();
    let running = library.running("a").await.unwrap().unwrap();
    let places = async || crate::tables::scores(&library.0.db, &running, 0).await.unwrap();
    assert_eq!(places().await, []);
    // What was told with the score is what counts, and the gateway does not change it.
    library.feedback("a", "user-1", Feedback { score: 1.0, cost: None, latency: Some(70) }).await.unwrap();
    library.book(made, answered(5, 90));
    library.flush().await.unwrap();
    assert_eq!(places().await, [(arm, 70.0)]);
}

#[tokio::test]
async fn more_than_there_is_room_for_is_forgotten_and_what_cannot_be_written_waits() {
    let library = library(Metric::Score).await;
    let (made, arm) = given(&library, "user-1").await;
    let waiting = &library.0.waiting;
    for _ in 0..MOST + 5 {
        waiting.push(made.clone(), answered(u64::MAX, u64::MAX));
    }
    assert_eq!(waiting.lock().dropped, 5);
    let taken = waiting.take();
    waiting.push(made.clone(), answered(1, 1));
    waiting.put_back(taken);
    assert_eq!(waiting.lock().requests.len(), MOST);
    assert_eq!(waiting.lock().dropped, 1);
    assert_eq!(arms(&library).await[arm]["requests"], json!(MOST));
}
