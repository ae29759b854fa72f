use crate::discovery::Discovery;
use crate::discovery::tests::{discovery, follow, names, source, sources, view};
use base::ports::Wait;
use base::{Error, Result};
use search::Embedder;
use std::sync::{Arc, Mutex};
use store::Db;

/// Knows what words have to do with letters and what with files, and remembers what it read.
#[derive(Default)]
struct Fake {
    read: Mutex<Vec<String>>,
    broken: bool,
}

impl Fake {
    fn vector(text: &str) -> Vec<f32> {
        let any = |words: &[&str]| words.iter().any(|word| text.contains(word));
        vec![f32::from(any(&["letter", "correspondence"])), f32::from(any(&["file", "document"])), 0.01]
    }

    fn read(&self) -> Vec<String> {
        std::mem::take(&mut self.read.lock().unwrap())
    }
}

impl Embedder for Fake {
    fn identity(&self) -> &str {
        "fake"
    }

    fn embed(&self, texts: Vec<String>) -> Wait<'_, Vec<Vec<f32>>> {
        let vectors: Result<Vec<_>> = match self.broken {
            true => Err(Error::internal("broken")),
            false => Ok(texts.iter().map(|text| Self::vector(text)).collect()),
        };
        self.read.lock().unwrap().extend(texts);
        Box::pin(std::future::ready(vectors))
    }
}

#[tokio::test]
async fn a_tool_is_found_by_other_words_than_its_own_once_it_has_a_vector() {
    let fake = Arc::new(Fake::default());
    let (sources, discovery) = (sources(), discovery(Some(fake.clone())).await);
    let all = view(&sources, "none");
    follow(&discovery, &sources).await;
    assert_eq!(fake.read(), Vec::<String>::new(), "nothing is embedded before somebody searches");
    discovery.learn(discovery.encoding.as_ref().unwrap()).await.unwrap();
    assert_eq!(fake.read().len(), 4);
    assert!(discovery.knows_meanings());
    let found = names(&discovery, &all, &["correspondence"]).await;
    assert!(found.len() == 2 && found.iter().all(|name| name.starts_with("mail__")), "{found:?}");
    assert_eq!(names(&discovery, &all, &["weather"]).await, Vec::<String>::new(), "what is like nothing finds nothing");
    assert_eq!(fake.read(), ["correspondence", "weather"], "queries are embedded, tools are not again");
}

#[tokio::test]
async fn a_changed_tool_costs_one_vector_and_a_change_that_overtakes_is_not_lost() {
    let fake = Arc::new(Fake::default());
    let (mut sources, discovery) = (sources(), discovery(Some(fake.clone())).await);
    let encoding = discovery.encoding.as_ref().unwrap();
    follow(&discovery, &sources).await;
    discovery.learn(encoding).await.unwrap();
    fake.read();
    sources[0] = source("mail", &[("send", "Sends a document to somebody."), ("read", "Reads a letter.")]);
    follow(&discovery, &sources).await;
    assert!(!discovery.knows_meanings());
    discovery.learn(encoding).await.unwrap();
    assert_eq!(fake.read(), ["mail send. Sends a document to somebody."]);
    assert!(discovery.knows_meanings());
    // Texts of before find no tool that has them now.
    let vectors = [("mail read. Reads a letter.".to_owned(), search::Vector::new(&[1.0]))].into();
    let same = discovery.snapshot.load().with_vectors(&vectors);
    assert!(same.index.without_vector().next().is_none());
}

#[tokio::test]
async fn a_hub_that_starts_again_embeds_nothing_that_it_has_embedded_before() {
    let db = Db::memory().await.unwrap();
    crate::tables::prepare(&db).await.unwrap();
    for expected in [4, 0] {
        let fake = Arc::new(Fake::default());
        let discovery = Discovery::new(Some((fake.clone(), db.clone())));
        follow(&discovery, &sources()).await;
        discovery.learn(discovery.encoding.as_ref().unwrap()).await.unwrap();
        assert_eq!(fake.read().len(), expected);
        assert!(discovery.knows_meanings());
    }
}

#[tokio::test]
async fn vectors_that_are_of_use_are_marked_as_such() {
    let db = Db::memory().await.unwrap();
    crate::tables::prepare(&db).await.unwrap();
    let discovery = Discovery::new(Some((Arc::new(Fake::default()), db.clone())));
    let encoding = discovery.encoding.as_ref().unwrap();
    follow(&discovery, &sources()).await;
    discovery.learn(encoding).await.unwrap();
    let old = "SELECT count(*) FROM tool_vector WHERE kept_at = 1";
    let old = async || db.query(store::Statement::new(old)).await.unwrap()[0].integer(0).unwrap();
    db.execute(vec![store::Statement::new("UPDATE tool_vector SET kept_at = 1")]).await.unwrap().done().unwrap();
    // One of them is not any more.
    let less = [source("mail", &[("send", "Sends a letter to somebody.")]), sources()[1].clone()];
    follow(&discovery, &less).await;
    assert_eq!(old().await, 4);
    discovery.mark_used(encoding).await.unwrap();
    assert_eq!(old().await, 1);
}

#[tokio::test]
async fn without_vectors_words_must_do() {
    let fake = Arc::new(Fake { broken: true, ..Fake::default() });
    let (sources, discovery) = (sources(), discovery(Some(fake.clone())).await);
    follow(&discovery, &sources).await;
    assert!(discovery.learn(discovery.encoding.as_ref().unwrap()).await.is_err());
    assert_eq!(names(&discovery, &view(&sources, "none"), &["delete a file"]).await[0], "files__delete_file");
}

#[test]
fn a99_queries_with_many_sentences_cost_no_more_embeddings_than_one_call_may() {
    let long = (0..30).map(|number| format!("Do the thing number {number} for me. ")).collect::<String>();
    for count in 1..=8 {
        let all = super::Reading::of_all(&vec![long.clone(); count]);
        let texts: Vec<usize> = all.iter().map(|reading| reading.texts.len()).collect();
        assert!(texts.iter().sum::<usize>() <= super::TEXTS && texts.iter().all(|count| *count > 1), "{texts:?}");
        assert!(all.iter().all(|reading| reading.texts[0] == long), "the whole query is read in any case");
    }
}
