use super::*;
use conversation::dialect::Dialect;

#[test]
fn every_word_has_a_meaning_and_comes_back() {
    let cases = [
        ("STOP", Reason::Stop),
        ("MAX_TOKENS", Reason::Length),
        ("SAFETY", Reason::ContentFilter),
        ("RECITATION", Reason::ContentFilter),
        ("IMAGE_PROHIBITED_CONTENT", Reason::ContentFilter),
        ("MALFORMED_FUNCTION_CALL", Reason::MalformedCall),
        ("UNEXPECTED_TOOL_CALL", Reason::MalformedCall),
        ("OTHER", Reason::Failed),
        ("FINISH_REASON_UNSPECIFIED", Reason::Unknown),
        ("NEW_WORD", Reason::Unknown),
    ];
    for (word, reason) in cases {
        let finish = read(word, false);
        assert_eq!(finish.reason, reason, "{word}");
        assert_eq!(write(&finish, &mut Losses::new()), word);
    }
    assert_eq!(read("STOP", true).reason, Reason::ToolCalls);
    assert_eq!(read("MAX_TOKENS", true).reason, Reason::Length);
}

#[test]
fn reasons_of_others_get_the_nearest_word() {
    let cases = [
        (Reason::ToolCalls, "STOP", ""),
        (Reason::StopSequence, "STOP", ""),
        (Reason::Pause, "STOP", "finish.pause"),
        (Reason::ContextFull, "MAX_TOKENS", ""),
        (Reason::Refusal, "SAFETY", ""),
        (Reason::MalformedCall, "MALFORMED_FUNCTION_CALL", ""),
        (Reason::Failed, "OTHER", ""),
        (Reason::Unknown, "OTHER", ""),
    ];
    for (reason, word, lost) in cases {
        let mut losses = Losses::new();
        assert_eq!(write(&Finish::told(reason, Dialect::Anthropic, "word"), &mut losses), word, "{reason:?}");
        assert_eq!(losses.to_string(), lost, "{reason:?}");
    }
}
