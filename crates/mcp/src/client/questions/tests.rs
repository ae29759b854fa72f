use super::{OPEN, Questions, Way};
use crate::{Message, Method};

#[test]
fn a_question_goes_to_the_newest_call_of_the_only_client() {
    let cases: [(&[(u64, u64)], Way); 5] = [
        (&[], Way::Nobody),
        (&[(3, 1)], Way::Call(3)),
        (&[(3, 1), (9, 1), (4, 1)], Way::Call(9)),
        (&[(3, 1), (9, 2)], Way::Unclear),
        (&[(3, 1), (9, 1), (4, 2)], Way::Unclear),
    ];
    for (calls, way) in cases {
        assert_eq!(Questions::default().place("1", calls.iter().copied()), way, "{calls:?}");
    }
}

#[test]
fn an_id_is_free_again_when_its_question_is_over() {
    let mut questions = Questions::default();
    let ask = |questions: &mut Questions| questions.place("\"a\"", [(3, 1)].into_iter());
    assert_eq!(ask(&mut questions), Way::Call(3));
    assert_eq!(ask(&mut questions), Way::TooMany, "one with this id waits");
    questions.answered("\"a\"");
    assert_eq!(ask(&mut questions), Way::Call(3));
    questions.forget(4);
    assert_eq!(ask(&mut questions), Way::TooMany);
    questions.forget(3);
    assert_eq!(ask(&mut questions), Way::Call(3));
    let text = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"a"}}"#;
    let cancellation = Message::parse(text.to_owned()).unwrap();
    assert_eq!(questions.withdrawn(&cancellation), Some(3));
    assert_eq!(questions.withdrawn(&cancellation), None, "it is withdrawn once");
}

#[test]
fn a16_only_so_many_wait() {
    let mut questions = Questions::default();
    for id in 0..OPEN {
        assert_eq!(questions.place(&id.to_string(), [(1, 1)].into_iter()), Way::Call(1));
    }
    assert_eq!(questions.place("more", [(1, 1)].into_iter()), Way::TooMany);
}

#[test]
fn nobody_has_no_folders_and_answers_a_ping() {
    let answer = |way: Way, method: Method| way.refusal("7", &method);
    assert!(answer(Way::Nobody, Method::Ping).contains(r#""result":{}"#));
    assert!(answer(Way::Nobody, Method::RootsList).contains(r#""roots":[]"#));
    assert!(answer(Way::Nobody, Method::Elicit).contains("-32601"));
    assert!(answer(Way::Unclear, Method::RootsList).contains("-32603"));
    assert!(answer(Way::TooMany, Method::RootsList).contains("-32603"));
}
