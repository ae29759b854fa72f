//! A collector in this process, and a reader of Protocol Buffers that shares nothing with the writer.

mod collector;
mod read;

use crate::Telemetry;
use crate::config::Export;
use crate::context::{Carrier, SpanContext};
use crate::export::Target;
use crate::names::{EXECUTE_TOOL, attribute};
use base::Secret;
use collector::Collector;
use read::Field;
use std::time::Duration;

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

const LONG: Duration = Duration::from_secs(30);

fn export(collector: &Collector) -> Export {
    let headers = [("x-key".to_owned(), Secret::new("k".to_owned()))];
    let target = |path: &str| Target::new(&format!("http://{}{path}", collector.address), &headers).ok();
    Export {
        traces: target("/v1/traces"),
        metrics: target("/v1/metrics"),
        share: 1.0,
        interval: LONG,
        resource: vec![("service.name".to_owned(), "hub".to_owned())],
    }
}

fn record(telemetry: &Telemetry) {
    let tracer = telemetry.tracer().unwrap();
    let message = Carrier { parent: Some(PARENT), state: Some("a=b"), baggage: None };
    let (mut span, _) = tracer.server(&message, &Carrier::default()).unwrap();
    span.text(attribute::OPERATION, EXECUTE_TOOL);
    span.number(attribute::PORT, -1);
    span.end("tools/call add", Some("T-0204".into()));
}

#[tokio::test]
async fn a_collector_reads_what_is_sent() {
    let mut collector = Collector::start(vec![200]).await;
    let telemetry = Telemetry::new("1.2.3");
    telemetry.export(export(&collector));
    record(&telemetry);
    telemetry.upstream("files").operation("tools/call", "add").client.record(Duration::from_millis(3), None);
    telemetry.close(LONG).await;
    let (mut traces, mut metrics) = (None, None);
    for _ in 0..2 {
        let request = collector.next().await;
        assert_eq!(request.header("content-type"), Some("application/x-protobuf"));
        assert_eq!(request.header("x-key"), Some("k"));
        match request.path.as_str() {
            "/v1/traces" => traces = Some(request.body),
            "/v1/metrics" => metrics = Some(request.body),
            other => panic!("an unknown path {other}"),
        }
    }
    check_traces(&traces.unwrap());
    check_metrics(&metrics.unwrap());
}

fn check_traces(body: &[u8]) {
    let resource = read::messages(body, 1).remove(0);
    let attributes = read::messages(&read::messages(&resource, 1)[0], 1);
    let resource_of = |name: &str| attributes.iter().find(|pair| read::text(pair, 1) == name).cloned();
    assert_eq!(read::text(&read::messages(&resource_of("service.name").unwrap(), 2)[0], 1), "hub");
    assert!(resource_of("service.instance.id").is_some() && resource_of("service.version").is_some());
    let scope = read::messages(&resource, 2).remove(0);
    let spans = read::messages(&scope, 2);
    assert_eq!(spans.len(), 1);
    let (span, parent) = (&spans[0], SpanContext::parse(PARENT).unwrap());
    assert_eq!(read::bytes(span, 1), parent.trace);
    assert_eq!(read::bytes(span, 4), parent.span);
    assert_eq!(read::bytes(span, 2).len(), 8);
    assert_eq!((read::text(span, 3), read::text(span, 5)), ("a=b".to_owned(), "tools/call add".to_owned()));
    assert_eq!(read::fields(span, 6), [Field::Varint(2)]);
    let (Field::Fixed64(start), Field::Fixed64(end)) = (&read::fields(span, 7)[0], &read::fields(span, 8)[0]) else {
        panic!("times are fixed64")
    };
    assert!(start <= end && *start > 1_700_000_000_000_000_000);
    let attributes = read::messages(span, 9);
    assert_eq!(read::text(&attributes[0], 1), "gen_ai.operation.name");
    assert_eq!(read::text(&read::messages(&attributes[0], 2)[0], 1), "execute_tool");
    assert_eq!(read::fields(&read::messages(&attributes[1], 2)[0], 3), [Field::Varint(u64::MAX)]);
    let status = &read::messages(span, 15)[0];
    assert_eq!((read::text(status, 2), read::fields(status, 3)), ("T-0204".to_owned(), vec![Field::Varint(2)]));
    assert_eq!(read::fields(span, 16), [Field::Fixed32(1)]);
}

fn check_metrics(body: &[u8]) {
    let scope = read::messages(&read::messages(body, 1)[0], 2).remove(0);
    let metrics = read::messages(&scope, 2);
    let named = |name: &str| metrics.iter().find(|metric| read::text(metric, 1) == name).cloned().unwrap();
    let histogram = read::messages(&named("mcp.client.operation.duration"), 9).remove(0);
    assert_eq!(read::text(&named("mcp.client.operation.duration"), 3), "s");
    assert_eq!(read::fields(&histogram, 2), [Field::Varint(2)], "cumulative");
    let point = read::messages(&histogram, 1).remove(0);
    assert_eq!(read::fields(&point, 4), [Field::Fixed64(1)], "the count");
    let (counts, bounds) = (read::packed(&point, 6), read::packed(&point, 7));
    assert_eq!(counts.len(), bounds.len() + 1);
    assert_eq!(counts.iter().sum::<u64>(), 1);
    assert_eq!(counts[3], 1, "3 ms are in the bucket up to 5 ms");
    assert_eq!(f64::from_bits(bounds[3]), 0.005);
    let build = read::messages(&named("tutti.build.info"), 5).remove(0);
    assert_eq!(read::fields(&read::messages(&build, 1)[0], 4), [Field::Fixed64(1f64.to_bits())]);
    let start = read::messages(&named("process.cpu.time"), 7).remove(0);
    assert_eq!(read::fields(&start, 3), [Field::Varint(1)], "it only grows");
}

/// The number of what was sent with this result.
fn exported(telemetry: &Telemetry, result: &str) -> f64 {
    let series = format!("tutti_telemetry_exported_total{{tutti_signal=\"traces\",tutti_result=\"{result}\"}} ");
    let text = telemetry.text();
    text.lines().find_map(|line| line.strip_prefix(&series)).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_collector_that_is_busy_gets_it_again() {
    let mut collector = Collector::start(vec![503, 429, 200]).await;
    let telemetry = Telemetry::new("0");
    telemetry.export(Export { metrics: None, ..export(&collector) });
    record(&telemetry);
    let first = collector.next().await;
    for _ in 0..2 {
        assert_eq!(collector.next().await.body, first.body, "it is the same message");
    }
    telemetry.close(LONG).await;
    assert_eq!((exported(&telemetry, "sent"), exported(&telemetry, "failed")), (1.0, 0.0));
}

#[tokio::test]
async fn a_collector_that_refuses_is_not_asked_again() {
    let mut collector = Collector::start(vec![400]).await;
    let telemetry = Telemetry::new("0");
    telemetry.export(Export { metrics: None, ..export(&collector) });
    record(&telemetry);
    telemetry.close(LONG).await;
    collector.next().await;
    assert_eq!((exported(&telemetry, "sent"), exported(&telemetry, "failed")), (0.0, 1.0));
}

#[tokio::test]
async fn a_collector_that_never_answers_costs_only_what_it_does_not_get() {
    let collector = Collector::start(vec![]).await;
    let telemetry = Telemetry::new("0");
    telemetry.export(Export { metrics: None, ..export(&collector) });
    for _ in 0..10_000 {
        record(&telemetry);
    }
    tokio::task::yield_now().await;
    assert!(exported(&telemetry, "dropped") >= 10_000.0 - (crate::record::WAITING + super::BATCH) as f64);
}

#[tokio::test]
async fn the_end_does_not_wait_for_a_collector_that_is_gone() {
    let collector = Collector::start(vec![]).await;
    let options = export(&collector);
    drop(collector);
    let telemetry = Telemetry::new("0");
    telemetry.export(options);
    record(&telemetry);
    let start = base::clock::now();
    telemetry.close(LONG).await;
    assert!(start.elapsed() < LONG / 2, "it took {:?}", start.elapsed());
    assert_eq!(exported(&telemetry, "failed"), 1.0);
}
