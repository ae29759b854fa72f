use super::*;

#[test]
fn what_was_found_out_of_a_server_holds_for_a_while() {
    let (known, start) = (HasResponses::default(), clock::now());
    assert_eq!(known.at(start), None);
    for has in [false, true] {
        known.learn(has, start);
        assert_eq!(known.at(start), Some(has));
        assert_eq!(known.at(start + KNOWN_FOR - Duration::from_nanos(1)), Some(has));
        assert_eq!(known.at(start + KNOWN_FOR), None);
    }
}
