use super::Made;
use base::Code;
use proptest::prelude::*;

const UNIT: &str = "0123456789abcdef0123456789abcdef";

#[test]
fn a_header_names_a_version_and_perhaps_a_unit() {
    let whole = "f".repeat(64);
    for (text, version, unit) in [
        ("say@0123abcd".to_owned(), "0123abcd", None),
        (format!("say@{whole}"), whole.as_str(), None),
        (format!(" say@0123abcd; {UNIT} "), "0123abcd", Some(UNIT)),
    ] {
        let made = Made::read(&text).unwrap();
        assert_eq!(
            (made.prompt.as_str(), made.version.as_str(), made.unit.as_deref()),
            ("say", version, unit),
            "{text}"
        );
        assert_eq!(Made::read(&made.to_string()).unwrap(), made);
    }
}

#[test]
fn what_is_no_version_is_refused() {
    let longer = format!("say@{}", "f".repeat(65));
    let half = format!("say@0123abcd;{}", &UNIT[..16]);
    let twice = format!("say@0123abcd;{UNIT};{UNIT}");
    for text in
        ["", "say", "say@", "say@v1", "say@0123ABCD", "@0123abcd", "a b@0123abcd", "say@0123abcd;", "é@0123abcd"]
            .into_iter()
            .chain([longer.as_str(), &half, &twice])
    {
        assert_eq!(Made::read(text).unwrap_err().code(), Code::ModelRequest, "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in ".{0,80}") {
        if let Ok(made) = Made::read(&text) {
            prop_assert_eq!(Made::read(&made.to_string()).unwrap(), made);
        }
    }
}
