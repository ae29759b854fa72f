use crate::machine::tests::{Outcome, asking, play, roles};
use crate::{Compare, Decide, Strategy};

fn compare(decide: Decide, show_all: bool) -> Strategy {
    Strategy::Compare(Compare { models: vec!["a".to_owned(), "b".to_owned(), "c".to_owned()], decide, show_all })
}

fn say(part: &crate::Part) -> Option<String> {
    Some(format!("says {}", part.model))
}

#[test]
fn the_judge_names_the_best_and_where_it_does_not_the_first_stays() {
    for (judge, expected) in [
        (Some("2"), "says b"),
        (Some("Answer 3 is"), "says c"),
        (Some("0"), "says a"),
        (Some("9"), "says a"),
        (None, "says a"),
    ] {
        let (asked, outcome) = play(&compare(Decide::Judge("judge".to_owned()), false), asking(&["why?"]), |part| {
            if part.role == "judge" { judge.map(str::to_owned) } else { say(part) }
        });
        assert_eq!(roles(&asked), [("answer", "a"), ("answer", "b"), ("answer", "c"), ("judge", "judge")]);
        assert_eq!(outcome, Outcome::Said(expected.to_owned()), "{judge:?}");
    }
}

#[test]
fn those_that_fail_are_not_compared() {
    let (asked, outcome) =
        play(&compare(Decide::Judge("judge".to_owned()), false), asking(&["why?"]), |part| match part.model.as_str() {
            "a" => None,
            "judge" => Some("2".to_owned()),
            _ => say(part),
        });
    assert_eq!((asked.len(), outcome), (4, Outcome::Said("says c".to_owned())));
    // One alone needs no judge.
    let (asked, outcome) = play(&compare(Decide::Judge("judge".to_owned()), false), asking(&["why?"]), |part| {
        if part.model == "b" { say(part) } else { None }
    });
    assert_eq!((asked.len(), outcome), (3, Outcome::Said("says b".to_owned())));
}

#[test]
fn what_most_say_wins_and_among_equals_the_first() {
    for (said, expected) in [(["x", "Y", "y."], "Y"), (["x", "y", "z"], "x"), (["x", "y", "X"], "x")] {
        let mut said = said.into_iter();
        let (_, outcome) = play(&compare(Decide::Vote, false), asking(&["why?"]), |_| said.next().map(str::to_owned));
        assert_eq!(outcome, Outcome::Said(expected.to_owned()));
    }
}

#[test]
fn all_answers_are_shown_where_that_is_asked_for() {
    let (_, outcome) = play(&compare(Decide::Vote, true), asking(&["why?"]), say);
    let Outcome::Said(said) = outcome else { panic!("{outcome:?}") };
    let places: Vec<usize> =
        ["# a", "says a", "# b", "says b", "# c", "says c"].iter().map(|part| said.find(part).unwrap()).collect();
    assert!(places.is_sorted(), "{said}");
}

#[test]
fn one_answer_is_made_of_all() {
    for (merged, expected) in [(Some("both"), "both"), (None, "says a")] {
        for show_all in [false, true] {
            let (asked, outcome) =
                play(&compare(Decide::Merge("judge".to_owned()), show_all), asking(&["why?"]), |part| {
                    if part.model == "judge" { merged.map(str::to_owned) } else { say(part) }
                });
            assert_eq!(asked.len(), 4);
            let Outcome::Said(said) = outcome else { panic!("{outcome:?}") };
            assert!(said.contains(expected), "{said}");
            assert_eq!(said.contains("# c"), show_all, "{said}");
        }
    }
}
