use super::*;
use crate::play::Part;
use crate::{Boost, Cascade, Check, Compare, Decide, DraftRefine, MapReduce, Shorten, Speculate};
use conversation::item::Item;
use conversation::request::{Role, Turn};
use proptest::prelude::{prop, prop_assert, prop_assert_eq, proptest};
use std::collections::VecDeque;

/// What came of a request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outcome {
    /// What the client reads.
    Said(String),
    /// The part whose failure the client gets.
    Failed(usize),
}

/// A request of a user.
pub(crate) fn asking(texts: &[&str]) -> Request {
    let items = texts.iter().map(|text| Item::text(*text)).collect();
    Request { turns: vec![Turn::new(Role::User, items)], stream: true, ..Request::default() }
}

pub(crate) fn answer(text: &str) -> Answer {
    Answer { items: vec![Item::text(text)], ..Answer::default() }
}

/// The words of the last turn of what a part asks.
pub(crate) fn words(part: &Part) -> String {
    let last = part.request.turns.last().map(|turn| turn.items.clone()).unwrap_or_default();
    crate::reading::text(&Answer { items: last, ..Answer::default() })
}

/// Which passages fit: those that share words with the question.
pub(crate) fn rank(question: &str, passages: &[String]) -> Vec<f32> {
    let words: Vec<&str> = question.split(|one: char| !one.is_alphanumeric()).filter(|word| word.len() > 3).collect();
    passages.iter().map(|passage| words.iter().filter(|word| passage.contains(**word)).count() as f32).collect()
}

/// Plays a strategy with models that answer as `script` says; `None` is a failure. Gives who was asked what for, and the end.
pub(crate) fn play(
    strategy: &Strategy,
    client: Request,
    mut script: impl FnMut(&Part) -> Option<String>,
) -> (Vec<Part>, Outcome) {
    let (mut machine, mut step) = Machine::begin(strategy, Arc::new(client), &rank);
    let (mut asked, mut open) = (Vec::new(), VecDeque::new());
    loop {
        match step {
            Step::Ask(parts) => {
                assert!(!parts.is_empty());
                open.extend(parts.iter().cloned());
                asked.extend(parts);
            }
            Step::Wait => assert!(!open.is_empty(), "it waits for nothing"),
            Step::Forward(part) => {
                assert!(open.is_empty(), "the client's answer comes last");
                asked.push((*part).clone());
                match script(&part) {
                    Some(said) => return (asked, Outcome::Said(said)),
                    None => {
                        step = machine.ended(part.number, None);
                        assert!(!matches!(step, Step::Wait));
                        continue;
                    }
                }
            }
            Step::Race(parts) => {
                asked.extend(parts.iter().cloned());
                match parts.iter().find_map(&mut script) {
                    Some(said) => return (asked, Outcome::Said(said)),
                    None => step = machine.ended(parts.last().map_or(0, |part| part.number), None),
                }
                continue;
            }
            Step::Answer(answer) => return (asked, Outcome::Said(crate::reading::text(&answer))),
            Step::Fail(number) => {
                assert!(asked.iter().any(|part| part.number == number), "{number} was never asked");
                return (asked, Outcome::Failed(number));
            }
        }
        let part = open.pop_front().expect("something is asked");
        step = machine.ended(part.number, script(&part).map(|said| answer(&said)));
        assert!(asked.len() < 2_000, "it never ends");
    }
}

pub(crate) fn roles(asked: &[Part]) -> Vec<(&str, &str)> {
    asked.iter().map(|part| (part.role, part.model.as_str())).collect()
}

fn boost(shorten: Shorten) -> Strategy {
    let (helper, model) = ("small".to_owned(), "big".to_owned());
    Strategy::Boost(Boost { helper, model, shorten, keep: 0.3, long: 400, window: 4_000 })
}

fn all() -> Vec<Strategy> {
    let models = || vec!["one".to_owned(), "two".to_owned(), "three".to_owned()];
    let judge = |least| Check::Judge { model: "judge".to_owned(), least };
    let compare = |decide, show_all| Strategy::Compare(Compare { models: models(), decide, show_all });
    vec![
        boost(Shorten::Extract),
        boost(Shorten::Compress),
        boost(Shorten::Reformulate),
        Strategy::DraftRefine(DraftRefine { helper: "small".to_owned(), model: "big".to_owned() }),
        Strategy::Cascade(Cascade { models: models(), check: judge(7) }),
        Strategy::Cascade(Cascade { models: models(), check: Check::Agree { times: 3 } }),
        Strategy::Cascade(Cascade { models: models(), check: Check::Json }),
        compare(Decide::Vote, false),
        compare(Decide::Judge("judge".to_owned()), true),
        compare(Decide::Merge("judge".to_owned()), false),
        Strategy::MapReduce(MapReduce {
            worker: "small".to_owned(),
            model: "big".to_owned(),
            long: 400,
            chunk: 500,
            chunks: 16,
            jobs: 3,
        }),
        Strategy::Speculate(Speculate { models: models() }),
    ]
}

proptest! {
    #[test]
    fn every_request_ends_whatever_the_models_say(
        texts in prop::collection::vec("[a-zé .?\n]{0,900}", 0..4),
        said in prop::collection::vec(prop::option::of("[0-9a-z, .{}\"\n]{0,60}"), 1..40),
    ) {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        for strategy in all() {
            let mut said = said.iter().cycle();
            let (asked, _) = play(&strategy, asking(&texts), |_| said.next().cloned().flatten());
            prop_assert!(!asked.is_empty());
            let known = strategy.models();
            prop_assert!(asked.iter().all(|part| known.contains(&part.model.as_str())), "{:?}", strategy.name());
            let mut numbers: Vec<usize> = asked.iter().map(|part| part.number).collect();
            numbers.dedup();
            prop_assert_eq!(numbers.len(), asked.len());
        }
    }

    #[test]
    fn no_helper_is_fatal_where_the_others_work(text in "[a-z .?\n]{0,3000}") {
        for strategy in all() {
            let main = match &strategy {
                Strategy::Cascade(_) | Strategy::Compare(_) | Strategy::Speculate(_) => "three",
                _ => "big",
            };
            let (_, outcome) = play(&strategy, asking(&[&text]), |part| (part.model == main).then(|| "fine".to_owned()));
let shows_all = matches!(&strategy, Strategy::Compare(compare) if compare.show_all);
            let expected = if shows_all { "# three\n\nfine" } else { "fine" };
            prop_assert_eq!(outcome, Outcome::Said(expected.to_owned()));
        }
    }
}

#[test]
fn where_nobody_answers_the_client_gets_the_failure() {
    for strategy in all() {
        let (asked, outcome) = play(&strategy, asking(&["why?"]), |_| None);
        assert_eq!(outcome, Outcome::Failed(asked.last().unwrap().number), "{}", strategy.name());
    }
}

#[test]
fn names_are_those_of_configurations() {
    for strategy in all() {
        assert!(Strategy::NAMES.contains(&strategy.name()));
    }
}
