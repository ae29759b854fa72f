use super::JournalError;
use crate::{Digest, RunId, StepPath};
use base::{Code, Error};

#[test]
fn each_has_its_code_and_says_what_to_do() {
    let run = RunId::new(1_800_000_000_000, [1; 10]);
    let digest = Digest::of(b"x");
    let step = StepPath::new("save").unwrap();
    let failed = Error::new(Code::StoreFailed, "the disk is full", "make room");
    for (error, code, part) in [
        (JournalError::RunUnknown(run), Code::RunUnknown, "01a3185c-5000-7101-8101-010101010101"),
        (JournalError::Conflict { run, expected: 3, found: 5 }, Code::RunConflict, "has 5 entries, and not 3"),
        (JournalError::Fenced { run, held: 3, current: 4 }, Code::RunFenced, "the lease 3"),
        (JournalError::Finished(run), Code::RunFinished, "at its end"),
        (JournalError::ResultRecorded { run, step }, Code::RunResultRecorded, "step save"),
        (JournalError::DefinitionUnknown(digest), Code::RunDefinitionUnknown, "2d711642"),
        (JournalError::PayloadUnknown(digest), Code::RunPayloadUnknown, "2d711642"),
        (JournalError::Invalid("it is too large".to_owned()), Code::RunEntryInvalid, "it is too large"),
        (JournalError::Unreadable("it is odd".to_owned()), Code::JournalUnreadable, "it is odd"),
        (failed.into(), Code::StoreFailed, "the disk is full"),
    ] {
        let told = Error::from(error);
        assert_eq!(told.code(), code);
        assert!(told.message().contains(part) && !told.next().is_empty(), "{told}");
    }
}
