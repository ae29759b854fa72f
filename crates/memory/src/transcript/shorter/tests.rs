use super::{Cut, Given, Policy, Round, Talk};
use proptest::prelude::{Strategy, prop_assert, prop_assert_eq, proptest};
use workflow::definition::{Limit, Transcript};

/// So many rounds of 10 tokens with a result of 100, whose note is 20 and whose line is 5.
fn rounds(count: usize) -> Vec<Round> {
    let round = Round { said: 10, results: vec![Given { tokens: 100, note: Some(20) }], line: Some(5) };
    vec![round; count]
}

fn cut(rounds: &[Round], most: usize, results: usize, last: usize) -> Cut {
    Talk { first: 50, head: 10, rounds }.cut(Policy { most, results, rounds: last })
}

#[test]
fn a_short_talk_stays_as_it_is() {
    assert_eq!(cut(&rounds(4), 490, 0, 1), Cut::default());
    assert_ne!(cut(&rounds(4), 489, 0, 1), Cut::default());
}

#[test]
fn older_results_go_first_and_then_the_oldest_rounds() {
    let results = |all: std::ops::Range<usize>| all.map(|round| (round, 0)).collect::<Vec<_>>();
    assert_eq!(cut(&rounds(6), 700, 3, 1), Cut { results: results(0..3), rounds: Vec::new() });
    assert_eq!(cut(&rounds(6), 700, 0, 1), Cut { results: results(0..5), rounds: Vec::new() }, "the last is not read");
    // After the results 50 + 3 * 30 + 3 * 110 = 470 are left; half of 400 is reached by the fifth round.
    assert_eq!(cut(&rounds(6), 400, 3, 1), Cut { results: results(0..3), rounds: vec![0, 1, 2, 3, 4] });
    assert_eq!(cut(&rounds(6), 400, 3, 4).rounds, [0, 1], "the last four stay");
    assert_eq!(cut(&rounds(1), 100, 0, 1), Cut::default(), "nothing was read yet");
}

#[test]
fn what_is_not_kept_stays() {
    let mut all = rounds(5);
    all[1].results[0].note = None;
    all[1].line = None;
    all[2].results[0].note = Some(100);
    let cut = cut(&all, 200, 0, 1);
    assert_eq!((cut.results.as_slice(), cut.rounds.as_slice()), ([(0, 0), (3, 0)].as_slice(), [0, 2, 3].as_slice()));
}

#[test]
fn a_step_says_when_and_else_most_of_the_window_counts() {
    let usual = Policy { most: 700, results: 3, rounds: 1 };
    assert_eq!(Policy::of(None, Some(1_000)), Some(usual));
    assert_eq!(Policy::of(None, None), None, "nobody knows what the model reads");
    let at = |compact_at| Transcript { compact_at: Some(compact_at), ..Transcript::default() };
    assert_eq!(Policy::of(Some(&at(Limit::Share(0.25))), Some(1_000)).unwrap().most, 250);
    assert_eq!(Policy::of(Some(&at(Limit::Tokens(5_000))), None).unwrap().most, 5_000);
    assert_eq!(Policy::of(Some(&at(Limit::Tokens(5_000))), Some(1_000)).unwrap().most, 1_000);
    let last = Transcript { clear_tool_results: Some(0), keep_last: Some(4), ..Transcript::default() };
    let most = Policy::of(Some(&last), Some(1_000)).unwrap();
    assert_eq!((most.results, most.rounds), (0, 4));
}

fn any_rounds() -> impl Strategy<Value = Vec<Round>> {
    let given = (0..300_usize, proptest::option::of(0..60_usize)).prop_map(|(tokens, note)| Given { tokens, note });
    let results = proptest::collection::vec(given, 0..5);
    let round = (0..300_usize, results, proptest::option::of(0..60_usize));
    proptest::collection::vec(round.prop_map(|(said, results, line)| Round { said, results, line }), 0..20)
}

proptest! {
    #[test]
    fn a_talk_fits_or_nothing_more_can_go(
        rounds in any_rounds(),
        (first, head) in (0..500_usize, 0..40_usize),
        (most, results, last) in (0..4_000_usize, 0..10_usize, 0..6_usize),
    ) {
        let talk = Talk { first, head, rounds: &rounds };
        let policy = Policy { most, results, rounds: last };
        let cut = talk.cut(policy);
        prop_assert_eq!(&cut, &talk.cut(policy));
        // What is there afterwards.
        let mut after = rounds.clone();
        for (round, place) in &cut.results {
            let given = &mut after[*round].results[*place];
            prop_assert!(round + 1 < rounds.len(), "the last round was not read");
            let note = given.note.take();
            prop_assert!(note.is_some_and(|note| note < given.tokens));
            given.tokens = note.unwrap();
        }
        prop_assert!(cut.rounds.iter().all(|round| round + last.max(1) < rounds.len()));
        let lines: usize = cut.rounds.iter().map(|round| rounds[*round].line.unwrap()).sum();
        let left = after.iter().enumerate().filter(|(index, _)| !cut.rounds.contains(index));
        let left: usize = left.map(|(_, round)| round.tokens()).sum();
        let before = first + rounds.iter().map(Round::tokens).sum::<usize>();
        let total = first + left + lines + if cut.rounds.is_empty() { 0 } else { head };
        prop_assert!(total <= before);
        if before <= most {
            prop_assert_eq!(&cut, &Cut::default());
        } else if total > most {
            // All that may go is gone.
            for (index, round) in after.iter().enumerate().take(rounds.len().saturating_sub(last.max(1))) {
                let head = if cut.rounds.iter().any(|cut| *cut < index) { 0 } else { head };
                let stays = round.line.is_none_or(|line| line + head >= round.tokens());
                prop_assert!(stays || cut.rounds.contains(&index), "round {}", index);
            }
            let all = after.iter().enumerate().flat_map(|(round, said)| said.results.iter().map(move |given| (round, given)));
            let older = rounds.iter().map(|round| round.results.len()).sum::<usize>().saturating_sub(results);
            for (round, given) in all.take(older).filter(|(round, _)| round + 1 < rounds.len()) {
                prop_assert!(given.note.is_none_or(|note| note >= given.tokens), "a result of round {}", round);
            }
        }
    }
}
