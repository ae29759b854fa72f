//! Requests of OpenAI's embeddings, and their answers.

use crate::chat::refused;
use conversation::Failure;
use engine::{Model, Token};
use serde_json::{Value, json};

/// The most texts of a request, as at OpenAI.
const MOST: usize = 2_048;

/// The texts of a request, as tokens.
///
/// # Errors
/// The request is not what the dialect says, or wants numbers in another form.
pub(crate) fn texts(body: &str, model: &Model) -> Result<Vec<Vec<Token>>, Failure> {
    let request: Value =
        base::json::from_text(body).map_err(|error| refused(&format!("the body is no JSON: {error}")))?;
    let form = request.get("encoding_format").and_then(Value::as_str).unwrap_or("float");
    if form != "float" {
        return Err(refused("`encoding_format`: a built-in model gives `float` only"));
    }
    let width = request.get("dimensions").and_then(Value::as_u64);
    if width.is_some_and(|width| width != model.dimensions() as u64) {
        return Err(refused(&format!("`dimensions`: this model has {}", model.dimensions())));
    }
    let texts = match request.get("input") {
        Some(Value::String(text)) => Some(vec![text.as_str()]),
        Some(Value::Array(texts)) => texts.iter().map(Value::as_str).collect(),
        _ => None,
    };
    let texts = texts.filter(|texts| (1..=MOST).contains(&texts.len()));
    let texts = texts.ok_or_else(|| refused("`input` must be a text or a list of texts, 2048 at most"))?;
    Ok(texts.into_iter().map(|text| model.tokenize(text, true)).collect())
}

/// The answer, of `tokens` tokens.
pub(crate) fn answer(model: &str, vectors: &[Vec<f32>], tokens: usize) -> String {
    let data: Vec<Value> = vectors
        .iter()
        .enumerate()
        .map(|(index, vector)| json!({"object": "embedding", "index": index, "embedding": vector}))
        .collect();
    let usage = json!({"prompt_tokens": tokens, "total_tokens": tokens});
    json!({"object": "list", "data": data, "model": model, "usage": usage}).to_string()
}

#[cfg(test)]
mod tests;
