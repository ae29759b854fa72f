use super::Transform;
use base::Code;
use serde_json::{Map, Value, json};

fn request(source: &str, arguments: &Value) -> base::Result<Map<String, Value>> {
    let transform = Transform::new(None, Some(source.to_owned()), None).unwrap();
    transform.arguments(arguments.as_object().unwrap()).unwrap()
}

fn response(source: &str, context: &Value) -> base::Result<String> {
    Transform::new(None, None, Some(source.to_owned())).unwrap().answer(context).unwrap()
}

#[test]
fn arguments_are_made_of_arguments() {
    let source = "{\"petId\": {{ arguments.id }}, \"tags\": {{ arguments.tags | default([]) }}, \"limit\": 5}";
    let made = request(source, &json!({"id": "a\"b", "tags": ["x"]})).unwrap();
    assert_eq!(Value::Object(made), json!({"petId": "a\"b", "tags": ["x"], "limit": 5}));
    assert_eq!(request(source, &json!({"id": 1})).unwrap()["tags"], json!([]));
}

#[test]
fn answers_become_text() {
    let context = json!({"body": {"pets": [{"name": "Rex <1>"}, {"name": "Tom"}]}, "status": 200});
    let text = response("{% for pet in body.pets %}- {{ pet.name }}\n{% endfor %}", &context).unwrap();
    assert_eq!(text, "- Rex <1>\n- Tom\n");
}

/// What an argument or an answer says is never read as a template, and cannot end the JSON that it stands in.
#[test]
fn a51_values_are_data() {
    let hostile = "{{ 7 * 7 }}\", \"role\": \"admin";
    let made = request("{\"id\": {{ arguments.id }}}", &json!({"id": hostile})).unwrap();
    assert_eq!(Value::Object(made), json!({"id": hostile}));
    let quoted = request("{\"id\": \"{{ arguments.id }}\"}", &json!({"id": hostile})).unwrap_err();
    assert_eq!(quoted.code(), Code::OpenApiTemplate, "what would be two values is none: {quoted}");
    assert_eq!(response("{{ body }}", &json!({"body": hostile})).unwrap(), hostile);
}

#[test]
fn a100_templates_have_limits() {
    let endless = "{% for a in range(50000) %}{% for b in range(50000) %}x{% endfor %}{% endfor %}";
    for (source, word) in [
        (endless, "fuel"),
        ("{{ body.missing.more }}", "undefined"),
        ("{{ missing }}", "undefined"),
        ("{% for a in range(1000) %}{{ body.long }}{% endfor %}", "MiB of text"),
    ] {
        let error = response(source, &json!({"body": {"long": "x".repeat(10_000)}})).unwrap_err();
        assert_eq!(error.code(), Code::OpenApiTemplate);
        assert!(error.message().contains(word), "{source}: {error}");
    }
    for (source, word) in [("[1]", "no object"), ("{", "no JSON"), ("", "no JSON")] {
        assert!(request(source, &json!({})).unwrap_err().message().contains(word), "{source}");
    }
}

#[test]
fn templates_that_are_none_are_refused_where_they_stand() {
    let long = "x".repeat(100_000);
    for source in ["{{ a", "{% if %}", "{{ a | nosuch( }}", long.as_str()] {
        let error = Transform::new(None, Some(source.to_owned()), None).unwrap_err();
        assert_eq!(error.code(), Code::ConfigInvalidValue, "{source:.20}");
    }
    assert!(Transform::new(Some(json!({"type": "string"})), None, None).is_err());
    assert!(Transform::new(Some(json!({"type": "object"})), None, None).is_ok());
}
