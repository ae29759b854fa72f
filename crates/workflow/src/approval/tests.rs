//! What the operator wants to be asked for.

use super::*;
use proptest::prelude::*;

#[test]
fn calls_are_named_by_their_effect_or_their_address() {
    let approvals =
        Approvals { effects: vec![Effect::Unsafe], tools: vec!["mcp://shop/*".to_owned()], ..Approvals::default() };
    for (address, effect, demanded) in [
        ("mcp://shop/look", Effect::Read, true),
        ("mcp://mail/send", Effect::Unsafe, true),
        ("mcp://mail/mark", Effect::Idempotent, false),
        ("mcp://shops/look", Effect::Read, false),
    ] {
        assert_eq!(approvals.demands(address, effect, true).is_some(), demanded, "{address}");
    }
    let tools = Approvals { effects: Vec::new(), ..approvals.clone() };
    for (pattern, may) in [("mcp://*", true), ("mcp://shop/buy", true), ("mcp://mail/*", false), ("*/buy", true)] {
        assert_eq!(tools.may_demand(pattern).is_some(), may, "{pattern}");
        assert!(approvals.may_demand(pattern).is_some(), "what a plan calls may be unsafe");
    }
}

#[test]
fn what_may_destroy_is_named_apart_from_what_can_be_repeated() {
    let approvals = Approvals { destructive: true, ..Approvals::default() };
    assert!(approvals.are_any() && approvals.may_demand("mcp://shop/*").is_some());
    for effect in [Effect::Idempotent, Effect::Unsafe] {
        assert!(approvals.demands("mcp://shop/wipe", effect, true).unwrap().contains("`destructive`"));
        assert_eq!(approvals.demands("mcp://shop/add", effect, false), None);
    }
    let told = serde_json::to_value(Approvals::default()).unwrap();
    assert_eq!(told.get("destructive"), None, "plans that were made before are the same");
    assert_eq!(serde_json::from_value::<Approvals>(told).unwrap(), Approvals::default());
}

#[test]
fn patterns_overlap_where_one_text_fits_both() {
    for (left, right, both) in [
        ("", "", true),
        ("", "*", true),
        ("a", "", false),
        ("a*", "*b", true),
        ("a*c", "ab*", true),
        ("a*c", "b*", false),
        ("*a*", "b*b", true),
        ("ab", "a*b", true),
        ("ab", "a*c", false),
        ("**", "x", true),
    ] {
        assert_eq!((overlap(left, right), overlap(right, left)), (both, both), "{left} {right}");
    }
}

proptest! {
    #[test]
    fn a_text_that_fits_both_shows_that_they_overlap(left in "[ab*]{0,6}", right in "[ab*]{0,6}", text in "[ab]{0,6}") {
        if fits(&left, &text) && fits(&right, &text) {
            prop_assert!(overlap(&left, &right));
        }
        prop_assert_eq!(overlap(&left, &text), fits(&left, &text));
    }
}
