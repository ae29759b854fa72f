use super::*;
use conversation::dialect::Dialect;

#[test]
fn reasons_are_told_apart_and_come_back() {
    for (told, reason) in REASONS.into_iter().chain([("tired", Reason::Unknown)]) {
        let finish = read_answer(&format!(r#"{{"stopReason":"{told}"}}"#)).unwrap().finish.unwrap();
        assert_eq!((finish.reason, word(&finish, &mut Losses::new()).as_ref()), (reason, told));
    }
    let cases = [
        (Reason::Stop, "end_turn", ""),
        (Reason::MalformedCall, "malformed_tool_use", ""),
        (Reason::ContentFilter, "content_filtered", ""),
        (Reason::Pause, "end_turn", "finish"),
        (Reason::Unknown, "end_turn", "finish"),
    ];
    for (reason, expected, lost) in cases {
        let mut losses = Losses::new();
        assert_eq!(word(&Finish::told(reason, Dialect::Gemini, "X"), &mut losses), expected);
        assert_eq!(losses.to_string(), lost);
    }
}

#[test]
fn what_is_cached_is_part_of_the_input() {
    let body = r#"{"usage":{"inputTokens":3,"outputTokens":4,"totalTokens":47,"cacheReadInputTokens":10,
        "cacheWriteInputTokens":30,"cacheDetails":[{"ttl":"5m","inputTokens":10},{"ttl":"1h","inputTokens":20}]}}"#;
    let usage = read_answer(body).unwrap().usage.unwrap();
    let counts = (usage.input, usage.output, usage.cache_read, usage.cache_write, usage.cache_write_hour);
    assert_eq!(counts, (Some(43), Some(4), Some(10), Some(30), Some(20)));
    let foreign = Usage { extra: Extra::default(), ..usage };
    let expected = concat!(
        r#"{"inputTokens":3,"outputTokens":4,"cacheReadInputTokens":10,"cacheWriteInputTokens":30,"totalTokens":47,"#,
        r#""cacheDetails":[{"ttl":"1h","inputTokens":20}]}"#
    );
    assert_eq!(write_usage(&foreign, &mut Losses::new()).finish(), expected);
}
