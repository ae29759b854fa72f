use super::Size;
use crate::{Filter, Memory, NewFragment, Owner, Provenance, Pruning, Scope, Scopes};
use base::Code;
use journal::Digest;
use proptest::prelude::*;
use store::Db;

const TENANT: &str = "acme";

async fn memory(notes: &[(&str, &str, &str, u64, Option<u64>)]) -> Memory {
    let memory = Memory::open(Db::memory().await.unwrap()).await.unwrap();
    for (scope, key, text, at, ttl) in notes.iter().copied() {
        let scope = Scope::at(TENANT, scope).unwrap();
        let (key, text, mime, provenance) = (key.into(), text.into(), "text/plain".into(), Provenance::person());
        let new = NewFragment { scope, key, text, mime, classification: None, provenance, at, ttl };
        memory.write(&new).await.unwrap();
    }
    memory
}

#[test]
fn scopes_are_named_by_addresses() {
    for good in ["project", "run:0197", "user:ann", "workflow:research", "user:a/b:c"] {
        assert_eq!(Scope::at(TENANT, good).unwrap().address(), good);
    }
    for bad in ["", "run", "run:", "project:x", "a b", "user:a\nb", "a/b"] {
        assert_eq!(Scope::at(TENANT, bad).unwrap_err().code(), Code::MemoryInvalid, "{bad}");
    }
    let owner = Owner { tenant: TENANT.into(), run: "r".into(), ..Owner::default() };
    assert_eq!(Scope::at(TENANT, "run:r").unwrap(), Scope::new("run", &owner).unwrap());
}

proptest! {
    #[test]
    fn no_address_is_read_as_another(address in "(run|user|project|[a-z:]{0,6}):?[a-z/:%]{0,8}") {
        if let Ok(scope) = Scope::at(TENANT, &address) {
            prop_assert_eq!(scope.address(), address);
        }
    }
}

#[tokio::test]
async fn scopes_are_meant_by_their_address_or_all_of_a_name() {
    let notes = [
        ("project", "caching", "Answers are cached.", 1, None),
        ("project-two", "caching", "Pictures are cached.", 1, None),
        ("user:ann", "caching", "Sounds are cached.", 1, None),
        ("user:anna", "caching", "Films are cached.", 1, None),
        ("user:ann:b", "caching", "Books are cached.", 1, None),
    ];
    let memory = memory(&notes).await;
    for (meant, count) in [
        ("", 5),
        ("project", 1),
        ("project-", 0),
        ("proj", 0),
        ("user", 3),
        ("user:", 3),
        ("user:ann", 1),
        ("user:anna", 1),
        ("user:ann:b", 1),
        ("user:an", 0),
        ("user:%", 0),
        ("%", 0),
        ("ser:", 0),
    ] {
        let filter = Filter { tenant: TENANT.into(), scopes: Scopes::of(meant), after: None, most: 10 };
        assert_eq!(memory.list(&filter, 2).await.unwrap().len(), count, "{meant}");
        let scopes = Scopes::of(meant);
        assert_eq!(memory.find(TENANT, &scopes, "cached", 10, 2).await.unwrap().len(), count, "{meant}");
        assert!(memory.find("other", &scopes, "cached", 10, 2).await.unwrap().is_empty(), "{meant}");
    }
}

#[tokio::test]
async fn originals_are_found_by_handle_in_all_scopes_of_a_tenant() {
    let notes = [
        ("project", "caching", "Answers are cached.", 1, None),
        ("project", "caching", "Answers are kept.", 2, None),
        ("user:ann", "wishes", "Answers are cached.", 3, Some(1)),
    ];
    let memory = memory(&notes).await;
    let kept = memory.original(TENANT, Digest::of(b"Answers are kept.")).await.unwrap().unwrap();
    assert_eq!((kept.scope.address().as_str(), kept.version), ("project", 2));
    // An old version and one that is over say the same: the last one that was written is told.
    let old = memory.original(TENANT, Digest::of(b"Answers are cached.")).await.unwrap().unwrap();
    assert_eq!(old.scope.address(), "user:ann");
    assert_eq!(memory.original("other", Digest::of(b"Answers are kept.")).await.unwrap(), None);
    assert_eq!(memory.original(TENANT, Digest::of(b"Answers")).await.unwrap(), None);
}

/// What may go of these scopes at 50.
fn pruning(scopes: &str, old: u64) -> Pruning {
    Pruning { tenant: TENANT.into(), scopes: Scopes::of(scopes), now: 50, old }
}

#[tokio::test]
async fn the_memory_of_one_person_goes_without_that_of_another() {
    let notes =
        [("user:ann", "a", "one", 1, Some(5)), ("user:anna", "a", "two", 1, Some(5)), ("run:1", "a", "x", 9, None)];
    let memory = memory(&notes).await;
    assert_eq!(memory.prune_of(&pruning("user:ann", 50)).await.unwrap().fragments, 1);
    assert_eq!(memory.prunable(&pruning("", 50)).await.unwrap(), (1, 3));
}

#[tokio::test]
async fn only_what_was_over_at_the_moment_that_was_shown_goes() {
    let notes = [
        ("project", "style", "one", 10, None),
        ("project", "style", "two", 20, None),
        ("project", "style", "three", 60, None),
        ("project", "brief", "four", 10, Some(45)),
        ("run:1", "end", "stays", 61, None),
    ];
    let memory = memory(&notes).await;
    // At 50 the second was the newest, and the fourth not over.
    assert_eq!(memory.prunable(&pruning("", 50)).await.unwrap(), (1, 3));
    let gone = memory.prune_of(&pruning("", 50)).await.unwrap();
    assert_eq!((gone.fragments, gone.bytes, gone.more), (1, 3, false));
    let later = Pruning { now: 70, ..pruning("", 70) };
    assert_eq!(memory.prunable(&later).await.unwrap(), (2, 7));
}

#[tokio::test]
async fn what_is_renewed_while_it_is_removed_stays() {
    let memory = memory(&[("run:1", "brief", "one", 10, Some(5)), ("run:1", "end", "stays", 40, None)]).await;
    let wanted = pruning("", 50);
    let rows = memory.db.query(crate::tables::over_of(&wanted, 10)).await.unwrap();
    assert_eq!(rows.len(), 1);
    let scope = Scope::at(TENANT, "run:1").unwrap();
    memory.db.execute(vec![crate::tables::renew(&scope, "brief", 1, Some(90))]).await.unwrap().done().unwrap();
    let gone = memory.remove(&rows, wanted.now, Vec::new()).await.unwrap();
    assert_eq!((gone.fragments, gone.bytes), (0, 0));
    let kept = memory.latest(&scope, "brief", 50).await.unwrap().unwrap();
    assert_eq!(memory.text(&kept).await.unwrap(), "one");
    assert_eq!(memory.stats(TENANT).await.unwrap().all.fragments, 2);
}

#[tokio::test]
async fn what_may_go_is_counted_as_it_goes() {
    let notes = [
        ("project", "style", "one", 10, None),
        ("project", "style", "four", 20, None),
        ("project", "style", "fifth", 30, None),
        ("run:1", "brief", "gone", 10, Some(5)),
        ("user:ann", "last", "stays", 40, None),
    ];
    let memory = memory(&notes).await;
    let cases = [("", 0, (1, 4)), ("", 15, (2, 7)), ("", 50, (3, 11)), ("project", 50, (2, 7)), ("user", 50, (0, 0))];
    for (scope, old, count) in cases {
        assert_eq!(memory.prunable(&pruning(scope, old)).await.unwrap(), count, "{scope} {old}");
    }
    assert_eq!(memory.prune_of(&pruning("project", 15)).await.unwrap().fragments, 1);
    assert_eq!(memory.prunable(&pruning("", 50)).await.unwrap(), (2, 8));
    assert_eq!(memory.prune_of(&pruning("", 50)).await.unwrap().fragments, 2);
    let stats = memory.stats(TENANT).await.unwrap();
    assert_eq!((stats.all, stats.scopes), (Size { fragments: 2, bytes: 10, tokens: 4 }, 2));
    assert_eq!(stats.largest[0], ("project".to_owned(), Size { fragments: 1, bytes: 5, tokens: 2 }));
}
