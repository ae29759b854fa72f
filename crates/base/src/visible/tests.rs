use super::{escaped, is_deceptive};

#[test]
fn what_deceives_is_shown_by_its_number() {
    let rows = [
        ("plain, Écho 日本語 🎉", "plain, Écho 日本語 🎉"),
        ("a\u{200b}b", "a\\u{200b}b"),
        ("\u{202e}txt.exe", "\\u{202e}txt.exe"),
        ("x\u{e0041}\u{e0042}", "x\\u{e0041}\\u{e0042}"),
        ("\u{1b}[2Jgone\n", "\\u{1b}[2Jgone\\u{a}"),
        ("\u{e0100}\u{3164}\u{feff}", "\\u{e0100}\\u{3164}\\u{feff}"),
    ];
    for (text, expected) in rows {
        assert_eq!(escaped(text), expected);
        assert!(!escaped(text).chars().any(is_deceptive));
    }
}
