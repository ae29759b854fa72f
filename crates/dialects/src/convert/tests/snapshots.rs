//! What each golden file becomes in each other dialect, compared with what it became.

use super::corpus::{self, Case, Kind};
use super::*;
use serde_json::{Map, json};

/// What a case becomes. A body that the target's own reader does not take is a fault of its writer.
fn made(case: &Case, target: Dialect) -> Option<Value> {
    let path = format!("{} in {}", case.path(), target.name());
    let (body, losses) = match case.kind {
        Kind::Requests => {
            let mut request = request_of(case);
            let (mut losses, _) = crate::fit::fit(target, &mut request, None);
            let written = write_request(target, &request);
            losses.extend(&written.losses);
            let read = read_request(target, &written.body, Some(&request.model), request.stream);
            read.unwrap_or_else(|fault| panic!("{path}: {fault}\n{}", written.body));
            (json_of(&written.body), losses)
        }
        Kind::Answers => {
            let written = write_answer(target, &answer_of(case), &reply());
            read_answer(target, &written.body).unwrap_or_else(|fault| panic!("{path}: {fault}\n{}", written.body));
            (json_of(&written.body), written.losses)
        }
        Kind::Streams => {
            let events = events_of(case.dialect, case.text.as_bytes(), usize::MAX).ok()?;
            let (text, losses) = stream_in(target, &events);
            let read = events_of(target, text.as_bytes(), usize::MAX);
            let read = gathered(read.unwrap_or_else(|fault| panic!("{path}: {fault}\n{text}")));
            let was = gathered(events);
            assert_eq!(
                (read.is_complete(), read.failure().is_some()),
                (was.is_complete(), was.failure().is_some()),
                "{path}\n{text}"
            );
            (text.lines().filter(|line| !line.is_empty()).collect(), losses)
        }
        Kind::Failures => return None,
    };
    let lost: Vec<&str> = losses.paths().collect();
    Some(json!({"lost": lost, "body": body}))
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// What is understood of a failure: its kind, its code, and what is told of it.
fn understood(case: &Case) -> Value {
    let status = case.name.get(..3).and_then(|status| status.parse().ok()).unwrap();
    let failure = read_failure(case.dialect, status, &case.text);
    json!({"kind": format!("{:?}", failure.kind), "code": failure.code, "message": failure.message})
}

/// Compares what was made with the file in `expected/`.
#[expect(clippy::disallowed_methods, reason = "only whoever runs the test says that the files are to be written")]
fn hold(kind: Kind, name: &str, made: Map<String, Value>) {
    let folder = corpus::root().join("expected").join(kind.folder());
    let path = folder.join(format!("{name}.json"));
    let text = format!("{:#}\n", Value::Object(made));
    if std::env::var_os("TUTTI_UPDATE_SNAPSHOTS").is_some() {
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(&path, &text).unwrap();
    }
    let kept = std::fs::read(&path).unwrap_or_default();
    let message = "run with TUTTI_UPDATE_SNAPSHOTS=1 and look at the difference";
    assert!(text.as_bytes() == kept, "{}: {message}", path.display());
}

#[test]
fn every_failure_is_understood_as_it_was() {
    for dialect in dialects() {
        let cases = corpus::cases(dialect, Kind::Failures);
        assert!(!cases.is_empty(), "{}", dialect.name());
        let made = cases.iter().map(|case| (case.name.clone(), understood(case))).collect();
        hold(Kind::Failures, dialect.name(), made);
    }
}

#[test]
fn every_file_becomes_in_every_dialect_what_it_became() {
    for kind in [Kind::Requests, Kind::Answers, Kind::Streams] {
        for (source, target) in dialects().flat_map(|source| dialects().map(move |target| (source, target))) {
            let cases = if source == target { Vec::new() } else { corpus::cases(source, kind) };
            let made: Map<String, Value> =
                cases.iter().filter_map(|case| Some((case.name.clone(), made(case, target)?))).collect();
            if !made.is_empty() {
                hold(kind, &format!("{}-{}", source.name(), target.name()), made);
            }
        }
    }
}
