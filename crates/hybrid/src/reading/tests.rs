use super::*;
use conversation::Finish;

#[test]
fn numbers_are_found_between_words() {
    for (text, expected) in [
        ("7", Some(7)),
        ("Score: 8/10", Some(8)),
        ("I give it a 10.", Some(10)),
        ("good", None),
        ("99999999999999999999999", None),
        ("", None),
    ] {
        assert_eq!(number(text), expected, "{text}");
    }
    assert_eq!(numbers("3, 1 and 12").collect::<Vec<_>>(), [3, 1, 12]);
}

#[test]
fn lines_of_lists_lose_their_marks() {
    let list = "Here:\n1. Find the date\n- \"Who signed?\",\n\n* 3) Costs in 2024\n---";
    assert_eq!(lines(list), ["Here:", "Find the date", "Who signed?", "Costs in 2024"]);
}

#[test]
fn an_answer_that_was_cut_off_by_force_says_nothing() {
    let answer =
        |reason| Answer { items: vec![Item::text("yes")], finish: Some(Finish::new(reason)), ..Answer::default() };
    assert_eq!(said(&answer(Reason::Stop)), Some("yes".to_owned()));
    for reason in [Reason::ContentFilter, Reason::Refusal, Reason::Failed, Reason::ToolCalls] {
        assert_eq!(said(&answer(reason)), None, "{reason:?}");
    }
    assert_eq!(said(&Answer { items: vec![Item::text(" \n")], ..Answer::default() }), None);
}

#[test]
fn what_differs_in_signs_alone_is_the_same() {
    assert_eq!(plain("  The Answer, is: 42! "), plain("the answer is 42"));
    assert_ne!(plain("4 2"), plain("42"));
}
