use super::{FORMS, Form, shaped};
use serde_json::{Value, json};

fn definition() -> Value {
    json!({
        "name": "t", "title": "Tool", "description": "Reads a file, e.g. a text. Then it does more.\nAnd more.",
        "inputSchema": {
            "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Args", "type": "object",
            "properties": {
                "title": {"title": "Title", "type": "string", "description": "The title", "default": null},
                "default": {"type": "integer", "default": 0, "enum": [{"title": 1}, 0]},
                "$id": {"type": "object", "properties": {"title": {"type": "string", "title": "x"}}},
            },
            "required": ["title"], "additionalProperties": false,
        },
        "outputSchema": {"type": "object"}, "annotations": {"title": "T", "readOnlyHint": true}, "_meta": {"title": 1},
    })
}

#[test]
fn remarks_go_and_properties_of_their_names_stay() {
    let shown: Value = serde_json::from_str(&shaped(&definition().to_string(), Form::Minified)).unwrap();
    let mut expected = definition();
    expected.as_object_mut().unwrap().remove("outputSchema");
    expected["inputSchema"] = json!({
        "type": "object",
        "properties": {
            "title": {"type": "string", "description": "The title"},
            "default": {"type": "integer", "default": 0, "enum": [{"title": 1}, 0]},
            "$id": {"type": "object", "properties": {"title": {"type": "string"}}},
        },
        "required": ["title"], "additionalProperties": false,
    });
    assert_eq!(shown, expected);
}

#[test]
fn brief_definitions_say_names_and_types() {
    let shown: Value = serde_json::from_str(&shaped(&definition().to_string(), Form::Brief)).unwrap();
    assert_eq!(shown["description"], "Reads a file, e.g. a text.");
    assert_eq!(shown["inputSchema"]["properties"]["title"], json!({"type": "string"}));
    assert_eq!(shown["inputSchema"]["required"], json!(["title"]));
    assert_eq!(shown["annotations"], definition()["annotations"]);
}

#[test]
fn whole_definitions_lack_only_what_may_be_left_out_of_results() {
    let whole = r#"{"name":"t","outputSchema":{},"inputSchema": {"title" : "x"}}"#;
    assert_eq!(shaped(whole, Form::Whole), r#"{"name":"t","inputSchema":{"title" : "x"}}"#);
}

#[test]
fn ids_stay_where_something_may_refer_to_them() {
    let refers = r#"{"inputSchema":{"$id":"a","properties":{"x":{"$ref":"a"}}}}"#;
    assert_eq!(shaped(refers, Form::Minified), refers);
}

#[test]
fn a117_deep_and_strange_schemas_are_left_as_they_are() {
    let deep = format!(r#"{{"inputSchema":{}1{}}}"#, r#"{"items":"#.repeat(5000), "}".repeat(5000));
    for (_, form) in FORMS {
        assert_eq!(shaped(&deep, form), deep);
        for strange in ["{}", r#"{"inputSchema":7,"description":null}"#, r#"{"inputSchema":{"properties":[1]}}"#] {
            assert_eq!(shaped(strange, form), strange);
        }
    }
}
