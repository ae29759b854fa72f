use super::*;

const MANY: &str = r#"{"requests":[
    {"model":"models/r","content":{"parts":[{"text":"One"}]},"taskType":"RETRIEVAL_QUERY","outputDimensionality":256},
    {"model":"models/r","content":{"role":"user","parts":[{"text":"Two"},{"text":"and three"}]}}]}"#;

#[test]
fn texts_are_asked_for_together() {
    let written = Embedding::read(MANY).unwrap().write("text-embedding-3-small");
    let expected = r#"{"model":"text-embedding-3-small","input":["One","Two\nand three"],"dimensions":256,"encoding_format":"float"}"#;
    assert_eq!((written.body.as_str(), written.losses.to_string().as_str()), (expected, "request.taskType"));
    let one = r#"{"content":{"parts":[{"text":"One"}]},"embedContentConfig":{"outputDimensionality":8,"title":"T"}}"#;
    let written = Embedding::read(one).unwrap().write("m");
    assert_eq!(written.body, r#"{"model":"m","input":["One"],"dimensions":8,"encoding_format":"float"}"#);
    assert_eq!(written.losses.to_string(), "embedContentConfig.title");
}

#[test]
fn vectors_come_back_as_they_were_written_and_in_the_order_of_the_texts() {
    let body = r#"{"object":"list","model":"m","data":[
        {"object":"embedding","index":1,"embedding":[0.10, -2e-3]},{"object":"embedding","index":0,"embedding":[1,2]}],
        "usage":{"prompt_tokens":4,"total_tokens":4}}"#;
    let many = Embedding::read(MANY).unwrap();
    assert_eq!(many.answer(body).unwrap().body, r#"{"embeddings":[{"values":[1,2]},{"values":[0.10, -2e-3]}]}"#);
    let one = Embedding::read(r#"{"content":{"parts":[{"text":"One"}]}}"#).unwrap();
    let body = r#"{"data":[{"embedding":[0.5]}]}"#;
    assert_eq!(one.answer(body).unwrap().body, r#"{"embedding":{"values":[0.5]}}"#);
}

#[test]
fn what_cannot_be_is_refused_with_its_place() {
    for (body, expected) in [
        ("[]", "object"),
        ("{}", "content"),
        (r#"{"requests":[{}]}"#, "requests[0]"),
        (r#"{"content":{"parts":[{"inlineData":{"mimeType":"image/png","data":"eA=="}}]}}"#, "parts[0]"),
    ] {
        let fault = Embedding::read(body).unwrap_err().to_string();
        assert!(fault.contains(expected), "{body}: {fault}");
    }
    let several = MANY.replace("{\"text\":\"and three\"}]}", "{\"text\":\"and three\"}]},\"outputDimensionality\":7");
    assert!(Embedding::read(&several).unwrap_err().to_string().contains("differs"));
    let many = Embedding::read(MANY).unwrap();
    for (body, expected) in [
        (r#"{"data":[{"embedding":[1]}]}"#, "fewer"),
        (r#"{"data":[{"embedding":[1]},{"embedding":[1]},{"embedding":[1]}]}"#, "more"),
        (r#"{"data":[{"embedding":"AACAPw=="},{"embedding":[1]}]}"#, "numbers"),
        (r#"{"object":"list"}"#, "data"),
    ] {
        assert!(many.answer(body).unwrap_err().to_string().contains(expected), "{body}");
    }
}
