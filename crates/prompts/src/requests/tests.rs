use super::{Change, change, experiments, list, show};
use crate::gather::{File, gather};
use crate::library::Library;
use base::Code;
use serde_json::{Value, json};
use store::Db;

async fn library() -> Library {
    let library = Library::open(Db::memory().await.unwrap()).await.unwrap();
    for body in ["one {{ a }}", "two {{ a }}"] {
        let text = format!("---\ntitle: T\nparameters: {{ a: {{ type: integer }} }}\n---\n{body}");
        library.take(&gather(&[File { path: "p.md".to_owned(), text }]).unwrap()).await.unwrap();
    }
    library
}

#[tokio::test]
async fn prompts_are_listed_shown_and_rendered() {
    let library = library().await;
    let listed = list(&library).await.unwrap();
    assert_eq!((&listed["prompts"][0]["name"], &listed["prompts"][0]["number"]), (&json!("p"), &json!(2)));
    let shown = show(&library, "p", Some("v1")).await.unwrap();
    assert!(shown["text"].as_str().unwrap().ends_with("one {{ a }}"));
    assert_eq!(shown["history"].as_array().unwrap().len(), 2);
    let rendered = change(&library, "p", Change::Render, &json!({"arguments": {"a": 7}})).await.unwrap();
    assert_eq!(rendered["messages"], json!([{"role": "user", "content": "two 7"}]));
    assert_eq!(rendered["arm"], Value::Null);
    let placed = change(&library, "p", Change::RollBack, &json!({})).await.unwrap();
    assert_eq!((&placed["label"], &placed["version"]), (&json!("production"), &shown["prompt"]["version"]));
    let started = json!({"arms": [{"name": "a", "version": "v1"}, {"name": "b", "version": "v2", "weight": 2}]});
    assert_eq!(change(&library, "p", Change::Start, &started).await.unwrap()["confidence"], 0.95);
    assert_eq!(experiments(&library, "p").await.unwrap()["experiments"][0]["state"], "running");
    assert_eq!(change(&library, "p", Change::Stop, &json!({})).await.unwrap()["state"], "ended");
}

#[tokio::test]
async fn what_a_body_may_not_say_is_refused() {
    let library = library().await;
    let cases = [
        (Change::Render, json!([]), Code::InvalidParams),
        (Change::Render, json!({"argumnets": {}}), Code::InvalidParams),
        (Change::Render, json!({"arguments": []}), Code::InvalidParams),
        (Change::Render, json!({}), Code::PromptArguments),
        (Change::Render, json!({"version": "v9"}), Code::PromptVersion),
        (Change::Feedback, json!({"key": "k", "score": 1}), Code::PromptExperiment),
        (Change::Feedback, json!({"key": "k", "score": 2}), Code::PromptExperiment),
        (Change::Feedback, json!({"key": "k"}), Code::InvalidParams),
        (Change::Feedback, json!({"key": "k", "score": 1, "cost": -1}), Code::InvalidParams),
        (Change::Keep, json!({"versions": []}), Code::PromptFile),
        (Change::Keep, json!({"versions": [{"text": "x"}]}), Code::PromptFile),
        (Change::Keep, json!({"versions": [{"text": "---\n---\n{% include 'x' %}"}]}), Code::PromptFile),
        (Change::Label, json!({"label": "latest", "version": "v1"}), Code::PromptVersion),
        (Change::Start, json!({"arms": []}), Code::PromptExperiment),
        (
            Change::Start,
            json!({"arms": [{"name": "a", "version": "v1"}, {"name": "b", "version": "v1"}]}),
            Code::PromptExperiment,
        ),
    ];
    for (what, body, code) in cases {
        assert_eq!(change(&library, "p", what, &body).await.unwrap_err().code(), code, "{what:?} {body}");
    }
    assert_eq!(change(&library, "q", Change::Render, &json!({})).await.unwrap_err().code(), Code::PromptMissing);
}
