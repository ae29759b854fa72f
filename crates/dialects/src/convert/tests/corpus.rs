//! The golden files.

use super::Dialect;
use std::path::PathBuf;

/// What a file holds: the folder that it lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Requests,
    Answers,
    /// As bytes of a body; a name with `broken` is a stream that must be refused.
    Streams,
    /// Bodies of errors; the name begins with the status.
    Failures,
}

impl Kind {
    pub(super) fn folder(self) -> &'static str {
        match self {
            Kind::Requests => "requests",
            Kind::Answers => "answers",
            Kind::Streams => "streams",
            Kind::Failures => "failures",
        }
    }
}

/// A golden file.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) dialect: Dialect,
    pub(super) kind: Kind,
    /// The file's name without its ending.
    pub(super) name: String,
    pub(super) text: String,
}

impl Case {
    pub(super) fn path(&self) -> String {
        format!("{}/{}/{}", self.dialect.name(), self.kind.folder(), self.name)
    }
}

pub(super) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden")
}

/// The files of a dialect, by name.
pub(super) fn cases(dialect: Dialect, kind: Kind) -> Vec<Case> {
    let folder = root().join(dialect.name()).join(kind.folder());
    let Ok(entries) = std::fs::read_dir(&folder) else { return Vec::new() };
    let read = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = String::from_utf8(std::fs::read(&path).unwrap()).unwrap();
        Case { dialect, kind, name, text }
    };
    let mut cases: Vec<Case> = entries.map(|entry| read(entry.unwrap().path())).collect();
    cases.sort_by(|one, other| one.name.cmp(&other.name));
    cases
}
