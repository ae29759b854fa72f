use super::*;

#[test]
fn names_keep_the_rules_of_prometheus() {
    for metric in METRICS {
        let name = metric.prometheus;
        assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{name}");
        assert_eq!(name.ends_with("_total"), metric.kind == Kind::Counter, "{name}");
        let stem = name.trim_end_matches("_total");
        assert_eq!(stem.ends_with("_seconds"), metric.unit == Unit::Seconds, "{name}");
        assert_eq!(stem.ends_with("_bytes"), metric.unit == Unit::Bytes, "{name}");
        assert_eq!(stem.ends_with("_ratio"), metric.unit == Unit::Ratio, "{name}");
        // Prometheus keeps these for its own, and its checker says so.
        for reserved in ["_count", "_sum", "_bucket", "_info"] {
            assert!(!stem.ends_with(reserved) || name == "tutti_build_info", "{name}");
        }
    }
}

#[test]
fn no_name_stands_there_twice() {
    let all: std::collections::HashSet<_> =
        METRICS.iter().flat_map(|metric| [metric.name, metric.prometheus]).collect();
    assert_eq!(all.len(), 2 * METRICS.len());
}

#[test]
fn no_name_is_the_beginning_of_another() {
    for (one, other) in METRICS.iter().flat_map(|one| METRICS.iter().map(move |other| (one.name, other.name))) {
        assert!(!other.starts_with(&format!("{one}.")), "{one} names a metric, so {other} cannot lie below it");
    }
}

#[test]
fn bounds_grow() {
    for bounds in [BOUNDS, LONG_BOUNDS] {
        assert!(bounds.windows(2).all(|pair| pair[0] < pair[1]));
    }
}

#[test]
fn bounds_hold_those_of_the_convention() {
    let convention = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0];
    for bounds in [BOUNDS, LONG_BOUNDS] {
        assert!(convention.iter().all(|bound| bounds.contains(bound)));
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the page lies in the repository, which the product does not read")]
fn the_page_of_metrics_is_what_this_module_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/metrics.md");
    if std::env::var_os("TUTTI_UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(path, page::page()).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(written, page::page(), "write it anew with TUTTI_UPDATE_SNAPSHOTS=1");
}
