use super::{Entry, Limits, enter};

#[test]
fn calls_run_then_wait_then_are_turned_away() {
    let limits = Limits { running: 2, waiting: 1 };
    for (running, waiting, entry) in [
        (0, 0, Entry::Run),
        (1, 0, Entry::Run),
        (2, 0, Entry::Wait),
        (2, 1, Entry::Full),
        (1, 1, Entry::Full),
        (9, 9, Entry::Full),
    ] {
        assert_eq!(enter(&limits, running, waiting), entry, "{running} run, {waiting} wait");
    }
    assert_eq!(enter(&Limits { running: 2, waiting: 2 }, 1, 1), Entry::Wait, "nobody overtakes");
    assert_eq!(enter(&Limits { running: 1, waiting: 0 }, 1, 0), Entry::Full);
}
