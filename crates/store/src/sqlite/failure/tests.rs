use super::{Cause, Place, is_unconfirmed, may_be_one_units_fault};
use base::Code;
use rusqlite::ffi;
use std::io::ErrorKind;
use std::path::Path;

fn engine(code: i32) -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)
}

#[test]
fn every_failure_names_the_store_and_what_to_do() {
    let place = Place::file(Path::new("/data/tutti.db"));
    let table = [
        (ffi::SQLITE_FULL, Code::StoreFailed, "no room", "make room"),
        (ffi::SQLITE_READONLY, Code::StoreOpen, "cannot be written", "TUTTI_HOME"),
        (ffi::SQLITE_CANTOPEN, Code::StoreOpen, "cannot be written", "TUTTI_HOME"),
        (ffi::SQLITE_NOTADB, Code::StoreDamaged, "not a database", "move the file away"),
        (ffi::SQLITE_CORRUPT, Code::StoreDamaged, "damaged", "restore a backup"),
        (ffi::SQLITE_BUSY, Code::StoreTaken, "in use by another", "other"),
        (ffi::SQLITE_IOERR_READ, Code::StoreFailed, "could not read or write", "check the disk"),
        (ffi::SQLITE_NOMEM, Code::StoreFailed, "not enough memory", "memory"),
        (ffi::SQLITE_CONSTRAINT_UNIQUE, Code::StoreFailed, "refused", "report"),
    ];
    for (code, opening, message, next) in table {
        for (error, expected) in
            [(place.failed(&engine(code)), Code::StoreFailed), (place.cannot_open(&engine(code)), opening)]
        {
            assert_eq!(error.code(), expected);
            assert!(error.message().contains("/data/tutti.db"), "{error}");
            assert!(error.message().contains(message) && error.next().contains(next), "{error}");
        }
    }
}

#[test]
fn failures_of_the_operating_system_are_told_apart() {
    let cause = |kind: ErrorKind| Cause::of_file(&kind.into());
    assert_eq!(cause(ErrorKind::StorageFull), Cause::DiskFull);
    assert_eq!(cause(ErrorKind::ReadOnlyFilesystem), Cause::NotWritable);
    assert_eq!(cause(ErrorKind::PermissionDenied), Cause::NotWritable);
    assert_eq!(cause(ErrorKind::Other), Cause::Hardware);
}

#[test]
fn only_a_failed_confirmation_stops_the_store() {
    let kinds = [ffi::SQLITE_IOERR_FSYNC, ffi::SQLITE_IOERR_DIR_FSYNC, ffi::SQLITE_IOERR_WRITE, ffi::SQLITE_FULL];
    assert_eq!(kinds.map(|code| is_unconfirmed(&engine(code))), [true, true, false, false]);
}

#[test]
fn only_what_one_unit_can_cause_is_tried_again() {
    let kinds = [ffi::SQLITE_FULL, ffi::SQLITE_CONSTRAINT_FOREIGNKEY, ffi::SQLITE_IOERR_FSYNC, ffi::SQLITE_BUSY];
    assert_eq!(kinds.map(|code| may_be_one_units_fault(&engine(code))), [true, true, false, false]);
}
