use super::{Source, functions, leading_name, line_of, words};

/// The code of `text` with each run of white space as one space.
fn code(text: &str) -> String {
    Source::new(text).code.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn comments_and_literals_are_taken_out_of_the_code() {
    assert_eq!(code("a // b\nc"), "a c");
    assert_eq!(code("a /* b /* c */ d */ e"), "a e");
    assert_eq!(code(r#"f("a \" } b", x)"#), "f( , x)");
    assert_eq!(code("let s = r#\"a \" } b\"#;"), "let s = ;");
    assert_eq!(code(r#"let s = r"a\"; f()"#), "let s = ; f()");
    assert_eq!(code("let s = br##\"a\"# }\"##;"), "let s = b ;");
    assert_eq!(code("let r#type = 1;"), "let r#type = 1;");
    assert_eq!(code("for x in bar\"a\" {}"), "for x in bar {}");
}

#[test]
fn characters_are_told_from_lifetimes() {
    assert_eq!(code("f('{', '\\'', '\\u{7d}', 'é', b'\"')"), "f( , , , , b )");
    assert_eq!(code("fn f<'a>(x: &'a str) -> &'static str"), "fn f<'a>(x: &'a str) -> &'static str");
}

#[test]
fn all_views_have_the_length_and_the_lines_of_the_text() {
    let text = "//! dokü\nfn f() { g(\"grüße\nzwei\"); }\n#[cfg(test)]\nmod tests { fn x() {} }\nfn h() {}\n";
    let source = Source::new(text);
    for view in [&source.code, &source.literals, &source.production] {
        assert_eq!(view.len(), text.len());
        assert_eq!(view.matches('\n').count(), text.matches('\n').count());
    }
    assert!(source.literals.contains("grüße\nzwei"));
    assert!(source.code.contains("fn x()") && !source.production.contains("fn x()"));
    assert!(source.production.contains("fn h()"));
}

#[test]
fn a_test_module_in_a_file_of_its_own_hides_nothing_else() {
    let source = Source::new("#[cfg(test)]\nmod tests;\nfn f() { x(); }\n");
    assert!(source.production.contains("fn f() { x(); }"));
    assert!(!source.production.contains("tests"));
}

#[test]
fn text_that_ends_in_the_middle_is_no_trouble() {
    for text in ["\"a", "/* a", "'", "r#\"a", "fn f() {", "#[cfg(test)] mod x {", "'\\", "\"\\"] {
        let source = Source::new(text);
        assert_eq!(source.code.len(), text.len(), "{text}");
        functions(&source.code);
    }
}

#[test]
fn functions_are_measured_from_their_keyword_to_their_brace() {
    let text = "trait T { fn a(&self) -> u8; }\npub fn b(\n    f: fn(u8) -> u8,\n) -> [u8; 2]\nwhere u8: Copy {\n    \"}\";\n}\n";
    let found: Vec<_> = functions(&Source::new(text).code).into_iter().map(|f| (f.name, f.line, f.lines)).collect();
    assert_eq!(found, [("b".to_owned(), 2, 6)]);
}

#[test]
fn words_lines_and_names() {
    assert_eq!(words("fn fnord self_fn fn", "fn").collect::<Vec<_>>(), [0, 17]);
    assert_eq!(line_of("a\nb\nc", 4), 3);
    assert_eq!(leading_name("  name(x)"), "name");
}
