use super::{Decoder, Event, TooLarge, encode};
use proptest::prelude::*;

fn decode(stream: &[u8], cuts: &[usize]) -> Vec<Event> {
    let mut decoder = Decoder::new(1 << 20);
    let mut events = Vec::new();
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut % (stream.len() + 1)).collect();
    places.extend([0, stream.len()]);
    places.sort_unstable();
    for pair in places.windows(2) {
        decoder.feed(&stream[pair[0]..pair[1]]);
        while let Some(event) = decoder.next_event().unwrap() {
            events.push(event);
        }
    }
    events
}

#[test]
fn a_stream_says_where_and_when_it_can_be_taken_up_again() {
    let mut decoder = Decoder::new(1 << 20);
    assert_eq!((decoder.last_id(), decoder.retry()), (None, None));
    decoder.feed(b"id: 1\nretry: 500\ndata: \n\nid: 2\nretry: soon\ndata: x\n\nid: 3\ndata: unfinished");
    while decoder.next_event().unwrap().is_some() {}
    assert_eq!(decoder.last_id(), Some("2"), "what was not received whole is sent again");
    assert_eq!(decoder.retry(), Some(std::time::Duration::from_millis(500)));
    decoder.feed(format!("\n\nid: {}\ndata: x\n\n", "9".repeat(2000)).as_bytes());
    while decoder.next_event().unwrap().is_some() {}
    assert_eq!(decoder.last_id(), Some("3"));
}

proptest! {
    #[test]
    fn any_cutting_of_a_stream_gives_the_same_events(
        texts in prop::collection::vec("[^\r\n]{0,20}", 1..5), cuts in prop::collection::vec(any::<usize>(), 0..12),
        end in prop_oneof![Just("\n"), Just("\r\n"), Just("\r")],
    ) {
        let stream: String = texts.iter().map(|text| format!(": c{end}id: 7{end}data: {text}{end}data: x{end}{end}")).collect();
        // A last carriage return cannot be told from half of a line end until more comes.
        let stream = stream + ": end\n";
        let events = decode(stream.as_bytes(), &cuts);
        let data: Vec<String> = events.into_iter().map(|event| event.data).collect();
        let expected: Vec<String> = texts.iter().map(|text| format!("{text}\nx")).collect();
        prop_assert_eq!(data, expected);
    }

    #[test]
    fn what_is_encoded_is_decoded(message in "[ -~\n]{1,60}") {
        let message = message.trim_matches('\n').to_owned() + "x";
        let events = decode(encode(&message).as_bytes(), &[]);
        prop_assert_eq!(&events[0].data, &message);
        prop_assert_eq!(&events[0].name, "message");
    }
}

#[test]
fn an_event_above_the_limit_ends_the_stream() {
    let mut decoder = Decoder::new(100);
    decoder.feed(&vec![b'x'; 2000]);
    assert_eq!(decoder.next_event(), Err(TooLarge));
    let mut lines = Decoder::new(100);
    lines.feed("data: 0123456789\n".repeat(20).as_bytes());
    assert_eq!(lines.next_event(), Err(TooLarge));
}

#[test]
fn a_carriage_return_within_a_message_ends_no_line() {
    let events = decode(encode("{\"a\":\r1,\r\n\"b\":2}").as_bytes(), &[]);
    assert_eq!(events.len(), 1);
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&events[0].data).unwrap(),
        serde_json::json!({"a": 1, "b": 2})
    );
}
