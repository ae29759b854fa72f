//! Keeps what the upstream received, so that a test can see what the hub sent.

use serde_json::{Map, Value, json};
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;

pub(crate) struct Recorder(Option<File>);

impl Recorder {
    /// Appends to `path`, so that the processes of one upstream share a file.
    pub(crate) fn new(path: Option<&Path>) -> Self {
        Self(path.map(|path| {
            OpenOptions::new().create(true).append(true).open(path).expect("the record file can be opened")
        }))
    }

    /// Writes one line: who received it, the message as it came, and the headers that came with it.
    pub(crate) fn write(&self, raw: &[u8], headers: &Map<String, Value>) {
        let Some(mut file) = self.0.as_ref() else { return };
        let raw = String::from_utf8_lossy(raw);
        let message: Value = serde_json::from_str(&raw).unwrap_or(Value::Null);
        let line = json!({"pid": std::process::id(), "message": message, "raw": raw, "headers": headers});
        // One write each, so that the lines of several processes do not mix.
        file.write_all(format!("{line}\n").as_bytes()).expect("the record file can be written");
    }
}
