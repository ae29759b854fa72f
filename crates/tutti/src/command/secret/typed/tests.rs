use super::text;

#[test]
fn one_line_end_is_no_part_of_a_secret() {
    for (bytes, expected) in [
        ("a", "a"),
        ("a\n", "a"),
        ("a\r\n", "a"),
        ("a\r", "a\r"),
        ("a\n\n", "a\n"),
        (" a b \n", " a b "),
        ("\n", ""),
        ("-----BEGIN\nx\n-----END\n", "-----BEGIN\nx\n-----END"),
    ] {
        assert_eq!(text(bytes.as_bytes().to_vec()).unwrap().expose(), expected, "{bytes:?}");
    }
    assert!(text(vec![0xff, b'a']).is_err());
}
