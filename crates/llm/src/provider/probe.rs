//! What a server says of a model itself, when somebody asks for that.

use super::wire::unreachable;
use super::{ANTHROPIC_VERSION, Provider, Way, invalid};
use crate::config::Kind;
use crate::failure::Failure;
use base::ports::{LocalModel, ModelProcesses};
use base::{Error, Result};
use bytes::Bytes;
use exchange::Connection;
use exchange::content::Content;
use http::{HeaderValue, Method, Request, StatusCode};
use inspection::dialect::Dialect;
use mcp::client::http::retry_after;
use model::Context;
use serde_json::{Value, json};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The most bytes of an answer. The longest that is known is the list of OpenRouter, below one megabyte.
const LARGEST: usize = 4 << 20;

/// How llama.cpp's server names itself in its list of models.
const LLAMA_CPP: &str = "llamacpp";

/// What was seen when it was looked last whether a provider answers.
#[derive(Debug, Clone)]
pub struct Probed {
    /// When, as the time since 1970.
    pub at: Duration,
    /// Why it gave no answer, or none that is of use.
    pub failure: Option<Error>,
}

impl Provider {
    /// What the provider says of `model`. `deployment` is its name for errors. A model of a file is started for it. Hosted providers say nothing that the table
    /// does not know better.
    ///
    /// # Errors
    /// It cannot be reached, does not answer in time, or answers with something else.
    pub(crate) async fn probe(
        &self,
        deployment: &str,
        model: &str,
        processes: Option<&Arc<dyn ModelProcesses>>,
    ) -> Result<Context> {
        let way = self.way.as_ref().map_err(Clone::clone)?;
        let said = async {
            match self.settings.kind {
                Kind::Ollama => {
                    let body = json!({"model": model});
                    let path = format!("{}/api/show", self.settings.address.path);
                    let shown = self.say(deployment, way, (Method::POST, &path), Some(&body)).await?;
                    Ok(Context::from_ollama_show(model, &shown))
                }
                Kind::OpenAi | Kind::OpenAiCompatible => self.listed(deployment, way, model).await,
                Kind::Builtin => match (&self.settings.running, processes) {
                    (Some(running), Some(processes)) => {
                        let local = LocalModel { name: model.to_owned(), running: running.clone() };
                        let own =
                            way.to_process(deployment, &local, processes).await.map_err(|failure| failure.error)?;
                        self.listed(deployment, &own.0, model).await
                    }
                    _ => Ok(Context::default()),
                },
                Kind::Anthropic | Kind::Gemini | Kind::Bedrock => Ok(Context::default()),
            }
        };
        let late = |_| unreachable(deployment, &format!("no answer within {PATIENCE:?}"), None).error;
        tokio::time::timeout(PATIENCE, said).await.map_err(late)?
    }

    /// Asks whether the provider `name` answers, by what costs nothing: its list of models, or where it has none a connection.
    ///
    /// # Errors
    /// It cannot be reached, does not answer in time, fails, or does not know its credential.
    pub(crate) async fn answers(&self, name: &str) -> Result<()> {
        let way = self.way.as_ref().map_err(Clone::clone)?;
        let asked = async {
            let path = match self.settings.kind {
                // Its address for models has no list of them.
                Kind::Bedrock => return self.connects(name, way).await,
                // It has no address before it is asked.
                Kind::Builtin => return Ok(()),
                Kind::Ollama => format!("{}/api/tags", self.settings.address.path),
                Kind::OpenAi | Kind::OpenAiCompatible | Kind::Anthropic | Kind::Gemini => {
                    format!("{}/models", self.settings.address.path)
                }
            };
            let mut request = self.question(name, way, (Method::GET, &path), Bytes::new())?;
            if self.settings.kind == Kind::Anthropic {
                request.headers_mut().insert("anthropic-version", HeaderValue::from_static(ANTHROPIC_VERSION));
            }
            let (connection, head) =
                self.exchange(name, way, &request.into(), None).await.map_err(|failure| failure.error)?;
            let status = head.status;
            if status.is_server_error() || matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
                let wait = retry_after::asked(status, &head.headers, base::clock::wall());
                let body = self.refusal(name, connection).await;
                let dialect = self.settings.kind.dialects().first().copied().unwrap_or(Dialect::OpenAiChat);
                let failure = Failure::of_status(name, dialect, (status, body), wait);
                return Err(failure.masked(&self.mask).error);
            }
            // Its body is of no use, but a connection that was read to the end can be used again.
            let _ = self.read(name, connection, LARGEST).await;
            Ok(())
        };
        let late = |_| unreachable(name, &format!("no answer within {PATIENCE:?}"), None).error;
        tokio::time::timeout(PATIENCE, asked).await.map_err(late)?
    }

    async fn connects(&self, name: &str, way: &Way) -> Result<()> {
        let opened = Connection::open(&way.connector).await;
        opened.map(drop).map_err(|error| unreachable(name, &error.to_string(), None).error)
    }

    /// Keeps what was seen when it was looked whether it answers. Gives what was kept before.
    pub(crate) fn note_probe(&self, probed: Option<Probed>) -> Option<Probed> {
        let mut kept = self.probed.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *kept, probed)
    }

    /// What was seen when it was looked last whether it answers.
    pub(crate) fn probed(&self) -> Option<Probed> {
        self.probed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the list of models says, and the properties that llama.cpp has beside it.
    async fn listed(&self, deployment: &str, way: &Way, model: &str) -> Result<Context> {
        let path = &self.settings.address.path;
        let list = self.say(deployment, way, (Method::GET, &format!("{path}/models")), None).await?;
        let Some(entry) = entry(&list, model) else { return Ok(Context::default()) };
        let context = Context::from_listing(entry);
        if entry["owned_by"] != LLAMA_CPP {
            return Ok(context);
        }
        let root = path.strip_suffix("/v1").unwrap_or(path);
        // A server may be told not to serve them, and has said enough by then.
        match self.say(deployment, way, (Method::GET, &format!("{root}/props")), None).await {
            Ok(properties) => Ok(context.merge(Context::from_llama_cpp_props(&properties))),
            Err(_) => Ok(context),
        }
    }

    fn question(
        &self,
        deployment: &str,
        way: &Way,
        (method, path): (Method, &str),
        body: Bytes,
    ) -> Result<Request<Content>> {
        let mut request = Request::new(Content::from(body));
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().map_err(|_| invalid(deployment, "a path that is none").error)?;
        request.headers_mut().clone_from(&way.headers);
        Ok(request)
    }

    async fn say(
        &self,
        deployment: &str,
        way: &Way,
        (method, path): (Method, &str),
        body: Option<&Value>,
    ) -> Result<Value> {
        let bytes = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        let request = self.question(deployment, way, (method, path), bytes)?;
        let (connection, head) =
            self.exchange(deployment, way, &request.into(), None).await.map_err(|failure| failure.error)?;
        if !head.status.is_success() {
            let message = format!("{deployment} answers {} when it is asked what it is", head.status.as_u16());
            let next = "look at the `kind` and `url` of the provider; not all servers tell of themselves";
            return Err(base::Error::new(base::Code::ModelBroken, message, next).of_upstream(deployment));
        }
        let bytes = self.read(deployment, connection, LARGEST).await.map_err(|failure| failure.error)?;
        base::json::from_bytes(&bytes).map_err(|_| invalid(deployment, "something that is no JSON").error)
    }
}

/// The element of a list that is about `model`. llama.cpp has one model, whatever it is asked for as.
fn entry<'a>(list: &'a Value, model: &str) -> Option<&'a Value> {
    let all = list["data"].as_array()?;
    let same = all.iter().find(|entry| entry["id"] == model);
    same.or_else(|| all.first().filter(|entry| all.len() == 1 && entry["owned_by"] == LLAMA_CPP))
}

#[cfg(test)]
mod tests;
