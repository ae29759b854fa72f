use super::Answer;
use crate::api::Api;
use crate::api::tests::{all, golden};
use serde_json::{Map, Value, json};

fn answer(status: u16, media_type: &str, body: &[u8]) -> Answer {
    let content_type = (!media_type.is_empty()).then(|| media_type.to_owned());
    Answer { status, content_type, body: body.to_vec(), ..Answer::default() }
}

fn result(tool: &str, answer: &Answer) -> Value {
    let api = Api::new(&golden("pets.yaml"), &all()).unwrap();
    let text = api.operation(tool).unwrap().result(answer, &Map::new());
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn a_json_answer_stands_in_the_result_as_it_came() {
    let api = Api::new(&golden("pets.yaml"), &all()).unwrap();
    let body = "{\"id\": 12345678901234567890123, \"price\": 1.10}";
    let text = api.operation("getPet").unwrap().result(&answer(200, "application/json", body.as_bytes()), &Map::new());
    assert!(text.contains(&format!("\"structuredContent\":{body},")), "{text}");
    let list = result("listPets", &answer(200, "application/problem+json; charset=utf-8", b"[1]"));
    assert_eq!((&list["structuredContent"], &list["content"][0]["text"]), (&json!({"result": [1]}), &json!("[1]")));
}

#[test]
fn what_is_no_json_is_text_picture_or_bytes() {
    let content = |answer: &Answer| result("get_health", answer)["content"][0].clone();
    assert_eq!(content(&answer(204, "", b"")), json!({"type": "text", "text": "204 No Content"}));
    assert_eq!(content(&answer(200, "text/csv", b"a,b"))["text"], "a,b");
    assert_eq!(content(&answer(200, "text/plain; charset=ISO-8859-1", b"\xfc"))["text"], "ü");
    assert_eq!(
        content(&answer(200, "image/svg+xml", b"<svg/>"))["text"],
        "<svg/>",
        "a48: a picture made of text is text"
    );
    assert_eq!(content(&answer(200, "image/gif", b"GIF"))["type"], "image");
    assert_eq!(content(&answer(200, "audio/mpeg", b"x"))["type"], "audio");
    assert_eq!(content(&answer(200, "", b"\xff\xfe"))["resource"]["mimeType"], "application/octet-stream");
    assert_eq!(content(&answer(200, "application/json", b"{\"a\":"))["text"], "{\"a\":", "broken JSON is text");
    let deep = "[".repeat(5000) + &"]".repeat(5000);
    assert_eq!(content(&answer(200, "application/json", deep.as_bytes()))["text"], deep.as_str(), "a11");
}

#[test]
fn promises_that_are_broken_are_errors() {
    for broken in [answer(200, "text/html", b"<p>"), answer(200, "application/json", b"[]"), answer(204, "", b"")] {
        let result = result("getPet", &broken);
        assert_eq!(
            (&result["isError"], &result["structuredContent"]["code"]),
            (&json!(true), &json!("T-0226")),
            "{result}"
        );
    }
    let packed = Answer { encoding: Some("br".to_owned()), ..answer(200, "text/plain", b"x") };
    assert_eq!(result("get_health", &packed)["structuredContent"]["code"], "T-0226");
}

#[test]
fn errors_of_the_api_are_told_with_an_excerpt() {
    let long = "ü".repeat(10_000);
    let mut bad = answer(503, "text/plain", long.as_bytes());
    bad.retry_after = Some("Wed, 21 Oct 2026 07:28:00 GMT\u{7}".to_owned());
    let result = result("getPet", &bad);
    assert_eq!((&result["isError"], &result["structuredContent"]["status"]), (&json!(true), &json!(503)));
    assert_eq!(result["structuredContent"]["retry_after"], "Wed, 21 Oct 2026 07:28:00 GMT");
    assert_eq!(result["content"][1]["text"].as_str().unwrap().len(), 4096);
}
