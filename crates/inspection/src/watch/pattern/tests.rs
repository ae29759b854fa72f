use super::*;

const EVENT: &str = "data: {\"a\":\"b\",\"t\":\"one\"}\n\n";

/// A pattern of [`EVENT`].
fn learned() -> Pattern {
    let mut pattern = Pattern::default();
    pattern.learn(EVENT, EVENT.len() - 8, &EVENT[19..24]);
    pattern
}

#[test]
fn what_differs_in_the_text_alone_fits() {
    for text in ["one", "x", " üß😀 ", "{}[],:"] {
        let event = EVENT.replace("one", text);
        let fit = Fit { event: event.len(), data: event.len() - 8 };
        assert_eq!(learned().fit(event.as_bytes()), Some(fit), "{text}");
        let more = format!("{event}data: x");
        assert_eq!(learned().fit(more.as_bytes()).unwrap().event, event.len());
    }
}

#[test]
fn all_else_is_read() {
    let event = |text: &[u8]| {
        let at = EVENT.find("one").unwrap();
        [&EVENT.as_bytes()[..at], text, &EVENT.as_bytes()[at + 3..]].concat()
    };
    for text in [&b""[..], b"\\n", b"a\\\"b", b"\n", b"\n\ndata: ", b"\"", b"a\",\"x\":\"b", b"\xff", b"\xc3"] {
        assert_eq!(learned().fit(&event(text)), None, "{}", text.escape_ascii());
    }
    for end in 0..EVENT.len() {
        assert_eq!(learned().fit(&EVENT.as_bytes()[..end]), None, "{end}");
    }
    assert_eq!(learned().fit(EVENT.replace("b", "c").as_bytes()), None);
    assert_eq!(learned().fit(EVENT.replace("}", " }").as_bytes()), None);
    assert_eq!(Pattern::default().fit(EVENT.as_bytes()), None);
    let mut forgotten = learned();
    forgotten.forget();
    assert_eq!(forgotten.fit(EVENT.as_bytes()), None);
}

#[test]
fn where_nothing_is_alike_nothing_is_remembered_any_more() {
    let mut pattern = Pattern::default();
    for _ in 0..IN_VAIN {
        assert!(pattern.is_worth());
        pattern.forget();
        pattern.learn(EVENT, EVENT.len() - 8, &EVENT[19..24]);
    }
    assert!(!pattern.is_worth());
    assert!(pattern.fit(EVENT.as_bytes()).is_some());
    assert!(pattern.is_worth());
}

#[test]
fn a_text_from_elsewhere_teaches_nothing() {
    let mut pattern = Pattern::default();
    pattern.learn(EVENT, 1, &String::from("\"one\""));
    assert_eq!(pattern.fit(EVENT.as_bytes()), None);
}
