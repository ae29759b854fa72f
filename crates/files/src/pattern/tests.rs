use super::*;

#[test]
fn globs_match_as_people_expect() {
    for (glob, path, matches) in [
        ("*.rs", "main.rs", true),
        ("*.rs", "src/deep/main.rs", true),
        ("main.rs", "src/main.rs", true),
        ("**/*.rs", "main.rs", true),
        ("**/*.rs", "src/deep/main.rs", true),
        ("src/*.rs", "src/main.rs", true),
        ("./src/*.rs", "src/main.rs", true),
        ("/src/*.rs", "src/main.rs", true),
        ("src/*.rs", "src/deep/main.rs", false),
        ("src/**", "src/deep/main.rs", true),
        ("src/**/main.rs", "src/main.rs", true),
        ("*.{js,ts}", "a/b.ts", true),
        ("*.{js,ts}", "a/b.tsx", false),
        ("test_?.py", "test_1.py", true),
        ("[a-c]*", "b.txt", true),
        ("*", ".hidden", true),
        ("*.RS", "main.rs", false),
        ("**", "a/b/c", true),
    ] {
        let place = Place::parse(path, &[]).unwrap();
        assert_eq!(Pattern::parse(glob).unwrap().matches(&place, &Place::root()), matches, "{glob} {path}");
    }
}

#[test]
fn globs_are_seen_from_the_folder_that_is_searched() {
    let (place, from) = (Place::parse("a/src/main.rs", &[]).unwrap(), Place::parse("a", &[]).unwrap());
    assert!(Pattern::parse("src/*.rs").unwrap().matches(&place, &from));
    assert!(!Pattern::parse("src/*.rs").unwrap().matches(&place, &Place::root()));
    assert!(!Pattern::parse("**").unwrap().matches(&place, &Place::parse("b", &[]).unwrap()));
}

#[test]
fn what_is_no_glob_is_refused() {
    for glob in ["[", "{a", "a[z-a]", "\\"] {
        assert!(Pattern::parse(glob).is_err(), "{glob}");
    }
}
