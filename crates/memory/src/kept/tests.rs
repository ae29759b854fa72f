use super::{Filter, Memory};
use crate::{NewFragment, Owner, Provenance, Scope, Trust, Written};
use base::Code;
use context::tokens::Family;
use journal::Digest;
use store::Db;

fn owner(tenant: &str, run: &str) -> Owner {
    Owner { tenant: tenant.into(), user: "ann".into(), workflow: "research".into(), run: run.into() }
}

fn scope(name: &str) -> Scope {
    Scope::new(name, &owner("acme", "r1")).unwrap()
}

fn note(scope: Scope, key: &str, text: &str, at: u64) -> NewFragment {
    NewFragment {
        scope,
        key: key.into(),
        text: text.into(),
        mime: "text/plain".into(),
        classification: None,
        provenance: Provenance::person(),
        at,
        ttl: None,
    }
}

async fn memory() -> Memory {
    Memory::open(Db::memory().await.unwrap()).await.unwrap()
}

#[tokio::test]
async fn old_versions_stay_readable_by_number_and_by_handle() {
    let memory = memory().await;
    let project = scope("project");
    assert_eq!(memory.write(&note(project.clone(), "style/words", "short", 1)).await.unwrap(), Written::New(1));
    assert_eq!(memory.write(&note(project.clone(), "style/words", "plain", 2)).await.unwrap(), Written::New(2));
    let latest = memory.latest(&project, "style/words", 3).await.unwrap().unwrap();
    assert_eq!((latest.version, memory.text(&latest).await.unwrap().as_str()), (2, "plain"));
    let first = memory.version(&project, "style/words", 1).await.unwrap();
    assert_eq!(memory.text(&first).await.unwrap(), "short");
    let (found, text) = memory.recall(&project, Digest::of(b"short")).await.unwrap();
    assert_eq!((found.version, text.as_str()), (1, "short"));
    assert_eq!(memory.versions(&project, "style/words", 1, 10).await.unwrap().len(), 2);
    let error = memory.version(&project, "style/words", 3).await.unwrap_err();
    assert_eq!(error.code(), Code::MemoryUnknown);
}

#[tokio::test]
async fn what_a_step_writes_twice_is_one_version_and_lives_longer() {
    let memory = memory().await;
    let mut new = note(scope("project"), "facts", "one", 10);
    new.ttl = Some(10);
    new.provenance = Provenance { run: "r1".into(), step: "write".into(), attempt: 1, trust: Trust::Untrusted };
    assert_eq!(memory.write(&new).await.unwrap(), Written::New(1));
    new.at = 15;
    assert_eq!(memory.write(&new).await.unwrap(), Written::Known(1));
    let found = memory.latest(&new.scope, "facts", 24).await.unwrap().unwrap();
    assert_eq!((found.expires, found.provenance.trust), (Some(25), Trust::Untrusted));
    // The same words of another step are a version of their own: its trust is another.
    new.provenance.trust = Trust::Trusted;
    assert_eq!(memory.write(&new).await.unwrap(), Written::New(2));
}

#[tokio::test]
async fn nothing_is_read_across_tenants_runs_and_users() {
    let memory = memory().await;
    let own = Scope::new("run", &owner("acme", "r1")).unwrap();
    memory.write(&note(own.clone(), "plan", "secret", 1)).await.unwrap();
    for other in [owner("acme", "r2"), owner("other", "r1")] {
        let other = Scope::new("run", &other).unwrap();
        assert_eq!(memory.latest(&other, "plan", 2).await.unwrap(), None);
        let error = memory.recall(&other, Digest::of(b"secret")).await.unwrap_err();
        assert_eq!(error.code(), Code::MemoryUnknown);
    }
    assert!(memory.recall(&own, Digest::of(b"secret")).await.is_ok());
    assert_eq!(
        Scope::new("run", &Owner { tenant: "acme".into(), ..Owner::default() }).unwrap_err().code(),
        Code::MemoryInvalid
    );
}

#[tokio::test]
async fn what_is_over_is_not_found_and_pruned_with_its_text() {
    let memory = memory().await;
    let project = scope("project");
    let mut brief = note(project.clone(), "brief", "gone soon", 100);
    brief.ttl = Some(50);
    memory.write(&brief).await.unwrap();
    memory.write(&note(project.clone(), "kept", "old", 100)).await.unwrap();
    memory.write(&note(project.clone(), "kept", "new", 101)).await.unwrap();
    memory.write(&note(project.clone(), "last", "stays", 101)).await.unwrap();
    assert!(memory.latest(&project, "brief", 149).await.unwrap().is_some());
    assert!(memory.latest(&project, "brief", 150).await.unwrap().is_none());
    let filter = Filter { tenant: "acme".into(), most: 10, ..Filter::default() };
    let keys = |list: Vec<crate::Fragment>| list.into_iter().map(|one| one.key).collect::<Vec<_>>();
    assert_eq!(keys(memory.list(&filter, 150).await.unwrap()), ["kept", "last"]);
    let pruned = memory.prune(150, 101).await.unwrap();
    assert_eq!((pruned.fragments, pruned.more), (2, false));
    let stats = memory.stats("acme").await.unwrap();
    assert_eq!((stats.all.fragments, stats.all.bytes, stats.scopes), (2, 8, 1));
    for gone in ["old", "gone soon"] {
        assert!(memory.recall(&project, Digest::of(gone.as_bytes())).await.is_err(), "{gone}");
    }
    assert_eq!(memory.write(&note(project.clone(), "kept", "newer", 160)).await.unwrap(), Written::New(3));
}

#[tokio::test]
async fn lists_go_on_where_the_last_page_ended() {
    let memory = memory().await;
    for (scope_name, key) in [("project", "a"), ("project", "b"), ("run", "a"), ("user", "z")] {
        memory.write(&note(scope(scope_name), key, key, 1)).await.unwrap();
    }
    let mut filter = Filter { tenant: "acme".into(), most: 3, ..Filter::default() };
    let first = memory.list(&filter, 2).await.unwrap();
    let last = first.last().unwrap();
    filter.after = Some([last.scope.name().into(), last.scope.of().into(), last.key.clone()]);
    let second = memory.list(&filter, 2).await.unwrap();
    assert_eq!((first.len(), second.len(), second[0].key.as_str()), (3, 1, "z"));
}

#[tokio::test]
async fn malformed_fragments_are_refused() {
    let memory = memory().await;
    let good = note(scope("project"), "key", "text", 1);
    let bad = [
        NewFragment { key: "a b".into(), ..good.clone() },
        NewFragment { key: String::new(), ..good.clone() },
        NewFragment { key: "x/".into(), ..good.clone() },
        NewFragment { text: "x".repeat(crate::limits::FRAGMENT + 1), ..good.clone() },
        NewFragment { ttl: Some(0), ..good.clone() },
        NewFragment { mime: "a\nb".into(), ..good.clone() },
        NewFragment { classification: Some("a/b".into()), ..good.clone() },
    ];
    for new in bad {
        assert_eq!(memory.write(&new).await.unwrap_err().code(), Code::MemoryInvalid);
    }
    assert_eq!(memory.stats("acme").await.unwrap().all.fragments, 0);
}

#[tokio::test]
async fn tokens_are_counted_once_for_each_family() {
    let memory = memory().await;
    memory.write(&note(scope("project"), "key", "some words to count", 1)).await.unwrap();
    let fragment = memory.latest(&scope("project"), "key", 1).await.unwrap().unwrap();
    let text = memory.text(&fragment).await.unwrap();
    let counted = memory.tokens(&fragment, &text, Family::Any).await.unwrap();
    assert_eq!(counted, Family::Any.count(&text));
    // The second answer is the kept one.
    assert_eq!(memory.tokens(&fragment, "another text", Family::Any).await.unwrap(), counted);
}

#[tokio::test]
async fn full_memories_refuse_and_keep_what_they_have() {
    let memory = memory().await;
    memory.write(&note(scope("project"), "first", "text", 1)).await.unwrap();
    let fill = |fragments: u64| {
        const SQL: &str = "UPDATE memory_size SET fragments = ?1";
        vec![store::Statement::new(SQL).with(i64::try_from(fragments).unwrap())]
    };
    memory.db.execute(fill(crate::limits::OF_SCOPE)).await.unwrap().done().unwrap();
    let error = memory.write(&note(scope("project"), "second", "text", 2)).await.unwrap_err();
    assert_eq!((error.code(), error.message().contains("its scope")), (Code::MemoryFull, true));
    memory.db.execute(fill(crate::limits::OF_TENANT)).await.unwrap().done().unwrap();
    let error = memory.write(&note(scope("user"), "second", "text", 2)).await.unwrap_err();
    assert_eq!((error.code(), error.message().contains("its tenant")), (Code::MemoryFull, true));
    assert!(memory.latest(&scope("project"), "first", 3).await.unwrap().is_some());
    assert!(memory.latest(&scope("user"), "second", 3).await.unwrap().is_none());
}

#[tokio::test]
async fn of_two_who_write_at_once_each_gets_a_version() {
    let memory = memory().await;
    let notes: Vec<_> = (0..4).map(|writer| note(scope("project"), "key", &format!("of {writer}"), 1)).collect();
    let (a, b, c, d) = tokio::join!(
        memory.write(&notes[0]),
        memory.write(&notes[1]),
        memory.write(&notes[2]),
        memory.write(&notes[3])
    );
    let mut versions: Vec<u64> = [a, b, c, d].into_iter().map(|written| written.unwrap().version()).collect();
    versions.sort_unstable();
    assert_eq!(versions, [1, 2, 3, 4]);
}

#[tokio::test]
async fn memories_outlive_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let first = Memory::open(Db::open(&path).await.unwrap()).await.unwrap();
    first.write(&note(scope("project"), "key", "stays", 1)).await.unwrap();
    first.db.clone().close().await;
    drop(first);
    let second = Memory::open(Db::open(&path).await.unwrap()).await.unwrap();
    let found = second.latest(&scope("project"), "key", 2).await.unwrap().unwrap();
    assert_eq!(second.text(&found).await.unwrap(), "stays");
}
