use super::held;
use base::Code;
use serde_json::json;

#[test]
fn an_answer_is_held_to_its_schema() {
    let schema = json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]});
    for text in ["{\"n\": 1}", " ```json\n{\"n\": 1}\n``` ", "```\n{\"n\":1}```"] {
        assert_eq!(held(text, &schema).unwrap(), json!({"n": 1}), "{text}");
    }
    for text in ["", "one", "{}", "{\"n\": \"one\"}"] {
        assert_eq!(held(text, &schema).unwrap_err().code(), Code::ModelBroken, "{text}");
    }
}
