use super::*;
use crate::config::{Deployment, Settings};
use crate::lane::{Facts, Lane};
use crate::prices::Tables;
use inspection::dialect::Dialect;
use mcp::raw::Object;
use model::{Price, Rates};
use routing::{Capabilities, Known};
use spending::Record;
use store::Db;

const MINUTE: Duration = Duration::from_secs(60);

/// A model of which a token costs a nano-dollar, in and out, and that thinks if it `thinks`.
fn lane(thinks: bool) -> Arc<Lane> {
    let deployment = Deployment { provider: "p".to_owned(), model: "m".to_owned() };
    let mut lane = Lane::new(&Settings::default(), &Tables::default(), deployment, None);
    let rates = Rates { input: 1_000_000, output: 1_000_000, ..Rates::default() };
    let present = if thinks { Capabilities::NONE.with(Capability::Reasoning) } else { Capabilities::NONE };
    let price = Some(Price { rates, ..Price::default() });
    lane.facts = Facts { price, capabilities: Known::exactly(present), ..Facts::default() };
    Arc::new(lane)
}

/// What is in the books of a request that began a minute ago and allows an answer of so many tokens, after it has ended so.
async fn record(lane: Arc<Lane>, most: u64, end: impl FnOnce(Bill)) -> Record {
    let ledger = Arc::new(Ledger::open(&Db::memory().await.unwrap()).await.unwrap());
    let order = Order {
        caller: &Caller::local("alice".into()),
        endpoint: Endpoint::ChatCompletions,
        model: &"m".into(),
        accounts: Vec::new(),
        began: clock::now().checked_sub(MINUTE).unwrap(),
        needs: Some(Needs { input: 7, max_output: Some(most), ..Needs::default() }),
        answers: 1,
        input: 7,
        tier: Wanted::Usual,
        units: Units::default(),
        most_units: Units::default(),
    };
    end(Bill::open(&ledger, &lane, &order).await.unwrap());
    ledger.flush().await.unwrap();
    ledger.recent(1).await.unwrap().remove(0)
}

fn chat(events: &[&str]) -> Meter {
    let mut meter = Meter::new(Dialect::OpenAiChat);
    events.iter().for_each(|event| meter.event(&Object::read(event).unwrap(), event.contains("content")));
    meter
}

#[tokio::test]
async fn who_leaves_a_model_that_thinks_pays_for_its_thoughts() {
    // A minute is more than so many tokens.
    let left = record(lane(true), 1_000, drop).await;
    assert_eq!((left.output, left.reasoning, left.cost, left.estimated), (1_000, 1_000, 1_007, true));
    assert_eq!(left.outcome, Outcome::Cancelled);
    let long = record(lane(true), 1_000_000, drop).await;
    assert!((6_000..100_000).contains(&long.output), "{long:?}");
    let none = record(lane(false), 1_000, drop).await;
    assert_eq!((none.output, none.cost), (0, 7), "what does not think has said nothing");
    let late = record(lane(true), 1_000, |bill| bill.lose(None)).await;
    assert_eq!((late.output, late.outcome), (1_000, Outcome::Failed));
}

#[tokio::test]
async fn thoughts_of_which_a_stream_says_nothing_are_estimated() {
    let said = r#"{"choices":[{"delta":{"content":"Hi"}}]}"#;
    let told = r#"{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":30}}"#;
    let end = |events: &[&str], outcome| {
        let meter = chat(events);
        move |mut bill: Bill| {
            bill.begun(clock::now());
            bill.settle(clock::now(), &meter, outcome);
        }
    };
    let silent = record(lane(true), 1_000, end(&[said], Outcome::Answered)).await;
    assert_eq!((silent.output, silent.reasoning, silent.estimated), (1_000, 999, true));
    let honest = record(lane(true), 1_000, end(&[said, told], Outcome::Answered)).await;
    assert_eq!((honest.input, honest.output, honest.reasoning, honest.estimated), (5, 30, 0, false));
    let plain = record(lane(false), 1_000, end(&[said], Outcome::Answered)).await;
    assert_eq!((plain.output, plain.estimated), (1, true));
    // They count for the speed that is seen, with the time that they took.
    let seen = lane(true);
    let thought = r#"{"usage":{"completion_tokens":600,"completion_tokens_details":{"reasoning_tokens":570}}}"#;
    record(Arc::clone(&seen), 1_000, end(&[said, thought], Outcome::Answered)).await;
    let speed = seen.seen.measured().throughput.unwrap();
    assert!((5.0..=10.0).contains(&speed), "{speed}");
    let left = record(lane(true), 1_000, end(&[said], Outcome::Cancelled)).await;
    assert_eq!((left.output, left.outcome), (1_000, Outcome::Cancelled));
}
