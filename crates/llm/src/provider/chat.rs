//! Servers that have chat completions and no Responses: most that are like OpenAI have both, and which have not is seen when they are asked.

use super::signed::Keeping;
use super::way::Way;
use super::{Provider, Reply};
use crate::config::Kind;
use crate::failure::Failure;
use crate::request::Asked;
use base::{Code, Error};
use http::HeaderMap;
use inspection::dialect::{Dialect, Endpoint};
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl Provider {
    /// Asks along a way.
    pub(super) async fn ask_along(
        &self,
        way: &Way,
        deployment: &Arc<str>,
        names: (&str, &str),
        request: (&Asked, &HeaderMap),
        keeping: Keeping<'_>,
    ) -> Result<Reply, Failure> {
        let (asked, _) = request;
        let none = || Failure::unasked(Error::internal("a deployment was chosen that has no such endpoint"));
        let endpoint = self.settings.endpoint(asked.endpoint, asked.stream).ok_or_else(none)?;
        let chat = self.instead_of(endpoint, asked.stream);
        let known = chat.filter(|_| self.chats_only.load(Ordering::Relaxed));
        let first = self.ask_at(known.unwrap_or(endpoint), way, deployment, names, request, keeping).await;
        let first = match first {
            Err(refused) if refused.is_of_signed => {
                let again = (deployment, names);
                let endpoint = known.unwrap_or(endpoint);
                return Box::pin(self.ask_unsigned(refused, endpoint, way, again, request, keeping)).await;
            }
            first => first,
        };
        let (None, Some(chat), Err(failure)) = (known, chat, &first) else { return first };
        if failure.error.code() != Code::ModelUnknown {
            return first;
        }
        // It may lack the endpoint or the model: whoever has both says so at the other.
        match Box::pin(self.ask_at(chat, way, deployment, names, request, keeping)).await {
            Ok(reply) => {
                self.chats_only.store(true, Ordering::Relaxed);
                Ok(reply)
            }
            // What cannot be said in a chat is asked there in vain.
            Err(second) if !second.asked || second.error.code() == Code::ModelUnknown => first,
            Err(second) => Err(second),
        }
    }

    /// Where a chat is asked of it that may lack this endpoint.
    fn instead_of(&self, endpoint: Endpoint, stream: bool) -> Option<Endpoint> {
        let may_lack = endpoint == Endpoint::Responses
            && self.settings.kind == Kind::OpenAiCompatible
            && self.settings.dialects.contains(&Dialect::OpenAiChat);
        endpoint.in_dialect(Dialect::OpenAiChat, stream).filter(|_| may_lack)
    }
}
