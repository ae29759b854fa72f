use super::*;

fn read(text: &str) -> Usage {
    Input::default().read(Object::read_leniently(text).unwrap())
}

#[test]
fn input_is_all_of_it_and_is_taken_apart_again() {
    let text = r#"{"input_tokens":3,"cache_creation_input_tokens":50,"cache_read_input_tokens":700,"output_tokens":9}"#;
    let usage = read(text);
    assert_eq!(
        (usage.input, usage.cache_write, usage.cache_read, usage.output),
        (Some(753), Some(50), Some(700), Some(9))
    );
    assert_eq!(write(Some(&usage), &mut Losses::new()).finish(), text);
}

#[test]
fn a_later_part_of_a_stream_keeps_what_it_does_not_tell() {
    let mut input = Input::default();
    input.read(Object::read(r#"{"input_tokens":3,"cache_read_input_tokens":700}"#).unwrap());
    assert_eq!(input.read(Object::read(r#"{"output_tokens":9}"#).unwrap()).input, Some(703));
    assert_eq!(input.read(Object::read(r#"{"input_tokens":10,"output_tokens":9}"#).unwrap()).input, Some(710));
}

#[test]
fn numbers_of_other_dialects_are_said_as_far_as_there_is_a_place() {
    let usage = Usage {
        input: Some(100),
        output: Some(7),
        cache_read: Some(60),
        cache_write: Some(30),
        cache_write_hour: Some(10),
        reasoning: Some(5),
        ..Usage::default()
    };
    let written = concat!(
        r#"{"input_tokens":10,"cache_creation_input_tokens":30,"cache_read_input_tokens":60,"output_tokens":7,"#,
        r#""cache_creation":{"ephemeral_5m_input_tokens":20,"ephemeral_1h_input_tokens":10},"#,
        r#""output_tokens_details":{"thinking_tokens":5}}"#
    );
    assert_eq!(write(Some(&usage), &mut Losses::new()).finish(), written);
    assert_eq!(write(None, &mut Losses::new()).finish(), r#"{"input_tokens":0,"output_tokens":0}"#);
}

#[test]
fn numbers_that_cannot_be_are_no_trouble() {
    let huge = format!(r#"{{"input_tokens":{0},"cache_read_input_tokens":{0},"output_tokens":-1}}"#, u64::MAX);
    let usage = read(&huge);
    assert_eq!((usage.input, usage.output), (Some(u64::MAX), None));
    let usage = Usage { input: Some(1), cache_read: Some(5), ..Usage::default() };
    assert!(write(Some(&usage), &mut Losses::new()).finish().starts_with(r#"{"input_tokens":0,"#));
}
