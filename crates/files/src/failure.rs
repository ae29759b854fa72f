//! What the file system refuses, as coded errors.

use super::place::Place;
use base::{Code, Error};
use std::io::{self, ErrorKind};

/// Whether the sandbox refused: it says so with an error that no system call gave.
pub(super) fn is_escape(error: &io::Error) -> bool {
    error.kind() == ErrorKind::PermissionDenied && error.raw_os_error().is_none()
}

/// The error for `what` (such as `read`) that failed at `place`.
pub(super) fn failure(what: &str, place: &Place, error: &io::Error) -> Error {
    if is_escape(error) {
        return leads_out(place);
    }
    let path = place.quoted();
    match error.kind() {
        ErrorKind::NotFound => not_found(place),
        ErrorKind::NotADirectory => {
            let message = format!("{path}, or a part of it, is a file where a folder is needed");
            Error::new(Code::FilesNotFound, message, "look with list_directory at the folder above it")
        }
        ErrorKind::AlreadyExists => {
            Error::new(Code::FileExists, format!("{path} exists already"), "use another path, or delete it first")
        }
        kind => Error::new(Code::FilesFailed, format!("cannot {what} {path}: {error}"), next(kind)),
    }
}

/// The error for a path on which a link leads out.
pub(super) fn leads_out(place: &Place) -> Error {
    Error::new(
        Code::FilesOutsideRoot,
        format!("{} leads out of the folder that is served, through a symbolic link", place.quoted()),
        "use another path: what the link points to is not served",
    )
}

/// The error for a path at which there is nothing.
pub(super) fn not_found(place: &Place) -> Error {
    Error::new(
        Code::FilesNotFound,
        format!("there is no file or folder {}", place.quoted()),
        "look with list_directory or find_files for the right path",
    )
}

/// The error for a path at which there is something else than is needed.
pub(super) fn not_a(needed: &str, place: &Place, kind: &str, next: &str) -> Error {
    Error::new(Code::FilesFailed, format!("{} is {kind}, not {needed}", place.quoted()), next)
}

fn next(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::PermissionDenied => "use another path, or let the user that Tutti runs as use this one",
        ErrorKind::DirectoryNotEmpty => "delete what is in the folder first",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "make room on the disk",
        ErrorKind::ReadOnlyFilesystem => "the disk itself is read-only; use another path",
        ErrorKind::CrossesDevices => "copy it by reading and writing: it would move to another disk",
        ErrorKind::InvalidFilename => "use a shorter or plainer name",
        ErrorKind::IsADirectory => "give the path of a file",
        _ => "check the path with file_info",
    }
}
