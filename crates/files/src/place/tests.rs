use super::*;

fn parse(text: &str) -> Result<String> {
    let roots = [PathBuf::from("/srv/data"), PathBuf::from("/private/srv/data")];
    Place::parse(text, &roots).map(|place| place.shown())
}

#[test]
fn paths_inside_are_made_plain() {
    for (text, shown) in [
        ("", "."),
        (".", "."),
        ("./", "."),
        ("a/..", "."),
        ("a", "a"),
        ("a/", "a"),
        ("a//b", "a/b"),
        ("./a/./b/../c", "a/c"),
        (" a ", " a "),
        ("...", "..."),
        ("..a/b..", "..a/b.."),
        ("/srv/data", "."),
        ("/srv/data/", "."),
        ("/srv/data/a/b", "a/b"),
        ("/srv/../srv/data/a", "a"),
        ("/srv/data/../data/a", "a"),
        ("/private/srv/data/a", "a"),
        ("//srv//data//a", "a"),
    ] {
        assert_eq!(parse(text).unwrap(), shown, "{text}");
    }
}

#[test]
fn a32_paths_outside_are_refused() {
    for text in [
        "..",
        "a/../..",
        "a/../../srv/data",
        "/",
        "/srv",
        "/srv/database",
        "/srv/data/..",
        "/srv/data/../other",
        "/srv/data/a/../../other",
        "/../srv/data",
        "/etc/passwd",
    ] {
        assert_eq!(parse(text).unwrap_err().code(), Code::FilesOutsideRoot, "{text}");
    }
}

#[test]
fn names_that_no_file_system_has_are_refused() {
    for text in ["a\0b", &"n".repeat(256), &"a/".repeat(129), &"a/".repeat(3000)] {
        assert_eq!(parse(text).unwrap_err().code(), Code::InvalidParams);
    }
    assert!(parse(&"n".repeat(255)).is_ok());
    assert!(parse(&"a/".repeat(128)).is_ok());
}

#[test]
fn names_that_windows_takes_for_something_else_are_known() {
    for name in [
        "a:b",
        "file.txt::$DATA",
        "NUL",
        "nul.txt",
        "con",
        "COM1",
        "lpt9.log",
        "COM\u{b9}",
        "a.",
        "a ",
        "a?b",
        "x|y",
        "aux .c",
    ] {
        assert!(is_special_on_windows(name), "{name}");
    }
    for name in ["a", "null", "console.log", "com", "com10", "compare", "lpta", ".git", "a b", "Ünïcode", "aux1"] {
        assert!(!is_special_on_windows(name), "{name}");
    }
}

#[test]
fn a_place_knows_its_parts() {
    let place = Place::parse("a/b/c", &[]).unwrap();
    let (folder, name) = place.split().unwrap();
    assert_eq!((folder.shown().as_str(), name.to_str()), ("a/b", Some("c")));
    assert_eq!(place.below(&folder), Some(Path::new("c")));
    assert_eq!(place.below(&Place::root()), Some(Path::new("a/b/c")));
    assert!(Place::root().split().is_none());
    assert_eq!(folder.follow(Path::new("../x"), &[]).unwrap().shown(), "a/x");
    assert!(folder.follow(Path::new("../../../x"), &[]).is_none());
    assert!(folder.follow(Path::new("/x"), &[]).is_none());
    assert_eq!(folder.follow(Path::new("/r/x"), &["/r".into()]).unwrap().shown(), "x");
}
