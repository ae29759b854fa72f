use super::json;
use crate::Code;
use crate::config::{Place, Value, yaml};
use proptest::prelude::*;

#[test]
fn comments_and_trailing_commas_are_read() {
    let text = "\u{feff}// settings\n{\n  /* é */ \"a\": [1, 2.5, 1.10, true, null,],\n\t\"ü\": {\"x\": \"\\u00e9\\n\",}, // end\n}\n";
    let root = json("t.json", text).unwrap().root;
    let place = |line, column| Place { line, column };
    assert_eq!(root.place, place(2, 1));
    let a = root.get("a").unwrap();
    assert_eq!((a.key_place, a.node.place), (place(3, 11), place(3, 16)));
    let Value::List(items) = &a.node.value else { panic!("a list") };
    let texts: Vec<_> = items.iter().map(|item| item.scalar_text().unwrap_or_default()).collect();
    assert_eq!(texts, ["1", "2.5", "1.10", "true", ""]);
    let x = root.get("ü").unwrap().node.get("x").unwrap();
    assert_eq!((x.key_place, x.node.place), (place(4, 8), place(4, 13)));
    assert_eq!(x.node.scalar_text().unwrap(), "é\n");
    assert!(matches!(json("t.json", " \n// nothing\n").unwrap().root.value, Value::Null));
}

#[test]
fn what_is_not_json_is_refused_with_its_place() {
    let table = [
        ("{\"a\": 1\n \"b\": 2}", 1, 8),
        ("{\"a\": 1, \"a\": 2}", 1, 10),
        ("{a: 1}", 1, 2),
        ("{'a': 1}", 1, 2),
        ("{\"é\": nope}", 1, 7),
        ("{} {}", 1, 4),
        ("{\n\"a\": [1, 2\n", 2, 6),
        ("{\"a\": \"\\q\"}", 1, 8),
    ];
    for (text, line, column) in table {
        let error = json("t.json", text).unwrap_err();
        assert_eq!(error.code(), Code::ConfigSyntax);
        let place = error.location().unwrap();
        assert_eq!((place.line, place.column), (line, column), "{text}: {error}");
    }
}

#[test]
fn bombs_are_refused() {
    for text in ["[".repeat(1_000_000), "{\"a\":".repeat(500_000), format!("[{}1]", "1,".repeat(200_000))] {
        assert_eq!(json("t.json", &text).unwrap_err().code(), Code::ConfigTooLarge);
    }
    let brackets_in_texts = format!("[\"{}\", /* {} */ 1]", "[".repeat(1000), "{".repeat(1000));
    assert!(json("t.json", &brackets_in_texts).is_ok());
    assert!(json("t.json", &format!("{}{}", "[".repeat(64), "]".repeat(64))).is_ok());
    assert!(json("t.json", &format!("{}{}", "[".repeat(65), "]".repeat(65))).is_err());
}

#[test]
fn a_file_of_one_long_line_is_placed_in_reasonable_time() {
    let text = format!("[{}1]", "{\"key\": \"värde\"}, ".repeat(30_000));
    let Value::List(items) = json("t.json", &text).unwrap().root.value else { panic!("a list") };
    assert_eq!(items[29_999].place, Place { line: 1, column: 2 + 29_999 * 18 });
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,80}") {
        let _ = json("t.json", &text);
    }

    #[test]
    fn no_heap_of_json_signs_makes_the_reader_panic(text in "([\\[\\]{},:\"'\\\\/*1e.+-]|é|\\\\u|d8|00|true|null|//|/\\*|\\*/|\n| ){0,60}") {
        let _ = json("t.json", &text);
    }

    #[test]
    fn json_is_read_as_yaml_reads_it(text in "\\{(\"[a-z]\": (1|\"[a-zé]{1,3}\"|\\[1, 2\\]|\\{\"k\": null\\}), ){0,3}\"zz\": 1\\}") {
        match (json("t", &text), yaml("t", &text)) {
            (Ok(left), Ok(right)) => prop_assert!(left.root.same_as(&right.root)),
            (left, right) => {
                let (left, right) = (left.unwrap_err(), right.unwrap_err());
                prop_assert_eq!(left.location(), right.location());
            }
        }
    }
}
