use super::*;

#[test]
fn the_element_of_a_list_is_found() {
    let of = |owner: &str, ids: &[&str]| -> Value {
        json!({"data": ids.iter().map(|id| json!({"id": id, "owned_by": owner})).collect::<Vec<_>>()})
    };
    let table = [
        (of("vllm", &["a", "b"]), "b", Some("b")),
        (of("vllm", &["a"]), "b", None),
        (of(LLAMA_CPP, &["/models/q.gguf"]), "qwen", Some("/models/q.gguf")),
        (of(LLAMA_CPP, &["a", "b"]), "qwen", None),
        (json!({"data": "nothing"}), "a", None),
        (json!(null), "a", None),
    ];
    for (list, model, expected) in table {
        assert_eq!(entry(&list, model).and_then(|entry| entry["id"].as_str()), expected, "{list}");
    }
}
