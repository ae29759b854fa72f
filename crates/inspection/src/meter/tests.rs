use super::*;
use dialects::frame::Frames;
use dialects::{Event, StreamReader};
use std::path::{Path, PathBuf};

const DIALECTS: [(&str, Dialect); 6] = [
    ("openai_chat", Dialect::OpenAiChat),
    ("openai_responses", Dialect::OpenAiResponses),
    ("anthropic", Dialect::Anthropic),
    ("gemini", Dialect::Gemini),
    ("ollama", Dialect::Ollama),
    ("bedrock", Dialect::Bedrock),
];

/// The golden files of the crate `dialects`, of one kind.
fn golden(kind: &str) -> Vec<(Dialect, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dialects/golden");
    let mut found = Vec::new();
    for (folder, dialect) in DIALECTS {
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(root.join(folder).join(kind)).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        found.extend(paths.into_iter().filter_map(|path| {
            let text = base::disk::read_text(&path, 1 << 20).ok()?;
            Some((dialect, path, text))
        }));
    }
    found
}

/// The numbers, and nothing of how they were written.
fn numbers(usage: &Usage) -> [Option<u64>; 8] {
    [
        usage.input,
        usage.output,
        usage.cache_read,
        usage.cache_write,
        usage.cache_write_hour,
        usage.reasoning,
        usage.audio_input,
        usage.audio_output,
    ]
}

#[test]
fn whole_answers_take_what_the_translation_reads_of_them() {
    let mut told = 0;
    for (dialect, path, text) in golden("answers") {
        let Ok(answer) = dialects::read_answer(dialect, &text) else { continue };
        let mut meter = Meter::new(dialect);
        meter.whole(&Object::read(&text).unwrap());
        let read = answer.usage.unwrap_or_default();
        compare(&meter, &read, &path);
        told += usize::from(read.input.is_some());
    }
    assert!(told > 50, "{told}");
}

/// Whatever the translation reads the meter does too. It takes numbers that are written as texts as well, and those of
/// answers that failed.
fn compare(meter: &Meter, read: &Usage, path: &Path) {
    for (metered, read) in numbers(meter.told()).into_iter().zip(numbers(read)) {
        assert_eq!(metered.filter(|_| read.is_some()), read, "{}: {:?}", path.display(), meter.told());
    }
}

#[test]
fn streams_take_what_the_translation_reads_of_them() {
    let mut told = 0;
    for (dialect, path, text) in golden("streams") {
        let (mut frames, mut reader) = (Frames::new(dialect.framing(), 1 << 20), StreamReader::new(dialect));
        let (mut meter, mut read, mut fine) = (Meter::new(dialect), Usage::default(), true);
        let Ok(mut whole) = frames.feed(text.as_bytes()) else { continue };
        whole.extend(frames.finish().ok().flatten());
        for frame in whole {
            if let Some(data) = Object::read(&frame.data) {
                meter.event(&data, true);
            }
            let Ok(events) = reader.feed(frame.name.as_deref(), &frame.data) else {
                fine = false;
                break;
            };
            for event in events {
                if let Event::Usage(usage) = event {
                    read.update(usage);
                }
            }
        }
        fine &= reader.finish().is_ok();
        if fine {
            compare(&meter, &read, &path);
            told += usize::from(read.input.is_some());
        }
    }
    assert!(told > 50, "{told}");
}

#[test]
fn what_is_not_told_is_guessed() {
    let mut meter = Meter::new(Dialect::OpenAiChat);
    for _ in 0..12 {
        meter.event(
            &Object::read(r#"{"choices":[{"index":0,"delta":{"content":" word"},"finish_reason":null}],"usage":null}"#)
                .unwrap(),
            true,
        );
    }
    let (usage, guessed) = meter.taken(7, true);
    assert_eq!((usage.input, usage.output, guessed), (Some(7), Some(12), true));
    meter.event(&Object::read(r#"{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":13}}"#).unwrap(), false);
    let (usage, guessed) = meter.taken(7, true);
    assert_eq!((usage.input, usage.output, guessed), (Some(5), Some(13), false));
}

#[test]
fn what_broke_off_is_worth_what_went_by() {
    let mut meter = Meter::new(Dialect::Anthropic);
    meter.event(
        &Object::read(r#"{"type":"message_start","message":{"usage":{"input_tokens":9,"output_tokens":1}}}"#).unwrap(),
        false,
    );
    for _ in 0..30 {
        meter.event(
            &Object::read(r#"{"type":"content_block_delta","delta":{"type":"text_delta","text":" word"}}"#).unwrap(),
            true,
        );
    }
    let numbers = |whole| {
        let (usage, guessed) = meter.taken(7, whole);
        (usage.input, usage.output, guessed)
    };
    assert_eq!(numbers(false), (Some(9), Some(30), true));
    assert_eq!(numbers(true), (Some(9), Some(1), false));
}

/// What a whole answer takes of which 100 tokens were asked, and whether that is guessed.
fn whole(dialect: Dialect, answer: &str) -> (Option<u64>, Option<u64>, bool) {
    let mut meter = Meter::new(dialect);
    meter.whole(&Object::read(answer).unwrap());
    let (usage, guessed) = meter.taken(100, true);
    (usage.input, usage.output, guessed)
}

#[test]
fn rounds_that_the_top_leaves_out_are_paid_for() {
    let answer = r#"{"content":[],"usage":{"input_tokens":23000,"output_tokens":1000,"cache_read_input_tokens":0,"iterations":[
        {"type":"compaction","input_tokens":180000,"output_tokens":3500,"cache_read_input_tokens":7,
         "cache_creation_input_tokens":9,"cache_creation":{"ephemeral_1h_input_tokens":9}},
        {"type":"message","input_tokens":23000,"output_tokens":1000}]}}"#;
    let mut meter = Meter::new(Dialect::Anthropic);
    meter.whole(&Object::read(answer).unwrap());
    let told = meter.told();
    assert_eq!((told.input, told.output), (Some(203_016), Some(4_500)));
    assert_eq!((told.cache_read, told.cache_write, told.cache_write_hour), (Some(7), Some(9), Some(9)));
    // Where only some rounds are told the top is more.
    let usage =
        r#"{"usage":{"input_tokens":50,"output_tokens":20,"iterations":[{"input_tokens":9,"output_tokens":2}]}}"#;
    assert_eq!(whole(Dialect::Anthropic, usage), (Some(50), Some(20), false));
    for none in ["null", "[]"] {
        let usage = format!(r#"{{"usage":{{"input_tokens":50,"output_tokens":20,"iterations":{none}}}}}"#);
        assert_eq!(whole(Dialect::Anthropic, &usage), (Some(50), Some(20), false));
    }
    let mut stream = Meter::new(Dialect::Anthropic);
    for event in [
        r#"{"type":"message_start","message":{"usage":{"input_tokens":23000,"output_tokens":1}}}"#,
        r#"{"type":"message_delta","usage":{"output_tokens":1000,"iterations":[
            {"type":"compaction","input_tokens":180000,"output_tokens":3500},
            {"type":"message","input_tokens":23000,"output_tokens":1000}]}}"#,
    ] {
        stream.event(&Object::read(event).unwrap(), false);
    }
    assert_eq!((stream.told().input, stream.told().output), (Some(203_000), Some(4_500)));
}

#[test]
fn where_google_leaves_a_zero_out_nothing_is_guessed() {
    let table = [
        (
            r#"{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":90,"totalTokenCount":90}}"#,
            90,
            0,
        ),
        (r#"{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":90}}"#, 90, 0),
        (
            r#"{"candidates":[{"finishReason":"SAFETY","index":0}],"usageMetadata":{"promptTokenCount":90,"totalTokenCount":90}}"#,
            90,
            0,
        ),
        (
            r#"{"candidates":[{"content":{"role":"model"},"finishReason":"MAX_TOKENS"}],
             "usageMetadata":{"promptTokenCount":80,"toolUsePromptTokenCount":10,"thoughtsTokenCount":30,"totalTokenCount":120}}"#,
            90,
            30,
        ),
        (
            r#"{"candidates":[{"content":{"parts":[{"text":"Hi"}]}}],"usageMetadata":{"promptTokenCount":90,"totalTokenCount":97}}"#,
            90,
            7,
        ),
    ];
    for (answer, input, output) in table {
        assert_eq!(whole(Dialect::Gemini, answer), (Some(input), Some(output), false), "{answer}");
    }
    for usage in [r#""promptTokenCount":90"#, r#""promptTokenCount":90,"totalTokenCount":90"#] {
        let text = format!(
            r#"{{"candidates":[{{"content":{{"parts":[{{"text":"Hi you"}}]}}}}],"usageMetadata":{{{usage}}}}}"#
        );
        assert_eq!(whole(Dialect::Gemini, &text), (Some(90), Some(2), true), "{usage}");
    }
    // Of a stream that ends too early more may have been written than its sum says.
    let mut meter = Meter::new(Dialect::Gemini);
    for _ in 0..5 {
        let event = r#"{"candidates":[{"content":{"parts":[{"text":"Hi"}]}}],"usageMetadata":{"promptTokenCount":90,"totalTokenCount":90}}"#;
        meter.event(&Object::read(event).unwrap(), true);
    }
    let (usage, guessed) = meter.taken(100, false);
    assert_eq!((usage.output, guessed), (Some(5), true));
}

#[test]
fn of_whole_answers_that_tell_nothing_the_words_are_counted() {
    use Dialect::{Anthropic, Bedrock, Gemini, Ollama, OpenAiChat, OpenAiResponses};
    let text = "one two three four five";
    let table = [
        (OpenAiChat, format!(r#"{{"id":"chatcmpl-123","object":"chat.completion","created":1,"model":"m","choices":[{{"index":0,"message":{{"role":"assistant","content":"{text}","tool_calls":[]}},"logprobs":null,"finish_reason":"stop"}}]}}"#), 8),
        (OpenAiChat, r#"{"choices":[{"message":{"content":null,"reasoning_content":"abc","tool_calls":[{"id":"call_1","type":"function","function":{"name":"get","arguments":"{\"a\":1}"}}]}}]}"#.to_owned(), 5),
        (OpenAiChat, r#"{"choices":[{"index":0,"message":{"role":"assistant","content":""},"finish_reason":"stop"}]}"#.to_owned(), 0),
        (OpenAiResponses, format!(r#"{{"id":"resp_1","status":"completed","output":[{{"type":"message","id":"msg_1","role":"assistant","content":[{{"type":"output_text","text":"{text}","annotations":[]}}]}}]}}"#), 8),
        (Anthropic, r#"{"id":"msg_1","content":[{"type":"text","text":"abc"},{"type":"tool_use","id":"toolu_1","name":"get","input":{"city":"Bern"}}]}"#.to_owned(), 7),
        (Gemini, format!(r#"{{"candidates":[{{"content":{{"role":"model","parts":[{{"text":"{text}"}}]}},"finishReason":"STOP"}}]}}"#), 8),
        (Ollama, format!(r#"{{"model":"m","message":{{"role":"assistant","content":"{text}"}},"done":true}}"#), 8),
        (Bedrock, format!(r#"{{"output":{{"message":{{"role":"assistant","content":[{{"text":"{text}"}}]}}}},"stopReason":"end_turn"}}"#), 8),
        // What no dialect has counts as it stands.
        (Anthropic, r#"{"text":"abc","x":1}"#.to_owned(), 5),
    ];
    for (dialect, answer, output) in table {
        assert_eq!(whole(dialect, &answer), (Some(100), Some(output), true), "{dialect:?} {answer}");
    }
    let mut meter = Meter::of(Endpoint::Completions);
    meter.whole(&Object::read(&format!(r#"{{"id":"cmpl-1","choices":[{{"text":"{text}","index":0}}]}}"#)).unwrap());
    assert_eq!(meter.taken(100, true).0.output, Some(8));
}
