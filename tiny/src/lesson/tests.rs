use super::*;

#[test]
fn the_same_seed_makes_the_same_lessons() {
    let make = || {
        let mut random = Random::new(5);
        let lessons: Vec<_> = (0..300).map(|_| exchange(&mut random)).collect();
        lessons
    };
    let lessons = make();
    assert_eq!(lessons, make());
    let unknown = lessons.iter().filter(|(_, answer)| answer == FALLBACK).count();
    assert!((75..150).contains(&unknown), "{unknown}");
}

#[test]
fn no_question_has_two_answers() {
    let mut answers = std::collections::BTreeMap::new();
    for (question, answer) in known::EXCHANGES.iter().flatten() {
        assert_eq!(answers.insert(question, answer), None, "{question}");
    }
    assert_eq!(answers[&"Where does the owl live?".to_owned()], "The owl lives in the tree.");
    assert_eq!(answers[&"What is 2 plus 3?".to_owned()], "2 plus 3 is 5.");
    assert_eq!(answers[&"What colour is the green fox?".to_owned()], "The fox is green.");
    let record = r#"{"animal": "hen", "colour": "red", "home": "barn"}"#;
    assert_eq!(answers[&"Describe the red hen as JSON.".to_owned()], record);
}

#[test]
fn chats_begin_as_clients_begin_them_and_end_with_an_answer() {
    let mut random = Random::new(9);
    for _ in 0..500 {
        let Lesson::Chat(turns) = Lesson::new(&mut random) else { continue };
        let roles: Vec<_> = turns.iter().map(|(role, _)| *role).filter(|role| *role != Role::System).collect();
        assert!(roles.chunks(2).all(|pair| pair == [Role::User, Role::Assistant]));
        assert!(turns.iter().skip(1).all(|(role, _)| *role != Role::System));
    }
}
