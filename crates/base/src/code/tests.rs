use super::Code;
use std::collections::BTreeSet;

#[test]
fn identifiers_and_labels_are_unique_and_ascending() {
    let ids: Vec<_> = Code::ALL.iter().map(|code| code.id()).collect();
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "codes stand in the order of their numbers");
    let labels: BTreeSet<_> = Code::ALL.iter().map(|code| code.label()).collect();
    assert_eq!(labels.len(), ids.len());
}

#[test]
fn a_code_is_found_however_a_person_types_it() {
    for text in ["T-0201", "t-0201", "0201", "201", " T0201 "] {
        assert_eq!(Code::find(text), Some(Code::UpstreamNotStarted), "{text}");
    }
    assert_eq!(Code::find("T-9999"), None);
    assert_eq!(Code::find("x"), None);
}
