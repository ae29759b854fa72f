//! Requests, answers and streams of models, from each dialect into each: what is written can be read again, nothing is
//! lost into the dialect that it came from, and a stream may be cut anywhere.

use dialects::embeddings::Embedding;
use dialects::frame::Frames;
use dialects::stream::{Gather, replay};
use dialects::{
    Dialect, Event, Fault, Reply, Signed, StreamReader, StreamWriter, read_answer, read_failure, read_request,
    write_answer, write_failure, write_request,
};

/// The largest event that is taken.
const LIMIT: usize = 4096;

/// The first byte says from which dialect into which; the second where a stream is cut.
pub(crate) fn feed(data: &[u8]) {
    let [which, cut, rest @ ..] = data else { return };
    let (from, into) = (usize::from(*which) / 6 % 6, usize::from(*which) % 6);
    let (from, into) = (Dialect::ALL[from], Dialect::ALL[into]);
    if let Ok(text) = std::str::from_utf8(rest) {
        request(from, into, text);
        answer(from, into, text);
        let failure = read_failure(from, 400, text);
        read_failure(into, 400, &write_failure(into, &failure));
        if let Ok(embedding) = Embedding::read(text) {
            let _ = (embedding.write("m"), embedding.answer(text));
        }
    }
    let cut = usize::from(*cut) * rest.len() / 256;
    let whole = events(from, &[rest]);
    assert_eq!(whole, events(from, &[&rest[..cut], &rest[cut..]]), "a stream that is cut at {cut}");
    let mut writer = StreamWriter::new(into, Reply::default());
    for event in whole.unwrap_or_default() {
        writer.push(event);
    }
}

fn request(from: Dialect, into: Dialect, text: &str) {
    let Ok(mut request) = read_request(from, text, Some("m"), false) else { return };
    let own = write_request(from, &request);
    assert!(own.losses.is_empty(), "lost on the way back: {}", own.losses);
    let again = read_request(from, &own.body, Some("m"), false);
    assert!(again.is_ok(), "{again:?} of {}", own.body);
    dialects::fit(into, &mut request, None);
    write_request(into, &request);
}

fn answer(from: Dialect, into: Dialect, text: &str) {
    let Ok(answer) = read_answer(from, text) else { return };
    let mut gather = Gather::new();
    replay(&answer).into_iter().for_each(|event| gather.push(event));
    assert_eq!(gather.into_answer(), answer, "taken apart and put together");
    if let Some(signed) = Signed::of(&answer.items) {
        assert_eq!(Signed::read(&signed.to_text()).as_ref(), Some(&signed), "signatures that are kept");
        signed.put_back(answer.items.clone());
    }
    let own = write_answer(from, &answer, &Reply::default());
    let again = read_answer(from, &own.body);
    assert!(again.is_ok(), "{again:?} of {}", own.body);
    write_answer(into, &answer, &Reply::default());
}

fn events(dialect: Dialect, pieces: &[&[u8]]) -> Result<Vec<Event>, Fault> {
    let (mut frames, mut reader) = (Frames::new(dialect.framing(), LIMIT), StreamReader::new(dialect));
    let mut events = Vec::new();
    for piece in pieces {
        for frame in frames.feed(piece)? {
            events.extend(reader.feed(frame.name.as_deref(), &frame.data)?);
        }
    }
    if let Some(frame) = frames.finish()? {
        events.extend(reader.feed(frame.name.as_deref(), &frame.data)?);
    }
    events.extend(reader.finish()?);
    Ok(events)
}
