use super::{Encoding, Progress, Wanted};
use crate::embedder::{Embedder, MemoryCache};
use base::ports::Wait;
use std::sync::{Arc, Mutex};

/// Says what it was asked for, and gives vectors by the length of texts.
struct Fake {
    asked: Mutex<Vec<usize>>,
    identity: &'static str,
    missing: usize,
}

impl Fake {
    fn new(identity: &'static str, missing: usize) -> Arc<Self> {
        Arc::new(Self { asked: Mutex::default(), identity, missing })
    }
}

impl Embedder for Fake {
    fn identity(&self) -> &str {
        self.identity
    }

    fn embed(&self, texts: Vec<String>) -> Wait<'_, Vec<Vec<f32>>> {
        self.asked.lock().unwrap().push(texts.len());
        let vectors = texts.iter().skip(self.missing).map(|text| vec![1.0, text.len() as f32]).collect();
        Box::pin(std::future::ready(Ok(vectors)))
    }
}

fn asked(fake: &Fake) -> Vec<usize> {
    std::mem::take(&mut fake.asked.lock().unwrap())
}

#[tokio::test]
async fn each_text_is_embedded_once_for_an_embedder() {
    let (fake, other, cache) = (Fake::new("one", 0), Fake::new("two", 0), Arc::new(MemoryCache::new(1_000)));
    let first = Encoding::new(Arc::clone(&fake) as Arc<dyn Embedder>, cache.clone());
    let texts: Vec<String> = (0..20).map(|number| "x".repeat(number)).collect();
    let mut texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    texts.push("xx");
    let mut told = Vec::new();
    let vectors = first.of_texts(&texts, |progress| told.push(progress)).await.unwrap();
    assert_eq!((vectors.len(), &vectors[20]), (21, &vectors[2]));
    assert_eq!(asked(&fake), [16, 4]);
    assert_eq!(told, [0, 16, 20].map(|done| Progress { done, all: 20 }));
    texts.push("new");
    first.of_texts(&texts, |_| ()).await.unwrap();
    assert_eq!(asked(&fake), [1], "one more text costs one embedding");
    assert_eq!(first.texts_wanted(), Wanted { computed: 21, cached: 20 });
    Encoding::new(Arc::clone(&other) as Arc<dyn Embedder>, cache).of_texts(&texts[..3], |_| ()).await.unwrap();
    assert_eq!(asked(&other), [3], "another embedder's vectors are others");
}

#[tokio::test]
async fn the_vectors_of_questions_are_remembered() {
    let fake = Fake::new("one", 0);
    let encoding = Encoding::new(Arc::clone(&fake) as Arc<dyn Embedder>, Arc::new(MemoryCache::new(10)));
    let first = encoding.of_questions(&["why", "what for", "why"]).await.unwrap();
    assert_eq!((first.len(), &first[0]), (3, &first[2]));
    assert_eq!(encoding.of_questions(&["what for", "where"]).await.unwrap()[0], first[1]);
    assert_eq!(encoding.questions_wanted(), Wanted { computed: 3, cached: 1 });
    assert_eq!(encoding.texts_wanted(), Wanted::default());
    assert_eq!(asked(&fake), [2, 1], "what is known is not embedded again");
    encoding.of_questions(&["where", "why"]).await.unwrap();
    assert!(asked(&fake).is_empty());
}

#[tokio::test]
async fn too_few_vectors_are_an_error_and_never_go_to_the_wrong_text() {
    let encoding = Encoding::new(Fake::new("one", 1), Arc::new(MemoryCache::new(10)));
    assert!(encoding.of_texts(&["a", "b"], |_| ()).await.is_err());
    assert!(encoding.of_questions(&["a"]).await.is_err());
}
