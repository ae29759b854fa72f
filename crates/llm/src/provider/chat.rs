//! Responses or chat completions, where a server may have both: OpenAI has, most that are like it have, and which have not is seen
//! when they are asked.

use super::signed::Keeping;
use super::thoughts;
use super::way::Way;
use super::{Passage, Provider, Reply};
use crate::config::Kind;
use crate::failure::Failure;
use crate::request::Asked;
use base::{Code, Error, clock};
use bytes::Bytes;
use dialects::Losses;
use http::HeaderMap;
use inspection::dialect::{Dialect, Endpoint};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long it is taken for true what was found out of a server: it may be another one behind the same address, or the same one mended.
const KNOWN_FOR: Duration = Duration::from_secs(600);

/// Whether a server has Responses, where that was found out lately.
#[derive(Debug, Default)]
pub(super) struct HasResponses(Mutex<Option<(bool, Instant)>>);

impl HasResponses {
    /// What is known of it `now`.
    fn at(&self, now: Instant) -> Option<bool> {
        let known = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.filter(|(_, since)| now.saturating_duration_since(*since) < KNOWN_FOR).map(|(has, _)| has)
    }

    /// It was found out `now`.
    fn learn(&self, has: bool, now: Instant) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((has, now));
    }
}

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
        let endpoint = self.endpoint(asked, names.1).ok_or_else(none)?;
        let chat = self.instead_of(endpoint, asked.stream);
        let known = chat.filter(|_| self.has_responses.at(clock::now()) == Some(false));
        let first = self.ask_at(known.unwrap_or(endpoint), way, deployment, names, request, keeping).await;
        let first = match first {
            Err(refused) if refused.is_of_signed => {
                let again = (deployment, names);
                let endpoint = known.unwrap_or(endpoint);
                return Box::pin(self.ask_unsigned(refused, endpoint, way, again, request, keeping)).await;
            }
            Err(refused) if asked.endpoint != endpoint && thoughts::are_refused(&refused) => {
                let endpoint = known.unwrap_or(endpoint);
                let keeping = Keeping { thinks: Some(false), ..keeping };
                return match Box::pin(self.ask_at(endpoint, way, deployment, names, request, keeping)).await {
                    Err(second) if !second.asked => Err(refused),
                    outcome => outcome,
                };
            }
            first => first,
        };
        let (None, Some(chat), Err(failure)) = (known, chat, &first) else { return first };
        if failure.error.code() != Code::ModelUnknown || !Box::pin(self.lacks(endpoint, way, deployment)).await {
            return first;
        }
        match Box::pin(self.ask_at(chat, way, deployment, names, request, keeping)).await {
            // Only now it is known: who has nothing at all just now says of every endpoint that it is not there.
            Ok(reply) => {
                self.has_responses.learn(false, clock::now());
                Ok(reply)
            }
            // What cannot be said in a chat is asked there in vain.
            Err(second) if !second.asked || second.error.code() == Code::ModelUnknown => first,
            Err(second) => Err(second),
        }
    }

    /// Whether it lacks the endpoint, and not just what one request names, such as a model or a file: who has the endpoint answers
    /// a request of nothing with another status.
    async fn lacks(&self, endpoint: Endpoint, way: &Way, deployment: &Arc<str>) -> bool {
        if let Some(has) = self.has_responses.at(clock::now()) {
            return !has;
        }
        let (body, left_out) = (Bytes::from_static(b"{}").into(), Losses::new());
        let passage = Passage { endpoint, body, kind: None, translation: None, left_out };
        let Ok(request) = self.request(way, "", &passage, &HeaderMap::new()) else { return false };
        let asking = self.exchange(deployment, way, &request, None);
        let Ok(Ok((_, head))) = tokio::time::timeout(self.settings.timeouts.idle, asking).await else { return false };
        let has = !matches!(head.status.as_u16(), 404 | 405 | 410);
        if has {
            self.has_responses.learn(true, clock::now());
        }
        !has
    }

    /// Where `asked` is asked of it for `model`: what is translated for OpenAI goes where more of it can be said.
    fn endpoint(&self, asked: &Asked, model: &str) -> Option<Endpoint> {
        let endpoint = self.settings.endpoint(asked.endpoint, asked.stream)?;
        let translated = endpoint == Endpoint::Responses && asked.endpoint != endpoint;
        if translated
            && self.settings.kind == Kind::OpenAi
            && self.settings.dialects.contains(&Dialect::OpenAiChat)
            && asked.said().is_ok_and(|said| dialects::is_better_in_chat(&said, model))
        {
            return Some(Endpoint::ChatCompletions);
        }
        Some(endpoint)
    }

    /// Where a chat is asked of it that may lack this endpoint.
    fn instead_of(&self, endpoint: Endpoint, stream: bool) -> Option<Endpoint> {
        let may_lack = endpoint == Endpoint::Responses
            && matches!(self.settings.kind, Kind::OpenAi | Kind::OpenAiCompatible)
            && self.settings.dialects.contains(&Dialect::OpenAiChat);
        endpoint.in_dialect(Dialect::OpenAiChat, stream).filter(|_| may_lack)
    }
}

#[cfg(test)]
mod tests;
