//! What must hold for every variation of a golden file.

use super::corpus::{Case, Kind};
use super::*;
use serde_json::json;

/// What each member of each object is replaced with.
fn strange() -> [Value; 7] {
    [
        json!(null),
        json!("text"),
        json!(""),
        json!(7.5),
        json!([]),
        json!({}),
        json!({"inner": [1.50, null, {"ä": "ö"}]}),
    ]
}

/// The pointers (RFC 6901) to all objects in `value`.
fn objects(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![(String::new(), value)];
    while let Some((pointer, value)) = open.pop() {
        let escape = |name: &str| name.replace('~', "~0").replace('/', "~1");
        match value {
            Value::Object(members) => {
                open.extend(members.iter().map(|(name, value)| (format!("{pointer}/{}", escape(name)), value)));
                found.push(pointer);
            }
            Value::Array(elements) => {
                open.extend(elements.iter().enumerate().map(|(number, value)| (format!("{pointer}/{number}"), value)));
            }
            _ => {}
        }
    }
    found
}

/// All variations of a file in which one member is new or has another value, with what was changed.
fn variations(case: &Case) -> Vec<(String, String)> {
    let whole: Value = serde_json::from_str(&case.text).unwrap();
    let mut variations = Vec::new();
    for pointer in objects(&whole) {
        let mut names: Vec<String> = whole.pointer(&pointer).unwrap().as_object().unwrap().keys().cloned().collect();
        names.push("x-unknown".to_owned());
        for name in names {
            for value in strange() {
                let mut varied = whole.clone();
                let what = format!("{} with {pointer}/{name} = {value}", case.path());
                varied.pointer_mut(&pointer).unwrap()[&name] = value;
                variations.push((what, varied.to_string()));
            }
        }
    }
    variations
}

/// What is wrong with a body that was written from `text`.
fn difference(text: &str, written: &Written) -> Option<String> {
    let [was, is] = [text, &written.body].map(|text| serde_json::from_str::<Value>(text).unwrap());
    let lost = (!written.losses.is_empty()).then(|| format!("lost {}", written.losses));
    lost.or_else(|| (was != is).then(|| format!("became {is}")))
}

/// Tells the first of what is wrong, all in one.
fn none_wrong(wrong: Vec<String>) {
    let count = wrong.len();
    let first: Vec<String> = wrong.into_iter().take(20).map(|text| text.chars().take(1000).collect()).collect();
    assert!(count == 0, "{count} wrong:\n{}", first.join("\n"));
}

#[test]
fn a_request_that_is_read_comes_back_whatever_it_says() {
    let mut wrong = Vec::new();
    for case in cases(Kind::Requests) {
        for (what, text) in variations(&case) {
            let Ok(request) = read_request(case.dialect, &text, Some(IN_PATH), case.name.contains("stream")) else {
                continue;
            };
            let written = write_request(case.dialect, &request);
            wrong.extend(difference(&text, &written).map(|difference| format!("{what} {difference}")));
        }
    }
    none_wrong(wrong);
}

#[test]
fn an_answer_that_is_read_comes_back_whatever_it_says() {
    let mut wrong = Vec::new();
    for case in cases(Kind::Answers) {
        for (what, text) in variations(&case) {
            let Ok(answer) = read_answer(case.dialect, &text) else { continue };
            let written = write_answer(case.dialect, &answer, &reply());
            wrong.extend(difference(&text, &written).map(|difference| format!("{what} {difference}")));
            if gathered(replay(&answer)).into_answer() != answer {
                wrong.push(format!("{what} taken apart and put together"));
            }
        }
    }
    none_wrong(wrong);
}

/// What one dialect takes in, however strange, must not make another write what nobody can read.
#[test]
fn whatever_is_read_can_be_written_in_every_dialect() {
    let mut wrong = Vec::new();
    for case in cases(Kind::Answers) {
        for (what, text) in variations(&case) {
            let Ok(answer) = read_answer(case.dialect, &text) else { continue };
            for target in dialects() {
                let read = read_answer(target, &write_answer(target, &answer, &reply()).body);
                wrong.extend(read.err().map(|fault| format!("{what} in {}: {fault}", target.name())));
            }
        }
    }
    none_wrong(wrong);
}
