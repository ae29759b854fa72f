use super::{Alike, LARGEST, Looked, Tally};
use crate::results::{Kept, Question};
use mcp::{Era, Method};
use protection::settings::Semantic;
use std::sync::Arc;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);
const ONE: &str = r#"{"name":"docs__search","arguments":{"query":"Show me the open issues of tutti","limit":5}}"#;
const SAME: &str = r#"{"name":"docs__search","arguments":{"query":" Show me the open issues of tutti\n","limit":5}}"#;
const MORE: &str = r#"{"name":"docs__search","arguments":{"query":"Show me the open issues of tutti","limit":50}}"#;
const RESULT: &str = r#"{"content":[{"type":"text","text":"12, 17"}]}"#;

struct Bench {
    alike: Alike,
    settings: Arc<Semantic>,
}

impl Bench {
    fn new() -> Self {
        let settings =
            Semantic { argument: "query".to_owned(), error: 0.01, check: 0.0, shadow: false, entries: 1_000 };
        Self { alike: Alike::new(None), settings: Arc::new(settings) }
    }

    async fn look(&self, params: &str, principal: &str) -> Option<Looked> {
        let question = Question { method: &Method::ToolsCall, name: "search", params };
        self.alike.look(&question, &self.settings, &Arc::from(principal)).await
    }

    /// What is given, if anything is; else `body` comes in answer.
    async fn ask(&self, params: &str, principal: &str, body: &str) -> Option<String> {
        match self.look(params, principal).await? {
            Looked::Given { kept, .. } => Some(kept.body.clone()),
            Looked::Ask(pending) => {
                let kept = Kept { body: body.to_owned(), era: Era::Modern, resource: None };
                self.alike.landed(*pending, body, Some((Arc::new(kept), HOUR)));
                None
            }
        }
    }
}

#[tokio::test]
async fn the_same_text_is_answered() {
    let bench = Bench::new();
    assert_eq!(bench.ask(ONE, "alice", RESULT).await, None);
    assert_eq!(bench.ask(SAME, "alice", "").await.as_deref(), Some(RESULT));
    assert_eq!(bench.ask(MORE, "alice", RESULT).await, None, "all other arguments are equal");
    let tally = bench.alike.tally();
    assert_eq!((tally.given, tally.entries), (1, 2), "{tally:?}");
    assert!(tally.bytes > 100);
}

#[tokio::test]
async fn a91_what_one_principal_asked_answers_no_other() {
    let bench = Bench::new();
    assert_eq!(bench.ask(ONE, "mallory", r#"{"content":[]}"#).await, None);
    assert_eq!(bench.ask(SAME, "alice", RESULT).await, None);
    assert_eq!(bench.ask(ONE, "alice", "").await.as_deref(), Some(RESULT));
}

#[tokio::test]
async fn a91_a_text_that_could_be_two_is_neither_kept_nor_answered() {
    let bench = Bench::new();
    for params in [
        r#"{"name":"s","arguments":{"query":"open issues","query":"closed issues"}}"#,
        r#"{"name":"s","arguments":{"query":"open issues","limit":1,"limit":2}}"#,
        r#"{"name":"s","arguments":{"query":["open issues"]}}"#,
        r#"{"name":"s","arguments":{"query":" "}}"#,
        r#"{"name":"s","arguments":{}}"#,
        r#"{"name":"s","arguments":[]}"#,
        r#"{"name":"s"}"#,
    ] {
        assert!(bench.look(params, "alice").await.is_none(), "{params}");
    }
    let long = format!(r#"{{"arguments":{{"query":"{}"}}}}"#, "long ".repeat(1_000));
    assert!(bench.look(&long, "alice").await.is_none());
}

#[tokio::test]
async fn what_may_have_changed_is_asked_for_anew() {
    let bench = Bench::new();
    bench.ask(ONE, "alice", RESULT).await;
    bench.alike.changed();
    let Some(Looked::Ask(pending)) = bench.look(SAME, "alice").await else { panic!("it is forgotten") };
    bench.alike.changed();
    let kept = Kept { body: RESULT.to_owned(), era: Era::Modern, resource: None };
    bench.alike.landed(*pending, RESULT, Some((Arc::new(kept), HOUR)));
    assert_eq!(bench.alike.tally().entries, 0, "the answer may be from before the change");
}

#[tokio::test]
async fn in_the_shadow_answers_are_compared_and_none_is_given() {
    let mut bench = Bench::new();
    bench.settings = Arc::new(Semantic { shadow: true, ..(*bench.settings).clone() });
    bench.ask(ONE, "alice", RESULT).await;
    let described = r#"{"_meta":{"took":3}, "content":[{"type":"text","text":"12, 17"}]}"#;
    assert_eq!(bench.ask(SAME, "alice", described).await, None);
    assert_eq!(bench.ask(ONE, "alice", r#"{"content":[{"type":"text","text":"12"}]}"#).await, None);
    let Tally { given, compared, right, wrong, .. } = bench.alike.tally();
    assert_eq!((given, compared, right, wrong), (0, 2, 1, 1));
}

#[tokio::test]
async fn room_is_bounded_and_whoever_has_most_makes_it() {
    let bench = Bench::new();
    let body = |size: usize| format!(r#"{{"content":[{{"type":"text","text":"{}"}}]}}"#, "x".repeat(size));
    let params = |number: usize| format!(r#"{{"arguments":{{"query":"show issue","n":{number}}}}}"#);
    assert_eq!(bench.ask(ONE, "alice", RESULT).await, None);
    bench.ask(&params(0), "bob", &body(LARGEST)).await;
    assert_eq!(bench.alike.tally().entries, 1, "what is too large is not kept");
    for number in 0..100 {
        bench.ask(&params(number), "bob", &body(LARGEST - 1_000)).await;
    }
    let tally = bench.alike.tally();
    assert!(tally.bytes <= super::ROOM && tally.entries > 60 && tally.entries < 70, "{tally:?}");
    assert_eq!(bench.ask(SAME, "alice", "").await.as_deref(), Some(RESULT), "nobody drives out the others");
    for number in 0..super::REALMS {
        bench.ask(ONE, &format!("visitor {number}"), RESULT).await;
    }
    assert_eq!(bench.alike.realms().len(), super::REALMS);
}
