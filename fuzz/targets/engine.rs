//! Model files as a whole; with a small model that is in order: texts, chats, schemas.

use super::input;
use engine::{Chat, Engine, Limits, Message, Model, Request, Role};
use std::sync::{Arc, OnceLock};

const LIMITS: Limits = Limits { memory: 64 << 20, context: 64, sessions: 1, kept: 0 };
const END: &str = "<|end|>";

pub(crate) fn feed(data: &[u8]) {
    if data.starts_with(b"GGUF") {
        if let Ok(model) = Model::load(data.to_vec(), LIMITS) {
            let tokens = model.tokenize("A text, 12 of them.\n", true);
            let _ = Engine::new(Arc::new(model), 1).map(|engine| engine.embed(&tokens, engine::Pooling::Mean));
        }
        let _ = engine::estimate(&data[..data.len() / 2], data.len() as u64, &LIMITS);
        return;
    }
    let Some([text, schema]) = input::texts::<2>(data) else { return };
    let Some(model) = small() else { return };
    let tokens = model.tokenize(text, false);
    assert_eq!(model.text(&tokens), text);
    assert!(!tokens.iter().any(|token| model.is_end(*token)));
    let chat = Chat { messages: vec![Message::new(Role::User, text)], ..Chat::default() };
    if let Ok(prompt) = model.render(&chat) {
        // The template writes one, and the message none.
        assert_eq!(prompt.iter().filter(|token| model.is_end(**token)).count(), 1);
    }
    let Ok(schema) = serde_json::from_str(schema) else { return };
    let Ok(mut engine) = Engine::new(Arc::clone(model), 1) else { return };
    let request =
        Request { prompt: model.tokenize("a", false), most: Some(4), schema: Some(schema), ..Request::default() };
    if engine.begin(request).is_ok() {
        while engine.active() > 0 {
            engine.step();
        }
    }
}

/// A model of one layer whose weights are all zero, and whose tokens are bytes.
fn small() -> Option<&'static Arc<Model>> {
    static MODEL: OnceLock<Option<Arc<Model>>> = OnceLock::new();
    MODEL.get_or_init(|| Model::load(file(), LIMITS).ok().map(Arc::new)).as_ref()
}

fn text(text: &str) -> Vec<u8> {
    [&(text.len() as u64).to_le_bytes(), text.as_bytes()].concat()
}

fn pair(key: &str, kind: u32, value: &[u8]) -> Vec<u8> {
    [&text(key)[..], &kind.to_le_bytes(), value].concat()
}

fn array(key: &str, kind: u32, count: usize, elements: &[u8]) -> Vec<u8> {
    pair(key, 9, &[&kind.to_le_bytes()[..], &(count as u64).to_le_bytes(), elements].concat())
}

fn file() -> Vec<u8> {
    const WIDTH: u64 = 32;
    let printable = |byte: &u8| matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
    let others = (0..=255_u8).filter(|byte| !printable(byte)).zip(256_u32..);
    let others: Vec<char> = others.filter_map(|(_, letter)| char::from_u32(letter)).collect();
    let mut letters: Vec<String> = (0..=255_u8).filter(printable).map(|byte| char::from(byte).to_string()).collect();
    letters.extend(others.into_iter().map(String::from));
    letters.push(END.to_owned());
    let kinds: Vec<u8> =
        (0..letters.len()).flat_map(|place| if place < 256 { 1_i32 } else { 3 }.to_le_bytes()).collect();
    let names: Vec<u8> = letters.iter().flat_map(|letter| text(letter)).collect();
    let mut pairs = vec![
        pair("general.architecture", 8, &text("llama")),
        pair("tokenizer.ggml.model", 8, &text("gpt2")),
        pair("tokenizer.chat_template", 8, &text("{{ messages[0].content }}<|end|>")),
        pair("tokenizer.ggml.eos_token_id", 4, &256_u32.to_le_bytes()),
        array("tokenizer.ggml.tokens", 8, letters.len(), &names),
        array("tokenizer.ggml.token_type", 5, letters.len(), &kinds),
        array("tokenizer.ggml.merges", 8, 0, &[]),
    ];
    let numbers = [
        ("block_count", 1_u32),
        ("context_length", 64),
        ("embedding_length", WIDTH as u32),
        ("feed_forward_length", WIDTH as u32),
        ("attention.head_count", 1),
    ];
    pairs.extend(numbers.map(|(key, number)| pair(&format!("llama.{key}"), 4, &number.to_le_bytes())));
    let matrices = ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"];
    let mut tensors: Vec<(String, Vec<u64>)> =
        matrices.iter().map(|name| (format!("blk.0.{name}.weight"), vec![WIDTH, WIDTH])).collect();
    tensors.extend(
        ["blk.0.attn_norm", "blk.0.ffn_norm", "output_norm"].map(|name| (format!("{name}.weight"), vec![WIDTH])),
    );
    tensors.push(("token_embd.weight".to_owned(), vec![WIDTH, letters.len() as u64]));
    let mut bytes = b"GGUF\x03\0\0\0".to_vec();
    bytes.extend((tensors.len() as u64).to_le_bytes());
    bytes.extend((pairs.len() as u64).to_le_bytes());
    bytes.extend(pairs.concat());
    let mut data = 0_u64;
    for (name, dimensions) in &tensors {
        bytes.extend(text(name));
        bytes.extend((dimensions.len() as u32).to_le_bytes());
        bytes.extend(dimensions.iter().flat_map(|length| length.to_le_bytes()));
        bytes.extend(0_u32.to_le_bytes());
        bytes.extend(data.to_le_bytes());
        data += dimensions.iter().product::<u64>() * 4;
    }
    bytes.resize(bytes.len().next_multiple_of(32) + data as usize, 0);
    bytes
}
