//! What of a request that was said in another dialect a provider would refuse: it is left out, or said as the model takes it.
//!
//! A request in the provider's own dialect is its client's business and stays as it is. What a model takes is told by its name;
//! of names that say nothing no more is left out than what the dialect itself refuses.

mod bedrock;
mod claude;
mod gemini;
mod names;
mod openai;
mod tools;

use conversation::dialect::Dialect;
use conversation::item::Item;
use conversation::json::Number;
use conversation::loss::Losses;
use conversation::request::{Format, Request, Role, Turn};
pub use names::Names;

/// Changes a request of another dialect so that its model takes it in `dialect`. `thinks` says whether the model reasons, where
/// that is known by more than its name. Gives what is lost by that, and the names that tools have there.
pub fn fit(dialect: Dialect, request: &mut Request, thinks: Option<bool>) -> (Losses, Names) {
    let mut losses = Losses::new();
    if request.extra.is_from(dialect) {
        return (losses, Names::default());
    }
    request.turns.iter_mut().for_each(|turn| name_jpeg(&mut turn.items));
    tools::fit(dialect, request, &mut losses);
    if dialect != Dialect::Ollama {
        tools::fit_parameters(request, &mut losses);
    }
    let may_think = match dialect {
        Dialect::OpenAiChat | Dialect::OpenAiResponses => openai::may_think(&request.model),
        Dialect::Anthropic | Dialect::Bedrock => claude::may_think(&request.model),
        Dialect::Gemini => gemini::may_think(&request.model),
        Dialect::Ollama => true,
    };
    if !may_think || thinks == Some(false) {
        drop_thinking(request, &mut losses);
    }
    match dialect {
        Dialect::OpenAiChat | Dialect::OpenAiResponses => openai::fit(dialect, request, &mut losses),
        Dialect::Anthropic => claude::fit(dialect, request, &mut losses),
        Dialect::Bedrock => {
            bedrock::fit(request, &mut losses);
            claude::fit(dialect, request, &mut losses);
        }
        Dialect::Gemini => gemini::fit(request, &mut losses),
        Dialect::Ollama => {}
    }
    let names = Names::fit(dialect, request, &mut losses);
    (losses, names)
}

/// Gives pictures the type that they have: not all take the word by which some call it.
fn name_jpeg(items: &mut [Item]) {
    for item in items {
        match item {
            Item::Media(media) if media.media_type.as_deref() == Some("image/jpg") => {
                media.media_type = Some("image/jpeg".to_owned());
            }
            Item::ToolResult(result) => name_jpeg(&mut result.content),
            _ => {}
        }
    }
}

/// Asks for no thoughts. Nothing is lost where none were wanted.
fn drop_thinking(request: &mut Request, losses: &mut Losses) {
    if let Some(thinking) = request.thinking.take() {
        let asked = thinking.mode.is_some() || thinking.effort.is_some() || thinking.budget.is_some();
        losses.add_if(asked && !thinking.is_off(), "thinking");
    }
}

/// Leaves a number out. Nothing is lost of one that says what is usual.
fn drop_usual(number: &mut Option<Number>, path: &str, losses: &mut Losses) {
    let unusual = |number: Number| (number.as_f64() - 1.0).abs() > f64::EPSILON;
    losses.add_if(number.take().is_some_and(unusual), path);
}

/// Says the form of the answer in words, where the model takes it in no other way.
fn tell_format(request: &mut Request, losses: &mut Losses) {
    let words = match request.format.take() {
        Some(Format::JsonSchema(form)) => {
            let schema = form.schema.as_ref().map(|schema| schema.as_str()).unwrap_or("{}");
            format!("Answer with nothing but JSON that is valid by this JSON Schema:\n{schema}")
        }
        Some(Format::JsonObject) => "Answer with nothing but a JSON object.".to_owned(),
        other => {
            request.format = other;
            return;
        }
    };
    losses.add("format");
    instruct(request, Role::System, words);
}

/// Adds what instructs the model behind what instructs it at the beginning.
fn instruct(request: &mut Request, role: Role, words: String) {
    let place = request.turns.iter().take_while(|turn| turn.role.instructs()).count();
    request.turns.insert(place, Turn::new(role, vec![Item::text(words)]));
}

#[cfg(test)]
mod tests;
