use super::*;
use conversation::dialect::Dialect;

#[test]
fn words_come_back_and_other_reasons_get_the_nearest() {
    for word in WORDS.map(|(word, _)| word).into_iter().chain(["thermal_limit"]) {
        let mut losses = Losses::new();
        assert_eq!(super::word(&read(word, None), true, &mut losses), word);
        assert!(losses.is_empty());
    }
    let table = [
        (Reason::Stop, false, "end_turn", ""),
        (Reason::Stop, true, "tool_use", ""),
        (Reason::ToolCalls, true, "tool_use", ""),
        (Reason::StopSequence, false, "stop_sequence", ""),
        (Reason::Length, true, "max_tokens", ""),
        (Reason::ContextFull, false, "model_context_window_exceeded", ""),
        (Reason::ContentFilter, false, "refusal", ""),
        (Reason::Refusal, false, "refusal", ""),
        (Reason::Pause, false, "pause_turn", ""),
        (Reason::MalformedCall, false, "max_tokens", "answer.finish"),
        (Reason::Failed, false, "max_tokens", "answer.finish"),
        (Reason::Unknown, false, "max_tokens", "answer.finish"),
    ];
    for (reason, calls, word, lost) in table {
        let mut losses = Losses::new();
        assert_eq!(super::word(&Finish::told(reason, Dialect::Gemini, "X"), calls, &mut losses), word, "{reason:?}");
        assert_eq!(losses.to_string(), lost);
    }
    // Servers that are like OpenAI's have many words for a plain end.
    for dialect in [Dialect::OpenAiChat, Dialect::Ollama] {
        let finish = Finish::told(Reason::Unknown, dialect, "done");
        assert_eq!(super::word(&finish, false, &mut Losses::new()), "end_turn");
    }
}
