use crate::{Candidate, Decision, Need, Policy, Preferences, Rates, Sort, Strategy, decide};
use proptest::prelude::*;

fn by(strategy: Strategy) -> Policy {
    Policy { strategy, ..Policy::default() }
}

fn made(policy: &Policy, candidates: &[Candidate<'_>], preferences: &Preferences) -> Decision {
    let need = Need { input_tokens: 1_000, conversation: Some(11), ..Need::default() };
    decide(policy, candidates, &need, preferences, &mut || 0.0).unwrap_or_else(|refusal| panic!("{refusal:?}"))
}

/// A deployment of these prices, in nano-dollars for a token, that was seen to give answers of so many tokens.
fn priced(
    name: &'static str,
    (input, output, cache_read): (u64, u64, u64),
    usual_output: Option<u64>,
) -> Candidate<'static> {
    let [input, output, cache_read] = [input, output, cache_read].map(|nano_dollars| nano_dollars * 1_000_000);
    let price = Some(Rates { input, output, cache_read: Some(cache_read) });
    Candidate { price, usual_output, ..Candidate::new(name) }
}

#[test]
fn who_has_not_answered_yet_is_expected_to_answer_like_the_cheapest_that_has() {
    let seen = |output| priced("a/seen", (5_000, 25_000, 500), Some(output));
    let cached = Candidate { cache_hit_rate: Some(0.9), ..seen(3) };
    let talker = priced("c/talker", (5_000, 20_000, 500), Some(900));
    let ill = Candidate { failing_recently: true, ..priced("d/ill", (0, 0, 0), Some(90_000)) };
    let new = |input, output| priced("b/new", (input, output, input / 10), None);
    // Who may answer, and who of them is asked first.
    for (candidates, first) in [
        (&[seen(3), new(250, 1_250)][..], "b/new"),
        (&[seen(3), new(4_000, 20_000)], "b/new"),
        (&[seen(3), new(6_000, 30_000)], "a/seen"),
        (&[seen(90_000), new(250, 1_250)], "b/new"),
        (&[seen(90_000), new(6_000, 30_000)], "a/seen"),
        // Those that are long-winded, or not asked now, tell nothing of what one that is terse could be replaced by.
        (&[talker, seen(3), new(4_000, 20_000)], "b/new"),
        (&[ill, seen(3), new(4_000, 20_000)], "b/new"),
        // Its cache could not be seen to be as full either.
        (&[cached, new(2_500, 12_500)], "b/new"),
        (&[cached, Candidate { cache_hit_rate: Some(0.0), ..new(2_500, 12_500) }], "a/seen"),
        (&[new(5_000, 20_000), Candidate { name: "a/other", ..new(4_000, 16_000) }], "a/other"),
    ] {
        let by_client = Preferences { sort: Some(Sort::Price), ..Preferences::default() };
        let sticky = Policy { sticky: true, ..by(Strategy::Cost) };
        for (policy, preferences) in
            [(&by(Strategy::Cost), &Preferences::default()), (&sticky, &Preferences::default()), (&sticky, &by_client)]
        {
            let decision = made(policy, candidates, preferences);
            assert_eq!(candidates[decision.order[0].candidate].name, first, "{}", decision.why);
        }
    }
}

#[test]
fn what_decides_is_what_is_told() {
    let candidates = [priced("a/seen", (5_000, 25_000, 500), Some(4)), priced("b/new", (100, 500, 10), None)];
    let told = made(&by(Strategy::Cost), &candidates, &Preferences::default()).why;
    assert_eq!(told, "cost: b/new $0.000102 < a/seen $0.0051");
    let unseen = candidates.map(|one| Candidate { usual_output: None, ..one });
    let told = made(&by(Strategy::Cost), &unseen, &Preferences::default()).why;
    assert_eq!(told, "cost: b/new $0.00035 < a/seen $0.0175");
}

proptest! {
    /// Nobody stays unseen for good for want of an answer, nor is tried who could only be dearer.
    #[test]
    fn who_has_not_answered_comes_before_the_cheapest_where_its_prices_are_lower_and_behind_it_where_they_are_higher(
        seen in prop::collection::vec(((1_u64..9_000, 1_u64..9_000), 0_u64..9_000, 0.0..1.0), 1..6),
        (less, input_tokens, max_output) in (1_u64..1_000, 0_u64..90_000, prop::option::of(1_u64..9_000)),
        lower in any::<bool>(),
    ) {
        let one = |((input, output), usual, share): &((u64, u64), u64, f64)| Candidate {
            cache_hit_rate: Some(*share),
            ..priced("a/seen", (*input + 1_000, *output + 1_000, *input / 10), Some(*usual))
        };
        let need = Need { input_tokens, max_output, ..Need::default() };
        let mut candidates: Vec<Candidate<'_>> = seen.iter().map(one).collect();
        let cheapest = candidates.iter().min_by_key(|one| one.expected_cost(&need, None)).copied().unwrap();
        let moved = |price: u64| if lower { price.saturating_sub(less * 1_000_000) } else { price + less * 1_000_000 };
        let price = cheapest.price.map(|rates| Rates {
            input: moved(rates.input), output: moved(rates.output), cache_read: rates.cache_read.map(moved),
        });
        let new = Candidate { price, ..Candidate::new("b/new") };
        candidates.push(new);
        let made = decide(&by(Strategy::Cost), &candidates, &need, &Preferences::default(), &mut || 0.0);
        let order: Vec<usize> = made.map(|made| made.indices().collect()).unwrap_or_default();
        let place = order.iter().position(|one| *one + 1 == candidates.len());
        let same = new.expected_cost(&need, Some(&cheapest)) == cheapest.expected_cost(&need, None);
        prop_assert!(same || (place == Some(0)) == lower, "{:?}", order);
    }
}
