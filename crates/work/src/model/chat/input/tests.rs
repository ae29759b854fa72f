use super::*;

#[test]
fn lines_say_what_is_to_be_done() {
    let said = |text: &str| Some(Typed::Said(text.to_owned()));
    let table = [
        ("", Some(Typed::Nothing)),
        ("  \t ", Some(Typed::Nothing)),
        (" Hello / there ", said("Hello / there")),
        ("/exit", Some(Typed::Exit)),
        ("/clear ", Some(Typed::Clear)),
        ("/save a b.md", Some(Typed::Save("a b.md".to_owned()))),
        ("/model openai/gpt-5", Some(Typed::Model("openai/gpt-5".to_owned()))),
        ("//etc is a folder", said("/etc is a folder")),
        ("/save", None),
        ("/exit now", None),
        ("/", None),
        ("/etc", None),
    ];
    for (line, expected) in table {
        assert_eq!(read(line).ok(), expected, "{line}");
    }
}

#[test]
fn lines_come_one_by_one_and_none_is_too_long() {
    let mut input: &[u8] = b"one\r\n123456\n12345\n\xff\nlast";
    let mut all = Vec::new();
    while let Some(found) = line(&mut input, 5).transpose() {
        all.push(found.ok());
    }
    let lines: Vec<Option<&str>> = all.iter().map(Option::as_deref).collect();
    assert_eq!(lines, [Some("one"), None, Some("12345"), Some("\u{fffd}"), Some("last")]);
}
