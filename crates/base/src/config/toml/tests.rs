use super::toml;
use crate::Code;
use crate::config::{Place, Value};
use proptest::prelude::*;

#[test]
fn keys_come_in_the_order_of_the_file_with_their_places() {
    let text = "zeta = 1\nalpha = \"é\"\n\n[servers.\"ü\"]\ncommand = 'x' # note\nargs = [1_000, 2.5, 1979-05-27]\n[servers.a]\nb.c = true\n";
    let root = toml("t.toml", text).unwrap().root;
    let Value::Map(entries) = &root.value else { panic!("a map") };
    assert_eq!(entries.iter().map(|entry| entry.key.as_str()).collect::<Vec<_>>(), ["zeta", "alpha", "servers"]);
    let server = root.get("servers").unwrap().node.get("ü").unwrap();
    assert_eq!(server.key_place, Place { line: 4, column: 10 });
    let args = server.node.get("args").unwrap();
    assert_eq!((args.key_place, args.node.place), (Place { line: 6, column: 1 }, Place { line: 6, column: 8 }));
    let Value::List(items) = &args.node.value else { panic!("a list") };
    let texts: Vec<_> = items.iter().filter_map(|item| item.scalar_text()).collect();
    assert_eq!(texts, ["1000", "2.5", "1979-05-27"]);
    assert_eq!(root.get("servers").unwrap().node.get("a").unwrap().node.get("b").unwrap().key_place.line, 8);
}

#[test]
fn what_is_not_toml_is_refused_with_its_place() {
    for (text, line, column) in [("a = 1\na = 2\n", 2, 1), ("é = 1", 1, 1), ("a = \n", 1, 5), ("[a\n", 1, 3)] {
        let error = toml("t.toml", text).unwrap_err();
        assert_eq!(error.code(), Code::ConfigSyntax);
        let place = error.location().unwrap();
        assert_eq!((place.line, place.column), (line, column), "{text}: {error}");
    }
}

#[test]
fn bombs_are_refused() {
    for text in [
        format!("a = {}", "[".repeat(100_000)),
        format!("a = {}1{}", "[".repeat(70), "]".repeat(70)),
        format!("{}a = 1", "a.".repeat(100_000)),
        format!("[{}a]", "a.".repeat(100_000)),
        format!("x = {{ {}a = 1 }}", "a.".repeat(100_000)),
        format!("a = [{}]", "1,".repeat(100_000)),
    ] {
        assert!(toml("t.toml", &text).is_err(), "{}", &text[..20]);
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,80}") {
        let _ = toml("t.toml", &text);
    }

    #[test]
    fn no_heap_of_toml_signs_makes_the_reader_panic(text in "([\\[\\]{}=.,\"'#1_aé+:\\\\-]|\\[\\[|\"\"\"|'''|inf|nan|true|0x|\r\n|\n| ){0,60}") {
        let _ = toml("t.toml", &text);
    }
}
