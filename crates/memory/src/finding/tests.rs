use crate::{Memory, NewFragment, Owner, Provenance, Scope};
use base::ports::Wait;
use search::{Embedder, Encoding, MemoryCache};
use std::sync::Arc;
use store::Db;

fn owner(tenant: &str, user: &str) -> Owner {
    Owner { tenant: tenant.into(), user: user.into(), workflow: "w".into(), run: "r".into() }
}

async fn memory() -> Memory {
    Memory::open(Db::memory().await.unwrap()).await.unwrap()
}

async fn keep(memory: &Memory, owner: &Owner, scope: &str, key: &str, text: &str, ttl: Option<u64>) {
    let scope = Scope::new(scope, owner).unwrap();
    let (key, text, mime, provenance) = (key.into(), text.into(), "text/plain".into(), Provenance::person());
    memory.write(&NewFragment { scope, key, text, mime, classification: None, provenance, at: 1, ttl }).await.unwrap();
}

async fn found(memory: &Memory, owner: &Owner, scope: Option<&str>, query: &str, now: u64) -> Vec<String> {
    let notes = memory.search(owner, scope, query, 5, now).await.unwrap();
    notes.into_iter().map(|note| note.key).collect()
}

#[tokio::test]
async fn notes_are_found_by_their_words_by_those_who_may_read_them() {
    let memory = memory().await;
    let (ann, bob, other) = (owner("acme", "ann"), owner("acme", "bob"), owner("other", "ann"));
    keep(&memory, &ann, "project", "caching", "Answers are cached for an hour.", None).await;
    keep(&memory, &ann, "user", "wishes", "I like cached answers.", None).await;
    keep(&memory, &ann, "project", "colours", "Buttons are green.", None).await;
    assert_eq!(found(&memory, &ann, None, "cached answers", 2).await.len(), 2);
    assert_eq!(found(&memory, &ann, Some("user"), "cached answers", 2).await, ["wishes"]);
    assert_eq!(found(&memory, &bob, None, "cached answers", 2).await, ["caching"]);
    assert!(found(&memory, &other, None, "cached answers", 2).await.is_empty());
}

#[tokio::test]
async fn what_is_written_anew_or_over_is_found_as_it_is_now() {
    let memory = memory().await;
    let ann = owner("acme", "ann");
    keep(&memory, &ann, "project", "database", "We use Oracle.", None).await;
    keep(&memory, &ann, "project", "brief", "Oracle goes soon.", Some(5)).await;
    assert_eq!(found(&memory, &ann, None, "oracle", 2).await.len(), 2);
    keep(&memory, &ann, "project", "database", "We use PostgreSQL.", None).await;
    assert_eq!(found(&memory, &ann, None, "oracle", 2).await, ["brief"]);
    assert_eq!(found(&memory, &ann, None, "PostgreSQL", 2).await, ["database"]);
    assert!(found(&memory, &ann, None, "oracle", 6).await.is_empty());
    memory.prune(6, 6).await.unwrap();
    assert!(found(&memory, &ann, None, "oracle", 2).await.is_empty());
}

/// Knows that cars are vehicles.
struct Fake;

impl Embedder for Fake {
    fn identity(&self) -> &str {
        "fake"
    }

    fn embed(&self, texts: Vec<String>) -> Wait<'_, Vec<Vec<f32>>> {
        let wheels = |text: &String| text.contains("car") || text.contains("vehicle");
        let vectors = texts.iter().map(|text| if wheels(text) { vec![1.0, 0.1] } else { vec![0.1, 1.0] }).collect();
        Box::pin(std::future::ready(Ok(vectors)))
    }
}

#[tokio::test]
async fn notes_are_found_by_what_they_mean() {
    let encoding = Encoding::new(Arc::new(Fake), Arc::new(MemoryCache::new(100)));
    let memory = memory().await.with_meaning(Arc::new(encoding));
    let ann = owner("acme", "ann");
    keep(&memory, &ann, "project", "garage", "Two cars stand there.", None).await;
    keep(&memory, &ann, "project", "kitchen", "Soup is on Monday.", None).await;
    assert_eq!(found(&memory, &ann, None, "vehicle", 2).await.first().unwrap(), "garage");
}
