//! One provider: its connections, and a request to it.

mod chat;
pub(crate) mod headers;
mod mend;
mod passed;
mod probe;
mod signed;
mod thoughts;
mod way;
mod whole;
mod wire;

use crate::config::{self, Kind};
use crate::failure::{self, Failure, pause};
use crate::guard::LONGEST_PAUSE;
use crate::length::Length;
use crate::mask::Mask;
use crate::request::Asked;
use crate::sigv4::{self, Signed};
use crate::stream::{Patience, Stream};
use crate::translation::Translation;
use base::alarm::Alarms;
use base::ports::{LocalModel, ModelProcesses};
use base::{Code, Error, Result};
use bytes::Bytes;
use chat::HasResponses;
use dialects::Losses;
use exchange::content::Content;
use exchange::head::Outgoing;
use exchange::{Connection, Pool};
use http::{HeaderMap, HeaderName, HeaderValue, Request, header};
use inspection::dialect::{Dialect, Endpoint};
use inspection::meter::Meter;
use inspection::watch::Watch;
use mend::Mended;
pub use probe::Probed;
use signatures::{Recall, maker};
pub(crate) use signed::Keeping;
use std::pin::pin;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use way::Way;

/// The version of Anthropic's API that is spoken where a client names none (header `anthropic-version`).
const ANTHROPIC_VERSION: &str = "2023-06-01";

/// Headers of a client that mean something to a provider of its dialect. No credential is among them.
pub(crate) static FROM_CLIENTS: [HeaderName; 3] = [
    HeaderName::from_static("anthropic-version"),
    HeaderName::from_static("anthropic-beta"),
    HeaderName::from_static("openai-beta"),
];

/// A request as it goes to a provider.
struct Passage {
    endpoint: Endpoint,
    body: Content,
    /// How it is announced, where it is no JSON.
    kind: Option<HeaderValue>,
    /// What translates it, where the provider does not speak the client's dialect.
    translation: Option<Translation>,
    /// What of others was left out of a body in the client's own dialect.
    left_out: Losses,
}

/// A provider.
pub(crate) struct Provider {
    pub(crate) settings: config::Provider,
    /// The way to it, or why there is none.
    way: Result<Way>,
    pool: Arc<Pool>,
    /// What ends the wait for answers.
    alarms: Alarms,
    /// What is told to nobody.
    mask: Arc<Mask>,
    /// What was seen when it was looked last whether it answers.
    probed: Mutex<Option<Probed>>,
    has_responses: HasResponses,
}

/// What a provider answered, with success.
pub(crate) enum Reply {
    /// All of it, and what it took.
    Whole(HeaderMap, Bytes, Box<Meter>),
    /// Piece by piece, from the first thing that the model said.
    Stream(HeaderMap, Box<Stream>),
}

impl Provider {
    /// A provider that was not connected to yet.
    pub(crate) fn new(name: &str, settings: config::Provider) -> Self {
        Self {
            way: Way::new(name, &settings),
            mask: Arc::new(Mask::of(&settings)),
            settings,
            pool: Arc::default(),
            alarms: Alarms::default(),
            probed: Mutex::default(),
            has_responses: HasResponses::default(),
        }
    }

    /// Why it cannot be asked, if it cannot.
    pub(crate) fn fault(&self) -> Option<Error> {
        self.way.as_ref().err().cloned()
    }

    /// Asks a deployment, `deployment` for errors, what a client asked. `given` are the client's headers. `processes` run the
    /// models of files.
    ///
    /// # Errors
    /// Why it has no answer, within the time that one may take.
    pub(crate) async fn ask(
        &self,
        deployment: &Arc<str>,
        config::Deployment { provider, model }: &config::Deployment,
        (asked, given): (&Asked, &HeaderMap),
        keeping: Keeping<'_>,
        processes: Option<&Arc<dyn ModelProcesses>>,
    ) -> Result<Reply, Failure> {
        let way = self.way.as_ref().map_err(|fault| Failure::unasked(fault.clone()))?;
        let Some(running) = &self.settings.running else {
            return self.ask_along(way, deployment, (provider, model), (asked, given), keeping).await;
        };
        let none = || Failure::unasked(Error::internal("nothing here runs models of files"));
        let processes = processes.ok_or_else(none)?;
        let local = LocalModel { name: model.clone(), running: running.clone() };
        let (own, address) = way.to_process(deployment, &local, processes).await?;
        let outcome = self.ask_along(&own, deployment, (provider, model), (asked, given), keeping).await;
        let code = outcome.as_ref().err().map(|failure| failure.error.code());
        let failed = matches!(code, Some(Code::ModelUnreachable | Code::ModelBroken));
        let over = failed && processes.is_over(&local, address).await.unwrap_or(false);
        // What it was asked may be why it ended: that is not asked again.
        if !over || code != Some(Code::ModelUnreachable) {
            return outcome.map_err(|failure| Failure { repeats: None, ..failure });
        }
        let (own, _) = way.to_process(deployment, &local, processes).await?;
        self.ask_along(&own, deployment, (provider, model), (asked, given), keeping).await
    }

    /// Asks along a way, at this endpoint.
    async fn ask_at(
        &self,
        endpoint: Endpoint,
        way: &Way,
        deployment: &Arc<str>,
        (provider, model): (&str, &str),
        (asked, given): (&Asked, &HeaderMap),
        keeping: Keeping<'_>,
    ) -> Result<Reply, Failure> {
        let passage = if endpoint == asked.endpoint {
            let passage = self.as_it_came(endpoint, (provider, model), asked, keeping.trusted);
            mend::check(deployment, &passage.left_out, given).map_err(Failure::unasked)?;
            passage
        } else {
            let recall = maker(endpoint.dialect(), provider, model).map(|maker| Recall {
                signatures: Arc::clone(keeping.signatures),
                owner: Arc::clone(keeping.owner),
                maker,
                client: asked.endpoint.dialect(),
                trusted: keeping.trusted,
            });
            // What translates is large, and what goes on as it came need not carry it along.
            let passage =
                Box::pin(self.translated((deployment, endpoint), (model, keeping.thinks), (asked, given), recall))
                    .await;
            passage.map_err(Failure::unasked)?
        };
        let request = self.request(way, model, &passage, given).map_err(Failure::unasked)?;
        let patience = self.settings.timeouts.answer;
        // Held in place: what waits for it need not be as large.
        let attempt = pin!(self.attempt(
            deployment,
            way,
            (request, keeping.sent),
            (asked, passage.endpoint, passage.translation)
        ));
        match self.alarms.within(patience, attempt).await {
            Some(Ok(reply)) => Ok(mend::tell(reply, &passage.left_out)),
            Some(Err(failure)) => Err(failure.masked(&self.mask)),
            None => {
                let message = format!("{deployment} did not answer within {patience:?}");
                let next = "ask again, or raise `timeouts: { answer: … }` of the provider";
                let error = Error::new(Code::ModelTimeout, message, next);
                Err(Failure::of_deployment(error.of_upstream(deployment)))
            }
        }
    }

    async fn attempt(
        &self,
        deployment: &Arc<str>,
        way: &Way,
        (request, sent): (Outgoing, Option<&AtomicBool>),
        (asked, endpoint, translation): (&Asked, Endpoint, Option<Translation>),
    ) -> Result<Reply, Failure> {
        let (connection, head) = self.exchange(deployment, way, &request, sent).await?;
        if !head.status.is_success() {
            let body = self.refusal(deployment, connection).await;
            let bedrock = endpoint.dialect() == Dialect::Bedrock;
            let body = if bedrock { failure::bedrock::named(&head.headers, body) } else { body };
            let wait = pause::asked(head.status, &head.headers, &body, base::clock::wall());
            let wait = wait.map(|wait| wait.min(LONGEST_PAUSE));
            let failure = Failure::of_status(deployment, endpoint.dialect(), (head.status, body), wait);
            return Err(match translation {
                Some(translation) => failure.told_as(&translation),
                None => failure,
            });
        }
        if headers::is_encoded(&head.headers) {
            return Err(invalid(deployment, "something compressed, which it was asked not to send"));
        }
        let dialect = endpoint.dialect();
        let limit = self.settings.answer_limit;
        if let Some(watch) = passed::watch(asked, endpoint, &head.headers, limit) {
            let mut stream = Box::new(self.stream(deployment, watch, connection));
            stream.begin().await?;
            let told = headers::for_clients(&head.headers, &self.mask);
            return Ok(Reply::Stream(passed::headers(endpoint, told), stream));
        }
        if asked.stream && !endpoint.is_passed() && headers::is_stream(dialect, &head.headers) {
            // What is translated is one answer, whatever was asked for.
            let answers = if translation.is_some() { 1 } else { asked.answers };
            let mut watch = Watch::new(dialect, answers, limit);
            watch.headers(&head.headers);
            let mut stream = Box::new(self.stream(deployment, watch, connection));
            stream.begin().await?;
            let mut headers = headers::for_clients(&head.headers, &self.mask);
            if let Some(translation) = translation {
                headers::tell(&mut headers, translation.stream_type(), &translation.losses);
                stream.translate(translation.stream(limit));
            }
            return Ok(Reply::Stream(headers, stream));
        }
        let body = self.read(deployment, connection, limit).await.map_err(|failure| match failure.error.code() {
            Code::ModelAnswerTooLarge => failure.after(Box::new(Meter::of_cut(endpoint, limit))),
            _ => failure,
        })?;
        let told = headers::for_clients(&head.headers, &self.mask);
        if asked.is_plain() && endpoint.reads_sound() {
            return passed::text(deployment, endpoint, told, body);
        }
        whole::read(deployment, (asked, endpoint), (&head.headers, told), body, translation)
    }

    fn stream(&self, deployment: &Arc<str>, watch: Watch, connection: Connection) -> Stream {
        let timeouts = self.settings.timeouts;
        let patience = Patience { event: timeouts.idle, token: timeouts.answer };
        let (pool, mask) = (Arc::clone(&self.pool), Arc::clone(&self.mask));
        Stream::new(watch, (connection, pool), Arc::clone(deployment), patience, mask)
    }

    /// How `asked` goes to a provider that has its endpoint.
    fn as_it_came(&self, endpoint: Endpoint, names: (&str, &str), asked: &Asked, trusted: bool) -> Passage {
        let Mended { body, losses } = Mended::of(asked, self.settings.kind, names, trusted);
        Passage { endpoint, body, kind: asked.kind().cloned(), translation: None, left_out: losses }
    }

    /// How `asked` goes to a provider that answers the same at another endpoint.
    async fn translated(
        &self,
        (deployment, endpoint): (&str, Endpoint),
        (model, thinks): (&str, Option<bool>),
        (asked, given): (&Asked, &HeaderMap),
        recall: Option<Recall>,
    ) -> Result<Passage> {
        // As a segment of a path these would lead to another endpoint, however they are encoded.
        if endpoint.dialect() == Dialect::Bedrock && matches!(model, "." | "..") {
            let next = "ask for a model as the provider names it";
            return Err(Error::new(Code::ModelUnknown, format!("no model is called `{model}`"), next));
        }
        let (mut translation, body) = Translation::of(asked, endpoint, (model, thinks), recall).await?;
        translation.check_context(deployment)?;
        translation.strict = headers::is_strict(given);
        if translation.strict {
            translation.check(deployment)?;
        }
        let body = match Length::of(self.settings.kind, endpoint) {
            Some(length) => length.renamed(body),
            None => body,
        };
        Ok(Passage { endpoint, body: body.into(), kind: None, translation: Some(translation), left_out: Losses::new() })
    }

    fn request(&self, way: &Way, model: &str, passage: &Passage, given: &HeaderMap) -> Result<Outgoing> {
        let endpoint = passage.endpoint;
        // Ollama has OpenAI's dialects below `/v1`.
        let prefix = if self.settings.kind == Kind::Ollama && endpoint != Endpoint::OllamaChat { "/v1" } else { "" };
        let mut base = self.settings.address.path.as_str();
        // The second version stands beside the first, wherever that is.
        let prefix = if endpoint == Endpoint::RerankV2 { "/v2" } else { prefix };
        if prefix == "/v2" {
            base = base.strip_suffix("/v1").or_else(|| base.strip_suffix("/v2")).unwrap_or(base);
        }
        let target = [base, prefix, &endpoint.path(model)].concat();
        // What they say is about the client's own dialect.
        let passed = || FROM_CLIENTS.iter().filter(|name| passage.translation.is_none() && given.contains_key(*name));
        let usual = passage.kind.is_none() && self.settings.signing.is_none() && passed().next().is_none();
        if usual
            && endpoint.dialect() != Dialect::Anthropic
            && let Some(request) = Outgoing::post(&target, &way.lines, passage.body.clone())
        {
            return Ok(request);
        }
        let mut request = Request::new(passage.body.clone());
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = target.parse().map_err(|_| Error::internal("a path that was made cannot be read"))?;
        let headers = request.headers_mut();
        headers.clone_from(&way.headers);
        if let Some(kind) = &passage.kind {
            headers.insert(header::CONTENT_TYPE, kind.clone());
        }
        for name in passed().filter(|name| !way.headers.contains_key(*name)) {
            for value in given.get_all(name) {
                headers.append(name.clone(), value.clone());
            }
        }
        if endpoint.dialect() == Dialect::Anthropic && !headers.contains_key("anthropic-version") {
            headers.insert("anthropic-version", HeaderValue::from_static(ANTHROPIC_VERSION));
        }
        if let Some(signing) = &self.settings.signing {
            let path = target.split('?').next().unwrap_or_default();
            let body = &passage.body.joined();
            let signed = Signed { method: &http::Method::POST, path, body, at: base::clock::wall() };
            sigv4::sign(signing, "bedrock", &signed, headers)?;
        }
        Ok(request.into())
    }
}

fn invalid(deployment: &str, what: &str) -> Failure {
    let next = "ask again, or look at the `kind` and `url` of the provider";
    let error = Error::new(Code::ModelBroken, format!("{deployment} answered with success and {what}"), next);
    Failure::of_deployment(error.of_upstream(deployment))
}

#[cfg(test)]
mod tests;
