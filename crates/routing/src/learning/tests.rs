use super::*;
use crate::candidate::Need;
use crate::capability::{Capabilities, Capability};
use proptest::prelude::*;

/// Chance that is the same in each run (SplitMix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let number = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((number ^ (number >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// A provider as it is: how often it answers, how often an answer is good, what it costs and how long it takes. The second
/// class of requests may be another matter to it.
struct Provider {
    name: &'static str,
    answers: f64,
    good: [f64; 2],
    dollars: f64,
    seconds: f64,
}

impl Provider {
    fn worth(&self, worth: &Worth, class: usize) -> f64 {
        self.answers * self.good[class] - worth.per_dollar * self.dollars - worth.per_second * self.seconds
    }
}

fn provider(name: &'static str, answers: f64, good: [f64; 2], dollars: f64, seconds: f64) -> Provider {
    Provider { name, answers, good, dollars, seconds }
}

const WORTH: Worth = Worth { per_dollar: 10.0, per_second: 0.02 };

fn deciding(explore: f64) -> Learning {
    Learning { worth: WORTH, explore, decides: true }
}

fn classes() -> [Class; 2] {
    let class = |tools| Class { size: Size::Short, tools, media: false, structured: false };
    [class(false), class(true)]
}

/// What 2,000 requests were worth, and what they would have been with the best provider for each class. Holds the cap at
/// every request.
fn simulate(providers: &[Provider], explore: f64, seed: u64) -> (f64, f64) {
    let (mut learner, mut chance) = (Learner::default(), Chance(seed));
    let (mut got, mut best) = (0.0, 0.0);
    for number in 1..=2_000_u32 {
        let kind = usize::from(chance.next() < 0.4);
        let class = classes()[kind];
        let arms: Vec<Arm<'_>> =
            providers.iter().map(|one| Arm { name: one.name, dollars: Some(one.dollars), seconds: None }).collect();
        let choice = learner.choose(&deciding(explore), class, &arms, &mut || chance.next());
        let one = &providers[choice.order[0]];
        let ended = Ended {
            answered: chance.next() < one.answers,
            dollars: one.dollars * (0.5 + chance.next()),
            seconds: one.seconds * (0.5 + chance.next()),
        };
        learner.ended(class, one.name, ended);
        if ended.answered {
            learner.scored(class, one.name, f64::from(u8::from(chance.next() < one.good[kind])));
        }
        got += one.worth(&WORTH, kind);
        best += providers.iter().map(|one| one.worth(&WORTH, kind)).fold(f64::MIN, f64::max);
        let (decided, explored) = learner.counts();
        assert_eq!(decided, u64::from(number));
        assert!(explored as f64 <= explore * decided as f64, "{explored} of {decided}");
    }
    (got, best)
}

#[test]
fn comes_within_a_twentieth_of_the_best_fixed_policy() {
    let good = |good: f64| [good, good];
    let all = [
        (
            "the first is the worst",
            vec![
                provider("a/bad", 0.9, good(0.55), 0.004, 2.0),
                provider("b/middle", 0.98, good(0.75), 0.004, 2.0),
                provider("c/good", 0.99, good(0.92), 0.004, 2.0),
            ],
        ),
        (
            "the cheap one is as good",
            vec![provider("a/dear", 0.99, good(0.9), 0.03, 2.0), provider("b/cheap", 0.99, good(0.88), 0.001, 2.0)],
        ),
        (
            "the good one fails often",
            vec![provider("a/fails", 0.6, good(0.98), 0.002, 1.0), provider("b/works", 0.995, good(0.85), 0.002, 1.0)],
        ),
        (
            "the slow one is a bit better",
            vec![provider("a/slow", 0.99, good(0.93), 0.002, 12.0), provider("b/fast", 0.99, good(0.9), 0.002, 0.5)],
        ),
        (
            "each has its class",
            vec![
                provider("a/words", 0.99, [0.92, 0.5], 0.003, 1.0),
                provider("b/tools", 0.99, [0.6, 0.93], 0.003, 1.0),
                provider("c/both", 0.99, [0.75, 0.75], 0.003, 1.0),
            ],
        ),
        (
            "all are nearly the same",
            vec![
                provider("a", 0.99, good(0.85), 0.003, 1.0),
                provider("b", 0.99, good(0.86), 0.003, 1.0),
                provider("c", 0.99, good(0.84), 0.003, 1.0),
                provider("d", 0.99, good(0.87), 0.003, 1.0),
            ],
        ),
    ];
    for (name, providers) in &all {
        for seed in 1..=20 {
            let (got, best) = simulate(providers, 0.1, seed);
            assert!(got >= 0.95 * best, "{name}, seed {seed}: {got:.1} of {best:.1}");
        }
    }
}

#[test]
fn without_a_share_nothing_else_is_tried() {
    let (mut learner, mut chance) = (Learner::default(), Chance(1));
    let arms =
        [Arm { name: "a/one", dollars: None, seconds: None }, Arm { name: "b/two", dollars: None, seconds: None }];
    for _ in 0..100 {
        let choice = learner.choose(&deciding(0.0), classes()[0], &arms, &mut || chance.next());
        assert_eq!((choice.order, choice.explores), (vec![0, 1], false));
    }
    assert_eq!(learner.counts(), (100, 0));
}

#[test]
fn what_is_only_shown_tries_nothing() {
    let (mut learner, mut chance) = (Learner::default(), Chance(1));
    let shown = Learning { decides: false, ..deciding(1.0) };
    let arms =
        [Arm { name: "a/one", dollars: None, seconds: None }, Arm { name: "b/two", dollars: None, seconds: None }];
    for _ in 0..100 {
        let choice = learner.choose(&shown, classes()[0], &arms, &mut || chance.next());
        assert!(!choice.explores);
        learner.ended(classes()[0], "a/one", Ended { answered: false, dollars: 0.0, seconds: 1.0 });
        learner.ended(classes()[0], "b/two", Ended { answered: true, dollars: 0.0, seconds: 1.0 });
    }
    let choice = learner.choose(&shown, classes()[0], &arms, &mut || chance.next());
    assert_eq!(choice.order, [1, 0], "what works is believed to be better");
}

#[test]
fn what_was_said_of_price_and_time_counts_until_more_is_known() {
    let mut learner = Learner::default();
    let arms = [
        Arm { name: "a/dear", dollars: Some(0.05), seconds: Some(1.0) },
        Arm { name: "b/cheap", dollars: Some(0.01), seconds: Some(1.0) },
        Arm { name: "c/slow", dollars: Some(0.01), seconds: Some(60.0) },
    ];
    let choice = learner.choose(&deciding(0.0), classes()[0], &arms, &mut || 0.0);
    assert_eq!(choice.order, [1, 0, 2]);
    for _ in 0..50 {
        learner.ended(classes()[0], "b/cheap", Ended { answered: true, dollars: 0.2, seconds: 1.0 });
    }
    let choice = learner.choose(&deciding(0.0), classes()[0], &arms, &mut || 0.0);
    assert_eq!(choice.order.last(), Some(&1), "it says more than was thought");
}

#[test]
fn a_provider_that_grows_worse_is_left() {
    let (mut learner, mut chance) = (Learner::default(), Chance(7));
    let arms =
        [Arm { name: "a/one", dollars: None, seconds: None }, Arm { name: "b/two", dollars: None, seconds: None }];
    let mut run = |learner: &mut Learner, good: [f64; 2]| {
        let mut firsts = 0;
        for _ in 0..1_500 {
            let choice = learner.choose(&deciding(0.1), classes()[0], &arms, &mut || chance.next());
            let one = choice.order[0];
            firsts += u32::from(one == 0);
            let answered = chance.next() < good[one];
            learner.ended(classes()[0], arms[one].name, Ended { answered, dollars: 0.0, seconds: 0.0 });
        }
        firsts
    };
    assert!(run(&mut learner, [0.95, 0.6]) > 1_200);
    let firsts = run(&mut learner, [0.2, 0.6]);
    assert!(firsts < 500, "{firsts}");
}

#[test]
fn classes_have_names_that_are_their_own() {
    let need = |input_tokens, uses: &[Capability]| Need {
        input_tokens,
        uses: uses.iter().copied().collect::<Capabilities>(),
        ..Need::default()
    };
    for (need, name) in [
        (need(0, &[]), "short"),
        (need(500, &[Capability::Tools]), "short+tools"),
        (need(501, &[Capability::Stream]), "middle"),
        (need(8_001, &[Capability::Vision, Capability::JsonSchema]), "long+media+schema"),
    ] {
        let class = Class::of(&need);
        assert_eq!(class.name(), name);
        assert_eq!(Class::named(name), Some(class));
    }
    assert_eq!(Class::named("enormous"), None);
}

#[test]
fn what_was_learned_comes_back_and_nothing_else_does() {
    let mut learner = Learner::default();
    learner.ended(classes()[0], "a/one", Ended { answered: true, dollars: 0.25, seconds: 2.0 });
    learner.scored(classes()[1], "b/two", 0.5);
    let records = learner.records();
    assert_eq!(records.len(), 4, "each in its class, and in all together");
    let again = Learner::restored(&records).unwrap();
    assert_eq!(again.records(), records);
    for bad in [f64::NAN, f64::INFINITY, -1.0] {
        let mut broken = records.clone();
        broken[0].numbers[0] = bad;
        assert!(Learner::restored(&broken).is_err(), "{bad}");
    }
}

proptest! {
    #[test]
    fn whatever_is_told_worth_stays_a_number(
        told in prop::collection::vec((any::<f64>(), any::<f64>(), any::<f64>(), any::<bool>(), 0_usize..3), 0..50),
        dice in prop::collection::vec(0.0_f64..1.0, 1..20),
    ) {
        let names = ["a/one", "b/two", "c/three"];
        let arms = names.map(|name| Arm { name, dollars: None, seconds: None });
        let (mut learner, mut dice) = (Learner::default(), dice.into_iter().cycle());
        for (dollars, seconds, score, answered, one) in told {
            learner.ended(classes()[0], names[one], Ended { answered, dollars, seconds });
            learner.scored(classes()[0], names[one], score);
            let choice = learner.choose(&deciding(0.5), classes()[0], &arms, &mut || dice.next().unwrap_or(0.0));
            prop_assert!(choice.worth.iter().all(|worth| worth.is_finite()));
            let mut order = choice.order.clone();
            order.sort_unstable();
            prop_assert_eq!(order, vec![0, 1, 2]);
        }
        prop_assert!(Learner::restored(&learner.records()).is_ok());
    }
}
