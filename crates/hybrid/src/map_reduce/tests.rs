use crate::machine::tests::{Outcome, asking, play, words};
use crate::{MapReduce, Strategy};

fn strategy() -> Strategy {
    let (worker, model) = ("small".to_owned(), "big".to_owned());
    Strategy::MapReduce(MapReduce { worker, model, long: 1_000, chunk: 1_500, chunks: 32, jobs: 2 })
}

fn document() -> String {
    let filler = "The weather was fine and nothing happened that anybody wrote down. ".repeat(20);
    format!("{filler}\n\nThe budget was 4,200 crowns.\n\n{filler}\n\nThe mayor was Ines Brandt.\n\n{filler}")
}

/// A worker that finds what stands in its chunk.
fn read(part: &crate::Part) -> String {
    let told = words(part);
    let text = told.split(">>>").next().unwrap();
    let found: Vec<&str> = ["4,200 crowns", "Ines Brandt"].into_iter().filter(|fact| text.contains(fact)).collect();
    if found.is_empty() { "NONE".to_owned() } else { found.join("; ") }
}

#[test]
fn one_plans_many_read_and_one_answers() {
    let (asked, outcome) =
        play(&strategy(), asking(&[&document(), "What was the budget, and who was mayor?"]), |part| {
            Some(match part.role {
                "plan" => "1. Find the budget\n2. Find the mayor\n3. Find the weather".to_owned(),
                "read" => read(part),
                _ => "done".to_owned(),
            })
        });
    assert_eq!(outcome, Outcome::Said("done".to_owned()));
    let reads = asked.iter().filter(|part| part.role == "read").count();
    assert!(reads >= 6 && reads % 2 == 0, "each part for each of two tasks: {reads}");
    let last = words(asked.last().unwrap());
    assert!(last.contains("4,200 crowns") && last.contains("Ines Brandt") && last.contains("who was mayor?"), "{last}");
    assert!(last.len() < document().len() / 4, "{last}");
}

#[test]
fn a_plan_that_is_none_asks_the_question_itself() {
    for plan in [None, Some(" \n"), Some("---")] {
        let (asked, _) = play(&strategy(), asking(&[&document(), "Who was mayor?"]), |part| match part.role {
            "plan" => plan.map(str::to_owned),
            "read" => Some(read(part)),
            _ => Some("Ines Brandt".to_owned()),
        });
        assert!(asked.iter().filter(|part| part.role == "read").all(|part| words(part).contains("Who was mayor?")));
        assert!(words(asked.last().unwrap()).contains("- Ines Brandt"));
    }
}

#[test]
fn where_workers_fail_or_find_nothing_the_whole_is_read() {
    let request = asking(&[&document(), "Who was mayor?"]);
    for said in [None, Some("NONE")] {
        let (asked, _) = play(&strategy(), request.clone(), |part| match part.role {
            "read" => said.map(str::to_owned),
            _ => Some("Find the mayor".to_owned()),
        });
        assert_eq!(asked.last().unwrap().request, request);
    }
}

#[test]
fn parts_are_never_more_than_allowed() {
    let long = document().repeat(200);
    let (asked, _) = play(&strategy(), asking(&[&long, "Who was mayor?"]), |_| Some("NONE".to_owned()));
    assert!(asked.iter().filter(|part| part.role == "read").count() <= 32);
}
