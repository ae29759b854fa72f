//! What went wrong, in words that say what to do.

use base::{Code, Error};
use rusqlite::ErrorCode;
use std::fmt;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;

/// Where a store lives, for messages.
#[derive(Clone)]
pub(crate) struct Place(Option<Arc<Path>>);

/// What is behind a failure, as far as it changes what a person can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    DiskFull,
    NotWritable,
    NotADatabase,
    Damaged,
    Locked,
    Hardware,
    OutOfMemory,
    Statement,
}

impl Place {
    pub(super) fn file(path: &Path) -> Self {
        Place(Some(Arc::from(path)))
    }

    pub(super) const fn memory() -> Self {
        Place(None)
    }

    /// An engine's failure while the store was opened.
    pub(super) fn cannot_open(&self, error: &rusqlite::Error) -> Error {
        let cause = Cause::of(error);
        self.explain(cause.opening(), cause, error)
    }

    /// An operating system's failure while the store was opened.
    pub(super) fn cannot_open_file(&self, error: &io::Error) -> Error {
        let cause = Cause::of_file(error);
        self.explain(cause.opening(), cause, error)
    }

    /// An engine's failure later on.
    pub(super) fn failed(&self, error: &rusqlite::Error) -> Error {
        self.explain(Code::StoreFailed, Cause::of(error), error)
    }

    /// Another process has the store, whose number may be known.
    pub(super) fn taken(&self, holder: Option<u32>) -> Error {
        let holder = holder.map(|process| format!(" ({process})")).unwrap_or_default();
        let message = format!("{}{holder}", Cause::Locked.message(self));
        Error::new(Code::StoreTaken, message, Cause::Locked.next(Code::StoreTaken))
    }

    /// What was found in the file is not what was written there.
    pub(super) fn damaged(&self, found: &str) -> Error {
        self.explain(Code::StoreDamaged, Cause::Damaged, &found)
    }

    /// The store was closed, or its writer is no more.
    pub(super) fn gone(&self) -> Error {
        Error::new(
            Code::StoreFailed,
            format!("{self} is closed, because Tutti is stopping"),
            "start Tutti again; whether work in progress was kept shows then",
        )
    }

    /// The disk did not confirm a write.
    pub(super) fn unconfirmed(&self, error: &rusqlite::Error) -> Error {
        Error::new(
            Code::StoreFailed,
            format!("the disk did not confirm a write of {self}, so nothing more is written to it ({error})"),
            "check the disk (the kernel's log has the cause), then restart Tutti; whether the last changes were kept shows then",
        )
    }

    fn explain(&self, code: Code, cause: Cause, error: &dyn fmt::Display) -> Error {
        Error::new(code, format!("{} ({error})", cause.message(self)), cause.next(code))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(path) => write!(formatter, "the store {}", path.display()),
            None => formatter.write_str("the store in memory"),
        }
    }
}

impl Cause {
    fn of(error: &rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Cause::DiskFull,
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => Cause::NotWritable,
            Some(ErrorCode::NotADatabase) => Cause::NotADatabase,
            Some(ErrorCode::DatabaseCorrupt) => Cause::Damaged,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed) => {
                Cause::Locked
            }
            Some(ErrorCode::SystemIoFailure) => Cause::Hardware,
            Some(ErrorCode::OutOfMemory) => Cause::OutOfMemory,
            _ => Cause::Statement,
        }
    }

    fn of_file(error: &io::Error) -> Self {
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Cause::DiskFull,
            ErrorKind::OutOfMemory => Cause::OutOfMemory,
            ErrorKind::PermissionDenied
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::NotFound
            | ErrorKind::InvalidInput
            | ErrorKind::NotADirectory
            | ErrorKind::IsADirectory
            | ErrorKind::AlreadyExists => Cause::NotWritable,
            _ => Cause::Hardware,
        }
    }

    fn message(self, place: &Place) -> String {
        match self {
            Cause::DiskFull => format!("there is no room on the disk for {place}"),
            Cause::NotWritable => format!("{place} cannot be written there"),
            Cause::NotADatabase => format!("{place} is not a database: another program wrote this file"),
            Cause::Damaged => format!("{place} is damaged"),
            Cause::Locked => format!("{place} is in use by another process"),
            Cause::Hardware => format!("the operating system could not read or write {place}"),
            Cause::OutOfMemory => format!("there was not enough memory to use {place}"),
            Cause::Statement => format!("{place} refused a statement"),
        }
    }

    /// The code of a store that could not be opened. Only where there is nothing to be lost, because nothing can be
    /// written, is it [`Code::StoreOpen`].
    const fn opening(self) -> Code {
        match self {
            Cause::NotWritable => Code::StoreOpen,
            Cause::NotADatabase | Cause::Damaged => Code::StoreDamaged,
            Cause::Locked => Code::StoreTaken,
            Cause::DiskFull | Cause::Hardware | Cause::OutOfMemory | Cause::Statement => Code::StoreFailed,
        }
    }

    const fn next(self, code: Code) -> &'static str {
        match self {
            Cause::DiskFull => {
                "make room on the disk; what was acknowledged before is safe, and writing goes on by itself"
            }
            Cause::NotWritable => {
                "let the user that runs Tutti write the file and its folder, or choose another folder with TUTTI_HOME"
            }
            Cause::NotADatabase => {
                "restore a backup, or move the file away to begin anew; `tutti up --state memory` serves without it meanwhile"
            }
            Cause::Damaged => {
                "restore a backup, or move the file and those beside it (-wal, -shm) away to begin anew; \
                 `tutti up --state memory` serves without them meanwhile"
            }
            Cause::Locked if matches!(code, Code::StoreTaken) => {
                "stop the other one, or give this one a folder of its own with TUTTI_HOME"
            }
            Cause::Locked => {
                "close the other program that has the file open, such as a database browser, and try again"
            }
            Cause::Hardware => {
                "check the disk and its file system (the kernel's log has the cause), then restart Tutti"
            }
            Cause::OutOfMemory => "free memory, or give Tutti more",
            Cause::Statement => "please report this with the log around it; it is a bug in Tutti",
        }
    }
}

/// Whether the disk failed to confirm a write. Trying again would be wrong: the operating system may have dropped the
/// pages, and would confirm the second attempt without having written them.
pub(super) fn is_unconfirmed(error: &rusqlite::Error) -> bool {
    const UNCONFIRMED: [i32; 2] = [rusqlite::ffi::SQLITE_IOERR_FSYNC, rusqlite::ffi::SQLITE_IOERR_DIR_FSYNC];
    error.sqlite_error().is_some_and(|error| UNCONFIRMED.contains(&error.extended_code))
}

/// Whether the failure may be due to one unit and not to the state of the store, so that others may still succeed: one
/// that is too large for the disk, one that ends the transaction by `OR ROLLBACK`, one whose deferred constraint fails at
/// the commit.
pub(super) fn may_be_one_units_fault(error: &rusqlite::Error) -> bool {
    matches!(Cause::of(error), Cause::DiskFull | Cause::OutOfMemory | Cause::Statement)
}

#[cfg(test)]
mod tests;
