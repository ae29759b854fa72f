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
