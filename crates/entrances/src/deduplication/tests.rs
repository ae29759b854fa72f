//! Keys of runs.

use super::*;

#[test]
fn different_parts_have_different_keys() {
    let all = [key(&["a", "bc"]), key(&["ab", "c"]), key(&["a", "b", "c"]), key(&["abc"]), key(&["a\n1:b", "c"])];
    for (at, one) in all.iter().enumerate() {
        assert!(!all[..at].contains(one), "{at}");
        assert!(one.len() < journal::limits::NAME);
    }
}

#[test]
fn a_key_stays_what_it_is() {
    assert_eq!(key(&["call", "local"]), key(&["call", "local"]));
}
