//! What is asked in chat completions alone, where a server has Responses too.

use crate::model::{Model, only_chats};
use conversation::item::{Item, MediaKind};
use conversation::request::Request;

/// Whether a chat completion does more of `request` than Responses would, asked of `model`. There are no stop sequences, no seed
/// and no penalties in Responses, and no sound. Models that reason refuse these in chats too, and tools there that they take
/// in Responses.
pub fn is_better(request: &Request, model: &str) -> bool {
    if only_chats(model) {
        return true;
    }
    let sound = |item: &Item| matches!(item, Item::Media(media) if media.kind == MediaKind::Audio);
    if request.turns.iter().flat_map(|turn| &turn.items).any(sound) {
        return true;
    }
    let sampling = &request.sampling;
    let said = !request.stop.is_empty()
        || sampling.seed.is_some()
        || sampling.frequency_penalty.is_some()
        || sampling.presence_penalty.is_some();
    said && !Model::of(model).is_some_and(Model::reasons)
}

#[cfg(test)]
mod tests;
