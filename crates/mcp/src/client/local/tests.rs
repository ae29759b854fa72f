//! Both ends of a request within the process.

use super::*;
use serde_json::json;

async fn asked(call: &mut Call) -> (String, String) {
    match call.next().await.unwrap() {
        Inbound::Ask(message) => (message.id().unwrap().to_owned(), message.body().unwrap().to_owned()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_server_tells_and_asks_before_it_answers() {
    let (mut call, mut line, end) = line();
    line.tell(&Method::Progress, r#"{"progress":1}"#);
    let question = line.ask(&Method::Elicit, r#"{"message":"Well?"}"#).await.unwrap();
    assert!(matches!(call.next().await.unwrap(), Inbound::Note(_)));
    let (id, params) = asked(&mut call).await;
    assert_eq!((id.as_str(), params.as_str()), ("1", r#"{"message":"Well?"}"#));
    // An answer to something else is passed over.
    call.reply(write::result("7", "{}"));
    call.reply(write::result(&id, r#"{"action":"accept"}"#));
    assert_eq!(line.reply(question).await.unwrap(), Ok(r#"{"action":"accept"}"#.to_owned()));
    let question = line.ask(&Method::Elicit, "{}").await.unwrap();
    asked(&mut call).await;
    call.reply(write::raw_error("2", r#"{"code":-32601,"message":"no"}"#));
    assert!(line.reply(question).await.unwrap().is_err());
    end.answer(Ok(Message::parse(write::result("1", &json!({"content": []}).to_string())).unwrap())).await;
    assert!(matches!(call.next().await.unwrap(), Inbound::Answer(_)));
}

#[tokio::test]
async fn notes_that_nobody_reads_are_lost_and_not_kept() {
    let (mut call, line, end) = line();
    (0..100).for_each(|_| line.tell(&Method::Progress, "{}"));
    drop((line, end));
    let mut notes = 0;
    while let Ok(Inbound::Note(_)) = call.next().await {
        notes += 1;
    }
    assert_eq!(notes, WAITING);
}

#[tokio::test]
async fn a_server_hears_that_nobody_waits() {
    let (call, mut line, end) = line();
    drop(call);
    end.closed().await;
    assert_eq!(line.ask(&Method::Elicit, "{}").await.unwrap_err().code(), Code::TaskCancelled);
    assert!(line.reply(1).await.is_err());
}
