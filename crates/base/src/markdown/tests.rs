use super::{block, code, paragraphs, text};
use proptest::prelude::*;

#[test]
fn texts_of_strangers_have_no_markup() {
    let rows = [
        ("a | b", "a \\| b"),
        ("<script>alert(1)</script>", "\\<script\\>alert(1)\\</script\\>"),
        ("![x](https://evil.example/y.png)", "\\!\\[x\\](https\\://evil.example/y.png)"),
        ("[x]: javascript:alert(1)", "\\[x\\]\\: javascript\\:alert(1)"),
        ("see www.evil.example or me@evil.example", "see www\\.evil.example or me\\@evil.example"),
        ("# heading", "\\# heading"),
        ("- item", "\\- item"),
        ("12. item", "12\\. item"),
        ("3.5 percent", "3\\.5 percent"),
        ("  code\n---", "code ---"),
        ("hid\u{200b}den \u{1b}[2J", "hid\\\\u\\{200b\\}den \\\\u\\{1b\\}\\[2J"),
        ("&lt;b&gt;", "\\&lt;b\\&gt;"),
    ];
    for (said, expected) in rows {
        assert_eq!(text(said), expected, "{said}");
    }
    assert_eq!(
        paragraphs("one\n    code\n\n- a\n***\n===\n```\n"),
        "one\ncode\n\n\\- a\n\\*\\*\\*\n\\=\\=\\=\n\\`\\`\\`"
    );
    assert_eq!(code("a`b"), "``a`b``");
    assert_eq!(code("`a|"), "`` `a\\| ``");
    assert_eq!(code(""), "`  `");
    assert_eq!(block("\"````\""), "`````json\n\"````\"\n`````\n");
}

proptest! {
    #[test]
    fn no_text_ends_its_code_or_its_line(said in "[`|\\\\\\n<a ]{0,40}") {
        let span = code(&said);
        let fence = span.bytes().take_while(|byte| *byte == b'`').count();
        let inner = &span[fence..span.len() - fence];
        prop_assert!(!inner.split(|character| character != '`').any(|run| run.len() == fence), "{span}");
        prop_assert!(!span.contains('\n') && !text(&said).contains('\n'));
        let plain = text(&said);
        let mut escape = false;
        for character in plain.chars() {
            prop_assert!(escape || !matches!(character, '`' | '|' | '<'), "{plain}");
            escape = character == '\\' && !escape;
        }
    }
}
