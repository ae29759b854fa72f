use super::*;

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

#[test]
fn only_the_context_changes() {
    let nothing = Carried::default();
    let fresh = Carried { state: Some(None), baggage: None };
    let full = Carried { state: Some(Some("a=b".to_owned())), baggage: Some("c=\"d".to_owned()) };
    for (meta, carried, wanted) in [
        ("{}", &nothing, r#"{"traceparent":"P"}"#),
        (r#"{ "x" : 1 }"#, &nothing, r#"{"traceparent":"P", "x" : 1 }"#),
        (r#"{"x":1,"traceparent":"old","y":2}"#, &nothing, r#"{"traceparent":"P","x":1,"y":2}"#),
        (r#"{"tr\u0061ceparent":"old"}"#, &nothing, r#"{"traceparent":"P"}"#),
        (r#"{"tracestate":"s","baggage":"b"}"#, &nothing, r#"{"traceparent":"P","tracestate":"s","baggage":"b"}"#),
        (r#"{"tracestate":"s","baggage":"b"}"#, &fresh, r#"{"traceparent":"P","baggage":"b"}"#),
        (r#"{"tracestate":"s"}"#, &full, r#"{"traceparent":"P","tracestate":"a=b","baggage":"c=\"d"}"#),
    ] {
        let trace = Trace { parent: PARENT, carried };
        assert_eq!(set(meta, &trace), wanted.replace('P', PARENT), "{meta}");
    }
}
