use super::{Keep, Protection, Rate, Scope, rate_from_text};
use base::config::{Problems, Section, yaml};
use resilience::retry::Effect;
use std::time::Duration;

fn read(text: &str) -> Result<Protection, Vec<base::Error>> {
    let problems = Problems::new();
    let document = yaml("tutti.yaml", text).unwrap();
    let mut section = Section::new(&problems, "tutti.yaml", "servers.docs", &document.root).unwrap();
    let protection = super::read(&problems, &mut section);
    section.finish();
    problems.into_result().map(|()| protection)
}

#[test]
fn nothing_said_is_the_default() {
    assert_eq!(read("{}").unwrap(), Protection::default());
}

#[test]
fn all_that_can_be_said_is_read() {
    let protection = read(
        "
breaker: { enabled: false, errors: 30%, window: 20s, step: 2s, probe: 3s, probe_max: 1m }
retry: { attempts: 5, first: 10ms, longest: 1s, budget: 2.5%, tool_errors: true }
rate: 90/m
cache: false
tools:
  search_*: { effect: read, cache: { ttl: 60s, scope: public }, hedge: { quantile: 90% } }
  '*': { effect: write, calls: 4, rate: 5/s, cache: { ttl: 1s } }
",
    )
    .unwrap();
    assert!(!protection.breaker.enabled && protection.breaker.errors == 0.3);
    assert_eq!(protection.breaker.probe_most, Duration::from_secs(60));
    assert_eq!((protection.retry.attempts, protection.budget.share), (5, 0.025));
    assert!(protection.tool_errors && !protection.cache);
    assert_eq!(protection.rate, Some(Rate { count: 90, per: Duration::from_secs(60), burst: 90 }));
    let search = protection.of("search_docs");
    assert_eq!((search.effect, search.calls), (Some(Effect::Read), Some(4)), "the first rule that says it counts");
    assert_eq!(search.cache, Some(Keep { ttl: Duration::from_secs(60), scope: Scope::Public }));
    assert_eq!(search.hedge.map(|hedge| hedge.quantile), Some(0.9));
    let other = protection.of("delete");
    assert_eq!(other.effect, Some(Effect::Write));
    assert_eq!(other.cache.map(|keep| keep.scope), Some(Scope::Private), "private unless it says public");
}

#[test]
fn a_breaker_is_tuned_part_by_part_and_for_some_tools_alone() {
    let protection = read(
        "
breaker: { slow_quantile: 95%, slow_factor: 2.5, jam_factor: 4, jam_least: 20, jam_share: 50%, least_share: 10%, step: 2s }
tools:
  quick_*: { breaker: { enabled: false, slow_factor: 20 } }
  '*_once': { breaker: { step: 5s } }
",
    )
    .unwrap();
    let whole = protection.breaker;
    assert_eq!((whole.slow_quantile, whole.slow_factor), (0.95, 2.5));
    assert_eq!((whole.jam_factor, whole.jam_least, whole.jam_share), (4.0, 20, 0.5));
    assert_eq!((whole.least_share, whole.errors), (0.1, Protection::default().breaker.errors));
    let quick = protection.of("quick_once").breaker.unwrap();
    assert!(!quick.enabled && quick.slow_factor == 20.0, "the first pattern that says it counts");
    assert_eq!((quick.step, quick.jam_least), (whole.step, 20), "what is not said is as for the server");
    assert_eq!(protection.of("do_once").breaker.unwrap().step, Duration::from_secs(5));
    assert_eq!(protection.of("other").breaker, None);
    for wrong in ["slow_factor: 0.5", "slow_factor: much", "slow_factor: 1001", "jam_least: 0", "least_share: 5"] {
        assert!(read(&format!("breaker: {{ {wrong} }}")).is_err(), "{wrong}");
    }
    let least = |text: &str| read(&format!("breaker: {{ least_share: {text} }}")).unwrap().breaker.least_share;
    assert_eq!(
        (least("0%"), least("90%")),
        (0.001, 0.5),
        "one that never opens, and one that opens at once, help nobody"
    );
}

#[test]
fn what_cannot_be_meant_is_refused() {
    for (text, wanted) in [
        ("rate: 100", "must be a rate"),
        ("rate: 0/s", "must be a rate"),
        ("rate: 9999999/s", "must be a rate"),
        ("breaker: { errors: 0.2 }", "must be a share"),
        ("breaker: { errors: 120% }", "must be a share"),
        ("retry: { attempts: 0 }", "out of range"),
        ("tools: { a: { hedge: {} } }", "hedges calls"),
        ("tools: { a: { effect: write, hedge: {} } }", "hedges calls"),
        ("tools: { a: { cache: { scope: public } } }", "how long"),
        ("tools: { 'a[': { effect: read } }", "is no pattern"),
        ("tools: { a: { efect: read } }", "efect"),
        ("braker: {}", "braker"),
    ] {
        let problems = read(text).expect_err(text);
        assert!(problems[0].message().contains(wanted), "{text}: {problems:?}");
    }
}

#[test]
fn rates_are_read_as_people_write_them() {
    for (text, seconds) in [("7/s", 1), (" 7 / m ", 60), ("7/h", 3600), ("7/d", 86_400)] {
        let rate = rate_from_text(text, 1_000_000).unwrap();
        assert_eq!((rate.count, rate.per), (7, Duration::from_secs(seconds)), "{text}");
    }
    for text in ["", "7", "7/", "/s", "7/week", "-7/s", "7.5/s"] {
        assert_eq!(rate_from_text(text, 1_000_000), None, "{text}");
    }
}

#[test]
fn results_for_texts_that_mean_the_same_are_public_and_of_tools_without_effects() {
    let rule =
        |effect: &str, cache: &str| read(&format!("tools: {{ ask: {{ effect: {effect}, cache: {{ {cache} }} }} }}"));
    let fine =
        rule("read", "ttl: 1m, scope: public, semantic: { argument: text }").unwrap().of("ask").semantic.unwrap();
    assert_eq!((fine.argument.as_str(), fine.error, fine.check, fine.shadow), ("text", 0.01, 0.05, false));
    let all = "semantic: { argument: q, error: 5%, check: 10%, shadow: true, entries: 20 }";
    let fine = rule("read", &format!("ttl: 1m, scope: public, {all}")).unwrap().of("ask").semantic.unwrap();
    assert_eq!((fine.error, fine.check, fine.shadow, fine.entries), (0.05, 0.1, true, 20));
    for (effect, cache) in [
        ("write", "ttl: 1m, scope: public, semantic: { argument: text }"),
        ("idempotent", "ttl: 1m, scope: public, semantic: { argument: text }"),
        ("read", "ttl: 1m, scope: private, semantic: { argument: text }"),
        ("read", "ttl: 1m, semantic: { argument: text }"),
        ("read", "scope: public, semantic: { argument: text }"),
        ("read", "ttl: 1m, scope: public, semantic: {}"),
        ("read", "ttl: 1m, scope: public, semantic: { argument: text, error: 0% }"),
        ("read", "ttl: 1m, scope: public, semantic: { argument: text, error: 50% }"),
        ("read", "ttl: 1m, scope: public, semantic: { argument: text, entries: 0 }"),
        ("read", "ttl: 1m, scope: public, semantic: { argument: text, threshold: 0.8 }"),
    ] {
        assert!(rule(effect, cache).is_err(), "{effect} {cache}");
    }
}

#[test]
fn a_rule_before_it_that_says_more_counts_for_texts_that_mean_the_same_too() {
    let semantic = "'*': { effect: read, cache: { ttl: 1m, scope: public, semantic: { argument: text } } }";
    for first in ["effect: write", "cache: { ttl: 1m }"] {
        let protection = read(&format!("tools: {{ ask: {{ {first} }}, {semantic} }}")).unwrap();
        assert_eq!(protection.of("ask").semantic, None, "{first}");
        assert!(protection.of("other").semantic.is_some());
    }
}
