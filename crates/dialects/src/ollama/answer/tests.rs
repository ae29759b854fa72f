use super::*;
use conversation::dialect::Dialect;

#[test]
fn reasons_are_told_apart() {
    let cases = [
        ("stop", false, Reason::Stop),
        ("stop", true, Reason::ToolCalls),
        ("length", true, Reason::Length),
        ("load", false, Reason::Stop),
        ("unload", false, Reason::Stop),
        ("malformed_tool_call", false, Reason::MalformedCall),
        ("tired", false, Reason::Unknown),
    ];
    for (told, calls, reason) in cases {
        let call = if calls { r#"{"function":{"name":"f","arguments":{}}}"# } else { "" };
        let body = format!(
            r#"{{"message":{{"role":"assistant","content":"","tool_calls":[{call}]}},"done":true,"done_reason":"{told}"}}"#
        );
        let finish = read_answer(&body).unwrap().finish.unwrap();
        assert_eq!((finish.reason, word(&finish)), (reason, told), "{told}");
    }
}

#[test]
fn reasons_of_others_become_words_of_the_server_or_keep_their_meaning() {
    for reason in [Reason::MalformedCall, Reason::Refusal, Reason::ContentFilter, Reason::Failed, Reason::Length] {
        let finish = Finish::told(reason, Dialect::Gemini, "WORD");
        assert_ne!(word(&finish), "stop", "{reason:?}");
        let found = REASONS.iter().find(|(known, _)| *known == word(&finish)).map(|(_, reason)| *reason);
        assert_eq!(found, Some(reason));
    }
    assert_eq!(word(&Finish::told(Reason::Unknown, Dialect::Gemini, "NEW")), "NEW");
    assert_eq!(word(&Finish::new(Reason::ToolCalls)), "stop");
}
