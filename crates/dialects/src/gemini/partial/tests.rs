use super::*;
use proptest::prelude::*;

fn made(pieces: &[&str]) -> String {
    let mut arguments = Arguments::default();
    pieces.iter().for_each(|piece| arguments.take(piece));
    arguments.finish()
}

#[test]
fn pieces_make_the_arguments() {
    let cases: [(&[&str], &str); 8] = [
        (&[], "{}"),
        (
            &[r#"{"jsonPath":"$.place","stringValue":"New "}"#, r#"{"jsonPath":"$.place","stringValue":"Delhi"}"#],
            r#"{"place":"New Delhi"}"#,
        ),
        (&[r#"{"jsonPath":"$.a.b[0].c","numberValue":1.50}"#], r#"{"a":{"b":[{"c":1.50}]}}"#),
        (&[r#"{"jsonPath":"$['a.b'][\"c\"]","boolValue":false}"#], r#"{"a.b":{"c":false}}"#),
        (&[r#"{"jsonPath":"$.a","nullValue":"NULL_VALUE"}"#], r#"{"a":null}"#),
        (&[r#"{"jsonPath":"$.a[900000000]","stringValue":"x"}"#], r#"{"a":["x"]}"#),
        (&["7", "{}", r#"{"jsonPath":"a"}"#, r#"{"jsonPath":"$[","stringValue":""}"#], "{}"),
        (&[r#"{"jsonPath":"$.a","numberValue":1}"#, r#"{"jsonPath":"$.a.b","stringValue":"x"}"#], r#"{"a":{"b":"x"}}"#),
    ];
    for (pieces, expected) in cases {
        assert_eq!(made(pieces), expected, "{pieces:?}");
    }
}

#[test]
fn what_lies_too_deep_is_left_out() {
    let path = format!("$.a{}", "[0]".repeat(100_000));
    assert_eq!(made(&[&format!(r#"{{"jsonPath":"{path}","stringValue":"x"}}"#)]), "{}");
}

proptest! {
    #[test]
    fn whatever_comes_the_arguments_are_json(pieces in prop::collection::vec(("[$.a\\[\\]0-9']{0,12}", "[a\"\\\\]{0,3}"), 0..8)) {
        let piece = |(path, value): (String, String)| {
            format!("{{\"jsonPath\":{},\"stringValue\":{}}}", quote(&format!("${path}")), quote(&value))
        };
        let pieces: Vec<String> = pieces.into_iter().map(piece).collect();
        let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
        prop_assert!(conversation::json::Raw::parse(&made(&pieces)).is_ok());
    }
}
