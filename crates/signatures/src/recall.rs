//! One request, as far as signatures are concerned: put back into what is asked, and kept of what is answered.

use super::place::{Place, told};
use super::{Kept, Key, Signatures};
use conversation::answer::Reply;
use conversation::item::Item;
use conversation::request::{Request, Role, Turn};
use conversation::{Dialect, Losses, Raw, Signed, signatures};
use std::sync::Arc;

/// What is said to be lost of signatures, and is not where they are kept.
const KEPT: [&str; 5] =
    ["reasoning.signature", "reasoning.encrypted", "reasoning.id", "text.signature", "tool_call.signature"];

/// What keeps and finds signatures for one request.
#[derive(Clone)]
pub struct Recall {
    /// Where they are kept.
    pub signatures: Arc<Signatures>,
    /// Who asks.
    pub owner: Arc<str>,
    /// Whose models are asked.
    pub maker: Arc<str>,
    /// The client's dialect.
    pub client: Dialect,
    /// Whether those who are asked take what is signed. Where they have refused it, none goes to them.
    pub trusted: bool,
}

impl std::fmt::Debug for Recall {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Recall")
            .field("maker", &self.maker)
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}

impl Recall {
    /// Puts back what is kept of turns of the model, where those who are asked made it. What others have made is taken out,
    /// because it is nothing to them. Gives what is lost by that: what is kept is not.
    pub async fn put_back(&self, request: &mut Request) -> Losses {
        if !self.trusted {
            return signatures::strip_all(request);
        }
        let answers = answers(self.client, std::mem::take(&mut request.turns));
        let (mut place, mut keys, mut counts) = (Place::new(&self.owner), Vec::new(), Vec::new());
        for turn in &answers {
            let own = if turn.role == Role::Assistant { self.keys(&place, turn) } else { Vec::new() };
            counts.push(own.len());
            keys.extend(own);
            place.pass(turn);
        }
        let mut found = self.signatures.find(&keys).await.into_iter();
        let mut losses = Losses::new();
        for (mut turn, count) in answers.into_iter().zip(counts) {
            let kept = found.by_ref().take(count).fold(None, |first: Option<Kept>, next| first.or(next));
            if turn.role == Role::Assistant {
                let lost = self.restore(&mut turn, kept);
                losses.add_if(lost, "reasoning.signature");
            }
            request.turns.push(turn);
        }
        losses
    }

    fn keys(&self, place: &Place, turn: &Turn) -> Vec<Key> {
        let keys = place.keys(&self.signatures.sealer, &turn.items, |call| call.id.clone());
        keys.unwrap_or_default()
    }

    /// Says whether a signature that is not kept had to be left out.
    fn restore(&self, turn: &mut Turn, kept: Option<Kept>) -> bool {
        match kept {
            Some(kept) if kept.maker == self.maker => {
                turn.items = kept.signed.put_back(std::mem::take(&mut turn.items));
                false
            }
            Some(_) => {
                signatures::strip(&mut turn.items);
                false
            }
            None if turn.items.iter().any(|item| self.is_foreign(item)) => signatures::strip(&mut turn.items),
            None => false,
        }
    }

    /// Whether a client carries a signature that those who are asked have not made. Gemini's clients have Gemini's; at
    /// OpenAI's dialect the `format` of thoughts says whose they are (OpenRouter).
    fn is_foreign(&self, item: &Item) -> bool {
        let maker = &*self.maker;
        match (self.client, item) {
            (Dialect::Gemini, Item::Reasoning(_)) => maker != "gemini",
            (Dialect::OpenAiChat, Item::Reasoning(thought)) => {
                let format = thought.extra.get("format").and_then(Raw::as_text).unwrap_or_default();
                let made = match format.split('-').next() {
                    Some("anthropic") => "claude",
                    Some("google") => "gemini",
                    Some("openai") => Dialect::OpenAiResponses.name(),
                    _ => return false,
                };
                !maker.starts_with(made) && !maker.starts_with(Dialect::OpenAiChat.name())
            }
            _ => false,
        }
    }

    /// Whether a client gets to see what is signed. What others than those who speak its dialect have made would go to these
    /// when the client sends it again, and they refuse it; so it is kept only. OpenAI's dialect says whose it is.
    pub fn is_told(&self) -> bool {
        match self.client {
            Dialect::Anthropic | Dialect::Bedrock => &*self.maker == "claude",
            Dialect::Gemini => &*self.maker == "gemini",
            Dialect::OpenAiResponses => self.maker.starts_with(Dialect::OpenAiResponses.name()),
            Dialect::OpenAiChat | Dialect::Ollama => true,
        }
    }

    /// Keeps what is signed of an answer to `reply.request`, and takes back that it were lost. To be done before the client
    /// has the end of the answer, for then it may ask again.
    pub fn keep(&self, items: &[Item], reply: &Reply, losses: &mut Losses) {
        let Some(signed) = Signed::of(items) else { return };
        let mut place = Place::new(&self.owner);
        reply.request.turns.iter().for_each(|turn| place.pass(turn));
        let told = |call: &_| told(self.client, call, reply);
        let keys = place.keys(&self.signatures.sealer, items, told).unwrap_or_default();
        let kept = Kept { maker: Arc::clone(&self.maker), signed: Arc::new(signed) };
        if self.signatures.keep(&self.owner, &keys, &kept) {
            losses.forget(&KEPT);
        }
    }
}

/// The turns, with what the model says in one answer in one turn: in Responses each item stands for itself, and Google's libraries
/// send a stream again as the pieces in which it came.
fn answers(client: Dialect, turns: Vec<Turn>) -> Vec<Turn> {
    if !matches!(client, Dialect::OpenAiResponses | Dialect::Gemini) {
        return turns;
    }
    let mut joined: Vec<Turn> = Vec::with_capacity(turns.len());
    for turn in turns {
        match joined.last_mut() {
            Some(last) if last.role == Role::Assistant && turn.role == Role::Assistant => {
                last.items.extend(turn.items);
                last.extra.merge(turn.extra);
            }
            _ => joined.push(turn),
        }
    }
    joined
}
