use super::*;

#[test]
fn a13_the_last_of_what_is_said_twice_counts() {
    let rows = [
        (r#"{"content":[],"content":[1]}"#, r#"{"content":[1]}"#),
        (r#"{"content":[{"type":"text","text":"a","text":"b"}]}"#, r#"{"content":[{"type":"text","text":"b"}]}"#),
        (
            r#"{"content":[{"type":"resource","resource":{"text":"a","text":"b"}}]}"#,
            r#"{"content":[{"type":"resource","resource":{"text":"b"}}]}"#,
        ),
        (
            r#"{"messages":[{"role":"user","content":[{"uri":"a","uri":"b"}]}]}"#,
            r#"{"messages":[{"role":"user","content":[{"uri":"b"}]}]}"#,
        ),
        (
            r#"{"messages":[{"role":"user","content":{"resource":{"uri":"a","uri":"b"}}}]}"#,
            r#"{"messages":[{"role":"user","content":{"resource":{"uri":"b"}}}]}"#,
        ),
        (r#"{"contents":[{"uri":"a","uri":"b"}]}"#, r#"{"contents":[{"uri":"b"}]}"#),
        (r#"{"_meta":{},"_meta":{"a":1}}"#, r#"{"_meta":{"a":1}}"#),
    ];
    for (twice, once) in rows {
        assert_eq!(said_once(twice), once);
        assert!(matches!(said_once(once), Cow::Borrowed(same) if same == once));
    }
}
