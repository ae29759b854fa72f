//! The tokenizer in the header of a file.

use super::special::Specials;
use super::words::Words;
use super::{BLANK, Bytes, Method, Scores, Token, Tokens, Vocabulary, alphabet};
use crate::failure::{Failure, shown};
use model::gguf::{Array, File};
use serde_json::Value;
use std::collections::HashMap;

/// The most tokens. The largest vocabularies have a quarter of a million.
const MOST_TOKENS: usize = 1 << 21;
/// The longest token, in bytes.
const LONGEST: usize = 4_096;

// What `tokenizer.ggml.token_type` says.
const UNKNOWN: i64 = 2;
const CONTROL: i64 = 3;
const USER_DEFINED: i64 = 4;
const UNUSED: i64 = 5;
const BYTE: i64 = 6;

/// Names of tokens after which a model says no more, in families of models that have several.
const ENDS: [&str; 9] = [
    "<|eot_id|>",
    "<|im_end|>",
    "<|end|>",
    "<end_of_turn>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "<|eom_id|>",
    "<|endofturn|>",
    "</s>",
];

impl Tokens {
    /// Reads the tokenizer.
    pub(crate) fn load(file: &File<'_>) -> Result<Self, Failure> {
        let reader = Loader { file };
        let Some(Array::Texts(texts)) = file.arrays.get("tokenizer.ggml.tokens") else {
            return Err(Failure::broken("the file has no vocabulary"));
        };
        if texts.is_empty() || texts.len() > MOST_TOKENS || texts.iter().any(|text| text.len() > LONGEST) {
            return Err(Failure::broken("the vocabulary has too many tokens, or too long ones"));
        }
        let kinds = match file.arrays.get("tokenizer.ggml.token_type") {
            Some(Array::Integers(kinds)) if kinds.len() == texts.len() => kinds.clone(),
            None => vec![1; texts.len()],
            Some(_) => return Err(Failure::broken("not each token of the vocabulary has a type")),
        };
        let name = reader.text("tokenizer.ggml.model").unwrap_or_default();
        let is_bytes = match name {
            "gpt2" => true,
            "llama" => false,
            _ => return Err(Failure::unsupported(format!("tokenizers of the kind `{}` are not run", shown(name)))),
        };
        let vocabulary = vocabulary(texts, &kinds, is_bytes);
        let method = if is_bytes { reader.bytes(&vocabulary)? } else { reader.scores(&kinds, texts)? };
        let specials = texts.iter().zip(&kinds).zip(0..).filter_map(|((text, kind), token)| {
            let is_special = matches!(*kind, CONTROL | USER_DEFINED | UNKNOWN);
            let text = std::str::from_utf8(text).ok().filter(|_| is_special)?;
            Some((text.to_owned(), token, *kind != USER_DEFINED))
        });
        let specials = Specials::new(specials);
        let begin = reader.token("bos", texts.len());
        let mut ends: Vec<Token> =
            ["eos", "eot", "eom"].iter().filter_map(|name| reader.token(name, texts.len())).collect();
        ends.extend((0..).take(texts.len()).filter(|token| ENDS.contains(&specials.written(*token))));
        ends.sort_unstable();
        ends.dedup();
        let adds_begin = reader.flag("tokenizer.ggml.add_bos_token").unwrap_or(!is_bytes);
        Ok(Self { vocabulary, specials, method, begin, ends, adds_begin })
    }
}

fn vocabulary(texts: &[&[u8]], kinds: &[i64], is_bytes: bool) -> Vocabulary {
    let mut vocabulary = Vocabulary { bytes: Vec::new(), ends: Vec::new(), by_text: HashMap::new(), longest: 0 };
    for ((text, kind), token) in texts.iter().zip(kinds).zip(0..) {
        let written = String::from_utf8_lossy(text);
        let bytes = match *kind {
            CONTROL | UNUSED | UNKNOWN => Vec::new(),
            USER_DEFINED => written.replace(BLANK, " ").into_bytes(),
            BYTE => byte(&written).map_or_else(Vec::new, |byte| vec![byte]),
            _ if is_bytes => alphabet::bytes(&written).unwrap_or_else(|| text.to_vec()),
            _ => written.replace(BLANK, " ").into_bytes(),
        };
        if !matches!(*kind, CONTROL | UNUSED | UNKNOWN | BYTE) {
            let key = if is_bytes { bytes.clone() } else { text.to_vec() };
            vocabulary.longest = vocabulary.longest.max(key.len());
            vocabulary.by_text.entry(key).or_insert(token);
        }
        vocabulary.bytes.extend_from_slice(&bytes);
        vocabulary.ends.push(vocabulary.bytes.len());
    }
    vocabulary
}

/// The byte that a token such as `<0x0A>` stands for.
fn byte(text: &str) -> Option<u8> {
    u8::from_str_radix(text.strip_prefix("<0x")?.strip_suffix('>')?, 16).ok()
}

struct Loader<'file> {
    file: &'file File<'file>,
}

impl Loader<'_> {
    fn text(&self, key: &str) -> Option<&str> {
        self.file.header.values.get(key).and_then(Value::as_str)
    }

    fn flag(&self, key: &str) -> Option<bool> {
        self.file.header.values.get(key).and_then(Value::as_bool)
    }

    fn token(&self, name: &str, count: usize) -> Option<Token> {
        let number = self.file.header.values.get(&format!("tokenizer.ggml.{name}_token_id"))?.as_u64()?;
        u32::try_from(number).ok().filter(|token| (*token as usize) < count)
    }

    fn bytes(&self, vocabulary: &Vocabulary) -> Result<Method, Failure> {
        let name = self.text("tokenizer.ggml.pre").unwrap_or("default");
        let known = Words::named(name);
        let unknown = || Failure::unsupported(format!("texts that are cut as `{}` wants are not run", shown(name)));
        let (words, whole_words) = known.ok_or_else(unknown)?;
        let Some(Array::Texts(lines)) = self.file.arrays.get("tokenizer.ggml.merges") else {
            return Err(Failure::broken("the vocabulary has no merges"));
        };
        let mut merges = HashMap::new();
        for (line, rank) in lines.iter().zip(0..) {
            let written = String::from_utf8_lossy(line);
            // A merge of a blank by itself begins with it.
            let at = written.char_indices().skip(1).find(|(_, character)| *character == ' ').map(|(at, _)| at);
            let Some((left, right)) = at.map(|at| (&written[..at], &written[at + 1..])) else { continue };
            let bytes = |text: &str| alphabet::bytes(text).unwrap_or_else(|| text.as_bytes().to_vec());
            let (left, right) = (bytes(left), bytes(right));
            let whole = [left.as_slice(), right.as_slice()].concat();
            let tokens = (vocabulary.find(&left), vocabulary.find(&right), vocabulary.find(&whole));
            if let (Some(left), Some(right), Some(whole)) = tokens {
                merges.entry((left, right)).or_insert((rank, whole));
            }
        }
        let of_byte = (0..=255_u8).map(|byte| vocabulary.find(&[byte])).collect();
        Ok(Method::Bytes(Bytes { words, whole_words, of_byte, merges }))
    }

    fn scores(&self, kinds: &[i64], texts: &[&[u8]]) -> Result<Method, Failure> {
        let scores = match self.file.arrays.get("tokenizer.ggml.scores") {
            Some(Array::Numbers(scores)) if scores.len() == texts.len() => scores.clone(),
            _ => return Err(Failure::broken("not each token of the vocabulary has a score")),
        };
        let mut of_byte = vec![None; 256];
        for ((text, _), token) in texts.iter().zip(kinds).zip(0..).filter(|((_, kind), _)| **kind == BYTE) {
            if let Some(byte) = std::str::from_utf8(text).ok().and_then(byte) {
                of_byte[usize::from(byte)] = Some(token);
            }
        }
        Ok(Method::Scores(Scores {
            scores,
            of_byte,
            unknown: self.token("unknown", texts.len()),
            adds_blank: self.flag("tokenizer.ggml.add_space_prefix").unwrap_or(true),
        }))
    }
}
