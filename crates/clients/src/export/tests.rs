use super::{add_server, remove_server, server_text, servers};
use base::Code;
use base::config::{Entry, Node, Place, Value, json, yaml};
use proptest::prelude::*;

fn node(text: &str) -> Node {
    json("t.json", text).unwrap().root
}

const FILES: &str =
    r#"{"command": "npx", "args": ["-y", "@scope/files", "a b"], "env": {"TOKEN": "${TOKEN}", "COUNT": "007"}}"#;

const FILES_TEXT: &str = "  files:\n    command: npx\n    args: [\"-y\", \"@scope/files\", \"a b\"]\n    env:\n      TOKEN: \"${TOKEN}\"\n      COUNT: \"007\"\n";

#[test]
fn a_server_is_added_where_its_author_would_add_it() {
    let table = [
        ("", "servers:\n@@"),
        ("# mine\n", "# mine\n\nservers:\n@@"),
        ("listen: 127.0.0.1:1", "listen: 127.0.0.1:1\n\nservers:\n@@"),
        ("listen: 127.0.0.1:1 # here\n\n", "listen: 127.0.0.1:1 # here\n\nservers:\n@@"),
        ("servers:\n", "servers:\n@@"),
        ("servers: {} # none yet\nviews: {}\n", "servers: # none yet\n@@views: {}\n"),
        ("servers: null\n", "servers:\n@@"),
        (
            "servers:\n  # a: {command: x}\n\n# views of mine\nviews: {}\n",
            "servers:\n  # a: {command: x}\n@@\n# views of mine\nviews: {}\n",
        ),
        (
            "servers:\n  # first\n  a:\n    command: x # why\n    # deep\n\n# views of mine\nviews: {}\n",
            "servers:\n  # first\n  a:\n    command: x # why\n    # deep\n@@\n# views of mine\nviews: {}\n",
        ),
        ("servers:\n  a: {command: x}", "servers:\n  a: {command: x}\n@@"),
        (
            "servers:\n  a:\n    env:\n      T: |\n        # not a comment\n        x\n",
            "servers:\n  a:\n    env:\n      T: |\n        # not a comment\n        x\n@@",
        ),
    ];
    for (before, expected) in table {
        let after = add_server(before, "files", &node(FILES)).unwrap();
        assert_eq!(after, expected.replace("@@", FILES_TEXT), "{before}");
    }
}

#[test]
fn keys_of_any_length_are_read_again() {
    for length in [999, 1000, 1001, 1023, 1024, 1025, 5000] {
        for character in ["k", " ", "\u{0}", "\u{e9}"] {
            let key = character.repeat(length);
            let quoted = escaped(&key);
            let server = node(&format!(
                r#"{{"url": "http://x/mcp", {quoted}: "v", "headers": {{{quoted}: {{{quoted}: [1, {{{quoted}: 2}}]}}}}}}"#
            ));
            let added = add_server("servers:\n  a:\n    command: x\n", "b", &server).unwrap();
            let again = yaml("tutti.yaml", &added).unwrap().root;
            let read = servers(&again).iter().find(|entry| entry.key == "b").unwrap();
            assert!(read.node.same_as(&server), "{length} times {character:?}");
            let within = add_server("servers: {a: {command: x}}\n", "b", &server).unwrap();
            let again = yaml("tutti.yaml", &within).unwrap().root;
            assert!(servers(&again).iter().any(|entry| entry.node.same_as(&server)), "in braces");
        }
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        out.push_str(&format!("\\u{:04x}", u32::from(character)));
    }
    out + "\""
}

#[test]
fn other_indents_line_breaks_and_braces_are_kept() {
    let added =
        add_server("servers:\r\n    a:\r\n        command: x\r\n", "b", &node(r#"{"url": "http://x/mcp"}"#)).unwrap();
    assert_eq!(added, "servers:\r\n    a:\r\n        command: x\r\n    b:\r\n      url: http://x/mcp\r\n");
    let braces =
        add_server("servers: { a: { command: x } } # all\n", "b", &node(r#"{"url": "http://x/mcp"}"#)).unwrap();
    assert_eq!(braces, "servers: { b: { url: http://x/mcp }, a: { command: x } } # all\n");
    let outer = add_server("{listen: x}", "b", &node(r#"{"args": []}"#)).unwrap();
    assert_eq!(outer, "{ servers: { b: { args: [] } }, listen: x}");
    let kept =
        add_server("servers:\n  a:\n    cwd: |+\n      x\n\n\nviews:\n", "b", &node(r#"{"command": "z"}"#)).unwrap();
    assert_eq!(kept, "servers:\n  a:\n    cwd: |+\n      x\n\n\n  b:\n    command: z\nviews:\n");
    let mark = add_server("\u{feff}servers: {}\n", "b", &node(r#"{"command": "z"}"#)).unwrap();
    assert_eq!(mark, "\u{feff}servers:\n  b:\n    command: z\n");
}

#[test]
fn long_lists_stand_line_by_line() {
    let long = "x".repeat(60);
    let text = server_text("a", &node(&format!(r#"{{"args": ["{long}", "{long}", 5]}}"#)));
    assert_eq!(text, format!("  a:\n    args:\n      - {long}\n      - {long}\n      - 5\n"));
}

#[test]
fn a_server_is_removed_and_comments_stay() {
    let text = "servers:\n  # about a\n  a:\n    command: x\n    # within a\n\n  # about b\n  b: {command: y}\n\n  c:\n    url: z\n# about views\nviews: {}\n";
    let expected = [
        (
            "a",
            "servers:\n  # about a\n\n  # about b\n  b: {command: y}\n\n  c:\n    url: z\n# about views\nviews: {}\n",
        ),
        (
            "b",
            "servers:\n  # about a\n  a:\n    command: x\n    # within a\n\n  # about b\n\n  c:\n    url: z\n# about views\nviews: {}\n",
        ),
        (
            "c",
            "servers:\n  # about a\n  a:\n    command: x\n    # within a\n\n  # about b\n  b: {command: y}\n\n# about views\nviews: {}\n",
        ),
    ];
    for (name, after) in expected {
        assert_eq!(remove_server(text, name).unwrap(), after, "{name}");
    }
    let braces = "servers: { a: { x: '}' }, b: { y: 1 }, c: { z: \"}\" } } # all\nviews: {}\n";
    assert_eq!(remove_server(braces, "a").unwrap(), "servers: { b: { y: 1 }, c: { z: \"}\" } } # all\nviews: {}\n");
    assert_eq!(remove_server(braces, "b").unwrap(), "servers: { a: { x: '}' }, c: { z: \"}\" } } # all\nviews: {}\n");
    assert_eq!(remove_server(braces, "c").unwrap(), "servers: { a: { x: '}' }, b: { y: 1 } } # all\nviews: {}\n");
    assert_eq!(remove_server("servers:\n  a: {command: x}\n", "a").unwrap(), "servers:\n");
    let spaced = "servers:\n  a: {command: x}\n\n  b: {command: y}\n\nviews:\n";
    assert_eq!(remove_server(spaced, "b").unwrap(), "servers:\n  a: {command: x}\n\nviews:\n");
}

#[test]
fn what_cannot_be_done_is_refused() {
    let server = node(r#"{"command": "z"}"#);
    let code = |result: base::Result<String>| result.unwrap_err().code();
    assert_eq!(code(add_server("servers: {a: {}}", "a", &server)), Code::ServerExists);
    assert_eq!(code(add_server("", "a__b", &server)), Code::ConfigNameInvalid);
    assert_eq!(code(add_server("", "", &server)), Code::ConfigNameInvalid);
    assert_eq!(code(add_server("[1]", "a", &server)), Code::ConfigInvalidValue);
    assert_eq!(code(add_server("servers: [1]", "a", &server)), Code::ConfigInvalidValue);
    assert_eq!(code(add_server("a: [", "a", &server)), Code::ConfigSyntax);
    let by_hand = add_server("x: &x {a: {}}\nservers: *x\n", "b", &server).unwrap_err();
    assert_eq!(by_hand.detail(), Some("servers:\n  b:\n    command: z"));
    let missing = remove_server("servers: {files: {}}", "file").unwrap_err();
    assert_eq!((missing.code(), missing.next()), (Code::ServerUnknown, "did you mean `files`?"));
    let anchor = "servers:\n  a: &a {command: x}\n  b: {<<: *a}\n";
    assert_eq!(code(remove_server(anchor, "a")), Code::ConfigInvalidValue);
    assert!(remove_server(anchor, "b").is_ok());
}

fn values() -> impl Strategy<Value = Value> {
    let text = prop_oneof!["\\PC{0,12}", "[ -~]{0,12}", "[a-z\n#:,]{0,12}"].prop_map(Value::Text);
    let leaf = prop_oneof![text, any::<i64>().prop_map(Value::Integer), any::<bool>().prop_map(Value::Bool)];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let inner = inner.prop_map(|value| Node { place: Place::START, value });
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
            prop::collection::btree_map("[a-zA-Z ]{1,6}", inner, 0..4).prop_map(|pairs| Value::Map(entries(pairs))),
        ]
    })
}

fn entries(pairs: impl IntoIterator<Item = (String, Node)>) -> Vec<Entry> {
    pairs.into_iter().map(|(key, node)| Entry { key, key_place: Place::START, node }).collect()
}

fn named() -> impl Strategy<Value = Vec<(String, Node)>> {
    let node = values().prop_map(|value| Node { place: Place::START, value });
    prop::collection::btree_map("[a-z]{1,6}", node, 1..5).prop_map(|pairs| pairs.into_iter().collect())
}

proptest! {
    #[test]
    fn removing_undoes_adding(
        pairs in named(),
        name in "[A-Z]{1,5}",
        value in values(),
        frame in prop::sample::select(vec![
            ("", ""),
            ("# head\nlisten: x\n\n", ""),
            ("listen: x\n", "\n# tail\nviews: {a: 1}\n"),
            ("", "  # inner tail\n\nlimits: {}\n"),
        ]),
    ) {
        let mut before = format!("{}servers:\n", frame.0);
        for (index, (key, node)) in pairs.iter().enumerate() {
            before.push_str(&server_text(key, node));
            before.push_str(["", "\n", "  # between: é\n"][index % 3]);
        }
        before.push_str(frame.1);
        let server = Node { place: Place::START, value };
        let old = yaml("t", &before).unwrap().root;
        let added = add_server(&before, &name, &server).map_err(|error| TestCaseError::fail(format!("{error}\n{before}")))?;
        let new = yaml("t", &added).unwrap().root;
        prop_assert_eq!(servers(&new).len(), servers(&old).len() + 1);
        prop_assert!(new.get("servers").unwrap().node.get(&name).unwrap().node.same_as(&server));
        for entry in servers(&old) {
            prop_assert!(new.get("servers").unwrap().node.get(&entry.key).unwrap().node.same_as(&entry.node));
        }
        prop_assert_eq!(remove_server(&added, &name).unwrap(), before.clone());
        let removed = remove_server(&before, &pairs[0].0).unwrap();
        prop_assert_eq!(servers(&yaml("t", &removed).unwrap().root).len(), servers(&old).len() - 1);
    }

    #[test]
    fn no_text_makes_the_editor_panic(text in "(servers:|a|b|: |\\{|\\}|\n|\n  |\r\n|\r|- |x|,|#|'|\"|&a |\\*a|<<|null|~|\\||é|\u{feff}){0,25}") {
        let server = Node { place: Place::START, value: Value::Null };
        let _ = add_server(&text, "c", &server);
        let _ = remove_server(&text, "a");
    }
}
