use crate::machine::tests::{Outcome, asking, play, roles, words};
use crate::{Cascade, Check, Strategy};

fn cascade(check: Check) -> Strategy {
    Strategy::Cascade(Cascade { models: vec!["small".to_owned(), "middle".to_owned(), "big".to_owned()], check })
}

#[test]
fn exactly_what_the_judge_rejects_goes_to_the_next() {
    let strategy = cascade(Check::Judge { model: "judge".to_owned(), least: 7 });
    // What the judge says of the first and of the second answer, and who answers in the end.
    for (first, second, expected) in [
        (Some("9"), None, "small"),
        (Some("7"), None, "small"),
        (Some("6"), Some("Score: 8"), "middle"),
        (Some("6"), Some("3"), "big"),
        (None, Some("10"), "middle"),
        (Some("very good"), Some("7"), "middle"),
        (Some("11"), Some("7"), "middle"),
    ] {
        let mut judged = [first, second].into_iter();
        let (asked, outcome) = play(&strategy, asking(&["why?"]), |part| match part.role {
            "judge" => {
                assert!(words(part).contains("why?"));
                judged.next().flatten().map(str::to_owned)
            }
            _ => Some(part.model.clone()),
        });
        assert_eq!(outcome, Outcome::Said(expected.to_owned()), "{first:?} {second:?}");
        let answers = asked.iter().filter(|part| part.role != "judge").count();
        assert_eq!(answers, ["small", "middle", "big"].iter().position(|name| *name == expected).unwrap() + 1);
    }
}

#[test]
fn a_model_that_fails_is_passed_over_without_a_judge() {
    let strategy = cascade(Check::Judge { model: "judge".to_owned(), least: 7 });
    let (asked, outcome) = play(&strategy, asking(&["why?"]), |part| match part.model.as_str() {
        "small" => None,
        "judge" => Some("8".to_owned()),
        _ => Some("so".to_owned()),
    });
    assert_eq!(roles(&asked), [("try", "small"), ("try", "middle"), ("judge", "judge")]);
    assert_eq!(outcome, Outcome::Said("so".to_owned()));
}

#[test]
fn what_more_than_half_of_the_tries_say_passes() {
    let strategy = cascade(Check::Agree { times: 3 });
    for (tries, expected) in [(["42", "42.", "41"], "42"), (["41", "42", "43"], "middle"), (["42", "", "42"], "42")] {
        let mut tries = tries.into_iter();
        let (_, outcome) = play(&strategy, asking(&["6 times 7?"]), |part| match part.model.as_str() {
            "small" => tries.next().map(str::to_owned),
            other => Some(other.to_owned()),
        });
        assert_eq!(outcome, Outcome::Said(expected.to_owned()));
    }
}

#[test]
fn what_is_no_json_goes_to_the_next() {
    for (said, expected) in [(r#" {"a": 1} "#, r#" {"a": 1} "#), ("{\"a\": ", "middle"), ("sure!", "middle")] {
        let (_, outcome) = play(&cascade(Check::Json), asking(&["as JSON"]), |part| {
            Some(if part.model == "small" { said.to_owned() } else { r#""middle""#.trim_matches('"').to_owned() })
        });
        // The second level says no JSON either, and so the last one answers.
        let expected = if expected == "middle" { "middle" } else { expected };
        assert_eq!(outcome, Outcome::Said(expected.to_owned()), "{said}");
    }
}
