use super::{Api, Options};
use crate::address::Address;
use crate::document::Document;
use crate::selection::Selection;
use base::Code;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Everything, whatever it does.
pub(crate) fn all() -> Options {
    Options { selection: Selection::new(Some(vec!["*".to_owned()]), Vec::new()).unwrap(), ..Options::default() }
}

pub(crate) fn golden(name: &str) -> Document {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden").join(name);
    Document::read(name, &base::disk::read_text(&path, 1 << 20).unwrap()).unwrap()
}

pub(crate) fn of_text(text: &str, options: &Options) -> base::Result<Api> {
    Api::new(&Document::read("api.yaml", text)?, options)
}

/// What the tools of a document are, compared with what they were. `TUTTI_UPDATE_SNAPSHOTS=1` writes the files anew.
#[test]
#[expect(clippy::disallowed_methods, reason = "only whoever runs the test says that the files are to be written")]
fn documents_become_the_tools_that_they_became() {
    let update = std::env::var_os("TUTTI_UPDATE_SNAPSHOTS").is_some();
    for name in ["pets.yaml", "tree.json", "styles.yaml", "fastapi.json"] {
        let api = Api::new(&golden(name), &all()).unwrap();
        assert_eq!(api.left_out, [], "{name}");
        let tools: Vec<&Value> = api.operations.iter().map(|operation| &operation.definition).collect();
        let made = format!("{:#}\n", json!({"address": api.address.to_string(), "tools": tools}));
        let stem = name.split('.').next().unwrap();
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("golden/{stem}.tools.json"));
        if update {
            base::disk::write_atomic(&path, &made, false).unwrap();
        }
        let kept = base::disk::read_text(&path, 1 << 20).unwrap_or_default();
        assert_eq!(made, kept, "{name}: run with TUTTI_UPDATE_SNAPSHOTS=1 and look at the difference");
    }
}

#[test]
fn only_what_reads_is_served_unless_more_is_allowed() {
    let names = |options: &Options| -> Vec<String> {
        let api = Api::new(&golden("pets.yaml"), options).unwrap();
        api.operations.into_iter().map(|operation| operation.name).collect()
    };
    assert_eq!(names(&Options::default()), ["listPets", "getPet", "getPicture", "get_health"]);
    let pick = |allow: Option<&[&str]>, deny: &[&str]| {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let selection = Selection::new(allow.map(owned), owned(deny)).unwrap();
        names(&Options { selection, ..Options::default() })
    };
    assert_eq!(pick(Some(&["DELETE /pets/{petId}", "add*"]), &[]), ["addPet", "deletePet"]);
    assert_eq!(pick(Some(&["* /pets*"]), &["*Picture", "POST *"]), ["listPets", "getPet", "deletePet"]);
    assert_eq!(pick(None, &["GET /pets/*"]), ["listPets", "get_health"]);
    assert_eq!(pick(Some(&[]), &[]), [""; 0]);
}

#[test]
fn notices_name_what_is_not_served() {
    let selection = Selection::new(None, vec!["nosuch".to_owned(), "getPicture".to_owned()]).unwrap();
    let api = Api::new(&golden("pets.yaml"), &Options { selection, ..Options::default() }).unwrap();
    let notices = api.notices();
    assert_eq!(
        notices,
        [
            "3 operations of http://pets.invalid/v1 are served",
            "2 that may change something are not served: name them under `operations: { allow: […] }` (addPet, deletePet)",
            "getPicture is not served: `operations.deny` takes it out",
            "`nosuch` in the configuration names no operation of the document",
        ]
    );
}

#[test]
fn an_operation_that_cannot_be_served_costs_only_itself() {
    let text = "
openapi: 3.1.0
info: { title: t, version: 1 }
servers: [{ url: 'https://a.example/v1' }]
paths:
  /a: { get: { operationId: external, parameters: [{ name: q, in: query, schema: { $ref: 'other.yaml#/X' } }] } }
  /b: { get: { operationId: circle, parameters: [{ $ref: '#/components/parameters/A' }] } }
  /c/{id}: { get: { operationId: undescribed } }
  /d: { get: { operationId: elsewhere, servers: [{ url: 'https://evil.example' }] } }
  /e: { get: { operationId: moved, servers: [{ url: '/v2' }] } }
  /f: { get: { operationId: lost, requestBody: { $ref: '#/nowhere' } } }
  /g: { get: { operationId: anchor, parameters: [{ name: q, in: query, schema: { $ref: '#thing' } }] } }
  /h?x=1: { get: { operationId: query } }
  /i: { get: { operationId: fine }, trace: { operationId: trace } }
components:
  parameters:
    A: { $ref: '#/components/parameters/B' }
    B: { $ref: '#/components/parameters/A' }
";
    let api = of_text(text, &Options::default()).unwrap();
    let served: Vec<_> =
        api.operations.iter().map(|operation| (operation.name.as_str(), operation.base.as_str())).collect();
    assert_eq!(served, [("moved", "/v2"), ("fine", "/v1")]);
    let reasons: Vec<_> = api.left_out.iter().map(|out| format!("{}: {}", out.name(), out.reason)).collect();
    let expected = [
        "external: `$ref: other.yaml#/X` leads out of the document, and nothing else is read",
        "circle: its references lead in a circle",
        "undescribed: its path has `{id}`, which is not among its parameters",
        "elsewhere: it names a server of its own, https://evil.example, which is not that of the API",
        "lost: `$ref: #/nowhere` leads to nothing",
        "anchor: `$ref: #thing` names an anchor, and only pointers such as `#/…` are read",
        "query: its path holds a query, which belongs into parameters",
    ];
    assert_eq!(reasons, expected);
}

#[test]
fn names_that_clash_are_told_apart_whatever_their_order() {
    let paths =
        ["/a: { get: { operationId: x.y } }", "/b: { get: { operationId: x/y } }", "/c: { get: { operationId: z } }"];
    let names = |order: [usize; 3]| {
        let paths: String = order.iter().map(|index| format!("  {}\n", paths[*index])).collect();
        let text = format!("openapi: 3.0.0\nservers: [{{ url: 'http://a' }}]\npaths:\n{paths}");
        let mut names: Vec<_> = of_text(&text, &all()).unwrap().operations.into_iter().map(|one| one.name).collect();
        names.sort();
        names
    };
    let first = names([0, 1, 2]);
    assert_eq!(first.len(), 3);
    assert!(first[0].starts_with("x_y_") && first[1].starts_with("x_y_") && first[0] != first[1], "{first:?}");
    assert_eq!(first, names([2, 1, 0]));
}

#[test]
fn a_document_says_where_its_api_is() {
    let api = |servers: &str, source: Option<&str>, base: Option<&str>| {
        let options = Options {
            source: source.map(|text| Address::parse(text).unwrap()),
            base: base.map(|text| Address::parse(text).unwrap()),
            ..Options::default()
        };
        of_text(&format!("openapi: 3.0.0\n{servers}\npaths: {{}}"), &options).map(|api| api.address.to_string())
    };
    let at = |servers: &str, source: Option<&str>| api(servers, source, None).unwrap();
    assert_eq!(at("servers: [{ url: 'https://A.example:443/v1/' }]", None), "https://a.example/v1");
    let document = Some("http://a.example:8080/docs/api.yaml");
    assert_eq!(at("servers: [{ url: /v2 }]", document), "http://a.example:8080/v2");
    assert_eq!(at("servers: [{ url: ../v2 }]", document), "http://a.example:8080/v2");
    assert_eq!(at("servers: [{ url: . }]", document), "http://a.example:8080/docs");
    assert_eq!(at("", document), "http://a.example:8080");
    for (servers, source) in [
        ("", None),
        ("servers: [{ url: /v1 }]", None),
        ("servers: [{ url: 'http://user:pass@a' }]", None),
        ("servers: [{ url: 'ftp://a' }]", None),
        ("servers: [{ url: 'http://{host}/' }]", None),
        ("servers: [{ url: 'http://169.254.169.254/' }]", document),
        ("servers: [{ url: '//evil.example/' }]", document),
        ("servers: [{ url: 'https://a.example:8080/' }]", document),
    ] {
        let error = api(servers, source, None).unwrap_err();
        assert_eq!(error.code(), Code::OpenApiDocument, "{servers}");
        assert!(error.next().contains("base_url"), "{error}");
        assert_eq!(api(servers, source, Some("http://b/x")).unwrap(), "http://b/x", "the operator decides");
    }
}

/// Every operation leads to every schema: each is converted once, and what models could not read is left out.
#[test]
fn a39_a_tangle_of_schemas_costs_little() {
    let schema = |index: usize| {
        let properties: serde_json::Map<String, Value> = (0..20)
            .map(|number| (format!("p{number}"), json!({"type": "string", "description": "x".repeat(40)})))
            .chain([("next".to_owned(), json!({"$ref": format!("#/components/schemas/S{}", (index * 7 + 1) % 300)}))])
            .chain([(
                "list".to_owned(),
                json!({"items": {"$ref": format!("#/components/schemas/S{}", (index + 13) % 300)}}),
            )])
            .collect();
        (format!("S{index}"), json!({"type": "object", "properties": properties}))
    };
    let operation = |index: usize| {
        let content =
            json!({"application/json": {"schema": {"$ref": format!("#/components/schemas/S{}", index % 300)}}});
        let get = json!({"operationId": format!("get{index}"), "responses": {"200": {"content": content}}});
        let put = json!({"operationId": format!("put{index}"), "requestBody": {"content": content}});
        (format!("/r{index}"), json!({"get": get, "put": put}))
    };
    let document = json!({
        "openapi": "3.1.0",
        "servers": [{"url": "http://a"}],
        "paths": (0..1000).map(operation).collect::<serde_json::Map<_, _>>(),
        "components": {"schemas": (0..300).map(schema).collect::<serde_json::Map<_, _>>()},
    });
    let api = of_text(&document.to_string(), &all()).unwrap();
    assert_eq!((api.operations.len(), api.left_out.len()), (1000, 1000));
    assert!(api.operations.iter().all(|operation| operation.definition.get("outputSchema").is_none()));
    assert_eq!(api.left_out[0].reason, "its schemas have more than 256 KiB");
}
