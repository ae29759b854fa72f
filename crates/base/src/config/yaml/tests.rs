use super::yaml;
use crate::Code;
use crate::config::{Node, Place, Value};
use proptest::prelude::*;

/// A tree in one line, for comparing.
fn show(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Text(text) => format!("{text:?}"),
        Value::List(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", ")),
        Value::Map(entries) => {
            let pairs: Vec<_> = entries.iter().map(|entry| format!("{}: {}", entry.key, show(&entry.node))).collect();
            format!("{{{}}}", pairs.join(", "))
        }
        _ => node.scalar_text().unwrap(),
    }
}

fn read(text: &str) -> String {
    show(&yaml("t.yaml", text).unwrap().root)
}

fn refuse(text: &str) -> (Code, String) {
    let error = yaml("t.yaml", text).unwrap_err();
    assert!(!error.next().is_empty());
    let place = error.location().unwrap();
    assert_eq!(place.file, "t.yaml");
    (error.code(), format!("{}:{} {}", place.line, place.column, error.message()))
}

#[test]
fn every_kind_of_value_is_read() {
    let table = [
        ("", "null"),
        ("# only a comment\n", "null"),
        ("---\na: 1\n", "{a: 1}"),
        ("\u{feff}a: 1", "{a: 1}"),
        ("a: 1\r\nb: 2\r\n", "{a: 1, b: 2}"),
        ("a: ~\nb:\nc: null\nd: ''", "{a: null, b: null, c: null, d: \"\"}"),
        ("[true, false, True, yes, off]", "[true, false, \"True\", \"yes\", \"off\"]"),
        (
            "[1, -7, 007, 0x1F, +5, 12345678901234567890]",
            "[1, -7, \"007\", \"0x1F\", \"+5\", \"12345678901234567890\"]",
        ),
        ("[1.5, 1.10, 1e3, .inf, 1.0]", "[1.5, \"1.10\", \"1e3\", \".inf\", 1.0]"),
        ("['1', \"true\", '~']", "[\"1\", \"true\", \"~\"]"),
        ("!!str 12", "\"12\""),
        ("! 12", "\"12\""),
        ("!!int '12'", "12"),
        ("!!seq [1]", "[1]"),
        ("a: |\n  x\n  y\nb: >-\n  x\n  y\n", "{a: \"x\\ny\\n\", b: \"x y\"}"),
        ("1: a\ntrue: b", "{1: \"a\", true: \"b\"}"),
        ("{a: [b, {c: d}]}", "{a: [\"b\", {c: \"d\"}]}"),
        ("a: &x [1, 2]\nb: *x", "{a: [1, 2], b: [1, 2]}"),
        ("a: &x word\n*x : b", "{a: \"word\", word: \"b\"}"),
    ];
    for (text, expected) in table {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn merge_keys_give_what_the_map_does_not_say_itself() {
    let text = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], x: 0}\nd:\n  <<: *b\n  w: 3\ne: {'<<': 1}\n";
    let expected = "{a: {x: 1, y: 1}, b: {y: 2, z: 2}, c: {x: 0, y: 1, z: 2}, d: {w: 3, y: 2, z: 2}, e: {<<: 1}}";
    assert_eq!(read(text), expected);
    assert_eq!(refuse("a: {<<: 3}").1, "1:9 the file is not YAML that can be read: `<<` takes a map or a list of maps");
}

#[test]
fn places_are_those_of_the_text() {
    let text = "servers:\n  # note\n  \"ä b\": {url: x}\n  ü: [1, é, z]\n  empty:\nviews: !!map {}\n";
    let root = yaml("t.yaml", text).unwrap().root;
    let place = |line, column| Place { line, column };
    let servers = root.get("servers").unwrap();
    assert_eq!((servers.key_place, servers.node.place), (place(1, 1), place(3, 3)));
    let quoted = servers.node.get("ä b").unwrap();
    assert_eq!((quoted.key_place, quoted.node.place), (place(3, 3), place(3, 10)));
    assert_eq!(quoted.node.get("url").unwrap().node.place, place(3, 16));
    let Value::List(items) = &servers.node.get("ü").unwrap().node.value else { panic!("a list") };
    assert_eq!(items[2].place, place(4, 13));
    assert_eq!(servers.node.get("empty").unwrap().node.place, place(5, 3));
}

#[test]
fn what_is_not_yaml_is_refused_with_its_place() {
    let table = [
        ("a: 1\nb: 2\na: 3\n", "3:1 the key `a` stands twice in the same map: here and at line 1, column 1"),
        ("a: [1, 2\n", "2:1 "),
        ("a: b: c", "1:5 "),
        ("? [a]\n: b", "1:3 "),
        (": b", "1:1 "),
        ("a: !thing x", "1:4 "),
        ("a: &x [*x]", "1:8 "),
        ("a: *nowhere", "1:4 "),
        ("a: 1\n---\nb: 2\n", "2:1 "),
        ("a: \"\\q\"", "1:"),
    ];
    for (text, expected) in table {
        let (code, message) = refuse(text);
        assert_eq!(code, Code::ConfigSyntax);
        assert!(message.starts_with(expected), "{text:?}: {message}");
    }
}

#[test]
fn bombs_are_refused_before_they_fill_the_memory() {
    let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..10 {
        let below = vec![format!("*a{}", level - 1); 10].join(", ");
        laughs.push_str(&format!("a{level}: &a{level} [{below}]\n"));
    }
    assert_eq!(refuse(&laughs).0, Code::ConfigTooLarge);
    let long_text = format!("a: &a {}\nb: [{}]", "x".repeat(1 << 20), vec!["*a"; 1000].join(","));
    assert_eq!(refuse(&long_text).0, Code::ConfigTooLarge);
    let merged =
        format!("a: &a {{{}}}\n{}", wide(5000), (0..100).map(|n| format!("m{n}: {{<<: *a}}\n")).collect::<String>());
    assert_eq!(refuse(&merged).0, Code::ConfigTooLarge);
    assert_eq!(refuse(&format!("[{}]", "1,".repeat(100_000))).0, Code::ConfigTooLarge);
    for deep in ["[", "{a: ", "- "] {
        assert_eq!(refuse(&deep.repeat(100_000)).0, Code::ConfigTooLarge, "{deep}");
    }
    let nested = format!("a: &a {}1{}\nb: {}*a{}", "[".repeat(40), "]".repeat(40), "[".repeat(40), "]".repeat(40));
    assert_eq!(refuse(&nested).0, Code::ConfigTooLarge);
    let anchors: String = (0..60).map(|n| format!("&n{n} [")).collect();
    assert_eq!(refuse(&format!("a: {anchors}{}", "1,".repeat(50_000))).0, Code::ConfigSyntax);
    assert_eq!(refuse(&format!("a: {anchors}{}{}", "1,".repeat(50_000), "]".repeat(60))).0, Code::ConfigTooLarge);
    assert!(yaml("t.yaml", &format!("{}1{}", "[".repeat(64), "]".repeat(64))).is_ok());
}

fn wide(keys: usize) -> String {
    (0..keys).map(|n| format!("k{n}: 1, ")).collect()
}

/// A generated document, and the places where its keys were written.
#[derive(Debug, Clone)]
enum Tree {
    Scalar(String),
    List(Vec<Tree>),
    Map(Vec<(String, Tree)>, bool),
}

fn trees() -> impl Strategy<Value = Tree> {
    let scalar =
        prop_oneof!["[a-zé]{1,6}", "\"[ a-z#:é]{0,8}\"", "'[ a-z#:]{0,8}'", "[0-9]{1,4}"].prop_map(Tree::Scalar);
    scalar.prop_recursive(4, 40, 5, |inner| {
        let key = prop_oneof!["[a-zéß_]{1,5}", "\"[a-zé :#]{1,5}\""];
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Tree::List),
            (prop::collection::vec((key, inner), 1..5), any::<bool>()).prop_map(|(pairs, flow)| Tree::Map(pairs, flow)),
        ]
    })
}

struct Writer {
    out: String,
    keys: Vec<(String, Place)>,
}

impl Writer {
    fn here(&self) -> Place {
        let line = self.out.matches('\n').count() + 1;
        let column = self.out.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Place { line, column }
    }

    fn key(&mut self, key: &str, number: usize) {
        // Numbering makes every key of a map another one.
        let key = match key.strip_suffix('"') {
            Some(open) => format!("{open}{number}\""),
            None => format!("{key}{number}"),
        };
        self.keys.push((key.trim_matches('"').to_owned(), self.here()));
        self.out.push_str(&key);
    }

    fn write(&mut self, tree: &Tree, indent: usize, flow: bool) {
        match tree {
            Tree::Scalar(text) => {
                self.out.push_str(text);
                if !flow {
                    self.out.push_str(if indent.is_multiple_of(3) { " # é: no key\n" } else { "\n\n" });
                }
            }
            Tree::List(items) if flow => {
                self.bracket('[', ']', items.len(), |writer, index| writer.write(&items[index], 0, true));
            }
            Tree::Map(pairs, _) if flow => self.flow_map(pairs),
            Tree::Map(pairs, true) => {
                self.flow_map(pairs);
                self.out.push('\n');
            }
            Tree::List(items) => {
                for item in items {
                    self.line(indent, "-");
                    self.below(item, indent);
                }
            }
            Tree::Map(pairs, false) => {
                for (number, (key, value)) in pairs.iter().enumerate() {
                    self.line(indent, "");
                    self.key(key, number);
                    self.out.push(':');
                    self.below(value, indent);
                }
            }
        }
    }

    fn line(&mut self, indent: usize, mark: &str) {
        self.out.push_str(&" ".repeat(indent));
        self.out.push_str(mark);
    }

    fn below(&mut self, value: &Tree, indent: usize) {
        let block = matches!(value, Tree::List(_) | Tree::Map(_, false));
        self.out.push_str(if block { "\n# aside: é\n" } else { " " });
        self.write(value, indent + 2, false);
    }

    fn flow_map(&mut self, pairs: &[(String, Tree)]) {
        self.bracket('{', '}', pairs.len(), |writer, number| {
            writer.key(&pairs[number].0, number);
            writer.out.push_str(": ");
            writer.write(&pairs[number].1, 0, true);
        });
    }

    fn bracket(&mut self, open: char, close: char, count: usize, mut item: impl FnMut(&mut Self, usize)) {
        self.out.push(open);
        for index in 0..count {
            self.out.push_str(if index == 0 { " " } else { ", " });
            item(self, index);
        }
        self.out.push(' ');
        self.out.push(close);
    }
}

fn keys(node: &Node, found: &mut Vec<(String, Place)>) {
    match &node.value {
        Value::List(items) => items.iter().for_each(|item| keys(item, found)),
        Value::Map(entries) => {
            for entry in entries {
                found.push((entry.key.clone(), entry.key_place));
                keys(&entry.node, found);
            }
        }
        _ => {}
    }
}

proptest! {
    #[test]
    fn keys_stand_where_they_were_written(tree in trees()) {
        let mut writer = Writer { out: String::new(), keys: Vec::new() };
        writer.write(&tree, 0, false);
        let document = yaml("t.yaml", &writer.out).map_err(|error| TestCaseError::fail(format!("{error}\n{}", writer.out)))?;
        let mut found = Vec::new();
        keys(&document.root, &mut found);
        prop_assert_eq!(found, writer.keys, "{}", writer.out);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,80}") {
        let _ = yaml("t.yaml", &text);
    }

    #[test]
    fn no_heap_of_yaml_signs_makes_the_reader_panic(text in "([-?:,\\[\\]{}#&*!|>'\"%@` \n\ta1é~.<]|<<|---|\\.\\.\\.|!!|&a |\\*a|: |- |\r\n){0,60}") {
        let _ = yaml("t.yaml", &text);
    }
}
