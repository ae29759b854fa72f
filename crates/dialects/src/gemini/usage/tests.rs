use super::*;
use conversation::object::Object;

fn read_text(text: &str, earlier: Option<&Usage>) -> Usage {
    read(Members::of(Object::read_leniently(text).unwrap()), earlier)
}

#[test]
fn thoughts_are_output_and_what_tools_put_in_is_input() {
    let usage = read_text(
        r#"{"promptTokenCount":100,"toolUsePromptTokenCount":20,"candidatesTokenCount":10,"thoughtsTokenCount":30,
            "cachedContentTokenCount":64,"promptTokensDetails":[{"modality":"TEXT","tokenCount":90},{"modality":"AUDIO","tokenCount":10}]}"#,
        None,
    );
    assert_eq!((usage.input, usage.output, usage.reasoning), (Some(120), Some(40), Some(30)));
    assert_eq!((usage.cache_read, usage.audio_input, usage.audio_output), (Some(64), Some(10), None));
}

#[test]
fn a_later_event_keeps_what_it_does_not_say() {
    let first = read_text(r#"{"promptTokenCount":8,"totalTokenCount":8,"promptTokensDetails":[]}"#, None);
    let second = read_text(r#"{"candidatesTokenCount":3,"totalTokenCount":11}"#, Some(&first));
    assert_eq!((second.input, second.output), (Some(8), Some(3)));
    let expected = r#"{"promptTokenCount":8,"candidatesTokenCount":3,"totalTokenCount":11,"promptTokensDetails":[]}"#;
    assert_eq!(write(&second, &mut Losses::new()), expected);
}

#[test]
fn usage_of_others_is_told_in_the_words_of_gemini() {
    let usage = Usage {
        input: Some(10),
        output: Some(7),
        reasoning: Some(4),
        cache_read: Some(2),
        audio_input: Some(3),
        ..Usage::default()
    };
    let expected = r#"{"promptTokenCount":10,"candidatesTokenCount":3,"totalTokenCount":17,"thoughtsTokenCount":4,"cachedContentTokenCount":2,"promptTokensDetails":[{"modality":"TEXT","tokenCount":7},{"modality":"AUDIO","tokenCount":3}]}"#;
    assert_eq!(write(&usage, &mut Losses::new()), expected);
}
