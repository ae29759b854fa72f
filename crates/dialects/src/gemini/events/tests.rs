use super::*;

fn chunk(parts: &str) -> String {
    format!(r#"{{"candidates":[{{"content":{{"role":"model","parts":[{parts}]}}}}]}}"#)
}

/// The events behind the start.
fn events(chunks: &[String]) -> Vec<Event> {
    let mut reader = Reader::default();
    let mut events: Vec<Event> = chunks.iter().flat_map(|chunk| reader.feed(None, chunk).unwrap()).collect();
    events.remove(0);
    events
}

fn deltas(events: &[Event]) -> Vec<(usize, String)> {
    let piece = |event: &Event| match event {
        Event::Delta { index, delta: Delta::Text(text) | Delta::Signature(text) | Delta::Reasoning(text) } => {
            Some((*index, text.clone()))
        }
        _ => None,
    };
    events.iter().filter_map(piece).collect()
}

#[test]
fn text_goes_on_until_something_else_comes() {
    let chunks =
        [chunk(r#"{"text":"a"},{"text":"b"}"#), chunk(r#"{"text":"c","thought":true}"#), chunk(r#"{"text":"d"}"#)];
    let expected = [(0, "a"), (0, "b"), (1, "c"), (2, "d")].map(|(index, text)| (index, text.to_owned()));
    assert_eq!(deltas(&events(&chunks)), expected);
}

#[test]
fn a_signature_without_text_belongs_to_what_was_said_and_one_with_text_to_its_part() {
    let chunks = [chunk(r#"{"text":"a"}"#), chunk(r#"{"text":"","thoughtSignature":"S"}"#), chunk(r#"{"text":"b"}"#)];
    let expected = [(0, "a"), (0, "S"), (1, "b")].map(|(index, text)| (index, text.to_owned()));
    assert_eq!(deltas(&events(&chunks)), expected);
    let chunks = [chunk(r#"{"text":"a"}"#), chunk(r#"{"text":"b","thoughtSignature":"S"}"#)];
    let signed = events(&chunks)
        .into_iter()
        .any(|event| matches!(event, Event::ItemStart { index: 1, item: Item::Text(Text { signature: Some(_), .. }) }));
    assert!(signed);
}

#[test]
fn an_answer_ends_with_its_reason_an_error_or_a_fault() {
    let end = r#"{"candidates":[{"finishReason":"STOP"}]}"#;
    let mut reader = Reader::default();
    reader.feed(None, end).unwrap();
    assert_eq!(reader.finish().unwrap(), [Event::End]);
    assert_eq!(reader.finish().unwrap(), [], "the end is told once");
    let mut reader = Reader::default();
    let told = reader.feed(None, r#"[{"error":{"code":503,"message":"m","status":"UNAVAILABLE"}}]"#).unwrap();
    assert!(matches!(told.as_slice(), [Event::Error(failure)] if failure.kind == FailureKind::Overloaded));
    assert_eq!(reader.finish().unwrap(), []);
    assert!(Reader::default().finish().is_err());
    assert!(Reader::default().feed(None, "{").is_err());
    assert!(Reader::default().feed(None, "7").is_err());
}

#[test]
fn strange_candidates_are_kept() {
    let told =
        events(&[r#"{"candidates":[7,{"content":[]},{"index":0,"content":{"parts":[7,{"text":"x"}]}}]}"#.to_owned()]);
    let kept = told.iter().filter(|event| matches!(event, Event::Opaque(_))).count();
    assert_eq!((kept, deltas(&told)), (2, vec![(1, "x".to_owned())]));
}
