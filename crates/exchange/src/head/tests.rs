use super::{Content, Framing, Outgoing, length, lines, parse};
use bytes::Bytes;
use http::{HeaderValue, Request};
use proptest::prelude::*;

fn framing(text: &str) -> Result<(Framing, bool), &'static str> {
    parse(text.replace('\n', "\r\n").as_bytes()).map(|head| (head.framing, head.keep))
}

#[test]
fn a_head_is_read() {
    let head =
        parse(b"HTTP/1.1 429 Too Many\r\nRetry-After:  7 \r\nX-A: b\r\nx-a: c\r\ncontent-length: 12\r\n\r\n").unwrap();
    assert_eq!(head.status, 429);
    assert_eq!(head.headers["retry-after"], "7");
    assert_eq!(head.headers.get_all("x-a").iter().count(), 2);
    assert_eq!((head.framing, head.keep), (Framing::Length(12), true));
}

#[test]
fn where_a_body_ends_is_told_in_one_way_only() {
    for (text, expected) in [
        ("HTTP/1.1 200 OK\nTransfer-Encoding: Chunked\n\n", (Framing::Chunked, true)),
        ("HTTP/1.1 200\ncontent-length: 0\n\n", (Framing::Length(0), true)),
        ("HTTP/1.1 200 OK\n\n", (Framing::UntilClose, false)),
        ("HTTP/1.0 200 OK\ncontent-length: 3\n\n", (Framing::Length(3), false)),
        ("HTTP/1.1 200 OK\ncontent-length: 3\nConnection: x, Close\n\n", (Framing::Length(3), false)),
        ("HTTP/1.1 204 No Content\n\n", (Framing::Length(0), true)),
        ("HTTP/1.1 100 Continue\n\n", (Framing::Length(0), true)),
    ] {
        assert_eq!(framing(text), Ok(expected), "{text}");
    }
    for text in [
        "HTTP/1.1 200 OK\ncontent-length: 3\ntransfer-encoding: chunked\n\n",
        "HTTP/1.1 200 OK\ncontent-length: 3\ncontent-length: 3\n\n",
        "HTTP/1.1 200 OK\ncontent-length: 3, 3\n\n",
        "HTTP/1.1 200 OK\ncontent-length: +3\n\n",
        "HTTP/1.1 200 OK\ncontent-length:\n\n",
        "HTTP/1.1 200 OK\ncontent-length: 99999999999999999999\n\n",
        "HTTP/1.1 200 OK\ntransfer-encoding: gzip, chunked\n\n",
        "HTTP/1.1 200 OK\ntransfer-encoding: chunked\ntransfer-encoding: chunked\n\n",
        "HTTP/1.0 200 OK\ntransfer-encoding: chunked\n\n",
    ] {
        assert!(framing(text).is_err(), "{text}");
    }
}

#[test]
fn what_two_readers_could_read_in_two_ways_is_refused() {
    for text in [
        &b"HTTP/1.1 200 OK\nx: y\r\n\r\n"[..],
        b"HTTP/1.1 200 OK\r\nx: y\n\n",
        b"HTTP/1.1 200 OK\r\nx: y\r\n more\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: y\rz: a\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx : y\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n: y\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: \0\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\rx\r\n\r\n",
        b"HTTP/2 200 OK\r\n\r\n",
        b"ICY 200 OK\r\n\r\n",
        b"\r\n\r\n",
    ] {
        assert!(parse(text).is_err(), "{:?}", String::from_utf8_lossy(text));
    }
}

#[test]
fn heads_have_limits() {
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "a: b\r\n".repeat(129));
    assert!(parse(many.as_bytes()).is_err());
    let long = format!("HTTP/1.1 200 OK\r\na: {}\r\n\r\n", "b".repeat(65 << 10));
    assert!(length(long.as_bytes(), 0).is_err());
    assert!(length(&long.as_bytes()[..(64 << 10) + 1], 1000).is_err());
    assert_eq!(length(&long.as_bytes()[..64 << 10], 1000), Ok(None));
}

#[test]
fn a_request_is_written_as_it_is() {
    let mut request = Request::post("/v1/chat?alt=sse").body(Bytes::from("{}")).unwrap();
    request.headers_mut().insert("host", HeaderValue::from_static("a:1"));
    let headers = lines(request.headers());
    let written = b"POST /v1/chat?alt=sse HTTP/1.1\r\nhost: a:1\r\ncontent-length: 2\r\n\r\n{}";
    assert_eq!(Outgoing::from(request.map(Content::from)).head, written);
    let body = Content::from(Bytes::from("{}"));
    assert_eq!(Outgoing::post("/v1/chat?alt=sse", &headers, body).unwrap().head, written);
    let request = Request::get("/models").body(Content::default()).unwrap();
    assert_eq!(Outgoing::from(request).head, b"GET /models HTTP/1.1\r\n\r\n");
}

#[test]
fn a_short_body_goes_out_in_one_piece_with_its_head_and_a_long_one_is_not_copied() {
    for length in [0, 1, 4096, 4097, 100_000] {
        let body =
            [Bytes::from("a".repeat(length / 2)), Bytes::from("b"), Bytes::from("c".repeat(length - length / 2))];
        let body = if length == 0 { Content::default() } else { Content::of(body) };
        let announced = body.len();
        let Outgoing { head, body: rest } = Outgoing::post("/v1", b"", body.clone()).unwrap();
        let written = [head.as_slice(), &rest.joined()].concat();
        let expected = format!("POST /v1 HTTP/1.1\r\ncontent-length: {announced}\r\n\r\n");
        assert_eq!(written, [expected.as_bytes(), &body.joined()].concat());
        assert_eq!(rest.is_empty(), announced <= 4096);
    }
}

#[test]
fn what_is_no_target_is_not_written() {
    for target in ["", "v1", "/a b", "/a\r\nx: y", "/a#b", "/\u{e4}", "/a\0"] {
        assert!(Outgoing::post(target, b"", Content::default()).is_none(), "{target:?}");
    }
}

proptest! {
    /// However often one looks while a head comes, its end is where it is.
    #[test]
    fn the_end_of_a_head_is_found_in_any_pieces(cuts in prop::collection::vec(0usize..64, 0..6)) {
        let text = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}\r\n\r\n";
        let (mut seen, mut found) = (0, None);
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).chain([text.len()]).collect();
        cuts.sort_unstable();
        for cut in cuts {
            found = found.or(length(&text[..cut], seen).unwrap());
            seen = cut;
        }
        prop_assert_eq!(found, Some(38));
    }

    #[test]
    fn anything_is_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes);
        let _ = length(&bytes, bytes.len() / 2);
    }
}
