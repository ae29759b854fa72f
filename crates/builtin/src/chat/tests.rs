use super::*;
use engine::Limits;
use openai::chat::read_request;

const TINY: &[u8] = include_bytes!("../../../../tiny/data/tiny.gguf");
const USUAL: Usual = Usual { temperature: 0.5, seed: 7 };

fn asked(more: &Value) -> Result<engine::Request, Failure> {
    let mut body = json!({"model": "tiny", "messages": [{"role": "user", "content": "Hello!"}]});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let model = Model::load(TINY.to_vec(), Limits::default()).unwrap();
    wanted(&read_request(&body.to_string()).unwrap(), &model, USUAL)
}

#[test]
fn what_is_said_is_taken_and_the_rest_is_as_usual() {
    let usual = asked(&json!({})).unwrap();
    assert_eq!((usual.sampling.temperature, usual.sampling.seed, usual.most), (0.5, 7, None));
    assert!(usual.stops.is_empty() && usual.schema.is_none());
    let said = asked(&json!({
        "temperature": 0, "top_p": 0.5, "top_k": 3, "min_p": 0.25, "seed": -1, "max_tokens": 5, "stop": ["a", "b"],
        "presence_penalty": 1, "frequency_penalty": -1, "repeat_penalty": 1.5,
    }));
    let said = said.unwrap();
    assert_eq!((said.most, said.stops), (Some(5), vec!["a".to_owned(), "b".to_owned()]));
    let sampling = Sampling {
        temperature: 0.0,
        top_p: 0.5,
        top_k: 3,
        min_p: 0.25,
        seed: u64::MAX,
        presence_penalty: 1.0,
        frequency_penalty: -1.0,
        repetition_penalty: 1.5,
        ..Sampling::default()
    };
    assert_eq!(said.sampling, sampling);
}

#[test]
fn forms_become_schemas() {
    let object = asked(&json!({"response_format": {"type": "json_object"}})).unwrap();
    assert_eq!(object.schema, Some(json!({"type": "object"})));
    let schema = json!({"type": "object", "properties": {"a": {"type": "integer"}}});
    let form = json!({"type": "json_schema", "json_schema": {"name": "a", "schema": schema}});
    assert_eq!(asked(&json!({"response_format": form})).unwrap().schema, Some(schema));
}

#[test]
fn what_is_not_done_is_refused() {
    let picture = json!([{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}]);
    let cases = [
        json!({"messages": [{"role": "user", "content": picture}]}),
        json!({"tools": [{"type": "function", "function": {"name": "a"}}]}),
        json!({"messages": [{"role": "tool", "tool_call_id": "1", "content": "a"}]}),
        json!({"n": 2}),
        json!({"logprobs": true}),
        json!({"logit_bias": {"1": 5}}),
        json!({"max_tokens": 0}),
        json!({"max_tokens": 1.5}),
    ];
    for case in cases {
        let failure = asked(&case).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Invalid, "{case}");
    }
}
