use super::{Why, why_not};
use crate::{Candidate, Capabilities, Capability, Facts, Known, MaxPrice, Need, Place, Policy, Preferences, Rates};

fn set(capabilities: &[Capability]) -> Capabilities {
    capabilities.iter().copied().collect()
}

/// Sees and calls tools; whether it thinks nobody knows; all else it cannot.
fn claude() -> Candidate<'static> {
    let known =
        Known { present: set(&[Capability::Tools, Capability::Vision]), unknown: set(&[Capability::Reasoning]) };
    Candidate {
        capabilities: known,
        context_length: Some(8_192),
        max_output: Some(4_096),
        price: Some(Rates { input: 3_000_000_000, output: 15_000_000_000, cache_read: None }),
        ..Candidate::new("anthropic/claude")
    }
}

/// On one's own machine, and nothing is known of it.
fn qwen() -> Candidate<'static> {
    Candidate { local: true, ..Candidate::new("local/qwen3") }
}

fn said(candidate: &Candidate<'_>, policy: &Policy, need: &Need, preferences: &Preferences) -> String {
    why_not(policy, candidate, need, preferences).map(|why| why.to_string()).unwrap_or_default()
}

#[test]
fn a_route_says_where_deployments_may_be() {
    for (place, elsewhere) in [(Place::Any, ""), (Place::PreferLocal, ""), (Place::LocalOnly, "not local")] {
        let policy = Policy { place, ..Policy::default() };
        assert_eq!(said(&claude(), &policy, &Need::default(), &Preferences::default()), elsewhere);
        assert_eq!(said(&qwen(), &policy, &Need::default(), &Preferences::default()), "");
    }
}

#[test]
fn what_is_not_known_counts_as_there_unless_it_must_be() {
    use Capability::{Audio, JsonSchema, Reasoning, Tools, Vision};
    // What the route needs, what the request uses, whether it must be known, and what is said then.
    for (route, used, require, expected) in [
        (&[][..], &[Tools, Vision][..], false, ""),
        (&[], &[Tools, Vision], true, ""),
        (&[], &[Tools, Audio, JsonSchema], false, "no audio+json_schema"),
        (&[], &[Reasoning], false, ""),
        (&[], &[Reasoning], true, "reasoning not known"),
        (&[Reasoning], &[], false, "reasoning not known"),
        (&[Audio], &[], false, "no audio"),
        (&[Reasoning], &[Audio], true, "no audio"),
        (&[Tools], &[Vision], true, ""),
    ] {
        let policy = Policy { need: set(route), ..Policy::default() };
        let need = Need { uses: set(used), ..Need::default() };
        let preferences = Preferences { require_parameters: require, ..Preferences::default() };
        assert_eq!(said(&claude(), &policy, &need, &preferences), expected, "{route:?}, {used:?}, {require}");
    }
}

#[test]
fn what_does_not_fit_is_left_out() {
    for (input_tokens, max_output, expected) in [
        (8_192, None, ""),
        (8_193, None, "context 8192 < 8193"),
        (4_096, Some(4_096), ""),
        (4_097, Some(4_096), "context 8192 < 8193"),
        (0, Some(4_097), "output 4096 < 4097"),
        (u64::MAX, Some(1), "context 8192 < 18446744073709551615"),
    ] {
        let need = Need { input_tokens, max_output, ..Need::default() };
        assert_eq!(said(&claude(), &Policy::default(), &need, &Preferences::default()), expected);
        assert_eq!(said(&qwen(), &Policy::default(), &need, &Preferences::default()), "", "its size is not known");
    }
}

#[test]
fn a_client_names_providers_and_deployments() {
    let names = |names: &[&str]| -> Vec<String> { names.iter().map(|&name| name.to_owned()).collect() };
    let preferences = |only: &[&str], ignore: &[&str], order: &[&str], allow_fallbacks| Preferences {
        only: names(only),
        ignore: names(ignore),
        order: names(order),
        allow_fallbacks,
        ..Preferences::default()
    };
    for (preferences, expected) in [
        (preferences(&["anthropic"], &[], &[], true), ""),
        (preferences(&["Anthropic"], &[], &[], true), ""),
        (preferences(&["openai", "anthropic/claude"], &[], &[], true), ""),
        (preferences(&["anthropic/opus"], &[], &[], true), "not in only"),
        (preferences(&["anthropic"], &["anthropic"], &[], true), "ignored"),
        (preferences(&[], &["openai"], &[], true), ""),
        (preferences(&[], &[], &["openai"], true), ""),
        (preferences(&[], &[], &["openai"], false), "no fallbacks"),
        (preferences(&[], &[], &["openai", "anthropic"], false), ""),
        (preferences(&[], &[], &[], false), ""),
    ] {
        assert_eq!(said(&claude(), &Policy::default(), &Need::default(), &preferences), expected, "{preferences:?}");
    }
}

#[test]
fn a_client_says_what_it_may_cost() {
    for (prompt, completion, expected) in [
        (None, None, ""),
        (Some(3_000_000_000), Some(15_000_000_000), ""),
        (Some(2_999_999_999), None, "price $3 > $2.999"),
        (Some(4_000_000_000), Some(500_000_000), "price $15 > $0.5"),
    ] {
        let max_price = MaxPrice { prompt, completion };
        let preferences = Preferences { max_price, ..Preferences::default() };
        assert_eq!(said(&claude(), &Policy::default(), &Need::default(), &preferences), expected);
        let unpriced = if expected.is_empty() && prompt.is_none() { "" } else { "price not known" };
        assert_eq!(said(&qwen(), &Policy::default(), &Need::default(), &preferences), unpriced);
    }
}

#[test]
fn what_nobody_says_of_a_provider_is_no_promise() {
    let facts = |zero_data_retention, trains, quantization| Facts { zero_data_retention, trains, quantization };
    let silent = Facts::default();
    let train = Preferences { deny_training: true, ..Preferences::default() };
    let keep = Preferences { zero_data_retention: true, ..Preferences::default() };
    let level = |level: &str| Preferences { quantizations: vec![level.to_owned()], ..Preferences::default() };
    for (local, facts, preferences, expected) in [
        (false, silent, &Preferences::default(), ""),
        (false, silent, &train, "training not known"),
        (false, facts(None, Some(true), None), &train, "trains"),
        (false, facts(None, Some(false), None), &train, ""),
        (true, silent, &train, ""),
        (true, facts(None, Some(true), None), &train, "trains"),
        (false, silent, &keep, "retention not known"),
        (false, facts(Some(false), None, None), &keep, "keeps data"),
        (false, facts(Some(true), None, None), &keep, ""),
        (true, silent, &keep, ""),
        (true, facts(Some(false), None, None), &keep, "keeps data"),
        (false, silent, &level("fp8"), "quantization not known"),
        (true, silent, &level("unknown"), ""),
        (false, facts(None, None, Some("FP8")), &level("fp8"), ""),
        (false, facts(None, None, Some("int4\r\nx: y")), &level("fp8"), "quantization int4??x:?y"),
    ] {
        let candidate = Candidate { local, facts, ..Candidate::new("a/b") };
        assert_eq!(said(&candidate, &Policy::default(), &Need::default(), preferences), expected, "{facts:?}");
    }
}

#[test]
fn each_reason_says_what_to_do() {
    for (why, expected) in [
        (Why::NotLocal, "add a local deployment"),
        (Why::Lacks(Capabilities::ALL), "capable"),
        (Why::Context { wanted: 2, most: 1 }, "send less"),
        (Why::PriceNotKnown, "loosen `provider`"),
    ] {
        assert!(why.next().contains(expected), "{why}: {}", why.next());
    }
}
