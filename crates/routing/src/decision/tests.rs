use super::{decide, decide_by};
use crate::learning::{Arm, Choice};
use crate::{
    Candidate, Capabilities, Capability, Decision, Facts, Known, MaxPrice, Need, Place, Policy, Preferences, Rates,
    Sort, Strategy, Why,
};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::Strategy as _;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// Local and free; OpenAI's small one; Anthropic's dear one, which is fast.
fn three() -> [Candidate<'static>; 3] {
    let rates = |input, output| Some(Rates { input, output, cache_read: None });
    [
        Candidate { local: true, price: rates(0, 0), latency: Some(SECOND * 4), ..Candidate::new("local/qwen3") },
        Candidate {
            price: rates(250_000_000, 2_000_000_000),
            latency: Some(SECOND * 2),
            throughput: Some(40.0),
            ..Candidate::new("openai/gpt-5-mini")
        },
        Candidate {
            price: rates(3_000_000_000, 15_000_000_000),
            latency: Some(SECOND),
            throughput: Some(90.0),
            ..Candidate::new("anthropic/claude")
        },
    ]
}

fn order(policy: &Policy, candidates: &[Candidate<'_>], preferences: &Preferences) -> Vec<usize> {
    made(policy, candidates, preferences).indices().collect()
}

fn made(policy: &Policy, candidates: &[Candidate<'_>], preferences: &Preferences) -> Decision {
    let need = Need { input_tokens: 1_000, conversation: Some(11), ..Need::default() };
    decide(policy, candidates, &need, preferences, &mut || 0.0).unwrap_or_else(|refusal| panic!("{refusal:?}"))
}

fn by(strategy: Strategy) -> Policy {
    Policy { strategy, ..Policy::default() }
}

#[test]
fn what_is_ill_comes_last_and_stays_in() {
    // What fails, what is held back, and who is asked then.
    for (failing, held, expected) in [
        (&[][..], &[][..], [0, 1, 2]),
        (&[0], &[], [1, 2, 0]),
        (&[], &[0], [1, 2, 0]),
        (&[1], &[0], [2, 1, 0]),
        (&[0], &[0, 1], [2, 0, 1]),
        (&[0, 1, 2], &[], [0, 1, 2]),
    ] {
        let mut candidates = three();
        for &one in failing {
            candidates[one].failing_recently = true;
        }
        for &one in held {
            candidates[one].held_back = true;
        }
        for strategy in [Strategy::Order, Strategy::Cost] {
            assert_eq!(order(&by(strategy), &candidates, &Preferences::default()), expected, "{failing:?} {held:?}");
        }
    }
}

#[test]
fn what_is_preferred_to_be_local_is_asked_first_while_it_works() {
    let mut candidates = three();
    candidates.rotate_left(1);
    for (place, failing, expected) in [
        (Place::Any, false, &[0, 1, 2][..]),
        (Place::PreferLocal, false, &[2, 0, 1]),
        (Place::PreferLocal, true, &[0, 1, 2]),
        (Place::LocalOnly, true, &[2]),
    ] {
        candidates[2].failing_recently = failing;
        let policy = Policy { place, ..Policy::default() };
        assert_eq!(order(&policy, &candidates, &Preferences::default()), expected, "{place:?}");
    }
}

#[test]
fn what_a_client_says_goes_before_the_strategy() {
    let names = |names: &[&str]| -> Vec<String> { names.iter().map(|&name| name.to_owned()).collect() };
    let usual = Preferences::default;
    for (preferences, expected) in [
        (usual(), &[0, 1, 2][..]),
        (Preferences { order: names(&["anthropic", "openai"]), ..usual() }, &[2, 1, 0]),
        (Preferences { order: names(&["nobody", "openai"]), ..usual() }, &[1, 0, 2]),
        (Preferences { order: names(&["anthropic"]), allow_fallbacks: false, ..usual() }, &[2]),
        (Preferences { allow_fallbacks: false, ..usual() }, &[0]),
        (Preferences { sort: Some(Sort::Latency), ..usual() }, &[2, 1, 0]),
        (Preferences { sort: Some(Sort::Throughput), ..usual() }, &[2, 1, 0]),
        (Preferences { sort: Some(Sort::Price), order: names(&["openai"]), ..usual() }, &[1, 0, 2]),
        (Preferences { max_latency: Some(SECOND * 3), ..usual() }, &[1, 2, 0]),
        (Preferences { min_throughput: Some(50.0), ..usual() }, &[0, 2, 1]),
        (Preferences { min_throughput: Some(f64::NAN), ..usual() }, &[0, 1, 2]),
        (Preferences { only: names(&["openai"]), ..usual() }, &[1]),
    ] {
        for sticky in [false, true] {
            let policy = Policy { sticky, ..by(Strategy::Cost) };
            assert_eq!(order(&policy, &three(), &preferences), expected, "{preferences:?}");
        }
    }
}

#[test]
fn a_conversation_stays_while_the_deployment_works() {
    let policy = Policy { sticky: true, ..by(Strategy::Weight) };
    let at = |conversation, candidates: &[Candidate<'_>], dice: f64| {
        let need = Need { conversation: Some(conversation), ..Need::default() };
        let decision = decide(&policy, candidates, &need, &Preferences::default(), &mut || dice);
        decision.map(|decision| decision.order[0].candidate).unwrap_or_else(|refusal| panic!("{refusal:?}"))
    };
    for conversation in 0..200 {
        let home = at(conversation, &three(), 0.1);
        assert_eq!(at(conversation, &three(), 0.9), home);
        let mut busy = three();
        busy[home].in_flight = 50;
        assert_eq!(at(conversation, &busy, 0.5), home);
        for one in 0..3 {
            let mut ill = three();
            ill[one].failing_recently = true;
            let now = at(conversation, &ill, 0.5);
            assert_eq!(now == home, one != home, "conversation {conversation} at {home}, {one} fails");
        }
    }
}

#[test]
fn a_refusal_says_for_each_why() {
    let vision = Capabilities::NONE.with(Capability::Vision);
    let mut candidates = three();
    candidates[1].capabilities = Known::exactly(Capabilities::NONE);
    candidates[2].capabilities = Known::exactly(Capabilities::NONE);
    candidates[0].context_length = Some(10);
    let need = Need { uses: vision, input_tokens: 11, ..Need::default() };
    let refused = |candidates: &[Candidate<'_>]| {
        let decision = decide(&Policy::default(), candidates, &need, &Preferences::default(), &mut || 0.0);
        decision.map_or_else(|refusal| refusal, |decision| panic!("{decision:?}"))
    };
    let refusal = refused(&candidates);
    assert_eq!(
        refusal.what,
        "no deployment may answer this: local/qwen3 (context 10 < 11), openai/gpt-5-mini (no vision), \
         anthropic/claude (no vision)"
    );
    assert_eq!(
        refusal.next,
        "send less, ask for a shorter answer, or ask for another model; \
         or ask for a model that is capable of it, or leave it out of the request"
    );
    assert_eq!(refusal.excluded.len(), 3);
    assert_eq!(refused(&[]).what, "there is no deployment behind this model");
}

#[test]
fn without_fallbacks_the_others_are_told_to_be_left_out() {
    let preferences = Preferences { allow_fallbacks: false, ..Preferences::default() };
    let decision = made(&by(Strategy::Cost), &three(), &preferences);
    assert_eq!(decision.excluded, [(1, Why::NoFallback), (2, Why::NoFallback)]);
}

fn number() -> impl proptest::strategy::Strategy<Value = f64> {
    prop_oneof![0.0..100.0, select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, f64::MAX])]
}

fn capabilities() -> impl proptest::strategy::Strategy<Value = Capabilities> {
    subsequence(Capability::NAMES.to_vec(), 0..4).prop_map(|some| some.into_iter().map(|(_, one)| one).collect())
}

#[test]
fn what_is_at_its_limit_is_asked_behind_what_may_be_asked_and_before_what_is_held_back() {
    let mut candidates = three();
    (candidates[0].held_back, candidates[1].at_limit, candidates[2].failing_recently) = (true, true, true);
    let decision = made(&by(Strategy::Order), &candidates, &Preferences::default());
    assert_eq!(decision.indices().collect::<Vec<_>>(), [2, 1, 0]);
    assert!(decision.why.contains("(failing), ") && decision.why.contains("(at its limit), "), "{}", decision.why);
}

prop_compose! {
    fn candidate()(
        name in select(vec!["a/m", "a/n", "b/m", "c/m", "no slash"]),
        weight in prop_oneof![0_u32..5, any::<u32>()],
        flags in any::<[bool; 4]>(),
        (present, unknown) in (capabilities(), capabilities()),
        sizes in any::<[Option<u64>; 3]>(),
        price in prop::option::of((any::<u64>(), any::<u64>(), any::<Option<u64>>())),
        cache_hit_rate in prop::option::of(number()),
        latency in any::<Option<u64>>(),
        throughput in prop::option::of(number()),
        (in_flight, queue) in (any::<u32>(), any::<Option<u32>>()),
        (zero_data_retention, trains) in any::<(Option<bool>, Option<bool>)>(),
    ) -> Candidate<'static> {
        let [context_length, max_output, usual_output] = sizes;
        let [local, failing_recently, held_back, at_limit] = flags;
        Candidate {
            weight, local, failing_recently, held_back, at_limit, context_length, max_output, usual_output, cache_hit_rate,
            throughput, in_flight, queue,
            capabilities: Known { present, unknown },
            price: price.map(|(input, output, cache_read)| Rates { input, output, cache_read }),
            latency: latency.map(Duration::from_nanos),
            facts: Facts { zero_data_retention, trains, quantization: None },
            ..Candidate::new(name)
        }
    }
}

prop_compose! {
    fn policy()(
        strategy in select(Strategy::NAMES.to_vec()), place in select(Place::NAMES.to_vec()), need in capabilities(),
        needs in prop::bool::weighted(0.2), sticky in any::<bool>(),
    ) -> Policy {
        let need = if needs { need } else { Capabilities::NONE };
        Policy { strategy: strategy.1, place: place.1, need, sticky }
    }
}

prop_compose! {
    fn preferences()(
        flags in prop::array::uniform4(prop::bool::weighted(0.2)),
        sort in prop::option::of(select(vec![Sort::Price, Sort::Throughput, Sort::Latency])),
        order in prop::collection::vec(select(vec!["a", "B", "c/m", "x"]), 0..3),
        (prompt, min_throughput, max_latency) in (any::<Option<u64>>(), prop::option::of(number()), any::<Option<u64>>()),
    ) -> Preferences {
        let [no_fallbacks, require_parameters, deny_training, zero_data_retention] = flags;
        Preferences {
            sort, require_parameters, deny_training, zero_data_retention, min_throughput,
            allow_fallbacks: !no_fallbacks,
            order: order.into_iter().map(str::to_owned).collect(),
            max_price: MaxPrice { prompt, completion: None },
            max_latency: max_latency.map(Duration::from_nanos),
            ..Preferences::default()
        }
    }
}

proptest! {
    #[test]
    fn each_candidate_is_asked_once_or_left_out_once(
        policy in policy(), candidates in prop::collection::vec(candidate(), 0..12), preferences in preferences(),
        (input_tokens, max_output, conversation) in (0_u64..1 << 50, any::<Option<u64>>(), any::<Option<u64>>()),
        dice in prop::collection::vec(number(), 1..20),
    ) {
        let need = Need { input_tokens, max_output, conversation, ..Need::default() };
        let once = || {
            let mut dice = dice.iter().copied().cycle();
            decide(&policy, &candidates, &need, &preferences, &mut || dice.next().unwrap_or(0.0))
        };
        let (asked, excluded, told) = match once() {
            Ok(decision) => {
                prop_assert!(!decision.order.is_empty());
                let json = decision.to_json(&candidates);
                prop_assert_eq!(json["order"].as_array().map(Vec::len), Some(decision.order.len()));
                prop_assert_eq!(json["left_out"].as_array().map(Vec::len), Some(decision.excluded.len()));
                prop_assert!(decision.why.len() <= 400, "{} characters", decision.why.len());
                (decision.indices().collect(), decision.excluded.clone(), decision.why)
            }
            Err(refusal) => (Vec::new(), refusal.excluded, refusal.what),
        };
        let mut all: Vec<usize> = asked.iter().copied().chain(excluded.iter().map(|(one, _)| *one)).collect();
        all.sort_unstable();
        prop_assert_eq!(all, (0..candidates.len()).collect::<Vec<_>>());
        prop_assert!(told.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()), "{}", told);
        prop_assert_eq!(once().ok().map(|again| again.why), (!asked.is_empty()).then_some(told));
        // What works is asked before what does not.
        let illness = |one: &usize| {
            let one = &candidates[*one];
            (one.held_back, one.at_limit, one.failing_recently)
        };
        let key = |one: &usize| match illness(one) {
            (true, ..) => 3,
            (_, true, _) => 2,
            (.., true) => 1,
            _ => 0,
        };
        prop_assert!(asked.is_sorted_by_key(key), "{:?}", asked);
    }
}

proptest! {
    /// Who looks whether all fit, and finds none that is behind, need not decide.
    #[test]
    fn where_all_fit_and_none_is_behind_they_are_asked_as_they_are_written(
        candidates in prop::collection::vec(candidate(), 1..6), uses in capabilities(),
        (input_tokens, max_output) in (0_u64..1 << 50, any::<Option<u64>>()),
    ) {
        let need = Need { input_tokens, max_output, uses, conversation: None };
        let well: Vec<Candidate<'_>> = candidates
            .into_iter()
            .map(|one| Candidate { failing_recently: false, held_back: false, at_limit: false, ..one })
            .collect();
        let fits = |one: &Candidate<'_>| need.fits(one.capabilities, one.context_length, one.max_output);
        let decided = decide(&Policy::default(), &well, &need, &Preferences::default(), &mut || 0.0);
        let order: Vec<usize> = decided.map(|decision| decision.indices().collect()).unwrap_or_default();
        let expected: Vec<usize> = (0..well.len()).filter(|&one| fits(&well[one])).collect();
        prop_assert_eq!(order, expected);
    }
}

/// Advice that some deployments are worth so much, the second of them first.
fn second(asked: &mut Vec<Vec<String>>) -> impl FnMut(&[Arm<'_>]) -> Choice + use<'_> {
    |arms| {
        asked.push(arms.iter().map(|arm| arm.name.to_owned()).collect());
        let order = if arms.len() < 2 { vec![0] } else { vec![1, 0] };
        Choice { order, worth: vec![0.5, 0.75].into_iter().take(arms.len()).collect(), explores: false }
    }
}

#[test]
fn what_was_learned_puts_those_in_order_that_are_not_behind() {
    let policy = Policy { strategy: Strategy::Learned, ..Policy::default() };
    let ill = Candidate { failing_recently: true, ..Candidate::new("p/ill") };
    let candidates = [Candidate::new("p/one"), ill, Candidate::new("p/two")];
    let (need, preferences) = (Need::default(), Preferences::default());
    let mut asked = Vec::new();
    let made =
        decide_by(&policy, &candidates, &need, &preferences, &mut || 0.0, Some(&mut second(&mut asked))).unwrap();
    assert_eq!(made.indices().collect::<Vec<_>>(), [2, 0, 1]);
    assert_eq!(made.why, "learned: p/two worth 0.75 > p/one worth 0.50, p/ill (failing)");
    assert_eq!(asked, [["p/one", "p/two"]]);
    // Without advice they are asked as they are written.
    let plain = decide(&policy, &candidates, &need, &preferences, &mut || 0.0).unwrap();
    assert_eq!(plain.indices().collect::<Vec<_>>(), [0, 2, 1]);
}

#[test]
fn advice_changes_nothing_where_another_strategy_decides() {
    let candidates = [Candidate::new("p/one"), Candidate::new("p/two")];
    let (need, sort) = (Need::default(), Preferences { sort: Some(Sort::Price), ..Preferences::default() });
    for (strategy, preferences) in
        [(Strategy::Order, Preferences::default()), (Strategy::Cost, Preferences::default()), (Strategy::Learned, sort)]
    {
        let policy = Policy { strategy, ..Policy::default() };
        let mut asked = Vec::new();
        let advised = decide_by(&policy, &candidates, &need, &preferences, &mut || 0.0, Some(&mut second(&mut asked)));
        assert_eq!(advised, decide(&policy, &candidates, &need, &preferences, &mut || 0.0));
        assert_eq!(asked.len(), 1, "{strategy:?}");
    }
}
