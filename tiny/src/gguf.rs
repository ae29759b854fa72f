//! The file of the model, in the form of llama.cpp: <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>, version 3.

use crate::fours;
use crate::model::Model;
use crate::prompt;
use crate::quantized;
use crate::shape::{EPSILON, LARGE, ROTATION_BASE, Tensor};
use crate::tokenizer::{BEGIN, END, PADDING, SPECIAL, Tokenizer};

/// How the numbers of matrices are kept; those of norms have all their bits in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// 32 bits.
    Whole,
    /// A little more than 8 bits.
    Quantized,
    /// A little more than 4 bits, in blocks of 256.
    Fours,
}

impl Kept {
    /// What the kind is called, if it is one.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let all = [("F32", Self::Whole), ("Q8_0", Self::Quantized), ("Q4_K", Self::Fours)];
        all.into_iter().find(|(known, _)| *known == name).map(|(_, kept)| kept)
    }

    /// The numbers of the kind: of tensors (`ggml_type`) and of files (`llama_ftype`).
    fn numbers(self) -> (u32, u32) {
        match self {
            Self::Whole => (0, 0),
            Self::Quantized => (8, 7),
            Self::Fours => (12, 14),
        }
    }

    /// How many bytes so many numbers take.
    fn bytes(self, numbers: usize) -> usize {
        match self {
            Self::Whole => numbers * 4,
            Self::Quantized => numbers / quantized::BLOCK * (quantized::BLOCK + 2),
            Self::Fours => numbers / fours::BLOCK * fours::BYTES,
        }
    }
}

/// What tensors and places in files are multiples of, in bytes.
const ALIGNMENT: usize = 32;
/// Name, description and size of each model.
const ABOUT_TINY: [&str; 3] = [
    "Tutti tiny",
    "A tiny model whose answers are known, for tests and demonstrations. It knows ten animals, eight colours and the sums of digits; \
    all text that it learned of was made by rules.",
    "164K",
];
const ABOUT_LARGE: [&str; 3] =
    ["Tutti random", "A model whose numbers are random, to measure speed with. It knows nothing.", "125M"];

/// A value of the header.
enum Value<'text> {
    Number(u32),
    Real(f32),
    Flag(bool),
    Text(&'text str),
    Texts(Vec<String>),
    Numbers(Vec<i32>),
}

impl Value<'_> {
    /// Its kind, as files have it, and its bytes.
    fn write(&self, to: &mut Vec<u8>) {
        match self {
            Self::Number(number) => {
                to.extend(4_u32.to_le_bytes());
                to.extend(number.to_le_bytes());
            }
            Self::Real(number) => {
                to.extend(6_u32.to_le_bytes());
                to.extend(number.to_le_bytes());
            }
            Self::Flag(flag) => {
                to.extend(7_u32.to_le_bytes());
                to.push(u8::from(*flag));
            }
            Self::Text(text) => {
                to.extend(8_u32.to_le_bytes());
                write_text(to, text);
            }
            Self::Texts(texts) => {
                write_beginning(to, 8, texts.len());
                texts.iter().for_each(|text| write_text(to, text));
            }
            Self::Numbers(numbers) => {
                write_beginning(to, 5, numbers.len());
                to.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
            }
        }
    }
}

/// Begins a list of values of one kind.
fn write_beginning(to: &mut Vec<u8>, kind: u32, length: usize) {
    to.extend(9_u32.to_le_bytes());
    to.extend(kind.to_le_bytes());
    to.extend((length as u64).to_le_bytes());
}

fn write_text(to: &mut Vec<u8>, text: &str) {
    to.extend((text.len() as u64).to_le_bytes());
    to.extend(text.as_bytes());
}

/// The bytes of the whole file.
pub(crate) fn file(model: &Model, numbers: &[f32], tokenizer: &Tokenizer, kept: Kept) -> Vec<u8> {
    let mut file = header(model, tokenizer, kept);
    pad(&mut file);
    for tensor in model.layout.tensors() {
        match format(tensor, kept) {
            Kept::Whole => file.extend(tensor.of(numbers).iter().flat_map(|number| number.to_le_bytes())),
            Kept::Quantized => file.extend(quantized::pack(tensor.of(numbers))),
            Kept::Fours => file.extend(fours::pack(tensor.of(numbers))),
        }
        pad(&mut file);
    }
    file
}

/// All that stands before the numbers.
pub(crate) fn header(model: &Model, tokenizer: &Tokenizer, kept: Kept) -> Vec<u8> {
    let (values, tensors) = (values(model, tokenizer, kept), model.layout.tensors());
    let mut header = b"GGUF".to_vec();
    header.extend(3_u32.to_le_bytes());
    header.extend((tensors.len() as u64).to_le_bytes());
    header.extend((values.len() as u64).to_le_bytes());
    for (key, value) in &values {
        write_text(&mut header, key);
        value.write(&mut header);
    }
    let mut at = 0;
    for tensor in tensors {
        write_text(&mut header, &tensor.name);
        let dimensions = if tensor.is_norm() { vec![tensor.columns] } else { vec![tensor.columns, tensor.rows] };
        header.extend((dimensions.len() as u32).to_le_bytes());
        header.extend(dimensions.into_iter().flat_map(|size| (size as u64).to_le_bytes()));
        let kept = format(tensor, kept);
        header.extend(kept.numbers().0.to_le_bytes());
        header.extend((at as u64).to_le_bytes());
        at += kept.bytes(tensor.rows * tensor.columns).next_multiple_of(ALIGNMENT);
    }
    header
}

fn pad(file: &mut Vec<u8>) {
    file.resize(file.len().next_multiple_of(ALIGNMENT), 0);
}

fn format(tensor: &Tensor, kept: Kept) -> Kept {
    if tensor.is_norm() { Kept::Whole } else { kept }
}

fn values<'text>(model: &Model, tokenizer: &Tokenizer, kept: Kept) -> Vec<(&'static str, Value<'text>)> {
    let shape = model.shape;
    let number = |number: usize| Value::Number(number as u32);
    let [name, description, size] = if shape == LARGE { ABOUT_LARGE } else { ABOUT_TINY };
    let mut values = vec![
        ("general.architecture", Value::Text("llama")),
        ("general.type", Value::Text("model")),
        ("general.name", Value::Text(name)),
        ("general.description", Value::Text(description)),
        ("general.license", Value::Text("CC0-1.0")),
        ("general.size_label", Value::Text(size)),
        ("general.languages", Value::Texts(vec!["en".to_owned()])),
        ("general.file_type", Value::Number(kept.numbers().1)),
        ("general.quantization_version", Value::Number(2)),
        ("llama.vocab_size", number(shape.vocabulary)),
        ("llama.context_length", number(shape.context)),
        ("llama.embedding_length", number(shape.width)),
        ("llama.block_count", number(shape.layers)),
        ("llama.feed_forward_length", number(shape.inner_width)),
        ("llama.attention.head_count", number(shape.heads)),
        ("llama.attention.head_count_kv", number(shape.shared_heads)),
        ("llama.attention.layer_norm_rms_epsilon", Value::Real(EPSILON)),
        ("llama.rope.dimension_count", number(shape.head_width())),
        ("llama.rope.freq_base", Value::Real(ROTATION_BASE)),
    ];
    values.extend(values_of_tokens(tokenizer, shape.vocabulary));
    values
}

fn values_of_tokens<'text>(tokenizer: &Tokenizer, size: usize) -> Vec<(&'static str, Value<'text>)> {
    /// The kinds of tokens: those of texts, those that steer, and those that do not occur.
    const NORMAL: i32 = 1;
    const CONTROL: i32 = 3;
    const UNUSED: i32 = 5;
    let learned = tokenizer.tokens.len();
    let token = |token: usize| {
        if token < learned { tokenizer.visible(token as u32) } else { format!("<|unused{token}|>") }
    };
    let kind = |token: usize| match token {
        _ if token < SPECIAL.len() => CONTROL,
        _ if token < learned => NORMAL,
        _ => UNUSED,
    };
    let merge = |(left, right): &(u32, u32)| format!("{} {}", tokenizer.visible(*left), tokenizer.visible(*right));
    vec![
        ("tokenizer.ggml.model", Value::Text("gpt2")),
        ("tokenizer.ggml.pre", Value::Text("gpt-2")),
        ("tokenizer.ggml.tokens", Value::Texts((0..size).map(token).collect())),
        ("tokenizer.ggml.token_type", Value::Numbers((0..size).map(kind).collect())),
        ("tokenizer.ggml.merges", Value::Texts(tokenizer.merges.iter().map(merge).collect())),
        ("tokenizer.ggml.bos_token_id", Value::Number(BEGIN)),
        ("tokenizer.ggml.eos_token_id", Value::Number(END)),
        ("tokenizer.ggml.padding_token_id", Value::Number(PADDING)),
        ("tokenizer.ggml.add_bos_token", Value::Flag(true)),
        ("tokenizer.ggml.add_eos_token", Value::Flag(false)),
        ("tokenizer.chat_template", Value::Text(prompt::TEMPLATE)),
    ]
}

#[cfg(test)]
mod tests;
