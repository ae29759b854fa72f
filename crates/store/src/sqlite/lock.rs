//! Keeps a second program out.
//!
//! SQLite itself would let two hubs write the same file in turns, and both would carry on the same runs.

use super::failure::Place;
use base::{Result, clock};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a program that is just ending gets to let go of the store.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long to wait between two attempts.
const PAUSE: Duration = Duration::from_millis(10);

/// Holds the store until it is dropped. The operating system lets go of it when the process dies, however it dies.
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of the store at `path`.
    ///
    /// It is a file of its own: closing any handle of the database file would drop the locks that SQLite has on it. The
    /// file stays when the lock goes, because removing it would let two programs lock two files of the same name.
    pub(super) fn take(path: &Path, place: &Place) -> Result<Self> {
        let mut options = OpenOptions::new();
        options.create(true).write(true).truncate(false);
        private(&mut options);
        let file = options.open(path_of(path)).map_err(|error| place.cannot_open_file(&error))?;
        let deadline = clock::now() + PATIENCE;
        loop {
            match file.try_lock() {
                Ok(()) => {
                    sign(&file);
                    return Ok(Lock { _file: file });
                }
                Err(TryLockError::WouldBlock) if clock::now() < deadline => std::thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => return Err(place.taken(holder(path))),
                Err(TryLockError::Error(error)) => return Err(place.cannot_open_file(&error)),
            }
        }
    }
}

/// Writes into the file whose it is. It is for messages alone, so it may fail.
fn sign(mut file: &File) {
    let signed = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
    if let Err(error) = signed {
        tracing::debug!(%error, "the lock of the store does not say whose it is");
    }
}

/// The process that has the store at `path`, or had it last, as far as that is written down.
pub(super) fn holder(path: &Path) -> Option<u32> {
    /// The longest number of a process.
    const DIGITS: u64 = 10;
    let mut text = String::new();
    File::open(path_of(path)).ok()?.take(DIGITS).read_to_string(&mut text).ok()?;
    text.parse().ok()
}

fn path_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-lock");
    PathBuf::from(name)
}

/// A file that is created with `options` may be read by its owner alone.
#[cfg(unix)]
pub(super) fn private(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600);
}

/// A file that is created with `options` may be read by its owner alone; here the folder decides.
#[cfg(not(unix))]
pub(super) fn private(_options: &mut OpenOptions) {}
