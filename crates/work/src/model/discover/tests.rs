use super::*;
use base::config::{Problems, yaml};

#[test]
fn lists_of_both_kinds_are_read() {
    let names = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    let table = [
        (json!({"models": [{"name": "qwen3:8b", "model": "qwen3:8b"}]}), names(&["qwen3:8b"])),
        (json!({"object": "list", "data": [{"id": "a"}, {"id": 1}, {"id": "b\u{1b}[31m"}]}), names(&["a", "b"])),
        // llama.cpp has both members.
        (json!({"models": [{"name": "x"}], "data": [{"id": "q.gguf"}]}), names(&["q.gguf"])),
        (json!({"models": []}), names(&[])),
        (json!({"status": "ok"}), None),
        (json!([]), None),
        (json!({"models": "none"}), None),
    ];
    for (list, expected) in table {
        assert_eq!(models(&list), expected, "{list}");
    }
    let many: Vec<Value> = (0..200).map(|number| json!({"id": number.to_string()})).collect();
    assert_eq!(models(&json!({"data": many})).unwrap().len(), MOST);
}

#[test]
fn what_is_printed_is_a_configuration() {
    let found = |name: &str, kind, url: &str| Found {
        name: name.to_owned(),
        port: 0,
        kind,
        url: url.to_owned(),
        models: vec!["qwen3:8b".to_owned(), "a \"b\" # c".to_owned()],
    };
    let all = [found("ollama", "ollama", "http://127.0.0.1:11434"), found("vllm", OPENAI, "http://127.0.0.1:8000/v1")];
    let text = configuration(&all);
    let document = yaml("tutti.yaml", &text).unwrap();
    let problems = Problems::new();
    let node = &document.root.get("models").unwrap().node;
    let settings = llm::config::read(&problems, Some((node, "tutti.yaml")), &[]);
    problems.into_result().unwrap();
    assert_eq!(settings.providers.len(), 2);
    assert_eq!(settings.providers["vllm"].models, all[1].models);
    assert_eq!(configuration(&[]), "");
}

#[test]
fn a_port_that_is_named_may_have_either_kind() {
    assert_eq!(places(&[]), USUAL);
    let kinds: Vec<(u16, &str)> = places(&[5, 6]).iter().map(|place| (place.port, place.kind)).collect();
    assert_eq!(kinds, [(5, "ollama"), (5, OPENAI), (6, "ollama"), (6, OPENAI)]);
}

#[test]
fn a_hint_tells_of_servers_that_have_models() {
    let found = |name: &str, models: &[&str]| Found {
        name: name.to_owned(),
        port: 1,
        kind: OPENAI,
        url: String::new(),
        models: models.iter().map(|model| (*model).to_owned()).collect(),
    };
    assert_eq!(said(&[]), None);
    assert_eq!(said(&[found("ollama", &[])]), None);
    let line = said(&[found("ollama", &["a", "b", "c"]), found("vllm", &["d"])]).unwrap();
    assert!(line.starts_with("ollama runs here with 3 models, vllm runs here with 1 model: "), "{line}");
}
