use super::{find, pages};
use base::Code;

#[test]
fn every_code_has_its_page_and_every_page_a_code() {
    let ids: Vec<&str> = Code::ALL.iter().map(|code| code.id()).collect();
    let pages: Vec<&str> = pages::ALL.iter().map(|(id, _)| *id).collect();
    assert_eq!(pages, ids);
    for code in Code::ALL {
        let heading = format!("# {}: {}\n", code.id(), code.summary());
        assert!(pages::page(*code).starts_with(&heading), "{}", code.id());
    }
}

#[test]
fn codes_are_found_in_every_spelling() {
    for text in ["T-0201", "t-0201", "t0201", "0201", "201", " 201 ", "upstream_not_started"] {
        assert_eq!(find(text).unwrap(), Code::UpstreamNotStarted, "{text}");
    }
    for (text, next) in [
        ("upstream_exit", "did you mean `upstream_exited`? `tutti explain` lists all codes"),
        ("", "`tutti explain` lists all codes"),
        ("\u{1b}[31m9999999999999999999999", "`tutti explain` lists all codes"),
    ] {
        let error = find(text).unwrap_err();
        assert_eq!((error.code(), error.next()), (Code::CodeUnknown, next));
        assert!(!error.message().contains('\u{1b}'));
    }
}
