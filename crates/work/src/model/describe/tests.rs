use super::*;

#[test]
fn what_a_file_says_is_told_with_its_source() {
    let text = |text: &str| [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat();
    let mut file = [&b"GGUF"[..], &3_u32.to_le_bytes(), &1_u64.to_le_bytes(), &2_u64.to_le_bytes()].concat();
    for (key, value) in [("general.architecture", "llama"), ("general.name", "Tiny")] {
        file.extend([text(key), 8_u32.to_le_bytes().to_vec(), text(value)].concat());
    }
    let header = gguf::read(&file).unwrap();
    assert!(header.is_complete);
    let known = model::Context::from_gguf(&header).with_file_size(file.len() as u64).to_json();
    let mut rows = Vec::new();
    values(&known, |name, value, source| rows.push((name, value, source)));
    let size = file.len().to_string();
    for (name, value) in [
        ("identification.name", "Tiny"),
        ("identification.family", "llama"),
        ("runtime.format", "gguf"),
        ("runtime.file_size", size.as_str()),
    ] {
        let row = (name.to_owned(), value.to_owned(), "file".to_owned());
        assert!(rows.contains(&row), "{row:?} {rows:?}");
    }
}

#[test]
fn what_was_learned_is_told_in_lines() {
    assert!(learned(&Value::Null).is_empty());
    let seen = json!([{"class": "short", "deployment": "p/a", "worth": 0.9, "requests": 12.5, "scores": 0.0}]);
    let said = json!({"decides": true, "decided": 20, "explored": 1, "agreed": 19, "seen": seen});
    assert_eq!(
        learned(&said),
        [
            "learned: decided 20 requests, 1 of them elsewhere to learn",
            "  short          p/a is worth 0.9 by 12.5 requests"
        ]
    );
    let said = json!({"decides": false, "decided": 20, "explored": 0, "agreed": 3, "seen": []});
    assert_eq!(learned(&said), ["learned: only watches, and agreed in 3 of 20 requests"]);
}

#[test]
fn a_limit_is_told_in_words() {
    let none = json!({"of": "p", "concurrency": null, "rate": null, "tokens": null, "running": 0, "waiting": 0, "full": false});
    assert_eq!(limited(&none), "0 under way");
    let rate = |count: u32| json!({"count": count, "seconds": 60.0});
    let all = json!({"of": "p", "concurrency": 4, "rate": rate(60), "tokens": rate(1000), "running": 4, "waiting": 2, "full": true});
    assert_eq!(limited(&all), "4 at once, 60 requests in 60 s, 1000 tokens in 60 s, 4 under way, 2 waiting, full");
}
