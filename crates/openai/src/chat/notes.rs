//! The words of notes that more than one module of this dialect makes or reads.

/// The note of how `content` was written: [`TEXT`], [`EMPTY`] or [`PARTS`].
pub(super) const CONTENT: &str = "content";
/// It was a text; and so was an address that is an object elsewhere.
pub(super) const TEXT: &str = "text";
/// It was an empty text.
pub(super) const EMPTY: &str = "empty";
/// It was a list of parts.
pub(super) const PARTS: &str = "parts";
/// The note of where something stood, where there are several places for it.
pub(super) const PLACE: &str = "place";
/// It was said in OpenAI's word and in Anthropic's.
pub(super) const BOTH: &str = "both";
/// The place of a refusal that is a member of its message.
pub(super) const REFUSAL: &str = "refusal";
/// The place of pictures that a model made (OpenRouter): a member of its message.
pub(super) const IMAGES: &str = "images";
