use super::*;
use crate::config::{Deployment, Settings};
use crate::lane::{Facts, Lane};
use crate::prices::Tables;
use inspection::dialect::Dialect;
use mcp::raw::Object;
use model::{Price, Rates};
use routing::{Capabilities, Known};
use spending::{Budget, Period, Record};
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
    record_of(lane, (Endpoint::ChatCompletions, true), most, end).await
}

/// The same at another endpoint, with or without a stream.
async fn record_of(lane: Arc<Lane>, (endpoint, stream): (Endpoint, bool), most: u64, end: impl FnOnce(Bill)) -> Record {
    let ledger = Arc::new(Ledger::open(&Db::memory().await.unwrap()).await.unwrap());
    let budget = Budget { name: "b".to_owned(), limit: 1_000_000_000, period: Period::Total };
    ledger.configure(vec![budget]).await.unwrap();
    let order = Order {
        caller: &Caller::local("alice".into()),
        endpoint,
        stream,
        model: &"m".into(),
        accounts: ledger.account("b").into_iter().collect(),
        began: clock::now().checked_sub(MINUTE).unwrap(),
        needs: Some(Needs { input: 7, input_most: 500, max_output: Some(most), ..Needs::default() }),
        answers: 1,
        input: 7,
        tier: Wanted::Usual,
        units: Units::default(),
        most_units: Units::default(),
    };
    end(Bill::open(&ledger, &lane, &order).await.unwrap());
    ledger.flush().await.unwrap();
    let record = ledger.recent(1).await.unwrap().remove(0);
    let budget = ledger.account("b").unwrap().standing();
    assert_eq!((budget.spent, budget.reserved), (record.cost, 0), "the budget has paid what is in the books");
    record
}

fn chat(events: &[&str]) -> Meter {
    let mut meter = Meter::new(Dialect::OpenAiChat);
    events.iter().for_each(|event| meter.event(&Object::read(event).unwrap(), event.contains("content")));
    meter
}

/// Somebody leaves when a provider has the request.
fn leave(bill: Bill) {
    bill.sent().unwrap().store(true, Ordering::Relaxed);
    drop(bill);
}

#[tokio::test]
async fn what_was_never_sent_costs_nothing() {
    for (thinks, stream) in [(true, true), (false, false)] {
        let left = record_of(lane(thinks), (Endpoint::ChatCompletions, stream), 1_000, drop).await;
        assert_eq!((left.input, left.output, left.cost, left.outcome), (0, 0, 0, Outcome::Cancelled));
    }
}

#[tokio::test]
async fn what_is_no_text_is_no_more_than_may_be_written() {
    let mut meter = Meter::of(Endpoint::ChatCompletions);
    meter.whole(
        &Object::read(&format!(
            r#"{{"choices":[{{"message":{{"images":"{0}","content":"{0}"}}}}]}}"#,
            "A".repeat(300_000)
        ))
        .unwrap(),
    );
    let told = async |longest, asked| {
        let mut lane = lane(false);
        Arc::get_mut(&mut lane).unwrap().facts.max_output = longest;
        record(lane, asked, |bill| bill.settle(clock::now(), &meter, Outcome::Answered)).await
    };
    let of_model = told(Some(1_000), 100).await;
    assert_eq!((of_model.output, of_model.estimated), (1_000, true));
    // Where nobody knows what the model writes at most, it is what any does, and never less than was set aside.
    assert_eq!(told(None, 100).await.output, LONGEST_ANSWER);
    assert_eq!(told(Some(1_000), 2_000).await.output, 2_000);
}

#[tokio::test]
async fn what_nobody_counted_is_paid_for_also_where_the_server_heeds_no_limit() {
    let said = r#"{"choices":[{"delta":{"content":"word "}}]}"#;
    let budget = async |asked, outcome| {
        let meter = chat(&vec![said; 2_000]);
        let end = |bill: Bill| match outcome {
            Outcome::Failed => bill.lose(Some(&meter)),
            outcome => bill.settle(clock::now(), &meter, outcome),
        };
        record(lane(false), asked, end).await
    };
    for outcome in [Outcome::Answered, Outcome::Cancelled, Outcome::Failed] {
        let told = budget(5, outcome).await;
        assert_eq!((told.output, told.cost, told.estimated), (2_000, 2_007, true), "{outcome:?}");
    }
}

#[tokio::test]
async fn who_leaves_a_model_that_thinks_pays_for_its_thoughts() {
    // A minute is more than so many tokens.
    let left = record(lane(true), 1_000, leave).await;
    assert_eq!((left.output, left.reasoning, left.cost, left.estimated), (1_000, 1_000, 1_007, true));
    assert_eq!(left.outcome, Outcome::Cancelled);
    let long = record(lane(true), 1_000_000, leave).await;
    assert!((6_000..100_000).contains(&long.output), "{long:?}");
    let none = record(lane(false), 1_000, leave).await;
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

#[tokio::test]
async fn a_whole_answer_that_nobody_waits_for_is_paid_for_as_far_as_it_may_be_written() {
    let whole = |endpoint, most| record_of(lane(false), (endpoint, false), most, leave);
    let left = whole(Endpoint::ChatCompletions, 1_000).await;
    assert_eq!((left.output, left.reasoning, left.cost, left.estimated), (1_000, 0, 1_007, true));
    let long = whole(Endpoint::Messages, 1_000_000).await;
    assert!((6_000..100_000).contains(&long.output), "{long:?}");
    assert_eq!(whole(Endpoint::Completions, 1_000).await.output, 1_000);
    for endpoint in [Endpoint::Embeddings, Endpoint::ImageGenerations, Endpoint::Transcriptions, Endpoint::Rerank] {
        assert_eq!(whole(endpoint, 1_000).await.output, 0, "{endpoint:?} writes no text by the token");
    }
    let late = record_of(lane(false), (Endpoint::ChatCompletions, false), 1_000, |bill| bill.lose(None)).await;
    assert_eq!((late.output, late.outcome), (1_000, Outcome::Failed));
}

#[tokio::test]
async fn an_answer_that_the_provider_goes_on_with_costs_all_that_was_set_aside() {
    let end = |answer: &'static str| {
        let mut meter = Meter::of(Endpoint::Responses);
        meter.whole(&Object::read(answer).unwrap());
        move |bill: Bill| bill.settle(clock::now(), &meter, Outcome::Answered)
    };
    let of = |answer| record_of(lane(false), (Endpoint::Responses, false), 1_000, end(answer));
    for status in [r#"{"status":"queued","output":[],"usage":null}"#, r#"{"status":"in_progress","output":[]}"#] {
        let queued = of(status).await;
        assert_eq!((queued.output, queued.cost, queued.estimated), (1_000, 1_500, true), "{status}");
    }
    let told = of(r#"{"status":"in_progress","output":[],"usage":{"input_tokens":5,"output_tokens":6}}"#).await;
    assert_eq!((told.output, told.cost, told.estimated), (6, 11, false));
}
