//! Which calls arrived: lines of one length, so that their number is known after a restart too.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result};

/// Bytes of a line, with its end.
pub const LINE: usize = 24;

pub struct Record {
    file: File,
    number: AtomicU64,
}

impl Record {
    /// Goes on with what is there.
    pub fn open(path: &Path) -> Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path).context("cannot open the record")?;
        let length = file.metadata().context("cannot read the record")?.len();
        Ok(Self { file, number: AtomicU64::new(length / LINE as u64) })
    }

    /// Writes a call down and gives its number.
    pub fn write(&self, token: &str) -> u64 {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        // One write in append mode: a process that is killed leaves whole lines.
        let _ = (&self.file).write_all(format!("{token:<width$.width$}\n", width = LINE - 1).as_bytes());
        number
    }

    /// The tokens of all calls in a record.
    pub fn read(path: &Path) -> Result<Vec<String>> {
        let text = match std::fs::read_to_string(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            text => text.context("cannot read a record")?,
        };
        Ok(text.lines().map(|line| line.trim_end().to_owned()).collect())
    }
}
