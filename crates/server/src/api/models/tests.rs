use super::*;

#[test]
fn groups_are_read() {
    let table: [(Option<&str>, Option<&[Group]>); 8] = [
        (None, Some(&[])),
        (Some(""), Some(&[])),
        (Some("key"), Some(&[Group::Key])),
        (Some("model,day,model"), Some(&[Group::Model, Group::Day])),
        (Some("model, day"), None),
        (Some("model,,day"), None),
        (Some("keys"), None),
        (Some("KEY"), None),
    ];
    for (text, expected) in table {
        assert_eq!(by(text).ok().as_deref(), expected, "{text:?}");
    }
}

#[test]
fn moments_are_numbers_or_times_before_now() {
    let now = Duration::from_secs(1_000_000);
    let table = [
        ("0", Some(0)),
        ("12", Some(12)),
        ("1d", Some(1_000_000 - 86_400)),
        ("36h", Some(1_000_000 - 36 * 3_600)),
        // Before 1970 there is nothing.
        ("99999d", Some(0)),
        ("99999999999999999999", None),
        ("yesterday", None),
        ("1.5h", None),
        ("5ms", None),
        ("d", None),
        ("-1", None),
        ("", None),
    ];
    for (text, expected) in table {
        let found = moment(&SINCE, Some(text), now);
        assert_eq!(found.ok().flatten().map(|moment| moment.as_secs()), expected, "{text}");
    }
    assert_eq!(moment(&SINCE, None, now).unwrap(), None);
}

#[test]
fn only_what_was_asked_for_has_a_name() {
    let said = row(&Row { key: "a".to_owned(), cost: 1_500_000_000, ..Row::default() }, &[Group::Key]);
    assert_eq!((&said["key"], &said["model"]), (&json!("a"), &Value::Null));
    assert_eq!(said["cost"], json!({"nano_dollars": 1_500_000_000, "text": "$1.50"}));
}
