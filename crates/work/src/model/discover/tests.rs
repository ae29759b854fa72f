use super::*;
use base::config::{Problems, yaml};

#[test]
fn lists_of_both_kinds_are_read() {
    let names = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    let (ollama, openai) = (("models", "name"), ("data", "id"));
    let table = [
        (ollama, json!({"models": [{"name": "qwen3:8b", "model": "qwen3:8b"}]}), names(&["qwen3:8b"])),
        (ollama, json!({"models": []}), names(&[])),
        (ollama, json!({"models": "none"}), None),
        (openai, json!({"data": [{"id": "a"}, {"id": 1}, {"id": "b\u{1b}[31m"}]}), names(&["a", "b"])),
        // llama.cpp has both members.
        (openai, json!({"models": [{"name": "x"}], "data": [{"id": "q.gguf"}]}), names(&["q.gguf"])),
        (openai, json!({"models": [{"name": "x"}]}), None),
        (openai, json!({"status": "ok"}), None),
        (openai, json!([]), None),
        (openai, Value::Null, None),
    ];
    for ((all, key), list, expected) in table {
        assert_eq!(models(&list, all, key), expected, "{list}");
    }
    let many: Vec<Value> = (0..200).map(|number| json!({"id": number.to_string()})).collect();
    assert_eq!(models(&json!({"data": many}), "data", "id").unwrap().len(), MOST);
}

#[test]
fn a_server_is_what_it_says_and_not_what_its_port_says() {
    assert!(is_ollama(&json!({"version": "0.12.6"})));
    for other in [json!(null), json!({"error": "Unexpected endpoint or method"}), json!({"version": 1}), json!("1")] {
        assert!(!is_ollama(&other), "{other}");
    }
    let owned = |owner: Value| json!({"object": "list", "data": [{"id": "a", "owned_by": owner}]});
    assert_eq!(maker(&owned(json!("llamacpp"))), Some("llama-cpp"));
    assert_eq!(maker(&owned(json!("vllm"))), Some("vllm"));
    for other in [owned(json!("organization_owner")), owned(json!(null)), json!({"data": []}), json!(null)] {
        assert_eq!(maker(&other), None, "{other}");
    }
}

#[test]
fn what_is_printed_is_a_configuration() {
    let found = |name: &str, kind, url: &str| Found {
        name: name.to_owned(),
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
fn somebody_who_names_a_port_waits_longer_for_it() {
    assert_eq!(places(&[]), USUAL);
    let named = |port| Place { name: "local", port, patience: LONGER };
    assert_eq!(places(&[5, 6]), [named(5), named(6)]);
}

#[test]
fn a_hint_tells_of_servers_that_have_models() {
    let found = |name: &str, models: &[&str]| Found {
        name: name.to_owned(),
        kind: OPENAI,
        url: String::new(),
        models: models.iter().map(|model| (*model).to_owned()).collect(),
    };
    assert_eq!(said(&[]), None);
    assert_eq!(said(&[found("ollama", &[])]), None);
    let line = said(&[found("ollama", &["a", "b", "c"]), found("vllm", &["d"])]).unwrap();
    assert!(line.starts_with("ollama runs here with 3 models, vllm runs here with 1 model: "), "{line}");
}
