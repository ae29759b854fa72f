//! Texts of calls, compared by what changes their answer.

use super::input;
use semantic::{Comparison, LONGEST, Reading, compare};

pub(crate) fn feed(data: &[u8]) {
    let Some([one, other]) = input::texts(data) else { return };
    let Some(first) = read(one) else { return };
    assert_eq!(compare(&first, &first), Comparison::Same, "{one:?} and itself");
    for more in ["7319", "not"] {
        let text = format!("{one} {more}");
        if let Some(longer) = read(&text) {
            let found = compare(&first, &longer);
            assert!(!found.is_open() && found != Comparison::Same, "{text:?}: {found:?} without its end");
        }
    }
    if let Some(second) = read(other) {
        let found = compare(&first, &second);
        assert_eq!(found, compare(&second, &first), "{one:?} and {other:?}, the other way round");
        assert_eq!(found == Comparison::Same, first.is_same_as(&second), "{one:?} and {other:?}");
    }
}

fn read(text: &str) -> Option<Reading> {
    let read = Reading::of(text);
    assert_eq!(read.is_some(), text.len() <= LONGEST && !text.trim().is_empty(), "{text:?}");
    let again = Reading::of(text);
    assert_eq!(read, again, "{text:?} is read in two ways");
    read
}
