use super::*;
use proptest::prelude::*;

/// All events of a stream that comes in pieces of these sizes.
fn cut(framing: Framing, text: &[u8], sizes: &[usize]) -> Vec<Frame> {
    let (mut frames, mut got, mut rest) = (Frames::new(framing, 1000), Vec::new(), text);
    for size in sizes.iter().cycle() {
        let (piece, behind) = rest.split_at((*size).max(1).min(rest.len()));
        got.extend(frames.feed(piece).unwrap());
        rest = behind;
        if rest.is_empty() {
            break;
        }
    }
    got.extend(frames.finish().unwrap());
    got
}

const STREAM: &str = "\u{feff}: hello\r\nevent: a\r\ndata:{\"x\":\r\ndata: \"ä€🎺\"}\r\n\r\n\r\nevent: lost\n\n\
                      data: one\rdata\r\rid: 7\nevent:\ndata: two\n\ndata: [DONE]";

#[test]
fn every_way_to_end_a_line_and_to_say_data_is_read() {
    let frame = |name: Option<&str>, data: &str| Frame { name: name.map(str::to_owned), data: data.to_owned() };
    let wanted =
        [frame(Some("a"), "{\"x\":\n\"ä€🎺\"}"), frame(None, "one\n"), frame(None, "two"), frame(None, "[DONE]")];
    assert_eq!(cut(Framing::Sse, STREAM.as_bytes(), &[1000]), wanted);
    assert_eq!(cut(Framing::Lines, b"{\"a\":1}\r\n\n {} \n{\"b\":2}", &[3]).len(), 3);
}

#[test]
fn what_has_no_end_or_no_sense_is_refused() {
    assert!(Frames::new(Framing::Sse, 10).feed(b"data: 1234567890").is_err());
    let mut frames = Frames::new(Framing::Sse, 20);
    let many: Result<Vec<_>, _> = (0..10).map(|_| frames.feed(b"data: 1234\n")).collect();
    assert!(many.is_err());
    assert!(Frames::new(Framing::Lines, 10).feed(b"\xff\n").is_err());
}

proptest! {
    #[test]
    fn any_pieces_give_the_same_events(sizes in prop::collection::vec(1usize..9, 1..20)) {
        prop_assert_eq!(cut(Framing::Sse, STREAM.as_bytes(), &sizes), cut(Framing::Sse, STREAM.as_bytes(), &[1000]));
    }
}

#[test]
fn what_is_whole_before_a_fault_is_given() {
    let mut frames = Frames::new(Framing::Sse, 100);
    assert_eq!(frames.feed(b"data: 1\n\ndata: \xff\n\ndata: 2\n\n").unwrap().len(), 1);
    assert!(frames.feed(b"data: 3\n\n").is_err() && frames.finish().is_err());
}
