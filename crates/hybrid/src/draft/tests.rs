use crate::machine::tests::{Outcome, asking, play, roles, words};
use crate::{DraftRefine, Strategy};

fn strategy() -> Strategy {
    Strategy::DraftRefine(DraftRefine { helper: "small".to_owned(), model: "big".to_owned() })
}

#[test]
fn a_draft_is_refined_and_each_failure_has_a_way_out() {
    // What the draft says, what the second model says, and what the client gets.
    for (draft, refined, expected) in [
        (Some("rough"), Some("fine"), Outcome::Said("fine".to_owned())),
        (Some("rough"), None, Outcome::Said("rough".to_owned())),
        (None, Some("fine"), Outcome::Said("fine".to_owned())),
        (None, None, Outcome::Failed(1)),
    ] {
        let (asked, outcome) = play(&strategy(), asking(&["why?"]), |part| {
            if part.role == "draft" { draft } else { refined }.map(str::to_owned)
        });
        assert_eq!(roles(&asked), [("draft", "small"), ("answer", "big")]);
        assert_eq!(outcome, expected);
        assert!(!asked[0].request.stream && asked[1].request.stream);
        let turns = asked[1].request.turns.len();
        assert_eq!(turns, if draft.is_some() { 3 } else { 1 });
        assert_eq!(words(&asked[1]).contains("draft"), draft.is_some());
    }
}
