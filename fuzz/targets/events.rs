//! Streams of events: however the bytes are cut, the events are the same; what was encoded is read as it was.

use super::input;
use mcp::sse::{Decoder, Event, TooLarge, encode};

pub(crate) fn feed(data: &[u8]) {
    let (seed, data) = input::choice(data);
    let limit = 1 << 20;
    let whole = decode(limit, &[data]);
    assert_eq!(whole, decode(limit, &input::pieces(data, seed)), "cut elsewhere");
    assert!(whole.is_ok(), "no event here is too large");
    let small = decode(seed, &input::pieces(data, seed));
    if let Ok((events, ..)) = small {
        assert!(events.iter().all(|event| event.data.len() <= seed + 1024 + 1), "an event beyond the limit");
    }
    if let Ok(text) = std::str::from_utf8(data) {
        written(text);
    }
}

/// The events, and what the stream said besides: its last id and its time to wait.
type Read = (Vec<Event>, Option<String>, Option<std::time::Duration>);

fn decode(limit: usize, pieces: &[&[u8]]) -> Result<Read, TooLarge> {
    let mut decoder = Decoder::new(limit);
    let mut events = Vec::new();
    for piece in pieces {
        decoder.feed(piece);
        while let Some(event) = decoder.next_event()? {
            events.push(event);
        }
    }
    Ok((events, decoder.last_id().map(str::to_owned), decoder.retry()))
}

/// In JSON line ends are white space, so they may become others; all else comes out as it went in.
fn written(text: &str) {
    if text.is_empty() {
        return;
    }
    let mut decoder = Decoder::new(1 << 20);
    decoder.feed(encode(text).as_bytes());
    let Ok(Some(event)) = decoder.next_event() else { panic!("what was written is no event: {text:?}") };
    let plain = |text: &str| text.replace('\r', " ").trim_end_matches('\n').replace(" \n", "\n");
    assert_eq!(event.name, "message");
    assert_eq!(plain(&event.data), plain(text), "what was written");
    assert!(matches!(decoder.next_event(), Ok(None)), "one message became two events");
}
