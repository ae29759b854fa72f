//! What must hold for every file in `golden/<dialect>/`, in every dialect. `TUTTI_UPDATE_SNAPSHOTS=1` writes what each
//! becomes in the others to `golden/expected/` anew.

mod corpus;
mod properties;
mod snapshots;

use super::*;
use conversation::frame::{Frames, Framing};
use conversation::stream::{Gather, replay};
use corpus::{Case, Kind};
use serde_json::Value;
use std::sync::Arc;

/// The model that paths name where the body names none.
const IN_PATH: &str = "model-in-path";

/// Whether the dialect can be read and written.
fn is_there(dialect: Dialect) -> bool {
    !matches!(read_answer(dialect, "{}"), Err(fault) if fault.cause.contains("not there yet"))
}

fn dialects() -> impl Iterator<Item = Dialect> {
    Dialect::ALL.into_iter().filter(|dialect| is_there(*dialect))
}

/// The cases of all dialects that are there.
fn cases(kind: Kind) -> Vec<Case> {
    dialects().flat_map(|dialect| corpus::cases(dialect, kind)).collect()
}

fn request_of(case: &Case) -> Request {
    let streamed = case.name.contains("stream");
    read_request(case.dialect, &case.text, Some(IN_PATH), streamed)
        .unwrap_or_else(|fault| panic!("{}: {fault}", case.path()))
}

fn answer_of(case: &Case) -> Answer {
    read_answer(case.dialect, &case.text).unwrap_or_else(|fault| panic!("{}: {fault}", case.path()))
}

/// A reply to a request that wants to be told everything.
fn reply() -> Reply {
    let request = Request { stream: true, stream_usage: true, model: "asked-model".to_owned(), ..Request::default() };
    Reply { id: "0123456789abcdef".to_owned(), created: 1_700_000_000, request: Arc::new(request) }
}

/// The events of a stream that comes in pieces of `size` bytes.
fn events_of(dialect: Dialect, text: &[u8], size: usize) -> Result<Vec<Event>, Fault> {
    let (mut frames, mut reader, mut events) =
        (Frames::new(dialect.framing(), 1 << 20), StreamReader::new(dialect), vec![]);
    for piece in text.chunks(size) {
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

fn gathered(events: Vec<Event>) -> Gather {
    let mut gather = Gather::new();
    events.into_iter().for_each(|event| gather.push(event));
    gather
}

/// The events as a stream in this dialect, and what was lost.
fn stream_in(dialect: Dialect, events: &[Event]) -> (String, Losses) {
    let mut writer = StreamWriter::new(dialect, reply());
    let wire: Vec<WireEvent> = events.iter().flat_map(|event| writer.push(event.clone())).collect();
    let lines = dialect.framing() == Framing::Lines;
    let text = wire.iter().map(|event| if lines { event.to_line() } else { event.to_sse() }).collect();
    (text, writer.losses().clone())
}

fn same(path: &str, was: &str, is: &str) {
    let [was, is] =
        [was, is].map(|text| serde_json::from_str::<Value>(text).unwrap_or_else(|_| panic!("{path}: {text}")));
    assert!(was == is, "{path}\nwas {was:#}\n is {is:#}");
}

#[test]
fn requests_come_back_with_every_field() {
    for case in cases(Kind::Requests) {
        let written = write_request(case.dialect, &request_of(&case));
        same(&case.path(), &case.text, &written.body);
        assert!(written.losses.is_empty(), "{}: {}", case.path(), written.losses);
    }
}

#[test]
fn answers_come_back_with_every_field() {
    for case in cases(Kind::Answers) {
        let written = write_answer(case.dialect, &answer_of(&case), &reply());
        same(&case.path(), &case.text, &written.body);
        assert!(written.losses.is_empty(), "{}: {}", case.path(), written.losses);
    }
}

#[test]
fn an_answer_taken_apart_and_put_together_is_the_same() {
    for case in cases(Kind::Answers) {
        let answer = answer_of(&case);
        assert_eq!(gathered(replay(&answer)).into_answer(), answer, "{}", case.path());
    }
}

#[test]
fn any_pieces_of_a_stream_give_the_same_events() {
    for case in cases(Kind::Streams) {
        let whole = events_of(case.dialect, case.text.as_bytes(), usize::MAX);
        for size in [1, 2, 3, 7, 64] {
            assert_eq!(events_of(case.dialect, case.text.as_bytes(), size), whole, "{}", case.path());
        }
        assert_eq!(whole.is_err(), case.name.contains("broken"), "{}: {whole:?}", case.path());
    }
}

#[test]
fn a_stream_written_and_read_again_says_the_same() {
    for case in cases(Kind::Streams) {
        let Ok(events) = events_of(case.dialect, case.text.as_bytes(), usize::MAX) else { continue };
        let (text, _) = stream_in(case.dialect, &events);
        let again = events_of(case.dialect, text.as_bytes(), usize::MAX)
            .unwrap_or_else(|fault| panic!("{}: {fault}\n{text}", case.path()));
        let [was, is] = [gathered(events), gathered(again)];
        assert_eq!((was.is_complete(), was.failure()), (is.is_complete(), is.failure()), "{}\n{text}", case.path());
        let [was, is] = [was.into_answer(), is.into_answer()];
        assert_eq!((was.items, was.finish, was.usage), (is.items, is.finish, is.usage), "{}\n{text}", case.path());
    }
}

#[test]
fn a_failure_keeps_its_kind_and_message() {
    for case in cases(Kind::Failures) {
        let status = case.name.get(..3).and_then(|status| status.parse().ok()).unwrap();
        let failure = read_failure(case.dialect, status, &case.text);
        for dialect in dialects() {
            let again = read_failure(dialect, failure.kind.status(), &write_failure(dialect, &failure));
            assert_eq!(
                (again.kind, again.message),
                (failure.kind, failure.message.clone()),
                "{} {dialect:?}",
                case.path()
            );
        }
    }
}
