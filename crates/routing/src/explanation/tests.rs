use crate::{
    Candidate, Capabilities, Capability, Decision, Known, Need, Place, Policy, Preferences, Rates, Sort, Strategy,
    decide,
};
use serde_json::json;
use std::time::Duration;

fn made(policy: Policy, candidates: &[Candidate<'_>], preferences: &Preferences) -> Decision {
    let uses = Capabilities::NONE.with(Capability::Vision);
    let need = Need { input_tokens: 4_000, max_output: Some(100), uses, conversation: Some(5) };
    decide(&policy, candidates, &need, preferences, &mut || 0.0).unwrap_or_else(|refusal| panic!("{refusal:?}"))
}

fn three() -> [Candidate<'static>; 3] {
    let rates = |input, output| Some(Rates { input, output, cache_read: None });
    [
        Candidate {
            price: rates(250_000_000, 2_000_000_000),
            latency: Some(Duration::from_millis(420)),
            in_flight: 2,
            ..Candidate::new("openai/gpt-5-mini")
        },
        Candidate {
            local: true,
            price: rates(0, 0),
            latency: Some(Duration::from_millis(1_500)),
            throughput: Some(31.25),
            ..Candidate::new("local/qwen3")
        },
        Candidate { capabilities: Known::exactly(Capabilities::NONE), ..Candidate::new("anthropic/claude") },
    ]
}

#[test]
fn a_line_says_what_was_compared() {
    let usual = Preferences::default;
    let policy = |strategy| Policy { strategy, ..Policy::default() };
    for (policy, preferences, expected) in [
        (policy(Strategy::Cost), usual(), "cost: local/qwen3 $0 < openai/gpt-5-mini $0.0012"),
        (policy(Strategy::Order), usual(), "order: openai/gpt-5-mini, local/qwen3"),
        (policy(Strategy::Weight), usual(), "weight: openai/gpt-5-mini weight 1, local/qwen3 weight 1"),
        (policy(Strategy::Latency), usual(), "latency: openai/gpt-5-mini 0.42s 2 busy < local/qwen3 1.50s"),
        (policy(Strategy::LeastBusy), usual(), "least-busy: local/qwen3 0 busy < openai/gpt-5-mini 2 busy"),
        (
            Policy { place: Place::PreferLocal, sticky: true, ..policy(Strategy::Latency) },
            Preferences { order: vec!["openai".to_owned()], ..usual() },
            "latency + asked order + prefer-local + sticky: local/qwen3 1.50s, openai/gpt-5-mini 0.42s 2 busy",
        ),
        (
            policy(Strategy::Order),
            Preferences { sort: Some(Sort::Throughput), max_latency: Some(Duration::from_secs(1)), ..usual() },
            "sort throughput: openai/gpt-5-mini ?, local/qwen3 31.2/s (slow)",
        ),
    ] {
        let decision = made(policy, &three(), &preferences);
        assert_eq!(decision.why, format!("{expected}; left out anthropic/claude (no vision)"));
    }
}

#[test]
fn a_line_says_what_is_ill() {
    let [mut first, mut second, _] = three();
    first.held_back = true;
    second.failing_recently = true;
    let decision = made(Policy::default(), &[first, second], &Preferences::default());
    assert_eq!(decision.why, "order: local/qwen3 (failing), openai/gpt-5-mini (held back)");
}

#[test]
fn a_trace_gets_an_object() {
    let policy = |strategy| Policy { strategy, ..Policy::default() };
    let usual = Preferences::default();
    let mut candidates = three();
    candidates[0].failing_recently = true;
    for (strategy, local, openai) in [
        (Strategy::Order, json!({}), json!({})),
        (Strategy::Cost, json!({"cost_nano_dollars": 0}), json!({"cost_nano_dollars": 1_200_000})),
        (Strategy::Weight, json!({"weight": 1}), json!({"weight": 1})),
        (Strategy::LeastBusy, json!({"in_hand": 0}), json!({"in_hand": 2})),
        (
            Strategy::Latency,
            json!({"first_token_seconds": 1.5, "in_hand": 0}),
            json!({"first_token_seconds": 0.42, "in_hand": 2}),
        ),
    ] {
        let decision = made(policy(strategy), &candidates, &usual);
        let (mut local, mut openai) = (local, openai);
        local["deployment"] = "local/qwen3".into();
        openai["deployment"] = "openai/gpt-5-mini".into();
        openai["behind"] = "failing".into();
        let expected = json!({
            "by": strategy.name(),
            "order": [local, openai],
            "left_out": [{"deployment": "anthropic/claude", "why": "no vision"}],
        });
        assert_eq!(decision.to_json(&candidates), expected);
    }
}

#[test]
fn a_line_is_never_long_and_says_how_much_it_leaves_out() {
    let names: Vec<String> =
        (0..60).map(|number| format!("provider-{number}/a-model-with-a-rather-long-name")).collect();
    let some = |(number, name): (usize, &'static str)| {
        let known = if number % 2 == 0 { Known::NOTHING } else { Known::exactly(Capabilities::NONE) };
        Candidate { capabilities: known, ..Candidate::new(name) }
    };
    let names: Vec<&'static str> = names.into_iter().map(|name| &*name.leak()).collect();
    let candidates: Vec<Candidate<'_>> = names.into_iter().enumerate().map(some).collect();
    let why = made(Policy::default(), &candidates, &Preferences::default()).why;
    assert!(why.len() <= 400, "{why}");
    assert!(why.contains(", 26 more; left out provider-1/"), "{why}");
    assert!(why.ends_with("(no vision), 27 more"), "{why}");
}
