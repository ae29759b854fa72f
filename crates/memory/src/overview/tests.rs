use super::{Pruning, Size};
use crate::{Filter, Memory, NewFragment, Owner, Provenance, Scope};
use base::Code;
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
async fn scopes_are_listed_and_searched_by_how_their_address_begins() {
    let notes = [
        ("project", "caching", "Answers are cached.", 1, None),
        ("project-two", "caching", "Pictures are cached.", 1, None),
        ("run:1", "caching", "Sounds are cached.", 1, None),
        ("run:12", "caching", "Films are cached.", 1, None),
    ];
    let memory = memory(&notes).await;
    let cases =
        [("", 4), ("project", 2), ("project-", 1), ("run", 2), ("run:", 2), ("run:12", 1), ("%", 0), ("un:", 0)];
    for (scope, count) in cases {
        let filter = Filter { tenant: TENANT.into(), scope: scope.into(), after: None, most: 10 };
        assert_eq!(memory.list(&filter, 2).await.unwrap().len(), count, "{scope}");
        assert_eq!(memory.find(TENANT, scope, "cached", 10, 2).await.unwrap().len(), count, "{scope}");
        assert!(memory.find("other", scope, "cached", 10, 2).await.unwrap().is_empty(), "{scope}");
    }
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
    let wanted = |scope: &str, old| Pruning { tenant: TENANT.into(), scope: scope.into(), now: 50, old };
    let cases = [("", 0, (1, 4)), ("", 15, (2, 7)), ("", 50, (3, 11)), ("project", 50, (2, 7)), ("user", 50, (0, 0))];
    for (scope, old, count) in cases {
        assert_eq!(memory.prunable(&wanted(scope, old)).await.unwrap(), count, "{scope} {old}");
    }
    assert_eq!(memory.prune_of(&wanted("project", 15)).await.unwrap().fragments, 1);
    assert_eq!(memory.prunable(&wanted("", 50)).await.unwrap(), (2, 8));
    assert_eq!(memory.prune_of(&wanted("", 50)).await.unwrap().fragments, 2);
    let stats = memory.stats(TENANT).await.unwrap();
    assert_eq!((stats.all, stats.scopes), (Size { fragments: 2, bytes: 10, tokens: 4 }, 2));
    assert_eq!(stats.largest[0], ("project".to_owned(), Size { fragments: 1, bytes: 5, tokens: 2 }));
}
