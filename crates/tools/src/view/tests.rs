use super::{Source, View, build};
use crate::catalogue::{Catalogue, Item};
use crate::config::{Rename, ViewSettings};
use base::Code;
use globset::Glob;
use std::sync::Arc;

fn item(key: &str, json: &str) -> Item {
    Item { key: key.to_owned(), json: json.to_owned() }
}

fn sources() -> Vec<Source> {
    let files = Catalogue {
        tools: vec![
            item("read", r#"{"x":[1.0],"name":"read","vendor":{"name":"read"}}"#),
            item("write", r#"{"name":"write","_meta":{"ui":{"resourceUri":"ui://w"}}}"#),
        ],
        prompts: vec![item("greet", r#"{"name":"greet"}"#)],
        resources: vec![item("file:///a", r#"{"uri":"file:///a","name":"a"}"#), item("ui://p", r#"{"uri":"ui://p"}"#)],
        templates: vec![item("file:///{p}", r#"{"uriTemplate":"file:///{p}"}"#)],
        instructions: vec![Item::instructions(&"x".repeat(900))],
        capabilities: r#"{"tools":{},"completions":{},"logging":{}}"#.to_owned(),
        ..Catalogue::default()
    };
    let docs = Catalogue { tools: vec![item("read", r#"{"name":"read"}"#)], ..Catalogue::default() };
    vec![
        Source { name: "files".to_owned(), catalogue: Arc::new(files) },
        Source { name: "docs".to_owned(), catalogue: Arc::new(docs) },
    ]
}

fn names(view: &View, index: usize) -> Vec<&str> {
    view.lists[index].items.iter().map(|item| item.key.as_str()).collect()
}

fn globs(patterns: &[&str]) -> Vec<globset::GlobMatcher> {
    patterns.iter().map(|pattern| Glob::new(pattern).unwrap().compile_matcher()).collect()
}

#[test]
fn everything_is_there_under_its_own_name() {
    let view = build("all", &ViewSettings::default(), &sources());
    assert_eq!(names(&view, 0), ["files__read", "files__write", "docs__read"]);
    assert_eq!(view.lists[0].items[0].json, r#"{"x":[1.0],"name":"files__read","vendor":{"name":"read"}}"#);
    assert_eq!(names(&view, 2), ["tutti://files/file:///a", "ui://p"]);
    assert_eq!(names(&view, 3), ["tutti://files/file:///{p}"]);
    assert_eq!(view.tools["docs__read"].original, "read");
    assert!(view.completes && view.logs);
    assert!(view.instructions.unwrap().len() < 600);
}

#[test]
fn h29_of_a_server_that_nobody_has_approved_not_even_its_capabilities_are_told() {
    let capabilities = r#"{"completions":{},"logging":{},"extensions":{"obey/me":{}}}"#.to_owned();
    for unapproved in [true, false] {
        let catalogue = Catalogue { capabilities: capabilities.clone(), unapproved, ..Catalogue::default() };
        let source = Source { name: "new".to_owned(), catalogue: Arc::new(catalogue) };
        let view = build("all", &ViewSettings::default(), &[source]);
        assert_eq!((view.completes, view.logs), (!unapproved, !unapproved));
        assert_eq!(format!("{:?}", view.extensions).contains("obey/me"), !unapproved);
        assert!(view.upstreams.contains("new"), "its names lead to it, and so to the refusal");
    }
}

#[test]
fn h31_instructions_of_many_servers_stay_short() {
    let many = (0..50).map(|number| Source { name: format!("s{number}"), ..sources().remove(0) });
    let view = build("all", &ViewSettings::default(), &many.collect::<Vec<_>>());
    let text = view.instructions.unwrap();
    assert!(text.len() <= 2048 && text.starts_with("s0: xxx") && text.contains("s1: xxx"), "{text}");
}

#[test]
fn h18_names_do_not_depend_on_who_else_is_there() {
    let alone = build("all", &ViewSettings::default(), &sources()[1..]);
    assert_eq!(names(&alone, 0), ["docs__read"]);
}

#[test]
fn a32_addresses_lead_to_their_own_upstream_or_nowhere() {
    let only_docs = ViewSettings { servers: vec!["docs".to_owned()], ..ViewSettings::default() };
    let view = build("v", &only_docs, &sources());
    assert_eq!(view.resource("tutti://docs/file:///etc/passwd").unwrap().upstream, "docs");
    for address in ["tutti://files/file:///a", "file:///etc/passwd", "http://169.254.169.254/", "ui://p", "tutti://x/a"]
    {
        assert!(view.resource(address).is_none(), "{address}");
    }
    let all = build("all", &ViewSettings::default(), &sources());
    assert!(all.resource("tutti://files/ui://p").is_none(), "another spelling would pass a filter");
    assert_eq!(all.resource("ui://w").unwrap().upstream, "files");
    // A tool may name any address as its page, also one of another server.
    let named = r#"{"name":"x","_meta":{"ui":{"resourceUri":"tutti://files/file:///a"}}}"#;
    let other = Catalogue { tools: vec![item("x", named)], ..Catalogue::default() };
    let mut sources = sources();
    sources.insert(0, Source { name: "other".to_owned(), catalogue: Arc::new(other) });
    let all = build("all", &ViewSettings::default(), &sources);
    assert_eq!(all.resource("tutti://files/file:///a").unwrap().upstream, "files");
    assert_eq!(all.resource("ui://p").unwrap().original, "ui://p");
}

#[test]
fn h20_patterns_and_renames_select() {
    let settings = ViewSettings {
        tools: globs(&["files__*", "docs__r*"]),
        deny: globs(&["*write", "tutti://*"]),
        rename: vec![Rename { from: "docs__read".to_owned(), to: "lookup".to_owned() }],
        ..ViewSettings::default()
    };
    let view = build("v", &settings, &sources());
    assert_eq!(names(&view, 0), ["files__read", "lookup"]);
    let owners = ["files__later", "docs__read", "files__write", "docs__x"].map(|name| view.owner(name, false));
    assert_eq!(owners, [Some("files"), None, None, None], "a name that the view does not let in has no owner either");
    assert_eq!(view.lists[0].items[1].json, r#"{"name":"lookup"}"#);
    assert!(view.resource("tutti://files/file:///a").is_none());
}

#[test]
fn a_view_with_own_names_stands_in_the_place_of_its_server() {
    let settings = ViewSettings {
        servers: vec!["files".to_owned()],
        deny: globs(&["files__write", "tutti://files/file:///secret*"]),
        rename: vec![Rename { from: "files__greet".to_owned(), to: "hello".to_owned() }],
        own_names: true,
        ..ViewSettings::default()
    };
    let view = build("v", &settings, &sources());
    assert_eq!((names(&view, 0), names(&view, 1)), (vec!["read"], vec!["hello"]));
    assert_eq!((names(&view, 2), names(&view, 3)), (vec!["file:///a", "ui://p"], vec!["file:///{p}"]));
    assert_eq!(view.lists[0].items[0].json, r#"{"x":[1.0],"name":"read","vendor":{"name":"read"}}"#);
    assert_eq!(
        view.resource("file:///b").map(|route| (route.upstream, route.original)),
        Some(("files".into(), "file:///b".into()))
    );
    assert!(view.resource("file:///secret/key").is_none(), "patterns hold for own addresses as well");
    let owners = ["later", "write", "files__later"].map(|name| view.owner(name, false));
    assert_eq!(owners, [Some("files"), None, Some("files")]);
    assert_eq!(view.owner("greet", true), None, "what is renamed has lost its own name");
}

#[test]
fn a37_of_two_own_names_that_clash_neither_is_served() {
    let settings = ViewSettings {
        servers: vec!["files".to_owned()],
        rename: vec![Rename { from: "files__write".to_owned(), to: "read".to_owned() }],
        own_names: true,
        ..ViewSettings::default()
    };
    let view = build("v", &settings, &sources());
    assert!(names(&view, 0).is_empty() && view.tools.is_empty());
    assert_eq!(view.faults[0].code(), Code::ConfigNameClash);
}

#[test]
fn a37_of_two_with_one_name_neither_is_served() {
    let settings = ViewSettings {
        rename: vec![Rename { from: "docs__read".to_owned(), to: "files__read".to_owned() }],
        ..ViewSettings::default()
    };
    let view = build("v", &settings, &sources());
    assert_eq!(names(&view, 0), ["files__write"]);
    assert!(!view.tools.contains_key("files__read"));
    assert_eq!(view.faults[0].code(), Code::ConfigNameClash);
    // One tool that is named as another of its server was changed.
    let changed = crate::naming::exposed("odd", "x.y");
    let own = [changed.trim_start_matches("odd__"), "x.y", "z"].map(|name| item(name, "{}"));
    let odd = Catalogue { tools: own.to_vec(), ..Catalogue::default() };
    let odd = Source { name: "odd".to_owned(), catalogue: Arc::new(odd) };
    let view = build("all", &ViewSettings::default(), &[odd]);
    assert_eq!((names(&view, 0), view.faults[0].code()), (vec!["odd__z"], Code::ConfigNameClash));
}
