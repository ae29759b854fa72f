use super::*;
use proptest::prelude::*;

fn listed(pieces: &[&[u8]]) -> String {
    let mut listed = Listed::default();
    let mut out: Vec<u8> = pieces.iter().flat_map(|piece| listed.feed(piece).to_vec()).collect();
    out.extend(listed.finish().unwrap());
    assert_eq!(listed.finish(), None);
    String::from_utf8(out).unwrap()
}

const STREAM: &str = ": sign of life\n\ndata: {\"a\":1}\r\n\r\ndata: {\"b\":\ndata: \"ä\"}\n\ndata: {\"error\":{}}\n\n";

#[test]
fn a_stream_without_events_is_an_empty_list() {
    assert_eq!(listed(&[]), "[]\n");
    assert_eq!(listed(&[b": sign of life\n\n"]), "[]\n");
}

proptest! {
    #[test]
    fn however_it_is_cut_it_is_the_same_list(cuts in prop::collection::vec(0..STREAM.len(), 0..6)) {
        let mut cuts = cuts;
        cuts.sort_unstable();
        let (mut pieces, mut from) = (Vec::new(), 0);
        for cut in cuts.into_iter().chain([STREAM.len()]) {
            pieces.push(&STREAM.as_bytes()[from..cut]);
            from = cut;
        }
        let list: serde_json::Value = serde_json::from_str(&listed(&pieces)).unwrap();
        prop_assert_eq!(list, serde_json::json!([{"a": 1}, {"b": "ä"}, {"error": {}}]));
    }
}
