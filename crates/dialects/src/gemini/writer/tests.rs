use super::*;
use conversation::failure::{Failure, FailureKind};
use conversation::item::{Reasoning, Text, ToolCall};

fn data(events: &[Event]) -> Vec<String> {
    let mut writer = Writer::new(Reply { id: "r".to_owned(), ..Reply::default() });
    events.iter().flat_map(|event| writer.push(event)).map(|event| event.data).collect()
}

fn parts(events: &[Event]) -> Vec<String> {
    let part = |data: String| {
        let (_, rest) = data.split_once(r#""parts":["#)?;
        Some(rest.split_once("]}")?.0.to_owned())
    };
    data(events).into_iter().filter_map(part).collect()
}

#[test]
fn signatures_that_come_behind_the_text_stand_in_a_part_of_their_own() {
    let thought = Item::Reasoning(Reasoning::default());
    let events = [
        Event::ItemStart { index: 0, item: thought },
        Event::Delta { index: 0, delta: Delta::Reasoning("Hm".to_owned()) },
        Event::Delta { index: 0, delta: Delta::Signature("S".to_owned()) },
        Event::ItemEnd { index: 0 },
        Event::End,
    ];
    let expected = [
        r#"{"text":"H","thought":true}"#,
        r#"{"text":"m","thought":true}"#,
        r#"{"text":"","thought":true,"thoughtSignature":"S"}"#,
    ];
    assert_eq!(parts(&events), expected);
}

#[test]
fn a_text_that_is_signed_from_the_start_stays_in_one_part() {
    let signed = Item::Text(Text { signature: Some("S".to_owned()), ..Text::default() });
    let events = [
        Event::ItemStart { index: 0, item: signed },
        Event::Delta { index: 0, delta: Delta::Text("a".to_owned()) },
        Event::Delta { index: 0, delta: Delta::Text("b".to_owned()) },
        Event::ItemEnd { index: 0 },
        Event::End,
    ];
    assert_eq!(parts(&events), [r#"{"text":"ab","thoughtSignature":"S"}"#]);
}

#[test]
fn calls_go_out_whole_and_nothing_follows_an_error() {
    let call = Item::ToolCall(ToolCall { name: "now".to_owned(), ..ToolCall::default() });
    let events = [
        Event::ItemStart { index: 0, item: call },
        Event::Delta { index: 0, delta: Delta::Arguments(r#"{"a""#.to_owned()) },
        Event::Delta { index: 0, delta: Delta::Arguments(":1}".to_owned()) },
        Event::ItemEnd { index: 0 },
        Event::Error(Failure::new(FailureKind::Overloaded, "m")),
        Event::End,
    ];
    let written = data(&events);
    assert_eq!(written.len(), 2, "{written:?}");
    assert!(written[0].contains(r#"{"functionCall":{"name":"now","args":{"a":1}}}"#), "{written:?}");
    assert_eq!(written[1], r#"{"error":{"code":503,"message":"m","status":"UNAVAILABLE"}}"#);
}

#[test]
fn what_was_said_last_stands_in_the_last_event() {
    let said = |index: usize, text: &str| {
        let piece = |text: &str| Event::Delta { index, delta: Delta::Text(text.to_owned()) };
        let middle = text.len() / 2;
        [
            Event::ItemStart { index, item: Item::text("") },
            piece(&text[..middle]),
            piece(&text[middle..]),
            Event::ItemEnd { index },
        ]
    };
    let call = Item::ToolCall(ToolCall { name: "now".to_owned(), ..ToolCall::default() });
    let calls = [Event::ItemStart { index: 1, item: call }, Event::ItemEnd { index: 1 }];
    let mut texts = said(0, "abcd").to_vec();
    texts.push(Event::End);
    let last = |events: &[Event]| data(events).pop().unwrap();
    assert_eq!(parts(&texts), [r#"{"text":"a"}"#, r#"{"text":"bc"}"#, r#"{"text":"d"}"#]);
    assert!(last(&texts).contains(r#""finishReason":"STOP""#));
    let both: Vec<Event> = said(0, "ab").into_iter().chain(calls).chain([Event::End]).collect();
    let call = r#"{"functionCall":{"name":"now","args":{}}}"#;
    assert_eq!(parts(&both), [r#"{"text":"a"}"#, r#"{"text":"b"}"#, call]);
    assert!(last(&both).contains(call));
    assert_eq!(parts(&[Event::End]), [r#"{"text":""}"#], "an answer that says nothing");
}
