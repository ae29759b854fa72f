use super::{LONGEST, MiniLm, Model};
use crate::embedder::Embedder;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Texts with the tokens and vectors that the published model gives them: see `xtask/embedder/make.py`.
const REFERENCE: &str = include_str!("../../assets/all-minilm-l6-v2.reference.jsonl");

struct Expected {
    text: String,
    tokens: Vec<u32>,
    vector: Vec<f32>,
    /// What the model gives with the weights that the binary holds, as another implementation works it out.
    packed: Vec<f32>,
}

fn expected() -> Vec<Expected> {
    let read = |line: &str| {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        let numbers = |name: &str| {
            value[name].as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect::<Vec<_>>()
        };
        Expected {
            text: value["text"].as_str().unwrap().to_owned(),
            tokens: numbers("tokens").into_iter().map(|number| number as u32).collect(),
            vector: numbers("vector").into_iter().map(|number| number as f32).collect(),
            packed: numbers("packed").into_iter().map(|number| number as f32).collect(),
        }
    };
    REFERENCE.lines().map(read).collect()
}

fn likeness(left: &[f32], right: &[f32]) -> f32 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

#[test]
fn texts_have_the_tokens_of_the_original() {
    let model = Model::open().unwrap();
    for expected in expected() {
        assert_eq!(model.tokens(&expected.text), expected.tokens, "{:?}", expected.text);
    }
}

#[test]
fn vectors_agree_with_the_original() {
    let (model, expected) = (Model::open().unwrap(), expected());
    let vectors: Vec<_> = expected.iter().map(|expected| model.vector(&expected.text)).collect();
    let agreement: Vec<f32> =
        vectors.iter().zip(&expected).map(|(vector, expected)| likeness(vector, &expected.vector)).collect();
    let mean = agreement.iter().sum::<f32>() / agreement.len() as f32;
    assert!(mean > 0.95 && agreement.iter().all(|agreement| *agreement > 0.88), "{mean} {agreement:?}");
    for (vector, expected) in vectors.iter().zip(&expected) {
        let same = likeness(vector, &expected.packed);
        assert!(same > 0.999, "{:?}: {same}", expected.text);
    }
    assert!(vectors.iter().all(|vector| (likeness(vector, vector) - 1.0).abs() < 1e-4));
}

#[test]
fn texts_of_any_length_cost_what_the_longest_costs() {
    let tokens = Model::open().unwrap().tokens(&"word ".repeat(1_000_000));
    assert_eq!((tokens.len(), tokens.last()), (LONGEST, Some(&102)));
}

#[test]
fn who_is_told_to_stop_embeds_nothing_more() {
    let vectors = MiniLm::default().vectors(&["a", "b"], &AtomicBool::new(true)).unwrap();
    assert!(vectors.is_empty());
}

#[tokio::test]
async fn it_is_loaded_when_it_is_asked_and_goes_when_nobody_asks() {
    static LATER: AtomicU64 = AtomicU64::new(0);
    fn clock() -> Instant {
        static START: OnceLock<Instant> = OnceLock::new();
        *START.get_or_init(base::clock::now) + Duration::from_secs(LATER.load(Ordering::Relaxed))
    }
    let embedder = MiniLm::new(Duration::from_secs(60), clock);
    assert!(!embedder.is_loaded());
    embedder.embed(vec!["hello".to_owned()]).await.unwrap();
    LATER.store(59, Ordering::Relaxed);
    assert_eq!((embedder.release_idle(), embedder.is_loaded()), (Some(Duration::from_secs(1)), true));
    LATER.store(60, Ordering::Relaxed);
    assert_eq!((embedder.release_idle(), embedder.is_loaded()), (None, false));
}
