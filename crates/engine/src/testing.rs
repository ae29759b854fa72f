//! Models that tests make up: files written by hand, with weights of seeded chance.

use crate::sampling::Chance;
use std::collections::BTreeMap;

/// A file on its way.
#[derive(Default)]
pub(crate) struct Writer {
    pairs: Vec<Vec<u8>>,
    tensors: Vec<(String, Vec<u64>, u32, Vec<u8>)>,
    /// The numbers of the tensors of plain numbers.
    pub(crate) numbers: BTreeMap<String, Vec<f32>>,
}

fn bytes_of(text: &str) -> Vec<u8> {
    [&(text.len() as u64).to_le_bytes(), text.as_bytes()].concat()
}

impl Writer {
    fn pair(mut self, key: &str, kind: u32, value: &[u8]) -> Self {
        self.pairs.push([&bytes_of(key)[..], &kind.to_le_bytes(), value].concat());
        self
    }

    pub(crate) fn number(self, key: &str, number: usize) -> Self {
        self.pair(key, 4, &(number as u32).to_le_bytes())
    }

    pub(crate) fn float(self, key: &str, number: f32) -> Self {
        self.pair(key, 6, &number.to_le_bytes())
    }

    pub(crate) fn flag(self, key: &str, flag: bool) -> Self {
        self.pair(key, 7, &[u8::from(flag)])
    }

    pub(crate) fn text(self, key: &str, text: &str) -> Self {
        self.pair(key, 8, &bytes_of(text))
    }

    fn array(self, key: &str, kind: u32, count: usize, elements: &[u8]) -> Self {
        self.pair(key, 9, &[&kind.to_le_bytes()[..], &(count as u64).to_le_bytes(), elements].concat())
    }

    pub(crate) fn texts(self, key: &str, texts: &[impl AsRef<str>]) -> Self {
        let elements: Vec<u8> = texts.iter().flat_map(|text| bytes_of(text.as_ref())).collect();
        self.array(key, 8, texts.len(), &elements)
    }

    pub(crate) fn integers(self, key: &str, integers: &[i32]) -> Self {
        let elements: Vec<u8> = integers.iter().flat_map(|integer| integer.to_le_bytes()).collect();
        self.array(key, 5, integers.len(), &elements)
    }

    pub(crate) fn floats(self, key: &str, numbers: &[f32]) -> Self {
        let elements: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.array(key, 6, numbers.len(), &elements)
    }

    /// A tensor of plain numbers, the innermost dimension first.
    pub(crate) fn tensor(&mut self, name: &str, dimensions: &[usize], numbers: Vec<f32>) {
        let bytes = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.packed(name, dimensions, 0, bytes);
        self.numbers.insert(name.to_owned(), numbers);
    }

    pub(crate) fn packed(&mut self, name: &str, dimensions: &[usize], kind: u32, bytes: Vec<u8>) {
        let dimensions = dimensions.iter().map(|length| *length as u64).collect();
        self.tensors.push((name.to_owned(), dimensions, kind, bytes));
    }

    /// The file.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = b"GGUF\x03\0\0\0".to_vec();
        bytes.extend((self.tensors.len() as u64).to_le_bytes());
        bytes.extend((self.pairs.len() as u64).to_le_bytes());
        bytes.extend(self.pairs.concat());
        let mut offset = 0_u64;
        for (name, dimensions, kind, data) in &self.tensors {
            bytes.extend(bytes_of(name));
            bytes.extend((dimensions.len() as u32).to_le_bytes());
            bytes.extend(dimensions.iter().flat_map(|length| length.to_le_bytes()));
            bytes.extend(kind.to_le_bytes());
            bytes.extend(offset.to_le_bytes());
            offset += (data.len() as u64).next_multiple_of(32);
        }
        for (_, _, _, data) in &self.tensors {
            bytes.resize(bytes.len().next_multiple_of(32), 0);
            bytes.extend(data);
        }
        bytes
    }

    /// A vocabulary of single bytes, some longer pieces, and control tokens at its end.
    pub(crate) fn vocabulary(self) -> Self {
        let (texts, kinds) = vocabulary();
        let end = texts.iter().position(|text| text == "<|end|>").unwrap_or_default();
        self.text("tokenizer.ggml.model", "gpt2")
            .text("tokenizer.ggml.pre", "gpt-2")
            .texts("tokenizer.ggml.tokens", &texts)
            .integers("tokenizer.ggml.token_type", &kinds)
            .texts("tokenizer.ggml.merges", &["a b", "ab c", "Ġ a", "\" :", "e n", "en d"])
            .number("tokenizer.ggml.eos_token_id", end)
            .text("tokenizer.chat_template", TEMPLATE)
    }
}

pub(crate) const TEMPLATE: &str =
    "{% for message in messages %}<|user|>{{ message.content | trim }}<|end|>{% endfor %}";

fn letters() -> impl Iterator<Item = char> {
    let is_printable = |byte: &u8| matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
    let others = (0..=255_u8).filter(move |byte| !is_printable(byte)).zip(256_u32..);
    (0..=255_u8).filter(is_printable).map(char::from).chain(others.filter_map(|(_, letter)| char::from_u32(letter)))
}

fn vocabulary() -> (Vec<String>, Vec<i32>) {
    let mut texts: Vec<String> = letters().map(String::from).collect();
    texts.extend(["ab", "abc", "Ġa", "\":", "en", "end"].map(str::to_owned));
    let mut kinds = vec![1; texts.len()];
    texts.extend(["<|end|>", "<|user|>", "<think>"].map(str::to_owned));
    kinds.extend([3, 3, 4]);
    (texts, kinds)
}

/// How many tokens [`Writer::vocabulary`] has.
pub(crate) fn vocabulary_size() -> usize {
    vocabulary().0.len()
}

/// The shape of a made up model.
#[derive(Clone)]
pub(crate) struct Spec {
    pub(crate) architecture: &'static str,
    pub(crate) layers: usize,
    pub(crate) width: usize,
    pub(crate) heads: usize,
    pub(crate) kept_heads: usize,
    pub(crate) head: usize,
    pub(crate) inner: usize,
    pub(crate) window: usize,
    pub(crate) has_head: bool,
}

impl Spec {
    pub(crate) fn new(architecture: &'static str) -> Self {
        let layers = if architecture == "gemma3" { 6 } else { 2 };
        Self {
            architecture,
            layers,
            width: 32,
            heads: 4,
            kept_heads: 2,
            head: 16,
            inner: 64,
            window: 4,
            has_head: false,
        }
    }

    pub(crate) fn is(&self, architectures: &[&str]) -> bool {
        architectures.contains(&self.architecture)
    }

    /// The file of a model of this shape.
    pub(crate) fn write(&self, seed: u64) -> Writer {
        let name = self.architecture;
        let key = |key: &str| format!("{name}.{key}");
        let mut writer = Writer::default()
            .text("general.architecture", name)
            .text("general.name", "made up")
            .number(&key("block_count"), self.layers)
            .number(&key("embedding_length"), self.width)
            .number(&key("context_length"), 128)
            .number(&key("feed_forward_length"), self.inner)
            .number(&key("attention.head_count"), self.heads)
            .number(&key("attention.head_count_kv"), self.kept_heads)
            .number(&key("attention.key_length"), self.head)
            .number(&key("attention.value_length"), self.head)
            .number(&key("attention.sliding_window"), self.window)
            .float(&key("attention.layer_norm_rms_epsilon"), 1e-5)
            .vocabulary();
        if name == "phi3" {
            writer = writer
                .float("phi3.rope.scaling.attn_factor", 1.25)
                .number("phi3.rope.scaling.original_context_length", 64);
        }
        if name == "gemma3" {
            writer = writer.float("gemma3.rope.freq_base", 1e6).text("gemma3.rope.scaling.type", "linear");
            writer = writer.float("gemma3.rope.scaling.factor", 8.0);
        }
        let mut chance = Chance::new(seed);
        for (name, dimensions) in self.tensors() {
            let count = dimensions.iter().product();
            let is_factor = dimensions.len() == 1 && !name.ends_with("bias");
            let number = |_| {
                let share = chance.share() * 2.0 - 1.0;
                if is_factor { 1.0 + share / 4.0 } else { share * 0.35 }
            };
            writer.tensor(&name, &dimensions, (0..count).map(number).collect());
        }
        writer
    }

    /// Bytes of the matrices of a layer.
    #[cfg(feature = "cards")]
    pub(crate) fn layer_bytes(&self) -> usize {
        let of_first = |name: &str| name.starts_with("blk.0.");
        let matrices = self.tensors().into_iter().filter(|(name, dimensions)| of_first(name) && dimensions.len() == 2);
        matrices.map(|(_, dimensions)| dimensions.iter().product::<usize>() * 4).sum()
    }

    fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        let Self { width, heads, kept_heads, head, inner, .. } = *self;
        let mut tensors = vec![
            ("token_embd.weight".to_owned(), vec![width, vocabulary_size()]),
            ("output_norm.weight".to_owned(), vec![width]),
        ];
        if self.has_head {
            tensors.push(("output.weight".to_owned(), vec![width, vocabulary_size()]));
        }
        let factors: &[&str] = match self.architecture {
            "llama" => &["rope_freqs.weight"],
            "phi3" => &["rope_factors_long.weight", "rope_factors_short.weight"],
            _ => &[],
        };
        tensors.extend(factors.iter().map(|name| ((*name).to_owned(), vec![head / 2])));
        for layer in 0..self.layers {
            let mut add = |name: &str, dimensions: &[usize]| {
                tensors.push((format!("blk.{layer}.{name}"), dimensions.to_vec()));
            };
            add("attn_norm.weight", &[width]);
            add("ffn_norm.weight", &[width]);
            if self.is(&["phi3"]) {
                add("attn_qkv.weight", &[width, (heads + 2 * kept_heads) * head]);
                add("ffn_up.weight", &[width, 2 * inner]);
            } else {
                add("attn_q.weight", &[width, heads * head]);
                add("attn_k.weight", &[width, kept_heads * head]);
                add("attn_v.weight", &[width, kept_heads * head]);
                add("ffn_gate.weight", &[width, inner]);
                add("ffn_up.weight", &[width, inner]);
            }
            if self.is(&["qwen2"]) {
                add("attn_q.bias", &[heads * head]);
                add("attn_k.bias", &[kept_heads * head]);
                add("attn_v.bias", &[kept_heads * head]);
            }
            if self.is(&["qwen3", "gemma3"]) {
                add("attn_q_norm.weight", &[head]);
                add("attn_k_norm.weight", &[head]);
            }
            if self.is(&["gemma2", "gemma3"]) {
                add("post_attention_norm.weight", &[width]);
                add("post_ffw_norm.weight", &[width]);
            }
            add("attn_output.weight", &[heads * head, width]);
            add("ffn_down.weight", &[inner, width]);
        }
        tensors
    }
}
