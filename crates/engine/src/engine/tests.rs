use super::{Engine, Request, Ticket};
use crate::testing::Spec;
use crate::{Chat, Ended, FailureKind, Limits, Message, Model, Pooling, Role, Sampling, Usage, estimate};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

fn made_up(limits: Limits) -> Engine {
    let model = Model::load(Spec::new("llama").write(1).bytes(), limits).unwrap();
    Engine::new(Arc::new(model), 1).unwrap()
}

fn request(engine: &Engine, text: &str, seed: u64) -> Request {
    let sampling = Sampling { temperature: 1.0, seed, ..Sampling::default() };
    Request { prompt: engine.model().tokenize(text, true), most: Some(12), sampling, ..Request::default() }
}

/// Drives all answers to their ends.
fn finish(engine: &mut Engine) -> BTreeMap<Ticket, (String, Ended, Usage)> {
    let mut texts: BTreeMap<Ticket, String> = BTreeMap::new();
    let mut ended = BTreeMap::new();
    while engine.active() > 0 {
        for (ticket, step) in engine.step() {
            let step = step.unwrap();
            texts.entry(ticket).or_default().push_str(&step.text);
            if let Some((why, usage)) = step.ended {
                ended.insert(ticket, (texts.remove(&ticket).unwrap_or_default(), why, usage));
            }
        }
    }
    ended
}

fn one(engine: &mut Engine, request: Request) -> (String, Ended, Usage) {
    let ticket = engine.begin(request).unwrap();
    finish(engine).remove(&ticket).unwrap()
}

fn ask(engine: &mut Engine, text: &str, seed: u64) -> (String, Ended, Usage) {
    let request = request(engine, text, seed);
    one(engine, request)
}

#[test]
fn answers_are_the_same_alone_and_beside_others() {
    are_the_same_alone_and_beside_others(made_up(Limits { kept: 0, ..Limits::default() }));
}

#[cfg(feature = "cards")]
#[test]
fn answers_of_a_card_are_the_same_alone_and_beside_others() {
    let mut model = Model::load(Spec::new("qwen3").write(3).bytes(), Limits { kept: 0, ..Limits::default() }).unwrap();
    model.place_on(&crate::place::tests::on_card::card(u64::MAX)).unwrap();
    are_the_same_alone_and_beside_others(Engine::new(Arc::new(model), 1).unwrap());
}

fn are_the_same_alone_and_beside_others(mut engine: Engine) {
    let texts =
        ["abc abc", "a", "the end of a text that is longer than the others, by far and on purpose, so that it waits"];
    let requests: Vec<Request> = (1..).zip(texts).map(|(seed, text)| request(&engine, text, seed)).collect();
    let alone: Vec<_> = requests.iter().map(|request| one(&mut engine, request.clone())).collect();
    let tickets: Vec<_> = requests.into_iter().map(|request| engine.begin(request).unwrap()).collect();
    let together = finish(&mut engine);
    let together: Vec<_> = tickets.iter().map(|ticket| together[ticket].clone()).collect();
    assert_eq!(together, alone);
    assert!(alone.iter().any(|(text, ..)| !text.is_empty()));
    assert_eq!(ask(&mut engine, texts[0], 1), alone[0]);
}

#[test]
fn who_waits_for_a_long_prompt_does_not_hold_others_up() {
    let mut engine = made_up(Limits { context: 128, ..Limits::default() });
    let short = engine.begin(request(&engine, "ab", 1)).unwrap();
    let long = engine.begin(request(&engine, &"x".repeat(100), 1)).unwrap();
    let first: Vec<Ticket> = engine.step().into_iter().map(|(ticket, _)| ticket).collect();
    assert_eq!(first, [short]);
    while engine.step().iter().all(|(ticket, _)| *ticket != long) {}
}

#[test]
fn answers_end_at_stops_at_lengths_and_when_they_are_given_up() {
    let mut engine = made_up(Limits::default());
    let (text, ended, usage) = ask(&mut engine, "abc", 7);
    assert_eq!((ended, usage.prompt), (Ended::Length, 1));
    assert_eq!(usage.answer, 12);
    let from = text.char_indices().nth(text.chars().count() / 2).unwrap().0;
    let stop = text[from..].to_owned();
    let with_stop = Request { stops: vec![stop.clone()], ..request(&engine, "abc", 7) };
    let (stopped, ended, _) = one(&mut engine, with_stop);
    assert_eq!((stopped.as_str(), ended), (&text[..text.find(&stop).unwrap()], Ended::Stop));
    let ticket = engine.begin(request(&engine, "abc", 7)).unwrap();
    engine.step();
    assert!(engine.cancel(ticket) && !engine.cancel(ticket));
    assert!(engine.step().is_empty());
}

#[test]
fn an_answer_ends_where_the_context_does() {
    let mut engine = made_up(Limits { context: 20, ..Limits::default() });
    let request = Request { most: None, ..request(&engine, &"x".repeat(15), 3) };
    let (_, ended, usage) = one(&mut engine, request.clone());
    assert!(ended == Ended::Stop || usage.prompt + usage.answer == 20, "{usage:?}");
    let too_long = Request { prompt: vec![1; 21], ..request.clone() };
    assert_eq!(engine.begin(too_long).unwrap_err().kind, FailureKind::TooLong);
    let full = Request { prompt: vec![1; 20], ..request };
    assert_eq!(engine.begin(full).unwrap_err().kind, FailureKind::TooLong);
}

#[test]
fn what_was_read_is_not_read_again() {
    let mut engine = made_up(Limits::default());
    let first = ask(&mut engine, "a text that comes again and again", 1);
    let again = ask(&mut engine, "a text that comes again and again", 1);
    assert_eq!(first.2.reused, 0);
    assert_eq!((again.2.reused, &again.0), (again.2.prompt - 1, &first.0));
    let other = ask(&mut engine, "a text that comes but once", 1);
    assert!(other.2.reused > 10 && other.2.reused < other.2.prompt);
}

#[test]
fn requests_that_cannot_be_are_refused() {
    let mut engine = made_up(Limits { sessions: 1, ..Limits::default() });
    let plain = request(&engine, "a", 1);
    let kinds = [
        (Request { prompt: Vec::new(), ..plain.clone() }, FailureKind::Invalid),
        (Request { prompt: vec![9_999], ..plain.clone() }, FailureKind::Invalid),
        (Request { stops: vec!["x".repeat(257)], ..plain.clone() }, FailureKind::Invalid),
        (Request { stops: vec![String::new(); 17], ..plain.clone() }, FailureKind::Invalid),
        (Request { schema: Some(json!({"not": {}})), ..plain.clone() }, FailureKind::Schema),
    ];
    for (request, kind) in kinds {
        assert_eq!(engine.begin(request).unwrap_err().kind, kind);
    }
    engine.begin(plain.clone()).unwrap();
    assert_eq!(engine.begin(plain).unwrap_err().kind, FailureKind::Full);
}

#[test]
fn a_model_of_chance_answers_as_the_schema_says() {
    let mut engine = made_up(Limits::default());
    let schema = json!({"type": "object", "properties": {"animal": {"enum": ["dog", "cat"]}, "age": {"type": "integer",
        "minimum": 1, "maximum": 20}}, "required": ["animal", "age"], "additionalProperties": false});
    for seed in 0..5 {
        let request = Request { schema: Some(schema.clone()), most: Some(100), ..request(&engine, "a", seed) };
        let (text, ended, _) = one(&mut engine, request);
        let value: Value = serde_json::from_str(&text).unwrap();
        assert!(["dog", "cat"].contains(&value["animal"].as_str().unwrap()), "{text}");
        assert!((1..=20).contains(&value["age"].as_i64().unwrap()) && ended == Ended::Stop, "{text}");
    }
}

#[test]
fn likelihoods_come_with_tokens() {
    let mut engine = made_up(Limits::default());
    let sampling = Sampling { alternatives: Some(3), ..Sampling::default() };
    engine.begin(Request { sampling, ..request(&engine, "abc", 1) }).unwrap();
    let (_, step) = engine.step().remove(0);
    let step = step.unwrap();
    let told = step.likelihood.unwrap();
    assert_eq!((told.alternatives.len(), told.alternatives[0].0), (3, step.token));
    assert!((told.own - told.alternatives[0].1).abs() < 1e-6 && told.own < 0.0);
}

#[test]
fn models_that_are_too_large_are_refused_before_they_are_read() {
    let bytes = Spec::new("llama").write(1).bytes();
    let length = bytes.len() as u64;
    let limits = Limits::default();
    let whole = estimate(&bytes, length, &limits).unwrap().unwrap();
    // 128 tokens, 2 layers, 2 heads, 16 numbers twice, two bytes, six texts.
    assert_eq!((whole.weights, whole.context, whole.caches), (length, 128, 128 * 2 * 2 * 32 * 2 * 6));
    assert_eq!(estimate(&bytes[..1_000], length, &limits).unwrap(), Some(whole));
    assert_eq!(estimate(&bytes[..100], length, &limits).unwrap(), None);
    let small = Limits { memory: length + 1_000, ..limits };
    assert_eq!(estimate(&bytes, length, &small).unwrap_err().kind, FailureKind::TooLarge);
    assert_eq!(Model::load(bytes, small).err().unwrap().kind, FailureKind::TooLarge);
    assert!(estimate(b"GGUG", 4, &limits).is_err());
}

#[test]
fn vectors_of_texts_have_length_one() {
    let engine = made_up(Limits::default());
    let tokens = engine.model().tokenize(&"ab c".repeat(40), true);
    for pooling in [Pooling::Mean, Pooling::Last] {
        let vector = engine.embed(&tokens, pooling).unwrap();
        assert_eq!(vector.len(), engine.model().dimensions());
        assert!((vector.iter().map(|number| number * number).sum::<f32>() - 1.0).abs() < 1e-4);
    }
    assert!(engine.embed(&[], Pooling::Mean).is_err());
}

/// The model whose answers are known.
#[test]
fn the_tiny_model_says_what_it_learned() {
    says_what_it_learned(|_| {});
}

#[cfg(feature = "cards")]
#[test]
fn the_tiny_model_says_on_a_card_what_it_learned() {
    says_what_it_learned(|model| {
        model.place_on(&crate::place::tests::on_card::card(u64::MAX)).unwrap();
        assert!(model.placement().why.is_none(), "{:?}", model.placement());
    });
}

fn says_what_it_learned(place: impl FnOnce(&mut Model)) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tiny/data");
    let bytes = std::fs::read(format!("{folder}/tiny.gguf")).unwrap();
    let expected: Value = serde_json::from_slice(&std::fs::read(format!("{folder}/expected.json")).unwrap()).unwrap();
    let mut model = Model::load(bytes, Limits::default()).unwrap();
    place(&mut model);
    let model = Arc::new(model);
    let mut engine = Engine::new(Arc::clone(&model), 1).unwrap();
    for question in expected["questions"].as_array().unwrap() {
        let chat = Chat {
            messages: vec![Message::new(Role::User, question["question"].as_str().unwrap())],
            add_generation_prompt: true,
            ..Chat::default()
        };
        let request = Request { prompt: model.render(&chat).unwrap(), ..Request::default() };
        let (text, ended, _) = one(&mut engine, request);
        assert_eq!((text.as_str(), ended), (question["answer"].as_str().unwrap(), Ended::Stop), "{question}");
    }
    for text in expected["tokens"].as_array().unwrap() {
        assert_eq!(json!(model.tokenize(text["text"].as_str().unwrap(), false)), text["ids"]);
    }
    for text in expected["embeddings"].as_array().unwrap() {
        let tokens = model.tokenize(text["text"].as_str().unwrap(), true);
        assert_eq!(json!(tokens), text["ids"]);
        let vector = engine.embed(&tokens, Pooling::Mean).unwrap();
        let known = text["embedding"].as_array().unwrap().iter().map(|number| number.as_f64().unwrap());
        let likeness: f64 = vector.iter().zip(known).map(|(one, other)| f64::from(*one) * other).sum();
        assert!(likeness > 0.9999, "{likeness}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn files_with_other_bytes_are_refused_or_run(at in 0.0..1.0_f64, byte: u8, cut in 0.0..3.0_f64) {
        let mut bytes = Spec::new("qwen3").write(2).bytes();
        // Most of what can be wrong stands at the beginning.
        let place = (bytes.len() as f64 * at * at * at) as usize;
        bytes[place] = byte;
        bytes.truncate((bytes.len() as f64 * cut) as usize);
        if let Ok(model) = Model::load(bytes, Limits::default()) {
            let tokens = model.tokenize("abc 12", true);
            let mut engine = Engine::new(Arc::new(model), 1).unwrap();
            if engine.begin(Request { prompt: tokens, most: Some(2), ..Request::default() }).is_ok() {
                while engine.active() > 0 {
                    engine.step();
                }
            }
        }
    }
}
