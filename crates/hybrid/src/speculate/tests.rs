use crate::machine::tests::{Outcome, asking, play, roles};
use crate::{Speculate, Strategy};

#[test]
fn all_are_asked_the_same_and_the_first_goes_on() {
    let strategy = Strategy::Speculate(Speculate { models: vec!["a".to_owned(), "b".to_owned()] });
    let request = asking(&["why?"]);
    let (asked, outcome) = play(&strategy, request.clone(), |part| (part.model == "b").then(|| "so".to_owned()));
    assert_eq!(roles(&asked), [("answer", "a"), ("answer", "b")]);
    assert!(asked.iter().all(|part| part.request == request));
    assert_eq!(outcome, Outcome::Said("so".to_owned()));
}
