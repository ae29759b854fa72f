//! Feeds every kept input to the function that it was found for: what the fuzzer knows, each change is tried with.

#![expect(
    unreachable_pub,
    clippy::panic,
    reason = "this is a test, and the targets are public for the fuzzer's executables"
)]

mod targets;

use std::path::{Path, PathBuf};

/// The inputs that are kept of a target, in the order of their names.
fn kept(target: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

#[test]
fn every_kept_input_is_taken() {
    for (target, feed) in targets::ALL {
        let paths = kept(target);
        assert!(!paths.is_empty(), "nothing is kept of {target}");
        for path in paths {
            let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            if std::panic::catch_unwind(|| feed(&bytes)).is_err() {
                panic!("the target {target} fails with {}", path.display());
            }
        }
    }
}

#[test]
fn every_target_is_an_executable_and_has_a_folder() {
    let manifest = include_str!("Cargo.toml");
    let executables = manifest.lines().skip_while(|line| *line != "[[bin]]");
    let named: Vec<_> = executables.filter_map(|line| line.strip_prefix("name = ")?.split('"').nth(1)).collect();
    assert_eq!(named, targets::ALL.map(|(name, _)| name));
    for (name, feed) in targets::ALL {
        assert_eq!(targets::named(name) as usize, feed as usize, "{name}");
        // What no parser can be surprised by.
        feed(b"");
    }
}
