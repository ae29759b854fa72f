use super::*;
use proptest::prelude::*;

fn fields(pairs: &[(&str, &str)]) -> Map<String, Value> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect()
}

#[test]
fn a_record_for_people_is_one_line() {
    let fields = fields(&[("message", "it is so"), ("upstream", "files"), ("error", "T-0201 no.\nWARN forged")]);
    let line = text("2026-11-20T09:30:00.000Z", Level::WARN, &fields, false);
    assert_eq!(line, r#"2026-11-20T09:30:00.000Z  WARN it is so upstream=files error="T-0201 no.\nWARN forged""#);
}

#[test]
fn a_record_for_programs_is_json_with_its_fields() {
    let line = json("2026-11-20T09:30:00.000Z", Level::ERROR, "hub", fields(&[("message", "m"), ("level", "evil")]));
    let read: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(read["level"], "error");
    assert_eq!(read["field_level"], "evil");
    assert_eq!(read["message"], "m");
}

#[test]
fn only_levels_choose() {
    for good in ["warn", "info,tools=debug", "off"] {
        assert!(is_filter(good), "{good}");
    }
    for bad in ["banana", "warn,banana", "tools=loud", "", "info,,warn"] {
        assert!(!is_filter(bad), "{bad}");
    }
}

proptest! {
    #[test]
    fn a118_nothing_breaks_out_of_its_record(message in "(?s).{0,40}", value in "(?s).{0,40}") {
        let fields = fields(&[("message", &message), ("name", &value)]);
        let line = text("t", Level::INFO, &fields, false);
        prop_assert!(!line.chars().any(is_deceptive), "{:?}", line);
        let line = json("t", Level::INFO, "x", fields);
        prop_assert!(!line.chars().any(is_deceptive), "{:?}", line);
        let read: Value = serde_json::from_str(&line).unwrap();
        prop_assert_eq!(&read["message"], &Value::from(message));
        prop_assert_eq!(&read["name"], &Value::from(value));
    }
}
