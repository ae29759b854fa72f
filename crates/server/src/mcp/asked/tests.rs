use super::*;

fn ask(key: u64, method: Method, params: &str) -> Ask {
    Ask { key, method, params: params.to_owned() }
}

fn message(text: &str) -> Message {
    Message::parse(text.to_owned()).expect("a message")
}

#[test]
fn an_answer_reaches_who_asked_and_only_once() {
    let asked = Asked::default();
    let (to, mut inbox) = mpsc::channel(4);
    let (id, text) =
        asked.add(&ask(9, Method::RootsList, r#"{"_meta":{"progressToken":"theirs"}}"#), to).expect("room");
    assert_eq!(raw::at(&text, &["params", "_meta", "progressToken"]), Some(id.to_string().as_str()));
    asked.answered(&message(r#"{"jsonrpc":"2.0","id":77,"result":{}}"#));
    assert!(inbox.try_recv().is_err(), "an id that was never asked changes nothing");
    asked.progressed(&format!(r#"{{"progressToken":{id},"progress":1}}"#));
    assert!(matches!(inbox.try_recv(), Ok((9, Response::Progress(_)))));
    let answer = message(&format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"roots":[]}}}}"#));
    asked.answered(&answer);
    asked.answered(&answer);
    assert!(matches!(inbox.try_recv(), Ok((9, Response::Answer(Ok(result)))) if result == r#"{"roots":[]}"#));
    assert!(inbox.try_recv().is_err(), "a second answer is nobody's");
}

#[test]
fn errors_and_shapes_are_told_apart() {
    let asked = Asked::default();
    let (to, mut inbox) = mpsc::channel(4);
    for body in [r#""error":{"code":-1,"message":"no"}"#, r#""result":[1]"#] {
        let (id, _) = asked.add(&ask(1, Method::Elicit, "{}"), to.clone()).expect("room");
        asked.answered(&message(&format!(r#"{{"jsonrpc":"2.0","id":{id},{body}}}"#)));
        assert!(matches!(inbox.try_recv(), Ok((1, Response::Answer(Err(_))))));
    }
}

#[test]
fn an_address_has_an_id_for_legacy_clients() {
    let asked = Asked::default();
    let (to, _inbox) = mpsc::channel(4);
    let (_, text) =
        asked.add(&ask(1, Method::Elicit, r#"{"mode":"url","url":"https://a"}"#), to.clone()).expect("room");
    assert!(raw::at(&text, &["params", "elicitationId"]).is_some());
    let own = r#"{"mode":"url","url":"https://a","elicitationId":"own"}"#;
    let (_, text) = asked.add(&ask(1, Method::Elicit, own), to).expect("room");
    assert_eq!(raw::at(&text, &["params", "elicitationId"]), Some("\"own\""));
}

#[test]
fn there_is_a_limit() {
    let asked = Asked::default();
    let (to, _inbox) = mpsc::channel(4);
    let ids: Vec<_> =
        (0..OPEN).map(|_| asked.add(&ask(1, Method::RootsList, "{}"), to.clone()).expect("room").0).collect();
    assert!(asked.add(&ask(1, Method::RootsList, "{}"), to.clone()).is_none());
    asked.remove(ids[0]);
    assert!(asked.add(&ask(1, Method::RootsList, "{}"), to).is_some());
}
