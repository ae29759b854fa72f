//! What a client wants of the order of deployments: the object `provider`, the list `models`, the ending of a model's name;
//! and the decisions that follow.

use super::input;
use routing::{Candidate, Need, Policy, Preferences, Rates, Strategy, decide, suffix};
use serde_json::value::RawValue;
use std::time::Duration;

pub(crate) fn feed(data: &[u8]) {
    let Some([provider, models, model]) = input::texts(data) else { return };
    let (name, sort) = suffix(model);
    assert_eq!(sort.is_some(), name.len() < model.len(), "{model:?}");
    if let Ok(models) = Preferences::models(models) {
        assert!(models.len() <= 16 && models.iter().all(|model| !model.is_empty()), "{models:?}");
    }
    let preferences = match Preferences::read(provider) {
        Ok(preferences) => preferences,
        Err(error) => {
            assert!(error.message().len() <= 600, "{} bytes: {error}", error.message().len());
            return;
        }
    };
    // What is passed over within it may have half a surrogate, of which no text can be made.
    let read = serde_json::from_str::<&RawValue>(provider).map(RawValue::get);
    assert!(read.is_ok_and(|read| read.starts_with('{') || read == "null"), "{provider:?} is no object");
    assert!(preferences.unheeded.len() <= 16, "{:?}", preferences.unheeded);
    let candidates = candidates(model);
    for (_, strategy) in Strategy::NAMES {
        let policy = Policy { strategy, sticky: data.len().is_multiple_of(2), ..Policy::default() };
        let need = Need { input_tokens: 1_000, conversation: Some(data.len() as u64), ..Need::default() };
        check(&policy, &candidates, &need, &preferences);
    }
}

/// Some that preferences can tell apart; the name of the last is the client's.
fn candidates(name: &str) -> [Candidate<'_>; 4] {
    let price = Some(Rates { input: 1_000_000_000, output: 2_000_000_000, cache_read: None });
    [
        Candidate { price, latency: Some(Duration::from_secs(1)), ..Candidate::new("openai/gpt-5") },
        Candidate {
            throughput: Some(50.0),
            latency: Some(Duration::from_secs(2)),
            ..Candidate::new("anthropic/claude")
        },
        Candidate { local: true, failing_recently: true, ..Candidate::new("local/qwen3") },
        Candidate::new(name),
    ]
}

fn check(policy: &Policy, candidates: &[Candidate<'_>], need: &Need, preferences: &Preferences) {
    let (mut all, told): (Vec<usize>, String) = match decide(policy, candidates, need, preferences, &mut || 0.4) {
        Ok(decision) => {
            assert!(!decision.order.is_empty() && decision.why.len() <= 400, "{decision:?}");
            let left_out = decision.excluded.iter().map(|(one, _)| *one);
            (decision.indices().chain(left_out).collect(), decision.why)
        }
        Err(refusal) => (refusal.excluded.iter().map(|(one, _)| *one).collect(), refusal.what),
    };
    all.sort_unstable();
    assert_eq!(all, [0, 1, 2, 3], "{told}");
    assert!(told.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()), "{told:?}");
}
