use super::*;
use conversation::answer::{Finish, Reason, Reply, Usage};
use conversation::delta::Delta;
use conversation::dialect::Dialect;
use conversation::extra::Extra;
use conversation::item::{Item, Reasoning, ToolCall};
use conversation::stream::Event;

/// The data of the events that `events` become, and the losses.
fn written(events: &[Event]) -> (Vec<String>, String) {
    let reply = Reply { id: "abc".to_owned(), ..Reply::default() };
    let mut writer = Writer::new(reply);
    let data = events.iter().flat_map(|event| writer.push(event)).map(|event| event.data).collect();
    (data, writer.losses().to_string())
}

fn start() -> Event {
    Event::Start { id: None, model: Some("m".to_owned()), created: None, extra: Extra::new(Dialect::OpenAiChat) }
}

fn call(pieces: &[&str]) -> Vec<Event> {
    let item = Item::ToolCall(ToolCall { id: Some("c".into()), name: "f".into(), ..ToolCall::default() });
    let deltas = pieces.iter().map(|piece| Event::Delta { index: 0, delta: Delta::Arguments((*piece).to_owned()) });
    [Event::ItemStart { index: 0, item }].into_iter().chain(deltas).chain([Event::ItemEnd { index: 0 }]).collect()
}

/// The pieces of arguments that a call is written in.
fn pieces(events: &[Event]) -> (Vec<String>, String) {
    let (data, losses) = written(events);
    let pieces = data.iter().filter_map(|data| data.split_once(r#""partial_json":"#));
    (pieces.map(|(_, piece)| piece.trim_end_matches('}').to_owned()).collect(), losses)
}

#[test]
fn arguments_go_on_as_they_come_if_they_are_an_object() {
    let whole = |told: &[&str]| told.iter().map(|piece| (*piece).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        pieces(&call(&["", " ", "{\"a\"", ":1", "}"])),
        (whole(&[r#""{\"a\"""#, r#"":1""#, r#""}""#]), String::new())
    );
    assert_eq!(pieces(&call(&[])), (whole(&[]), String::new()));
    let wrapped = whole(&[r#""{\"arguments\":\"[1,2]\"}""#]);
    assert_eq!(pieces(&call(&["[1,", "2]"])), (wrapped, "tool_call.arguments".to_owned()));
}

#[test]
fn an_answer_of_another_dialect_is_a_whole_stream() {
    let mut events = vec![start()];
    events.extend(call(&["{}"]));
    let usage = Usage { input: Some(9), output: Some(3), cache_read: Some(4), ..Usage::default() };
    events.extend([Event::Finish(Finish::new(Reason::ToolCalls)), Event::Usage(usage), Event::End]);
    let (data, losses) = written(&events);
    let expected = [
        concat!(
            r#"{"type":"message_start","message":{"id":"msg_abc","type":"message","role":"assistant","model":"m","#,
            r#""content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":0,"output_tokens":0}}}"#
        ),
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"c","name":"f","input":{}}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{}"}}"#,
        r#"{"type":"content_block_stop","index":0}"#,
        concat!(
            r#"{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"#,
            r#""usage":{"input_tokens":5,"cache_read_input_tokens":4,"output_tokens":3}}"#
        ),
        r#"{"type":"message_stop"}"#,
    ];
    assert_eq!((data.iter().map(String::as_str).collect::<Vec<_>>(), losses.as_str()), (expected.to_vec(), ""));
}

#[test]
fn thoughts_of_another_dialect_are_one_block_and_what_is_encrypted_is_lost() {
    let item = |reasoning: Reasoning| Event::ItemStart { index: 0, item: Item::Reasoning(reasoning) };
    let delta = |delta| Event::Delta { index: 0, delta };
    let summary = |part, text: &str| delta(Delta::Summary { part, text: text.to_owned() });
    let events = [
        item(Reasoning::default()),
        summary(0, "a"),
        summary(0, "b"),
        summary(1, "c"),
        delta(Delta::Encrypted("e".into())),
        Event::ItemEnd { index: 0 },
    ];
    let (data, losses) = written(&events);
    let thoughts: Vec<&str> =
        data.iter().filter_map(|data| data.split_once(r#""thinking":"#)).map(|(_, end)| end).collect();
    assert_eq!(thoughts, [r#""","signature":""}}"#, r#""a"}}"#, r#""b"}}"#, r#""\n\n"}}"#, r#""c"}}"#]);
    assert_eq!(losses, "reasoning.encrypted");
    let (data, losses) = written(&[
        item(Reasoning { encrypted: Some("e".into()), ..Reasoning::default() }),
        Event::ItemEnd { index: 0 },
    ]);
    assert_eq!((data.len(), losses.as_str()), (1, "reasoning.encrypted"));
}

#[test]
fn nothing_comes_behind_an_error_or_an_end() {
    let mut reader = Reader::default();
    let error = r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
    assert!(matches!(reader.feed(Some("error"), error).as_deref(), Ok([Event::Error(_)])));
    assert_eq!(reader.feed(None, error), Ok(vec![]));
    assert_eq!(reader.finish(), Ok(vec![]));
    let mut reader = Reader::default();
    assert_eq!(reader.feed(None, r#"{"type":"message_stop"}"#), Ok(vec![Event::End]));
    assert_eq!((reader.feed(None, error), reader.finish()), (Ok(vec![]), Ok(vec![])));
    assert!(Reader::default().finish().is_err());
}

#[test]
fn an_error_without_a_type_and_the_words_of_other_servers_are_understood() {
    let mut reader = Reader::default();
    assert_eq!(reader.feed(None, "[DONE]"), Ok(vec![]));
    assert_eq!(reader.feed(None, ""), Ok(vec![]));
    assert_eq!(reader.feed(Some("ping"), "{}"), Ok(vec![]));
    let events = reader.feed(None, r#"{"error":{"message":"out of memory"}}"#).unwrap();
    assert!(matches!(events.as_slice(), [Event::Error(failure)] if failure.message == "out of memory"));
}

#[test]
fn pieces_that_are_not_known_stay_in_their_block() {
    let unknown = r#"{"type":"content_block_delta","index":0,"delta":{"type":"sparkle_delta","sparkle":1}}"#;
    for block in [r#"{"type":"thinking","thinking":"","signature":""}"#, r#"{"type":"hologram","shape":[]}"#] {
        let begin = format!(r#"{{"type":"content_block_start","index":0,"content_block":{block}}}"#);
        let mut reader = Reader::default();
        let read = [begin.as_str(), unknown, r#"{"type":"content_block_stop","index":0}"#];
        let events: Vec<Event> = read.iter().flat_map(|data| reader.feed(None, data).unwrap()).collect();
        let (data, losses) = written(&events);
        assert_eq!((data.get(1), data.get(2), losses.as_str()), (Some(&begin), Some(&unknown.to_owned()), ""));
    }
}
