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
    }
}

#[test]
fn no_name_stands_there_twice() {
    let all: std::collections::HashSet<_> =
        METRICS.iter().flat_map(|metric| [metric.name, metric.prometheus]).collect();
    assert_eq!(all.len(), 2 * METRICS.len());
}

#[test]
fn bounds_grow() {
    assert!(BOUNDS.windows(2).all(|pair| pair[0] < pair[1]));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the page lies in the repository, which the product does not read")]
fn the_page_of_metrics_is_what_this_module_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/metrics.md");
    if std::env::var_os("TUTTI_UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(path, page()).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(written, page(), "write it anew with TUTTI_UPDATE_SNAPSHOTS=1");
}
