use super::*;
use crate::eventstream::testing::{event, exception};
use proptest::prelude::*;

const CHAT: &str = concat!(
    ": hello\n\n",
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n",
    "data:{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"ü😀\"}}]}\r\n\r\n",
    "event: x\ndata: {\"choices\":\ndata: [{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\nid: 1\n\n",
    "data: {\"choices\":[],\"usage\":{\"total_tokens\":1}}\n\n",
    "data: [DONE]\n\n",
);

/// How a stream of these pieces ends: what went on, whether it had begun, whether it is complete, and what failed.
fn run<'a>(dialect: Dialect, pieces: impl IntoIterator<Item = &'a [u8]>) -> (String, bool, bool, Option<String>) {
    let (mut watch, mut out) = (Watch::new(dialect, 1, 1 << 20), Vec::new());
    for piece in pieces {
        watch.feed(piece).unwrap();
        out.extend_from_slice(&watch.take());
    }
    watch.finish();
    out.extend_from_slice(&watch.take());
    let failure = watch.failure().map(str::to_owned);
    (String::from_utf8(out).unwrap(), watch.has_begun(), watch.is_complete(), failure)
}

fn whole(dialect: Dialect, text: &str) -> (bool, bool, bool) {
    let (out, begun, complete, failure) = run(dialect, [text.as_bytes()]);
    assert_eq!(out, text);
    (begun, complete, failure.is_some())
}

#[test]
fn each_dialect_has_its_own_signs() {
    let table = [
        (
            Dialect::OpenAiChat,
            "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
            (true, true, false),
        ),
        (Dialect::OpenAiChat, "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{}]}}]}\n\n", (true, false, false)),
        (Dialect::OpenAiChat, "data: {\"choices\":[{\"delta\":{\"content\":null}}]}\n\n", (false, false, false)),
        (Dialect::OpenAiChat, "data: {\"error\":{\"message\":\"x\"}}\n\n", (true, false, true)),
        (Dialect::OpenAiResponses, "data: {\"type\":\"response.created\"}\n\n", (false, false, false)),
        (Dialect::OpenAiResponses, "data: {\"type\":\"response.what_is_new\"}\n\n", (true, false, false)),
        (Dialect::OpenAiResponses, "data: {\"type\":\"response.incomplete\"}\n\n", (true, true, false)),
        (Dialect::OpenAiResponses, "data: {\"type\":\"response.failed\"}\n\n", (true, false, true)),
        (Dialect::Anthropic, "data: {\"type\":\"message_start\"}\n\n", (false, false, false)),
        (
            Dialect::Anthropic,
            "data: {\"type\":\"content_block_start\",\"content_block\":{\"type\":\"text\"}}\n\n",
            (false, false, false),
        ),
        (
            Dialect::Anthropic,
            "data: {\"type\":\"content_block_start\",\"content_block\":{\"type\":\"tool_use\"}}\n\n",
            (true, false, false),
        ),
        (Dialect::Anthropic, "data: {\"type\":\"message_stop\"}\n\n", (true, true, false)),
        (Dialect::Anthropic, "event: error\ndata: {\"type\":\"error\"}\n\n", (true, false, true)),
        (Dialect::Gemini, "data: {\"promptFeedback\":{\"blockReason\":\"SAFETY\"}}\n\n", (true, true, false)),
        (
            Dialect::Gemini,
            "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"x\"}]}}]}\n\n",
            (true, false, false),
        ),
        (Dialect::Gemini, "data: {\"candidates\":[{\"finishReason\":\"STOP\"}]}\n\n", (true, true, false)),
        (
            Dialect::Ollama,
            "{\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done\":false}\n",
            (false, false, false),
        ),
        (Dialect::Ollama, "{\"message\":{\"thinking\":\"x\"},\"done\":false}\n", (true, false, false)),
        (Dialect::Ollama, "{\"message\":{\"content\":\"\"},\"done\":true}", (true, true, false)),
        (Dialect::Ollama, "{\"error\":\"x\"}\n", (true, false, true)),
    ];
    for (dialect, text, expected) in table {
        assert_eq!(whole(dialect, text), expected, "{dialect:?} {text}");
    }
}

#[test]
fn several_answers_are_complete_only_together() {
    let choice = |index: u32, over: bool| {
        let reason = if over { ",\"finish_reason\":\"stop\"" } else { "" };
        format!("data: {{\"choices\":[{{\"index\":{index},\"delta\":{{\"content\":\"x\"}}{reason}}}]}}\n\n")
    };
    let mut watch = Watch::new(Dialect::OpenAiChat, 2, 1 << 20);
    for (event, complete) in [(choice(0, true), false), (choice(1, false), false), (choice(1, true), true)] {
        watch.feed(event.as_bytes()).unwrap();
        assert_eq!(watch.is_complete(), complete, "{event}");
    }
}

#[test]
fn an_event_that_is_cut_off_neither_goes_on_nor_counts() {
    for dialect in [Dialect::OpenAiChat, Dialect::Ollama] {
        let begin = if dialect == Dialect::Ollama {
            "{\"done\":true"
        } else {
            "data: {\"choices\":[{\"finish_reason\":\"stop\"}"
        };
        assert_eq!(run(dialect, [begin.as_bytes()]), (String::new(), false, false, None), "{dialect:?}");
    }
}

#[test]
fn what_is_no_event_is_a_fault() {
    let mut watch = Watch::new(Dialect::OpenAiChat, 1, 100);
    assert_eq!(watch.feed(b"data: <html>\n\n"), Err(Fault::Invalid));
    let mut watch = Watch::new(Dialect::OpenAiChat, 1, 100);
    assert_eq!(watch.feed(b"data: \xff\n\n"), Err(Fault::Invalid));
    let mut watch = Watch::new(Dialect::OpenAiChat, 1, 120);
    assert_eq!(watch.feed(CHAT.as_bytes()), Ok(()), "many events may be more than one may");
    assert_eq!(watch.feed(&[b'x'; 121]), Err(Fault::TooLong));
    assert_eq!(watch.take(), CHAT.as_bytes(), "what was whole goes on");
}

proptest! {
    #[test]
    fn any_pieces_are_the_same_stream(cuts in prop::collection::vec(0..CHAT.len(), 0..12), end in 0..=CHAT.len()) {
        let bytes = &CHAT.as_bytes()[..end];
        let mut cuts: Vec<usize> = cuts.into_iter().filter(|cut| *cut < end).chain([0, end]).collect();
        cuts.sort_unstable();
        let pieces = cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]);
        prop_assert_eq!(run(Dialect::OpenAiChat, pieces), run(Dialect::OpenAiChat, [bytes]));
    }
}

/// An answer of Bedrock: each message, and what is known of the stream behind it: begun, complete, failed.
fn converse() -> Vec<(Vec<u8>, (bool, bool, bool))> {
    let (nothing, begun, complete) = ((false, false, false), (true, false, false), (true, true, false));
    vec![
        (event("messageStart", r#"{"role":"assistant","p":"abcd"}"#), nothing),
        (event("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"Hi"},"p":"ab"}"#), begun),
        (event("contentBlockStop", r#"{"contentBlockIndex":0}"#), begun),
        (event("messageStop", r#"{"stopReason":"end_turn"}"#), complete),
        (event("metadata", r#"{"usage":{"inputTokens":1,"outputTokens":1,"totalTokens":2}}"#), complete),
    ]
}

#[test]
fn messages_of_bedrock_have_signs_too() {
    let mut watch = Watch::new(Dialect::Bedrock, 1, 1 << 20);
    for (message, expected) in converse() {
        watch.feed(&message).unwrap();
        assert_eq!(watch.take(), message, "it goes on as it came");
        assert_eq!((watch.has_begun(), watch.is_complete(), watch.failure().is_some()), expected);
    }
    let block = |start: &str| event("contentBlockStart", &format!(r#"{{"contentBlockIndex":0,"start":{start}}}"#));
    let table = [
        (block("{}"), (false, None)),
        (block(r#"{"toolUse":{"toolUseId":"t","name":"n"}}"#), (true, None)),
        (event("what_is_new", "{}"), (true, None)),
        (exception("throttlingException", r#"{"message":"slow"}"#), (true, Some(r#"{"message":"slow"}"#))),
        (exception("internalServerException", "no JSON"), (true, Some("no JSON"))),
    ];
    for (message, (begun, failure)) in table {
        let mut watch = Watch::new(Dialect::Bedrock, 1, 1 << 20);
        watch.feed(&message).unwrap();
        watch.finish();
        assert_eq!((watch.has_begun(), watch.is_complete(), watch.failure()), (begun, false, failure));
    }
}

#[test]
fn a_damaged_message_ends_in_no_success() {
    let whole: Vec<u8> = converse().into_iter().flat_map(|(message, _)| message).collect();
    let last = converse().pop().unwrap().0.len();
    let (sound, mut damaged) = (whole.len() - last, whole.clone());
    damaged[sound + 40] ^= 1;
    let mut watch = Watch::new(Dialect::Bedrock, 1, 1 << 20);
    assert_eq!((watch.feed(&damaged), watch.is_complete()), (Err(Fault::Damaged), false));
    assert_eq!(watch.take(), whole[..sound], "what was whole goes on");
    let mut watch = Watch::new(Dialect::Bedrock, 1, 1 << 20);
    watch.feed(&whole[..whole.len() - 1]).unwrap();
    watch.finish();
    assert_eq!((watch.take(), watch.is_complete()), (Bytes::copy_from_slice(&whole[..sound]), false));
    let mut watch = Watch::new(Dialect::Bedrock, 1, 20);
    assert_eq!(watch.feed(&whole), Err(Fault::TooLong));
    let mut watch = Watch::new(Dialect::Bedrock, 1, 1 << 20);
    assert_eq!(watch.feed(&event("messageStart", "[")), Err(Fault::Invalid));
}

proptest! {
    #[test]
    fn any_pieces_are_the_same_messages(cuts in prop::collection::vec(0..10_000usize, 0..12), end in 0..10_000usize) {
        let whole: Vec<u8> = converse().into_iter().flat_map(|(message, _)| message).collect();
        let bytes = &whole[..end % (whole.len() + 1)];
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut % (bytes.len() + 1)).chain([0, bytes.len()]).collect();
        cuts.sort_unstable();
        let run = |pieces: Vec<&[u8]>| {
            let (mut watch, mut out) = (Watch::new(Dialect::Bedrock, 1, 1 << 20), Vec::new());
            for piece in pieces {
                watch.feed(piece).unwrap();
                out.extend_from_slice(&watch.take());
            }
            watch.finish();
            (out, watch.has_begun(), watch.is_complete())
        };
        prop_assert_eq!(run(cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect()), run(vec![bytes]));
    }
}

#[test]
fn an_end_that_is_only_said_is_none() {
    let token = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\n";
    let other = "data: {\"choices\":[{\"index\":1,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
    for before in [String::new(), ": ping\n\n".to_owned(), token.to_owned(), format!("{token}{other}")] {
        let mut watch = Watch::new(Dialect::OpenAiChat, 1, 1000);
        let fed = watch.feed(format!("{before}data: [DONE]\n\n").as_bytes());
        assert_eq!((fed, watch.is_complete()), (Err(Fault::Unfinished), false), "{before}");
        assert_eq!(watch.take(), before, "what was said before goes on");
    }
    // Of several answers that were asked for there may be fewer, and an error is an end too.
    let error = "data: {\"error\":{\"message\":\"x\"}}\n\n";
    for before in [other, error] {
        let mut watch = Watch::new(Dialect::OpenAiChat, 2, 1000);
        assert_eq!(watch.feed(format!("{before}data: [DONE]\n\n").as_bytes()), Ok(()), "{before}");
    }
}

#[test]
fn signs_of_life_are_not_the_models() {
    let mut watch = Watch::new(Dialect::Anthropic, 1, 1000);
    watch.feed(b": ping\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\n").unwrap();
    assert!(!watch.heard());
    watch.feed(b"data: {\"type\":\"content_block_delta\"}\n\n").unwrap();
    assert_eq!((watch.heard(), watch.heard()), (true, false));
}

/// Events that are alike or nearly so, in both dialects that have such.
fn alike() -> impl Strategy<Value = (Dialect, Vec<String>)> {
    let text = prop_oneof![Just("\"a\""), Just("\" b ü\""), Just("\"\\n\""), Just("\"\""), Just("null"), Just("\"{\"")];
    let chat = (
        text.clone(),
        0..2u8,
        prop_oneof![4 => Just("null"), 1 => Just("\"stop\"")],
        prop_oneof![
            4 => Just(""),
            1 => Just(",\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":7}"),
        ],
    );
    let chat = chat.prop_map(|(text, index, reason, usage)| {
        let choice = format!(r#"{{"index":{index},"delta":{{"content":{text}}},"finish_reason":{reason}}}"#);
        format!("data: {{\"choices\":[{choice}]{usage}}}\n\n")
    });
    let anthropic = (text, prop_oneof![Just("content_block_delta"), Just("message_delta"), Just("ping")]);
    let anthropic = anthropic.prop_map(|(text, kind)| {
        format!("event: {kind}\ndata: {{\"type\":\"{kind}\",\"delta\":{{\"type\":\"t\",\"text\":{text}}}}}\n\n")
    });
    prop_oneof![
        prop::collection::vec(chat, 0..12).prop_map(|events| (Dialect::OpenAiChat, events)),
        prop::collection::vec(anthropic, 0..12).prop_map(|events| (Dialect::Anthropic, events)),
    ]
}

proptest! {
    #[test]
    fn what_is_like_the_event_before_is_as_if_it_had_been_read((dialect, events) in alike()) {
        let stand = |watch: &mut Watch, fed: Result<(), Fault>| {
            (fed, watch.ready(), watch.heard(), watch.has_begun(), watch.is_complete(), format!("{:?}", watch.meter()))
        };
        let (mut quick, mut slow) = (Watch::new(dialect, 2, 1 << 20), Watch::new(dialect, 2, 1 << 20));
        for event in &events {
            let fed = quick.feed(event.as_bytes());
            let one = stand(&mut quick, fed);
            // An event that was begun to be looked at is read.
            let fed = slow.feed(&event.as_bytes()[..1]).and_then(|()| slow.feed(&event.as_bytes()[1..]));
            prop_assert_eq!(one, stand(&mut slow, fed), "{}", event);
        }
    }
}
