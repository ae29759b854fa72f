use super::{Architecture, Description, Layout};
use crate::FailureKind;
use serde_json::{Map, Value, json};

fn values(name: &str, changes: &Value) -> Map<String, Value> {
    let mut values = json!({
        "general.architecture": name,
        format!("{name}.block_count"): 12,
        format!("{name}.embedding_length"): 64,
        format!("{name}.context_length"): 128,
        format!("{name}.feed_forward_length"): 96,
        format!("{name}.attention.head_count"): 4,
        format!("{name}.attention.head_count_kv"): 2,
        format!("{name}.attention.sliding_window"): 16,
    });
    values.as_object_mut().unwrap().extend(changes.as_object().cloned().unwrap());
    values.as_object().cloned().unwrap()
}

#[test]
fn architectures_have_what_is_theirs() {
    let read = |name: &str| Description::read(&values(name, &json!({}))).unwrap();
    let llama = read("llama");
    assert_eq!((llama.architecture, llama.head, llama.rope.layout), (Architecture::Llama, 16, Layout::Adjacent));
    assert_eq!((llama.window_of(0), llama.attention_cap), (None, None));
    assert_eq!(llama.kept_numbers(), 12 * 2 * 32);
    let gemma2 = read("gemma2");
    assert_eq!((gemma2.window_of(0), gemma2.window_of(1)), (Some(16), None));
    assert_eq!((gemma2.attention_cap, gemma2.result_cap, gemma2.embedding_scale), (Some(50.0), Some(30.0), 8.0));
    let gemma3 = read("gemma3");
    let seen: Vec<_> = (0..12).map(|layer| gemma3.window_of(layer).is_none()).collect();
    assert_eq!(seen.iter().enumerate().filter(|(_, all)| **all).map(|(at, _)| at).collect::<Vec<_>>(), [5, 11]);
    assert_eq!((gemma3.attention_cap, gemma3.rope.layout), (None, Layout::Halves));
    assert_eq!(read("phi3").window_of(0), None);
}

#[test]
fn headers_that_make_no_sense_are_refused() {
    let cases = [
        (json!({"llama.block_count": null}), FailureKind::Broken, "block_count"),
        (json!({"llama.block_count": 0}), FailureKind::Broken, "sizes"),
        (json!({"llama.block_count": 1_000_000}), FailureKind::Broken, "sizes"),
        (json!({"llama.attention.head_count": 0}), FailureKind::Broken, "sizes"),
        (json!({"llama.attention.head_count_kv": 3}), FailureKind::Broken, "sizes"),
        (json!({"llama.attention.head_count_kv": 0}), FailureKind::Broken, "sizes"),
        (json!({"llama.attention.key_length": u64::MAX}), FailureKind::Broken, "sizes"),
        (json!({"llama.rope.dimension_count": 99}), FailureKind::Broken, "sizes"),
        (json!({"llama.rope.dimension_count": 3}), FailureKind::Broken, "sizes"),
        (json!({"llama.embedding_length": "many"}), FailureKind::Broken, "embedding_length"),
        (json!({"llama.rope.scaling.type": "yarn"}), FailureKind::Unsupported, "yarn"),
        (json!({"llama.expert_count": 8}), FailureKind::Unsupported, "experts"),
        (json!({"general.architecture": "mamba"}), FailureKind::Unsupported, "mamba"),
        (json!({"general.architecture": 3}), FailureKind::Broken, "architecture"),
    ];
    for (changes, kind, cause) in cases {
        let failure = Description::read(&values("llama", &changes)).unwrap_err();
        assert!(failure.kind == kind && failure.cause.contains(cause), "{changes}: {failure}");
    }
}
