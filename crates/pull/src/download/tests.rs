use super::range_of;

#[test]
fn parts_say_where_they_begin() {
    let cases = [
        ("bytes 5-9/10", Some((5, Some(10)))),
        ("bytes 5-9/*", Some((5, None))),
        ("bytes */10", None),
        ("bytes 5-9", None),
        ("items 5-9/10", None),
        ("bytes -9/10", None),
        ("", None),
    ];
    for (text, expected) in cases {
        assert_eq!(range_of(text), expected, "{text}");
    }
}
