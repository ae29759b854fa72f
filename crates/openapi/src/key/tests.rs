use super::bound;
use std::collections::HashSet;

#[test]
fn what_one_principal_chooses_is_never_anothers() {
    let said = [
        ("ada", "k"),
        ("bob", "k"),
        ("ada", "l"),
        ("ada\n1:k", "l"),
        ("ada", "1:k\nl"),
        ("", "ada\nk"),
        ("local", "é"),
    ];
    let bound: HashSet<String> = said.iter().map(|(principal, key)| bound(principal, key).unwrap()).collect();
    assert_eq!(bound.len(), said.len());
    assert!(bound.iter().all(|key| key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_alphanumeric())));
}

/// APIs know it for days: an upgrade in between must not change it.
#[test]
fn the_key_of_a_call_stays_what_it_is() {
    assert_eq!(bound("ada", ""), None);
    assert_eq!(bound("ada", "k").unwrap(), "c651e5b153f6ee56d6b564f16063b195a0a972ba55865c459da8f6621d8a849e");
}
