use super::{fresh, multipart, urlencoded};
use serde_json::{Value, json};

fn object(value: &Value) -> &serde_json::Map<String, Value> {
    value.as_object().unwrap()
}

#[test]
fn forms_are_encoded() {
    let fields = json!({"a b": "x&y=z+ü\r\n", "list": [1, true], "deep": {"x": 1}, "none": null});
    assert_eq!(urlencoded(object(&fields)), "a+b=x%26y%3Dz%2B%C3%BC%0D%0A&list=1&list=true&deep=%7B%22x%22%3A1%7D");
}

#[test]
fn a45_names_of_parts_stay_within_their_quotes() {
    let fields = json!({"a\"\r\nX-Evil: 1": "x\r\n--b\r\n", "file": "aGk=", "data": {"x": 1}});
    let boundary = fresh("b", &fields);
    assert!(boundary.len() > 1, "a boundary that stands in a value is another one");
    let bytes = multipart("body", object(&fields), &["file".to_owned()], &boundary).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let parts: Vec<&str> = text.split(&format!("--{boundary}")).collect();
    assert_eq!(parts.len(), 5, "{text}");
    assert!(parts[1].starts_with("\r\nContent-Disposition: form-data; name=\"a%22%0D%0AX-Evil: 1\"\r\n\r\n"), "{text}");
    assert!(parts[2].ends_with("filename=\"file\"\r\nContent-Type: application/octet-stream\r\n\r\nhi\r\n"), "{text}");
    assert!(parts[3].contains("Content-Type: application/json\r\n\r\n{\"x\":1}"), "{text}");
    assert!(multipart("body", object(&json!({"file": "no base64!"})), &["file".to_owned()], "b").is_err());
}
