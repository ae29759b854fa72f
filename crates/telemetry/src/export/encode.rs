//! Spans and metrics as messages of OTLP (`opentelemetry-proto` 1.x: `trace.proto`, `metrics.proto`, `common.proto`). The
//! numbers are those of the fields there.

use super::protobuf::Message;
use crate::context::SpanContext;
use crate::names::{Kind, SCOPE};
use crate::record::{Attribute, Record, Role};
use crate::snapshot::{Point, Snapshot, Value};
use std::time::Duration;

/// Who sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Resource {
    pub(super) attributes: Vec<(String, String)>,
    pub(super) version: &'static str,
}

/// `AggregationTemporality`: since the start of the process.
const CUMULATIVE: u64 = 2;

/// An `ExportTraceServiceRequest`.
pub(super) fn traces(resource: &Resource, records: &[Record]) -> Vec<u8> {
    let mut request = Message::new();
    request.message(1, |of_resource| {
        of_resource.message(1, |message| write_resource(message, resource)).message(2, |of_scope| {
            of_scope.message(1, |message| scope(message, resource));
            for record in records {
                of_scope.message(2, |message| span(message, record));
            }
        });
    });
    request.into_bytes()
}

/// An `ExportMetricsServiceRequest`. `start` and `now` count from 1970.
pub(super) fn metrics(resource: &Resource, snapshot: &Snapshot, start: Duration, now: Duration) -> Vec<u8> {
    let times = (nanoseconds(start), nanoseconds(now));
    let mut request = Message::new();
    request.message(1, |of_resource| {
        of_resource.message(1, |message| write_resource(message, resource)).message(2, |of_scope| {
            of_scope.message(1, |message| scope(message, resource));
            for (metric, points) in snapshot.by_metric() {
                of_scope.message(2, |message| {
                    message.text(1, metric.name).text(2, metric.help).text(3, metric.unit.ucum());
                    let field = match metric.kind {
                        Kind::Gauge => 5,
                        Kind::Counter => 7,
                        Kind::Histogram | Kind::LongHistogram => 9,
                    };
                    message.message(field, |data| {
                        for point in points {
                            data.message(1, |message| write_point(message, point, times));
                        }
                        if metric.kind != Kind::Gauge {
                            data.varint(2, CUMULATIVE);
                        }
                        if metric.kind == Kind::Counter {
                            data.varint(3, 1);
                        }
                    });
                });
            }
        });
    });
    request.into_bytes()
}

fn write_resource(message: &mut Message, resource: &Resource) {
    for (name, value) in &resource.attributes {
        text(message, 1, name, value);
    }
}

fn scope(message: &mut Message, resource: &Resource) {
    message.text(1, SCOPE).text(2, resource.version);
}

fn span(message: &mut Message, record: &Record) {
    let SpanContext { trace, span, .. } = &record.context;
    message.bytes(1, trace).bytes(2, span).text(3, &record.state);
    if let Some(parent) = &record.parent {
        message.bytes(4, parent);
    }
    let kind = match record.role {
        Role::Server => 2,
        Role::Client => 3,
    };
    let (start, end) = (nanoseconds(record.start), nanoseconds(record.start + record.duration));
    message.text(5, &record.name).varint(6, kind).fixed64(7, start).fixed64(8, end);
    for (name, value) in &record.attributes {
        attribute(message, 9, name, value);
    }
    for link in &record.links {
        message.message(13, |message| {
            message.bytes(1, &link.trace).bytes(2, &link.span).fixed32(6, flags(link));
        });
    }
    if let Some(failure) = &record.failure {
        // `STATUS_CODE_ERROR`.
        message.message(15, |status| {
            status.text(2, failure).varint(3, 2);
        });
    }
    message.fixed32(16, flags(&record.context));
}

/// The flags of W3C Trace Context.
fn flags(context: &SpanContext) -> u32 {
    u32::from(context.sampled)
}

fn write_point(message: &mut Message, point: &Point, (start, now): (u64, u64)) {
    let field = if matches!(point.value, Value::Number(_)) { 7 } else { 9 };
    for (name, value) in point.metric.attributes.iter().zip(&*point.values).filter(|(_, value)| !value.is_empty()) {
        text(message, field, name, value);
    }
    if point.metric.kind != Kind::Gauge {
        message.fixed64(2, start);
    }
    message.fixed64(3, now);
    match &point.value {
        Value::Number(number) => {
            message.double(4, *number);
        }
        Value::Distribution(distribution) => {
            message.fixed64(4, distribution.count()).double(5, distribution.sum);
            message.packed64(6, distribution.counts.into_iter());
            message.packed64(7, point.metric.kind.bounds().iter().map(|bound| bound.to_bits()));
        }
    }
}

fn attribute(message: &mut Message, field: u32, name: &str, value: &Attribute) {
    match value {
        Attribute::Text(value) => text(message, field, name, value),
        Attribute::Number(number) => {
            message.message(field, |pair| {
                pair.text(1, name).message(2, |any| {
                    any.varint(3, number.cast_unsigned());
                });
            });
        }
    }
}

fn text(message: &mut Message, field: u32, name: &str, value: &str) {
    message.message(field, |pair| {
        // An empty text must be written: left out, it would be no value at all.
        pair.text(1, name).message(2, |any| {
            any.bytes(1, value.as_bytes());
        });
    });
}

fn nanoseconds(since_epoch: Duration) -> u64 {
    u64::try_from(since_epoch.as_nanos()).unwrap_or(u64::MAX)
}
