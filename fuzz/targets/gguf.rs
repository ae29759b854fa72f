//! Headers of model files, and what servers say of their models.

use model::{Context, gguf};
use serde_json::Value;

pub(crate) fn feed(data: &[u8]) {
    if let Ok(header) = gguf::read(data) {
        let whole = Context::from_gguf(&header);
        assert_eq!(whole.clone().merge(whole.clone()), whole);
        // Of fewer bytes no more is known, and nothing else.
        if let Ok(part) = gguf::read(&data[..data.len() / 2]) {
            assert!(!part.is_complete || part == header);
            assert!(part.values.iter().all(|(key, value)| header.values.get(key) == Some(value)));
        }
    }
    let Ok(said) = serde_json::from_slice::<Value>(data) else { return };
    let contexts =
        [Context::from_ollama_show("m", &said), Context::from_llama_cpp_props(&said), Context::from_listing(&said)];
    for context in contexts {
        let written = context.to_json();
        assert_eq!(serde_json::from_str::<Value>(&written.to_string()).ok(), Some(written));
    }
}
