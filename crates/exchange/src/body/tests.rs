use super::{Body, Framing};
use proptest::prelude::*;

/// Feeds `input` in pieces that end at `cuts`: the content, how much was used, and whether the body is over.
fn read(framing: Framing, input: &[u8], cuts: &[usize]) -> Result<(Vec<u8>, usize, bool), &'static str> {
    let (mut body, mut content, mut used) = (Body::new(framing), Vec::new(), 0);
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| (*cut).min(input.len())).chain([input.len()]).collect();
    cuts.sort_unstable();
    for cut in cuts {
        if used < cut {
            used += body.feed(&input[used..cut], &mut |piece| content.extend_from_slice(piece))?;
        }
    }
    Ok((content, used, body.is_over()))
}

fn chunked(input: &str) -> Result<(String, usize, bool), &'static str> {
    let (content, used, over) = read(Framing::Chunked, input.as_bytes(), &[])?;
    Ok((String::from_utf8(content).unwrap(), used, over))
}

#[test]
fn chunks_are_joined() {
    let whole = "5\r\nhello\r\nA;a=b ; c=\"d\"\r\n, world ab\r\n0\r\nx-trailer: y\r\n\r\n";
    assert_eq!(chunked(whole), Ok(("hello, world ab".to_owned(), whole.len(), true)));
    assert_eq!(chunked("1 \r\na\r\n0\r\n\r\nHTTP/1.1"), Ok(("a".to_owned(), 12, true)));
    assert_eq!(chunked("5\r\nhel"), Ok(("hel".to_owned(), 6, false)));
    assert_eq!(chunked("5"), Ok((String::new(), 0, false)));
}

#[test]
fn what_is_framed_otherwise_is_refused() {
    for input in [
        "5\nhello\r\n0\r\n\r\n",
        "5\r\nhello\n0\r\n\r\n",
        "5\r\nhello!\r\n0\r\n\r\n",
        "\r\nhello\r\n",
        "x\r\nhello\r\n",
        "0x5\r\nhello\r\n",
        "-5\r\nhello\r\n",
        "5 5\r\nhello\r\n",
        "5;\rx\r\nhello\r\n",
        "1000000000000000\r\n",
        "0\r\nx: y\n\r\n",
        "0\r\nx: \0\r\n\r\n",
    ] {
        assert!(chunked(input).is_err(), "{input:?}");
    }
}

#[test]
fn lines_have_limits() {
    assert!(chunked(&format!("5;{}", "a".repeat(1022))).is_err());
    assert!(chunked(&format!("5;{}\r\n", "a".repeat(1000))).is_ok());
    let trailer = format!("x: {}\r\n", "a".repeat(900));
    assert!(chunked(&format!("0\r\n{}\r\n", trailer.repeat(9))).is_ok());
    assert!(chunked(&format!("0\r\n{}\r\n", trailer.repeat(10))).is_err());
}

#[test]
fn a_body_of_known_length_ends_there() {
    assert_eq!(read(Framing::Length(3), b"abcd", &[1]), Ok((b"abc".to_vec(), 3, true)));
    assert_eq!(read(Framing::Length(0), b"abcd", &[]), Ok((Vec::new(), 0, true)));
    assert_eq!(read(Framing::UntilClose, b"abcd", &[2]), Ok((b"abcd".to_vec(), 4, false)));
    assert!(Body::new(Framing::UntilClose).may_end() && !Body::new(Framing::Chunked).may_end());
}

proptest! {
    #[test]
    fn pieces_make_no_difference(
        chunks in prop::collection::vec("[a-z\r\n0]{1,40}", 0..8),
        cuts in prop::collection::vec(0usize..400, 0..20),
    ) {
        let mut input: String = chunks.iter().map(|chunk| format!("{:x}\r\n{chunk}\r\n", chunk.len())).collect();
        input.push_str("0\r\na: b\r\n\r\n");
        let length = input.len();
        input.push_str("next");
        let (content, used, over) = read(Framing::Chunked, input.as_bytes(), &cuts).unwrap();
        prop_assert_eq!(content, chunks.concat().into_bytes());
        prop_assert_eq!((used, over), (length, true));
    }

    #[test]
    fn pieces_make_no_difference_to_nonsense_either(
        input in "[0-9a-f;\r\nx]{0,60}",
        cuts in prop::collection::vec(0usize..60, 0..6),
    ) {
        let whole = read(Framing::Chunked, input.as_bytes(), &[]);
        let pieces = read(Framing::Chunked, input.as_bytes(), &cuts);
        prop_assert_eq!(whole.is_err(), pieces.is_err());
        if let (Ok(whole), Ok(pieces)) = (whole, pieces) {
            prop_assert_eq!(whole, pieces);
        }
    }
}
