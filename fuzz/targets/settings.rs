//! Where numbers and traces are sent: the section of the configuration, and the variables that all programs share.

use super::input;
use base::config::{Problems, yaml};
use base::environment::Environment;
use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

pub(crate) fn feed(data: &[u8]) {
    let Some([text, variables]) = input::texts(data) else { return };
    // Certificates of the system would be read each time.
    if text.contains("https") || variables.contains("https") {
        return;
    }
    let pairs = variables.lines().filter_map(|line| line.split_once('='));
    let environment = Environment::from_pairs(pairs, Path::new("/home/somebody"));
    let document = yaml("tutti.yaml", text).ok();
    let typed = document.as_ref().map(|document| (&document.root, "tutti.yaml"));
    let problems = Problems::new();
    let settings = telemetry::config::read(&problems, typed, &environment);
    let off = environment.get("OTEL_SDK_DISABLED").is_some_and(|value| value.trim().eq_ignore_ascii_case("true"));
    if let Some(export) = settings.export {
        assert!(!off, "switched off, and sent all the same");
        assert!((0.0..=1.0).contains(&export.share), "{} is no share", export.share);
        assert!(export.interval >= Duration::from_millis(100));
        assert!(export.traces.is_some() || export.metrics.is_some());
        let keys: HashSet<&String> = export.resource.iter().map(|(key, _)| key).collect();
        assert_eq!(keys.len(), export.resource.len(), "an attribute stands there twice");
        for target in export.traces.iter().chain(&export.metrics) {
            assert!(!target.place().contains('@') && !target.place().is_empty(), "{}", target.place());
        }
    }
    for notice in settings.notices {
        assert!(!notice.contains(char::is_control), "{notice:?}");
    }
}
