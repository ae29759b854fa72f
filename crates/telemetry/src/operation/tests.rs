use crate::Telemetry;
use crate::names::{CLIENT_OPERATION, OTHER, SERVER_OPERATION};
use crate::snapshot::{Point, Value, Values};
use std::sync::Arc;
use std::time::Duration;

const SOON: Duration = Duration::from_millis(3);

/// The series of a metric: its values, and how many there were.
fn series(telemetry: &Telemetry, metric: &'static crate::names::Metric) -> Vec<(Values, u64)> {
    let snapshot = telemetry.snapshot();
    let points = snapshot.by_metric().find(|(found, _)| std::ptr::eq(*found, metric)).map(|(_, points)| points);
    let read = |point: &Point| match &point.value {
        Value::Distribution(distribution) => (Arc::clone(&point.values), distribution.count()),
        Value::Number(_) => unreachable!("it is a histogram"),
    };
    points.unwrap_or_default().iter().map(read).collect()
}

#[test]
fn a117_tools_beyond_the_budget_share_one_series() {
    let telemetry = Telemetry::new("0");
    let upstream = telemetry.upstream("hostile");
    for number in 0..5_000 {
        upstream.operation("tools/call", &format!("tool{number}")).client.record(SOON, None);
    }
    upstream.operation("tools/call", "tool7").client.record(SOON, None);
    let found = series(&telemetry, &CLIENT_OPERATION);
    assert_eq!(found.len(), super::TOOLS + 1);
    let of = |tool: &str| found.iter().find(|(values, _)| &*values[2] == tool).map(|(_, count)| *count);
    assert_eq!((of("tool7"), of(OTHER)), (Some(2), Some(5_000 - super::TOOLS as u64)));
}

#[test]
fn a117_kinds_of_failure_beyond_the_budget_share_one_series() {
    let telemetry = Telemetry::new("0");
    let sides = telemetry.upstream("hostile").operation("tools/call", "t");
    for code in 0..1_000 {
        sides.server.record(SOON, Some(&format!("-{code}")));
    }
    let found = series(&telemetry, &SERVER_OPERATION);
    let failed: Vec<_> = found.iter().filter(|(values, _)| !values[3].is_empty()).collect();
    assert_eq!(failed.len(), super::FAILURES + 1);
    assert_eq!(failed.iter().map(|(_, count)| count).sum::<u64>(), 1_000);
}

#[test]
fn an_upstream_that_comes_back_goes_on_where_it_was() {
    let telemetry = Telemetry::new("0");
    telemetry.upstream("a").operation("tools/call", "t").client.record(SOON, None);
    telemetry.upstream("a").operation("tools/call", "t").client.record(SOON, None);
    assert_eq!(series(&telemetry, &CLIENT_OPERATION)[0].1, 2);
}
