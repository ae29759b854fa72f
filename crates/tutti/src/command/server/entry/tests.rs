use super::{File, check, relocated};
use base::Code;
use base::config::{Node, yaml};
use base::environment::Environment;
use std::path::Path;

fn file() -> File {
    let environment = Environment::from_pairs([("SET", "value"), ("PATH", "/usr/bin:/bin")], Path::new("/"));
    File { path: "/tutti.yaml".into(), text: None, environment, dot_env: String::new() }
}

fn node(text: &str) -> Node {
    yaml("x.yaml", text).unwrap().root
}

#[test]
fn what_the_hub_would_refuse_is_found_before_it_is_written() {
    let table = [
        ("command: sh", None),
        ("url: https://x.test/mcp\nheaders: {A: '${SET}'}", None),
        ("url: 'ftp://x'", Some(Code::ConfigInvalidValue)),
        ("url: 'https://user:word@x/mcp'", Some(Code::ConfigInvalidValue)),
        ("url: 'https://x/mcp'\nheaders: {'a b': c}", Some(Code::ConfigInvalidValue)),
        ("url: 'https://x/mcp'\nheaders: {a: \"b\\nc\"}", Some(Code::ConfigInvalidValue)),
        ("comand: sh\ncommand: sh", Some(Code::ConfigUnknownKey)),
        ("command: sh\nargs: ['${']", Some(Code::ConfigInvalidValue)),
    ];
    for (text, code) in table {
        let checked = check(&file(), "x", &node(text), "tutti.yaml", &[]);
        assert_eq!(checked.errors.first().map(base::Error::code), code, "{text}: {:?}", checked.errors);
    }
}

#[test]
fn what_is_yet_to_be_done_is_told() {
    let text =
        "command: program-that-nobody-has\nenv: {A: '${LOST}', B: '${SET}', C: '${NEW}', D: '${OTHER:-${DEEP}}'}";
    let added = [("NEW".to_owned(), "1".to_owned())];
    let checked = check(&file(), "x", &node(text), "tutti.yaml", &added);
    assert_eq!((checked.errors.len(), checked.missing.clone()), (0, vec!["DEEP".to_owned(), "LOST".to_owned()]));
    let notes = checked.notes(&file().environment);
    assert_eq!(notes.len(), 3);
    assert!(notes[2].contains("`program-that-nobody-has` is not on the PATH"), "{notes:?}");
    let off = check(&file(), "x", &node(&format!("{text}\nenabled: false")), "tutti.yaml", &[]);
    assert!(off.notes(&file().environment).is_empty());
    let no_folder = check(&file(), "x", &node("command: sh\ncwd: /nowhere/at/all"), "tutti.yaml", &[]);
    assert_eq!(no_folder.notes(&file().environment), ["the folder /nowhere/at/all does not exist"]);
}

#[test]
fn paths_count_from_where_they_are_typed() {
    assert_eq!(relocated("./run.sh", &file(), Path::new("/")), "./run.sh");
    assert_eq!(relocated("./run/it", &file(), Path::new("/home/u")), "/home/u/run/it");
    assert_eq!(relocated("/bin/sh", &file(), Path::new("/home/u")), "/bin/sh");
}
