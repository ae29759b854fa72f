use super::*;

#[test]
fn white_space_goes_between_tokens_and_stays_in_texts() {
    let cases = [
        (
            "{\n  \"a b\": [ 1.50, \"x \\\" y\\\\\" ],\r\n\t\"c\" : null }",
            "{\"a b\":[1.50,\"x \\\" y\\\\\"],\"c\":null}",
        ),
        ("\" \\\\\" ", "\" \\\\\""),
        ("{ }", "{}"),
    ];
    for (printed, expected) in cases {
        assert_eq!(compact(printed), expected);
    }
}
