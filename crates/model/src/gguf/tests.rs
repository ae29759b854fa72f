use crate::gguf::read;
use crate::{Capability, Context};
use proptest::prelude::*;
use serde_json::json;

/// The bytes of a file with these pairs: their keys, the numbers of their kinds, and their values.
fn file(pairs: &[(&str, u32, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = b"GGUF".to_vec();
    bytes.extend(3_u32.to_le_bytes());
    bytes.extend(21_u64.to_le_bytes());
    bytes.extend((pairs.len() as u64).to_le_bytes());
    for (key, kind, value) in pairs {
        bytes.extend(text(key));
        bytes.extend(kind.to_le_bytes());
        bytes.extend(value);
    }
    bytes
}

fn text(text: &str) -> Vec<u8> {
    [&(text.len() as u64).to_le_bytes(), text.as_bytes()].concat()
}

fn array(kind: u32, elements: &[Vec<u8>]) -> Vec<u8> {
    [kind.to_le_bytes().to_vec(), (elements.len() as u64).to_le_bytes().to_vec(), elements.concat()].concat()
}

fn long(number: u32) -> Vec<u8> {
    number.to_le_bytes().to_vec()
}

/// A small model as converters write one.
fn model() -> Vec<u8> {
    file(&[
        ("general.architecture", 8, text("llama")),
        ("general.name", 8, text("tiny-zoo")),
        ("general.license", 8, text("CC0-1.0")),
        ("general.file_type", 4, long(15)),
        ("llama.context_length", 4, long(256)),
        ("llama.embedding_length", 4, long(64)),
        ("llama.block_count", 4, long(2)),
        ("llama.attention.head_count", 4, long(4)),
        ("llama.attention.head_count_kv", 4, long(2)),
        ("llama.rope.freq_base", 6, 10_000_f32.to_le_bytes().to_vec()),
        ("tokenizer.ggml.model", 8, text("gpt2")),
        ("tokenizer.ggml.tokens", 9, array(8, &[text("a"), text("<|end|>"), text("")])),
        ("tokenizer.ggml.scores", 9, array(6, &[long(0), long(0)])),
        ("tokenizer.ggml.eos_token_id", 4, long(1)),
        ("tokenizer.ggml.add_bos_token", 7, vec![1]),
        ("tokenizer.chat_template", 8, text("{% for tool in tools %}{% endfor %}")),
    ])
}

#[test]
fn a_header_says_what_a_model_is() {
    let header = read(&model()).unwrap();
    assert!(header.is_complete);
    assert_eq!((header.version, header.tensors, header.lengths["tokenizer.ggml.tokens"]), (3, 21, 3));
    let context = Context::from_gguf(&header);
    let said = context.to_json();
    let known = |section: &str, name: &str| said[section][name]["value"].clone();
    assert_eq!(said["limits"]["context"], json!({"value": 256, "source": "file"}));
    assert_eq!(known("identification", "family"), "llama");
    assert_eq!(known("runtime", "quantization"), "Q4_K_M");
    assert_eq!(known("runtime", "key_value_heads"), 2);
    assert_eq!(known("runtime", "rope_base"), 10_000.0);
    assert_eq!(known("tokenizer", "vocabulary"), 3);
    assert_eq!(known("tokenizer", "adds_begin"), true);
    assert_eq!(context.can(Capability::Tools), Some(true));
    assert_eq!(known("capabilities", "task"), "chat");
}

#[test]
fn every_kind_of_number_is_read() {
    let bytes = file(&[
        ("u8", 0, vec![200]),
        ("i8", 1, (-5_i8).to_le_bytes().to_vec()),
        ("u16", 2, 60_000_u16.to_le_bytes().to_vec()),
        ("i16", 3, (-300_i16).to_le_bytes().to_vec()),
        ("i32", 5, (-70_000_i32).to_le_bytes().to_vec()),
        ("f32", 6, 0.5_f32.to_le_bytes().to_vec()),
        ("nan", 6, f32::NAN.to_le_bytes().to_vec()),
        ("bool", 7, vec![0]),
        ("u64", 10, u64::MAX.to_le_bytes().to_vec()),
        ("i64", 11, i64::MIN.to_le_bytes().to_vec()),
        ("f64", 12, 1e300_f64.to_le_bytes().to_vec()),
        ("nested", 9, array(9, &[array(0, &[vec![1]]), array(8, &[text("x")])])),
    ]);
    let header = read(&bytes).unwrap();
    let expected = json!({"u8": 200, "i8": -5, "u16": 60_000, "i16": -300, "i32": -70_000, "f32": 0.5, "bool": false,
        "u64": u64::MAX, "i64": i64::MIN, "f64": 1e300});
    assert_eq!(serde_json::Value::Object(header.values), expected);
    assert_eq!(header.lengths["nested"], 2);
}

#[test]
fn a_beginning_says_what_it_can() {
    let bytes = model();
    let whole = read(&bytes).unwrap();
    for length in 24..bytes.len() {
        let part = read(&bytes[..length]).unwrap();
        assert!(!part.is_complete, "{length}");
        assert!(part.values.iter().all(|(key, value)| whole.values.get(key) == Some(value)), "{length}");
    }
}

#[test]
fn what_is_no_header_is_refused() {
    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = model();
        change(&mut bytes);
        bytes
    };
    let mut deep = array(0, &[]);
    for _ in 0..5 {
        deep = array(9, &[deep]);
    }
    let table = [
        (Vec::new(), "is cut off"),
        (b"GG".to_vec(), "is cut off"),
        (b"PK\x03\x04".to_vec(), "is no GGUF file"),
        (with(&|bytes| bytes[4] = 1), "of version 1"),
        (with(&|bytes| bytes[4..8].copy_from_slice(&3_u32.to_be_bytes())), "of version 50331648"),
        (with(&|bytes| bytes[20] = 1), "says that it has 4294967312 pairs"),
        (with(&|bytes| bytes[31] = 1), "has a key of"),
        (with(&|bytes| bytes[32] = 0xff), "has a key that is no text"),
        (file(&[("x", 13, vec![])]), "of the unknown kind 13"),
        (file(&[("x", 0, vec![1]), ("x", 0, vec![1])]), "says something twice"),
        (file(&[("x", 8, (1_u64 << 40).to_le_bytes().to_vec())]), "has a text or an array of length"),
        (file(&[("x", 9, deep)]), "too deep"),
    ];
    for (bytes, cause) in table {
        let fault = read(&bytes).unwrap_err();
        assert!(fault.cause.contains(cause), "{fault}, and not {cause}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_header_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes);
        let mut begun = file(&[]);
        begun[16] = 9;
        begun.extend(bytes);
        if let Ok(header) = read(&begun) {
            let _ = Context::from_gguf(&header).to_json();
        }
    }

    #[test]
    fn a_changed_header_is_read_or_refused(at in 0..1_000_usize, byte: u8) {
        let mut bytes = model();
        let at = at % bytes.len();
        bytes[at] = byte;
        if let Ok(header) = read(&bytes) {
            let _ = Context::from_gguf(&header).to_json();
        }
    }
}
