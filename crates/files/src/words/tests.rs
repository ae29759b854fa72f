use super::*;

#[test]
fn control_characters_are_written_out() {
    assert_eq!(one_line("a.txt"), "a.txt");
    assert_eq!(one_line("a\nfile b\u{1b}[2J\u{85}"), "a\\nfile b\\u{1b}[2J\\u{85}");
}

#[test]
fn the_nearest_name_is_one_that_could_be_meant() {
    let names = ["path", "offset", "limit"];
    for (wanted, name) in [
        ("pth", Some("path")),
        ("Path", Some("path")),
        ("ofset", Some("offset")),
        ("file_path", Some("path")),
        ("xyz", None),
    ] {
        assert_eq!(nearest(wanted, names.into_iter()), name, "{wanted}");
    }
    assert_eq!(nearest(&"p".repeat(1_000_000), names.into_iter()), None);
}

#[test]
fn one_is_not_many() {
    assert_eq!((counted(1, "file", "files"), counted(0, "file", "files")), ("1 file".to_owned(), "0 files".to_owned()));
}
