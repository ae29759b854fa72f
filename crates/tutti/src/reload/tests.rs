use super::*;
use notify::event::{CreateKind, ModifyKind, RemoveKind};

#[test]
fn who_only_reads_a_file_has_it_not_read_again() {
    for (kind, changes) in [
        (EventKind::Access(AccessKind::Open(AccessMode::Any)), false),
        (EventKind::Access(AccessKind::Read), false),
        (EventKind::Access(AccessKind::Close(AccessMode::Read)), false),
        (EventKind::Access(AccessKind::Close(AccessMode::Write)), true),
        (EventKind::Create(CreateKind::File), true),
        (EventKind::Modify(ModifyKind::Any), true),
        (EventKind::Remove(RemoveKind::File), true),
        // Of which nothing is known.
        (EventKind::Any, true),
        (EventKind::Other, true),
    ] {
        assert_eq!(may_change(&kind), changes, "{kind:?}");
    }
}
