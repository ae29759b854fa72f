//! Answers of providers in HTTP/1.1: an answer may be cut anywhere, and what follows it is no part of it.

use super::input;
use exchange::body::Body;
use exchange::head::{Framing, length, parse};

/// What an answer came to: its content, how much of the input it took, whether it is over.
type Read = (Vec<u8>, usize, bool);

pub(crate) fn feed(data: &[u8]) {
    let (seed, data) = input::choice(data);
    let whole = read(&[data]);
    let pieces = read(&input::pieces(data, seed));
    assert_eq!(whole.is_ok(), pieces.is_ok(), "cut elsewhere: {whole:?}, {pieces:?}");
    let Ok(Some(whole)) = whole else { return };
    assert_eq!(Ok(Some(whole.clone())), pieces, "cut elsewhere");
    let (content, used, over) = whole;
    assert!(content.len() <= used && used <= data.len());
    if over {
        let behind = [&data[..used], b"HTTP/1.1 200 OK\r\n\r\n"].concat();
        assert_eq!(read(&[&behind]), Ok(Some((content, used, true))), "what follows changes an answer");
    }
}

fn read(pieces: &[&[u8]]) -> Result<Option<Read>, &'static str> {
    let (mut came, mut seen, mut at, mut body) = (Vec::new(), 0, 0, None);
    let mut content = Vec::new();
    for piece in pieces {
        came.extend_from_slice(piece);
        if body.is_none() {
            let Some(end) = length(&came, seen)? else {
                seen = came.len();
                continue;
            };
            let head = parse(&came[..end])?;
            assert!(!head.keep || head.framing != Framing::UntilClose);
            at = end;
            body = Some(Body::new(head.framing));
        }
        if let Some(body) = &mut body {
            at += body.feed(&came[at..], &mut |piece| content.extend_from_slice(piece))?;
        }
    }
    Ok(body.map(|body| (content, at, body.is_over())))
}
