use super::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn text_says_all(
        memory in any::<Option<u64>>(),
        files in any::<Option<u64>>(),
        file_size in any::<Option<u64>>(),
        processes in any::<Option<u64>>(),
        core in any::<Option<u64>>(),
    ) {
        let bounds = Bounds { memory, files, file_size, processes, core };
        prop_assert_eq!(Bounds::from_text(&bounds.to_text()), Some(bounds));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[0-9,a-z-]{0,30}") {
        if let Some(bounds) = Bounds::from_text(&text) {
            prop_assert_eq!(Bounds::from_text(&bounds.to_text()), Some(bounds));
        }
    }
}

#[test]
fn wrong_texts_are_refused() {
    for text in ["", "1,2,3,4", "1,2,3,4,5,6", "-1,,,,", "x,,,,", "1,2,3,4,99999999999999999999"] {
        assert_eq!(Bounds::from_text(text), None, "{text}");
    }
}

/// The test's own process is shut in, which it does not notice.
#[cfg(target_os = "linux")]
#[test]
fn a56_a_process_can_be_shut_in() {
    use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit};
    shut_in();
    assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
    assert_eq!(getrlimit(Resource::Core).current, Some(0));
    assert!(std::fs::read("/proc/self/environ").is_ok(), "it can still read its own");
}
