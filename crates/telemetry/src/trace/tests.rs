use super::*;

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const OTHER: &str = "00-11111111111111111111111111111111-2222222222222222-01";

fn tracer(share: f64) -> (Tracer, tokio::sync::mpsc::Receiver<Record>) {
    let (queue, records) = Queue::for_tests();
    (Tracer::new(share, queue), records)
}

fn carrier<'a>(parent: Option<&'a str>, state: Option<&'a str>, baggage: Option<&'a str>) -> Carrier<'a> {
    Carrier { parent, state, baggage }
}

#[test]
fn the_context_of_the_message_is_the_parent_and_that_of_http_a_link() {
    let (tracer, mut records) = tracer(0.0);
    let message = carrier(Some(PARENT), Some("a=b"), None);
    let (span, parent) = tracer.server(&message, &carrier(Some(OTHER), Some("c=d"), None)).unwrap();
    assert_eq!(parent.carried, Carried::default());
    span.end("tools/call", None);
    let record = records.try_recv().unwrap();
    let (parent, other) = (SpanContext::parse(PARENT).unwrap(), SpanContext::parse(OTHER).unwrap());
    assert_eq!((record.context.trace, record.parent), (parent.trace, Some(parent.span)));
    assert_ne!(record.context.span, parent.span);
    assert_eq!((record.links, record.state.as_str()), (vec![other], "a=b"));
}

#[test]
fn the_context_of_http_is_the_parent_where_the_message_has_none() {
    let (tracer, mut records) = tracer(0.0);
    for junk in [None, Some("junk")] {
        let http = carrier(Some(PARENT), Some("c=d"), Some("e=f"));
        let (span, parent) = tracer.server(&carrier(junk, Some("a=b"), None), &http).unwrap();
        let wanted = Carried { state: Some(Some("c=d".to_owned())), baggage: Some("e=f".to_owned()) };
        assert_eq!(parent.carried, wanted);
        span.end("", None);
        let record = records.try_recv().unwrap();
        assert_eq!(record.parent, Some(SpanContext::parse(PARENT).unwrap().span));
        assert!(record.links.is_empty());
    }
}

#[test]
fn a_request_without_context_begins_a_trace_that_keeps_no_foreign_state() {
    let (tracer, mut records) = tracer(1.0);
    let (span, parent) = tracer.server(&carrier(None, Some("a=b"), Some("x=y")), &Carrier::default()).unwrap();
    assert_eq!(parent.carried, Carried { state: Some(None), baggage: None });
    let inner = parent.client().unwrap();
    assert_eq!(inner.context().trace, span.context().trace);
    inner.end("inner", Some("no".into()));
    span.end("outer", None);
    let (inner, outer) = (records.try_recv().unwrap(), records.try_recv().unwrap());
    assert_eq!((inner.parent, outer.parent), (Some(outer.context.span), None));
    assert_eq!((inner.role, outer.role), (Role::Client, Role::Server));
    assert_eq!((outer.state.as_str(), inner.failure.as_deref()), ("", Some("no")));
}

#[test]
fn the_sender_decides_what_is_recorded() {
    for (share, flag, recorded) in [(1.0, "00", false), (0.0, "01", true)] {
        let (tracer, mut records) = tracer(share);
        let parent = PARENT.replace("-01", &format!("-{flag}"));
        let (span, _) = tracer.server(&carrier(Some(&parent), None, None), &Carrier::default()).unwrap();
        assert_eq!((span.is_recorded(), span.context().sampled), (recorded, recorded));
        span.end("", None);
        assert_eq!(records.try_recv().is_ok(), recorded);
    }
}

#[test]
fn of_the_traces_that_begin_here_a_share_is_recorded() {
    for (share, range) in [(0.0, 0..1), (0.25, 150..350), (1.0, 1000..1001)] {
        let (tracer, _records) = tracer(share);
        let begin = || tracer.server(&Carrier::default(), &Carrier::default()).unwrap().0;
        let recorded = (0..1000).filter(|_| begin().is_recorded()).count();
        assert!(range.contains(&recorded), "{share}: {recorded}");
    }
}

#[test]
fn what_strangers_say_is_cut() {
    let (tracer, mut records) = tracer(1.0);
    let (mut span, _) = tracer.server(&Carrier::default(), &Carrier::default()).unwrap();
    span.text("name", "ü".repeat(10_000));
    span.text("none", "");
    span.end(&"ü".repeat(10_000), None);
    let record = records.try_recv().unwrap();
    let wanted = "ü".repeat(TEXT);
    assert_eq!(record.name, wanted);
    assert_eq!(record.attributes, [("name", Attribute::Text(wanted.into()))]);
}
