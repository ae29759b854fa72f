use super::*;

fn whole(endpoint: Endpoint, answer: &str) -> Option<&'static str> {
    of_whole(endpoint, &Object::read(answer).unwrap())
}

#[test]
fn a_choice_that_its_provider_failed_in_is_no_success() {
    let failed = [
        r#"{"choices":[{"message":{"content":"part"},"finish_reason":"error","error":{"code":502,"message":"m"}}]}"#,
        r#"{"choices":[{"message":{"content":"part"},"finish_reason":"error"}]}"#,
        r#"{"choices":[{"text":"a","finish_reason":"stop"},{"text":"part","finish_reason":"stop","error":{"code":502}}]}"#,
    ];
    let fine = r#"{"choices":[{"message":{"content":"a"},"text":"a","finish_reason":"stop","error":null}]}"#;
    for endpoint in [Endpoint::ChatCompletions, Endpoint::Completions] {
        assert!(failed.iter().all(|answer| whole(endpoint, answer) == Some(PARTLY)), "{endpoint:?}");
        assert_eq!(whole(endpoint, fine), None);
        assert_eq!(whole(endpoint, r#"{"error":{"message":"m"}}"#), Some(ERROR));
    }
    let event = |text: &str| of(Dialect::OpenAiChat, "", &Object::read(text).unwrap(), &mut Answers::wanted(1));
    assert_eq!(event(r#"{"choices":[{"delta":{"content":""},"finish_reason":"error"}]}"#), Sign::Error);
    assert_eq!(event(r#"{"choices":[{"delta":{"content":"a"},"error":{"code":502}}]}"#), Sign::Error);
    assert_eq!(event(r#"{"choices":[{"delta":{"content":"a"},"finish_reason":"stop","error":null}]}"#), Sign::End);
}

#[test]
fn what_was_asked_has_to_be_in_the_answer() {
    use Endpoint::{BatchEmbedContents, CountTokens, EmbedContent, Embeddings, GeminiCountTokens, InputTokens};
    let table = [
        (Embeddings, r#"{"data":[]}"#, true),
        (Embeddings, r#"{"data":[{"embedding":[0.5]}]}"#, true),
        (Embeddings, r#"{"data":null}"#, false),
        (Embeddings, r#"{"status":"ok"}"#, false),
        (EmbedContent, r#"{"embedding":{"values":[0.5]}}"#, true),
        (EmbedContent, r#"{"status":"ok"}"#, false),
        (BatchEmbedContents, r#"{"embeddings":[{"values":[0.5]}]}"#, true),
        (BatchEmbedContents, r#"{"embedding":{"values":[0.5]}}"#, false),
        (InputTokens, r#"{"object":"response.input_tokens","input_tokens":11}"#, true),
        (InputTokens, r#"{"object":"response"}"#, false),
        (CountTokens, r#"{"input_tokens":0}"#, true),
        (CountTokens, r#"{"status":"ok"}"#, false),
        (GeminiCountTokens, r#"{"totalTokens":3}"#, true),
        (GeminiCountTokens, "{}", true),
        (GeminiCountTokens, r#"{"status":"ok"}"#, false),
    ];
    for (endpoint, answer, fine) in table {
        assert_eq!(whole(endpoint, answer).is_none(), fine, "{endpoint:?} {answer}");
    }
}
