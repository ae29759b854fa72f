use super::{Finding, findings, summary};
use crate::repository::Repository;
use crate::workspace::Workspace;

#[test]
fn a_finding_reads_like_a_compilers() {
    let finding = Finding::new("size", "a.rs", 401, "too long", "split it");
    assert_eq!(finding.text(), "a.rs:401: size: too long\n  fix: split it");
    assert_eq!(finding.to_json()["line"], 401);
}

#[test]
fn an_empty_repository_is_in_order() {
    let repository = Repository::default();
    assert!(findings(&repository).is_empty());
    assert_eq!(summary(&repository, &[]), "tidy: 0 files, 0 of at most 300 packages in the lock, all in order");
}

/// What is broken elsewhere is told by `cargo xtask tidy`; this tool itself must obey its rules in any case.
#[test]
fn this_tool_is_in_order() {
    let repository = Repository::read(&Workspace::find().unwrap()).unwrap();
    let own = findings(&repository).into_iter().filter(|finding| finding.file.starts_with("xtask/"));
    let texts: Vec<_> = own.map(|finding| finding.text()).collect();
    assert!(texts.is_empty(), "{}", texts.join("\n"));
}
