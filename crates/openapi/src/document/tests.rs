use super::Document;
use base::Code;

#[test]
fn other_documents_are_refused_with_their_place() {
    for (text, words) in [
        ("swagger: '2.0'\npaths: {}", "Swagger 2.0"),
        ("openapi: 4.0.0\npaths: {}", "version 4.0.0"),
        ("title: x", "no `openapi`"),
        ("[1, 2]", "no `openapi`"),
        ("", "no `openapi`"),
    ] {
        let error = Document::read("a.yaml", text).err().unwrap();
        assert_eq!((error.code(), error.location().is_some()), (Code::OpenApiDocument, true), "{text}");
        assert!(error.message().contains(words), "{error}");
    }
    for (text, line) in [("{\"openapi\": ", 1), ("openapi: 3.0.0\na: [", 2), ("openapi: 3.0.0\nopenapi: 3.0.0", 2)] {
        let error = Document::read("a", text).err().unwrap();
        assert_eq!(error.code(), Code::OpenApiDocument, "{text}");
        assert!(error.location().is_some_and(|place| place.line >= line), "{error}");
    }
}

#[test]
fn json_and_yaml_are_read() {
    for (text, version) in [
        ("\u{feff} {\"openapi\": \"3.1.0\"}", "3.1.0"),
        ("openapi: 3.0.3", "3.0.3"),
        ("openapi: 3.1", "3.1"),
        ("# a comment\nopenapi: '3.2.0'", "3.2.0"),
    ] {
        let document = Document::read("a", text).unwrap();
        assert_eq!((document.version(), document.is_old()), (version, version.starts_with("3.0")));
    }
}

#[test]
fn places_are_found_by_pointers() {
    let text = "openapi: 3.0.0\npaths:\n  /a/{b}:\n    get:\n      tags: [x]\n";
    let document = Document::read("a.yaml", text).unwrap();
    assert_eq!(document.location("/paths/~1a~1{b}/get").line, 4);
    assert_eq!(document.location("/paths/~1a~1{b}/nothing").line, 3);
    assert_eq!(document.location("").line, 1);
}

/// Aliases multiply, and a document may come from a stranger.
#[test]
fn a112_a_bomb_of_aliases_is_refused() {
    let mut text = "openapi: 3.0.0\na0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let items = vec![format!("*a{}", level - 1); 9].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{items}]\n"));
    }
    assert_eq!(Document::read("a.yaml", &text).err().unwrap().code(), Code::OpenApiDocument);
    let deep = format!("{{\"openapi\": {}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(Document::read("a.json", &deep).err().unwrap().code(), Code::OpenApiDocument);
}
