//! How much of the machine a server's process may use: the keys of `limits` that are about it.

use base::config::{Node, Section};
use mcp::client::bounds::Bounds;

/// The word for no limit of its own.
const NONE: &str = "none";

/// Reads them. What is not said stays as it is by default.
pub(super) fn read(section: &mut Section<'_>) -> Bounds {
    let mut bounds = Bounds::default();
    let (mebibyte, most) = (1 << 20, 1 << 50);
    size(section, "memory", 32 * mebibyte..=most, &mut bounds.memory);
    size(section, "file_size", 0..=most, &mut bounds.file_size);
    size(section, "core", 0..=most, &mut bounds.core);
    count(section, "files", 16..=1 << 30, &mut bounds.files);
    count(section, "processes", 1..=1 << 30, &mut bounds.processes);
    bounds
}

fn is_none(section: &mut Section<'_>, key: &'static str) -> bool {
    section.node(key).and_then(Node::scalar_text).as_deref() == Some(NONE)
}

fn size(section: &mut Section<'_>, key: &'static str, range: std::ops::RangeInclusive<u64>, bound: &mut Option<u64>) {
    if is_none(section, key) {
        *bound = None;
    } else if let Some(bytes) = section.size(key, range) {
        *bound = Some(bytes);
    }
}

fn count(section: &mut Section<'_>, key: &'static str, range: std::ops::RangeInclusive<i64>, bound: &mut Option<u64>) {
    if is_none(section, key) {
        *bound = None;
    } else if let Some(number) = section.integer(key, range).and_then(|number| u64::try_from(number).ok()) {
        *bound = Some(number);
    }
}
