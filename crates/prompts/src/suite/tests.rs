use super::{Check, Suite};
use base::Code;

#[test]
fn what_is_wrong_with_a_suite_is_told_with_its_place() {
    let cases = [
        ("cases: []", 1, "prompt"),
        ("prompt: p\ncases: []", 2, "no cases"),
        ("prompt: p\ncases:\n  - chekcs: []", 3, "chekcs"),
        ("prompt: p\ncases:\n  - checks:\n      - regex: '('", 4, "regular expression"),
        ("prompt: p\ncases:\n  - checks:\n      - exact: a\n        regex: b", 4, "not one check"),
        ("prompt: p\ncases:\n  - checks:\n      - judge: { asks: x }", 1, "no model that judges"),
        ("prompt: p\nthreshold: 2\ncases:\n  - checks: [{ exact: a }]", 2, "threshold"),
        (
            "prompt: p\ncases:\n  - { name: a, checks: [{ exact: a }] }\n  - { name: a, checks: [{ exact: a }] }",
            4,
            "called",
        ),
        ("prompt: p\ncases:\n  - checks:\n      - schema: { tpye: string }", 4, "tpye"),
    ];
    for (text, line, word) in cases {
        let errors = Suite::read("s.yaml", text).unwrap_err();
        let found = errors
            .iter()
            .any(|error| error.message().contains(word) && error.location().is_some_and(|place| place.line == line));
        assert!(found, "{text}: {errors:?}");
    }
    assert_eq!(Suite::read("s.yaml", "[").unwrap_err()[0].code(), Code::ConfigSyntax);
}

#[test]
fn json_between_fences_is_json() {
    let check = Check::Schema(serde_json::json!({"type": "object"}));
    for answer in ["{}", " ```json\n{}\n``` ", "```\n{\"a\": 1}\n```"] {
        assert_eq!(check.plain(answer), Some((1.0, None)), "{answer}");
    }
    assert_eq!(check.plain("[]").unwrap().0, 0.0);
    assert_eq!(check.plain("no").unwrap().0, 0.0);
}
