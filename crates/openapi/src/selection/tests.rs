use super::{Selection, Verdict};

fn selection(allow: Option<&[&str]>, deny: &[&str]) -> Selection {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    Selection::new(allow.map(owned), owned(deny)).unwrap()
}

#[test]
fn braces_list_alternatives_in_names_and_stand_for_themselves_in_paths() {
    let picked = selection(Some(&["{get,list}Pet*", "PUT /pets/{id}"]), &[]);
    let verdict = |method: &str, path: &str, id: Option<&str>| picked.verdict(method, path, id);
    assert_eq!(verdict("GET", "/x", Some("listPets")), Verdict::Served);
    assert_eq!(verdict("PUT", "/pets/{id}", None), Verdict::Served);
    assert_eq!(verdict("PUT", "/pets/id", None), Verdict::NotAllowed);
    assert_eq!(verdict("PUT", "/pets/{id}/x", Some("x")), Verdict::NotAllowed);
}

#[test]
fn what_is_denied_is_out_whatever_lets_it_in() {
    let picked = selection(Some(&["*"]), &["delete*", "* /admin*"]);
    assert_eq!(picked.verdict("GET", "/pets", None), Verdict::Served);
    assert_eq!(picked.verdict("DELETE", "/pets", Some("deletePets")), Verdict::Denied);
    assert_eq!(picked.verdict("GET", "/admin/x", Some("x")), Verdict::Denied);
    assert_eq!(selection(None, &[]).verdict("POST", "/pets", Some("getPets")), Verdict::Changes);
}

#[test]
fn patterns_that_are_none_are_refused() {
    assert!(Selection::new(Some(vec!["[a".to_owned()]), Vec::new()).is_err());
    assert!(Selection::new(None, vec!["x".to_owned(); 1001]).is_err());
}
