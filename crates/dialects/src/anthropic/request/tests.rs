use super::*;

#[test]
fn a_wrong_request_is_told_where_it_is_wrong() {
    let table = [
        ("[]", "is no JSON object"),
        ("{}", "`model` is missing"),
        (r#"{"model":"m"}"#, "`messages` is missing"),
        (r#"{"model":"m","messages":[{"role":"user"}]}"#, "`messages[0].content` is missing"),
        (r#"{"model":"m","messages":[{"content":"a"}]}"#, "`messages[0].role` is missing"),
        (r#"{"model":"m","messages":[{"role":"user","content":7}]}"#, "`messages[0].content` is no array"),
        (
            r#"{"model":"m","messages":[{"role":"user","content":[{"type":"text"}]}]}"#,
            "`messages[0].content[0].text` is missing",
        ),
        (
            r#"{"model":"m","messages":[{"role":"user","content":[{"type":"image","source":{"type":"url"}}]}]}"#,
            "`messages[0].content[0].source.url` is missing",
        ),
        (r#"{"model":"m","messages":[],"tools":[{}]}"#, "`tools[0].name` is missing"),
        (r#"{"model":"m","messages":[],"stop_sequences":[1]}"#, "`stop_sequences[0]` is no string"),
        (r#"{"model":"m","messages":[],"thinking":{}}"#, "`thinking.type` is missing"),
        (r#"{"model":"m","messages":[],"tool_choice":{"type":"tool"}}"#, "`tool_choice.name` is missing"),
        (r#"{"model":"m","messages":[],"max_tokens":"many"}"#, "`max_tokens` is no number"),
    ];
    for (body, fault) in table {
        let told = read(body).unwrap_err().to_string();
        assert!(told.starts_with(fault), "{body}: {told}");
    }
}
