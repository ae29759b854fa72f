use std::time::Duration;

use super::{Ratios, Row, Series, as_json, as_table, ratios};
use crate::load::Sample;

fn row(target: &str, clients: usize, cpu_us: f64, p50_us: f64) -> Row {
    Row { target: target.to_owned(), clients, calls: 10, cpu_us, p50_us, p99_us: p50_us * 2.0 }
}

#[test]
fn a_series_gives_medians_over_rounds_and_the_sum_of_calls() {
    let mut series = Series::new("bare", 1);
    for (cpu_ms, latency_us) in [(1, 100), (3, 300), (2, 900)] {
        let cpu = Some(Duration::from_millis(cpu_ms));
        series.add(&Sample { latencies: vec![latency_us * 1000; 10], cpu });
    }
    let row = series.row();
    assert_eq!((row.calls, row.cpu_us, row.p50_us, row.p99_us), (30, 200.0, 300.0, 300.0));
}

#[test]
fn ratios_compare_tutti_at_the_same_number_of_clients() {
    let rows = [
        row("direct", 1, 80.0, 90.0),
        row("bare", 1, 100.0, 150.0),
        row("tutti", 1, 120.0, 210.5),
        row("rmcp", 1, 400.0, 500.0),
        row("tutti", 32, 50.0, 900.0),
        row("rmcp", 32, 200.0, 5000.0),
    ];
    let alone =
        Ratios { tutti_cpu_over_rmcp: Some(0.3), tutti_cpu_over_bare: Some(1.2), tutti_added_p50_us: Some(120.5) };
    let loaded = Ratios { tutti_cpu_over_rmcp: Some(0.25), ..Ratios::default() };
    assert_eq!(ratios(&rows), [(1, alone), (32, loaded)].into());
}

#[test]
fn what_was_not_measured_is_left_out() {
    let nothing = || [(1, Ratios::default())].into();
    assert_eq!(ratios(&[row("rmcp", 1, 400.0, 500.0)]), nothing());
    assert_eq!(ratios(&[row("tutti", 1, 1.0, 1.0), row("rmcp", 1, 0.0, 5.0)]), nothing());
}

#[test]
fn json_is_one_line_with_the_agreed_keys() {
    let rows = [row("tutti", 1, 12.5, 99.0), row("bare", 1, 10.0, 80.0)];
    let expected = concat!(
        r#"{"bench":"hub","era":"legacy","rows":["#,
        r#"{"target":"tutti","clients":1,"n":10,"cpu_us":12.5,"p50_us":99.0,"p99_us":198.0},"#,
        r#"{"target":"bare","clients":1,"n":10,"cpu_us":10.0,"p50_us":80.0,"p99_us":160.0}],"#,
        r#""ratios":{"1":{"tutti_cpu_over_bare":1.25}}}"#,
    );
    assert_eq!(as_json("legacy", &rows).unwrap(), expected);
}

#[test]
fn the_table_is_aligned() {
    let text = as_table("modern", &[row("direct", 1, 5.0, 1.0), row("tutti", 32, 123.4, 2000.0)]);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "era: modern");
    assert_eq!(lines[1].len(), lines[2].len());
    assert_eq!(lines[2].len(), lines[3].len());
}
