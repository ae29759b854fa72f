//! Trace context both ways, and spans at a collector.

use super::collector::Collector;
use crate::harness::{Era, Http, Hub, Setup, trials, trials_of_both_eras};
use crate::models::provider;
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    let both = trials_of_both_eras!("telemetry":
        context_of_the_message_goes_on_to_the_upstream,
        context_of_http_goes_on_where_the_message_has_none,
        without_traces_the_context_passes_untouched,
        a_request_without_context_begins_a_trace,
    );
    let once = trials!("telemetry":
        what_was_measured_is_sent_at_the_end,
        environment_names_the_collector,
        calls_of_a_plan_are_parts_of_it,
        each_deployment_that_is_asked_is_part_of_the_request,
    );
    both.into_iter().chain(once).collect()
}

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN: &str = "00f067aa0ba902b7";

fn parent() -> String {
    format!("00-{TRACE}-{SPAN}-01")
}

fn traced(collector: &Collector) -> Setup {
    let otlp = json!({"endpoint": collector.url, "headers": {"x-key": "k"}});
    Setup::new().fixture("good", &[], json!({})).with("telemetry", json!({"otlp": otlp}))
}

/// The `_meta` that the upstream got with the last call.
fn meta(hub: &Hub) -> Value {
    let calls = hub.recorded_method("good", "tools/call");
    calls.last().expect("the upstream was called")["params"]["_meta"].clone()
}

fn echo(meta: &Value) -> Value {
    json!({"name": "good__echo", "arguments": {"message": "x"}, "_meta": meta})
}

/// Trace and span of a `traceparent`.
#[track_caller]
fn parts(meta: &Value) -> (String, String, String) {
    let text = meta["traceparent"].as_str().unwrap_or_else(|| panic!("there is a traceparent: {meta}"));
    let parts: Vec<&str> = text.split('-').collect();
    assert_eq!(parts.len(), 4, "{text}");
    (parts[1].to_owned(), parts[2].to_owned(), parts[3].to_owned())
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("it is hexadecimal")).collect()
}

async fn context_of_the_message_goes_on_to_the_upstream(era: Era) {
    let collector = Collector::start().await;
    let hub = traced(&collector).ready().await;
    let client =
        hub.client_of(era).await.with_header("traceparent", "00-11111111111111111111111111111111-2222222222222222-01");
    let sent = json!({"traceparent": parent(), "tracestate": "a=b", "baggage": "c=d", "example.com/x": 1});
    client.request("tools/call", echo(&sent)).await.result();
    let got = meta(&hub);
    let (trace, span, flags) = parts(&got);
    assert_eq!((trace.as_str(), flags.as_str()), (TRACE, "01"));
    assert_ne!(span, SPAN, "it is a span of the hub's own");
    for (name, value) in [("tracestate", json!("a=b")), ("baggage", json!("c=d")), ("example.com/x", json!(1))] {
        assert_eq!(got[name], value, "{got}");
    }
    let (trace, span, parent) = (bytes(TRACE), bytes(&span), bytes(SPAN));
    let names: [&[u8]; 2] = [b"tools/call good__echo", b"tools/call echo"];
    let got = collector
        .wait_for("/v1/traces", &[&trace, &span, &parent, names[0], names[1], &bytes("2222222222222222")])
        .await;
    assert!(got.head.to_ascii_lowercase().contains("x-key: k\r\n"), "{}", got.head);
}

async fn context_of_http_goes_on_where_the_message_has_none(era: Era) {
    let collector = Collector::start().await;
    let hub = traced(&collector).ready().await;
    let client = hub.client_of(era).await;
    let client =
        client.with_header("traceparent", &parent()).with_header("tracestate", "a=b").with_header("baggage", "c=d");
    client.request("tools/call", echo(&json!({"tracestate": "of=another"}))).await.result();
    let got = meta(&hub);
    assert_eq!(parts(&got).0, TRACE);
    assert_eq!((&got["tracestate"], &got["baggage"]), (&json!("a=b"), &json!("c=d")));
}

async fn without_traces_the_context_passes_untouched(era: Era) {
    let hub = Setup::new().fixture("good", &[], json!({})).ready().await;
    let client = hub.client_of(era).await;
    for context in [parent(), "junk".to_owned()] {
        let sent = json!({"traceparent": context, "tracestate": "a=b", "baggage": "c=d"});
        client.request("tools/call", echo(&sent)).await.result();
        let got = meta(&hub);
        for name in ["traceparent", "tracestate", "baggage"] {
            assert_eq!(got[name], sent[name], "{got}");
        }
    }
    client.request("tools/call", echo(&json!({}))).await.result();
    assert_eq!(meta(&hub)["traceparent"], Value::Null, "the hub makes none up");
}

async fn a_request_without_context_begins_a_trace(era: Era) {
    let collector = Collector::start().await;
    let mut setup = traced(&collector);
    setup.config["telemetry"]["otlp"]["sample"] = json!(0);
    let hub = setup.ready().await;
    let client = hub.client_of(era).await;
    let mut seen = Vec::new();
    for _ in 0..2 {
        client.request("tools/call", echo(&json!({"traceparent": "junk", "tracestate": "of=junk"}))).await.result();
        let got = meta(&hub);
        let (trace, _, flags) = parts(&got);
        assert_eq!((flags.as_str(), &got["tracestate"]), ("00", &Value::Null), "none is recorded: {got}");
        seen.push(trace);
    }
    assert_ne!(seen[0], seen[1]);
}

async fn what_was_measured_is_sent_at_the_end() {
    let collector = Collector::start().await;
    let hub = traced(&collector).ready().await;
    hub.call("good__fail", json!({"text": "no"})).await;
    hub.stop().await;
    let all = collector.got();
    let found =
        |path: &str, part: &[u8]| all.iter().any(|got| got.path == path && super::collector::holds(&got.body, part));
    assert!(found("/v1/traces", b"tools/call fail") && found("/v1/traces", b"tool_error"));
    assert!(found("/v1/metrics", b"mcp.server.operation.duration") && found("/v1/metrics", b"tool_error"));
}

async fn environment_names_the_collector() {
    let collector = Collector::start().await;
    let hub = Setup::new()
        .fixture("good", &[], json!({}))
        .environment("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url)
        .environment("OTEL_EXPORTER_OTLP_HEADERS", "x-key=a%20b")
        .environment("OTEL_SERVICE_NAME", "my-hub")
        .ready()
        .await;
    hub.call("good__echo", json!({"message": "x"})).await.result();
    let got = collector.wait_for("/v1/traces", &[b"my-hub", b"tools/call echo"]).await;
    assert!(got.head.to_ascii_lowercase().contains("x-key: a b\r\n"), "{}", got.head);
    let own = std::fs::read_to_string(hub.setup.record("good")).expect("the upstream records");
    assert!(!own.contains("OTEL_"), "upstreams do not get the hub's environment");
}

async fn calls_of_a_plan_are_parts_of_it() {
    let collector = Collector::start().await;
    let hub = traced(&collector).with("views", json!({"all": {"plans": true}})).ready().await;
    let step = |name: &str| json!({"name": name, "tool": "good__echo", "arguments": {"message": name}});
    let plan = json!({"steps": [step("one"), step("two")]});
    let sent = json!({"traceparent": parent(), "tracestate": "a=b", "example.com/x": 1});
    let params = json!({"name": "run_plan", "arguments": plan, "_meta": sent});
    hub.modern().request("tools/call", params).await.result();
    let calls = hub.recorded_method("good", "tools/call");
    assert_eq!(calls.len(), 2, "{calls:?}");
    // In OpenTelemetry's protocol buffers a span's id is the field 2, and that of its parent the field 4.
    let (id, of_parent) = (|id: &[u8]| [&[0x12, 8], id].concat(), |id: &[u8]| [&[0x22, 8], id].concat());
    let got = collector.wait_for("/v1/traces", &[b"tools/call run_plan", &of_parent(&bytes(SPAN))]).await;
    let place = got.body.windows(10).position(|part| part == of_parent(&bytes(SPAN))).expect("it is there");
    // The `tracestate` stands between the two: its tag, its length, and what it says.
    let state = [&[0x1a, 3], b"a=b".as_slice()].concat();
    let end = place - if got.body[..place].ends_with(&state) { state.len() } else { 0 };
    let own = &got.body[end - 8..end];
    for call in calls {
        let meta = &call["params"]["_meta"];
        let (trace, span, _) = parts(meta);
        assert_eq!((trace.as_str(), &meta["tracestate"]), (TRACE, &json!("a=b")), "{meta}");
        assert_eq!(meta["example.com/x"], Value::Null, "what else was said is of the plan: {meta}");
        let inside = [id(&bytes(&span)), of_parent(own)].concat();
        collector.wait_for("/v1/traces", &[&inside, b"tools/call echo"]).await;
    }
}

async fn each_deployment_that_is_asked_is_part_of_the_request() {
    const CHAT: &str = r#"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}"#;
    let collector = Collector::start().await;
    let broken = provider::Provider::start(|_| provider::whole(500, "application/json", &[], "{}")).await;
    let fine = provider::Provider::start(|_| provider::json(CHAT)).await;
    let models = json!({
        "providers": {"first": {"url": format!("{}/v1", broken.url)}, "second": {"url": format!("{}/v1", fine.url)}},
        "routes": {"quick": {"use": ["first/small", "second/large"], "strategy": "order"}},
        "deployments": {"second/large": {"price": {"input": 0, "output": 1000}}},
    });
    let hub = traced(&collector).with("models", models).start().await;
    let body = json!({"model": "quick", "messages": []}).to_string();
    let answer = Http::new("POST", &hub.at("/v1/chat/completions"))
        .header("content-type", "application/json")
        .header("traceparent", &parent())
        .header("x-tutti-run", "night-7")
        .body(body)
        .send()
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let (trace, outer) = (bytes(TRACE), bytes(SPAN));
    // The request, and below it what was asked of the deployment that answered, with what it cost.
    let expected: [&[u8]; 13] = [
        &trace,
        &outer,
        b"POST /v1/chat/completions",
        b"chat large",
        b"gen_ai.request.model",
        b"gen_ai.usage.output_tokens",
        b"second/large",
        b"tutti.route",
        b"quick",
        b"tutti.strategy",
        b"answered",
        b"night-7",
        b"tutti.cost.nano_dollars",
    ];
    collector.wait_for("/v1/traces", &expected).await;
    collector.wait_for("/v1/traces", &[&trace, b"chat small", b"first/small", b"failed", b"T-0907"]).await;
}
