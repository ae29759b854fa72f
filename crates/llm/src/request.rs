//! What a client asks: the few things that must be known, and all else as the client wrote it.

mod members;
mod wishes;

use crate::length::Length;
use base::visible::is_deceptive;
use base::{Code, Error, Result};
use bytes::Bytes;
use dialects::embeddings::Embedding;
use exchange::content::Content;
use http::HeaderValue;
use inspection::dialect::Endpoint;
use inspection::multipart::{self, Form};
use inspection::needs::{self, BYTES_OF_TOKEN, Needs};
use inspection::tier::Wanted;
use mcp::raw::{self, Index};
pub(crate) use members::NO_THREADS;
use model::Units;
use routing::Preferences;
use serde_json::error::Category;
use std::ops::Range;
use std::sync::{Arc, OnceLock};
use wishes::Wishes;

/// The deepest nesting that is taken. Readers of providers have limits of their own, none above this that is known.
const DEEPEST: usize = 256;
/// The longest name of a model, in bytes.
const LONGEST_NAME: usize = 512;

/// From which size on a body goes out in pieces, in bytes: what is smaller is copied faster than it is sent so.
const IN_PIECES: usize = 64 << 10;

/// The members in which hosted services take more models (`models` of OpenRouter, `fallbacks` of LiteLLM). A list `models` is the
/// gateway's own and does not get to them.
const OTHERS: [&str; 4] = ["models", "fallbacks", "context_window_fallbacks", "content_policy_fallbacks"];

/// A request of a client.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What is asked.
    pub endpoint: Endpoint,
    /// The model, as the client names it.
    pub model: Arc<str>,
    /// Whether the answer is to come piece by piece.
    pub stream: bool,
    /// How many answers are wanted side by side.
    pub answers: u32,
    body: Bytes,
    /// Where the members of the body stand.
    index: Index,
    /// Whom the client wants to be asked. It is for the gateway, and does not stand in the body.
    wishes: Wishes,
    /// Where in the body the model's name stands, with its quotes.
    places: Vec<Range<usize>>,
    /// Whether the answer is to be text that is no JSON.
    plain: bool,
    /// How it is to be served.
    tier: Wanted,
    /// Whether it is one of several that follow one another without the client.
    in_rounds: bool,
    /// What is known of the body where it is a form, and how it is announced.
    form: Option<Arc<(Form, HeaderValue)>>,
    /// What the body says, read once where a provider speaks another dialect.
    said: OnceLock<Result<Arc<dialects::Request>>>,
}

impl Asked {
    /// Reads a request. `in_path` is the model that the path names, where the dialect names it there.
    ///
    /// # Errors
    /// [`Code::ModelRequest`] when the body is not what every request of this endpoint is.
    pub fn read(endpoint: Endpoint, in_path: Option<&str>, body: Bytes) -> Result<Self> {
        let text = std::str::from_utf8(&body).map_err(|_| wrong("is no UTF-8"))?;
        if raw::deeper_than(text, DEEPEST) {
            return Err(wrong(&format!("is nested deeper than {DEEPEST} levels")));
        }
        let index = Index::read(text).map_err(|error| match error.classify() {
            Category::Data => wrong("is no JSON object"),
            _ => wrong(&format!("is no JSON: {error}")),
        })?;
        if let Some(name) = index.duplicate(text) {
            return Err(wrong(&format!("has the member {name} twice")));
        }
        if let Some((name, meant)) = members::misspelled(index.members(text)) {
            return Err(wrong(&format!("has the member `{name}`, which some providers read as `{meant}`")));
        }
        members::check_models(text, &index)?;
        let (wishes, rest) = Wishes::take(text, &index, in_path.is_some())?;
        let index = match &rest {
            None => index,
            Some(rest) => Index::read(rest).map_err(|error| wrong(&format!("is no JSON: {error}")))?,
        };
        let text = rest.as_deref().unwrap_or(text);
        let named = index.get(text, "model");
        let model: Arc<str> = members::model(in_path, named)?.as_ref().into();
        if !is_name(&model) || !wishes.others.iter().all(|other| is_name(other)) {
            return Err(wrong("names a model as none can be named"));
        }
        members::check_kept(endpoint, text, &index)?;
        let stream = members::streams(endpoint, text, &index)?;
        let answers = members::answers(endpoint, (text, &index), stream)?;
        let plain = index.get(text, "response_format").and_then(raw::text);
        let plain = plain.is_some_and(|format| multipart::is_plain(&format));
        let places = named.into_iter().chain(named_inside(endpoint, text));
        let mut places: Vec<_> = places.filter_map(|value| raw::range_of(text, value)).collect();
        places.sort_by_key(|place| place.start);
        let (tier, said) = (Wanted::of_request(text, &index), OnceLock::new());
        let (form, in_rounds) = (None, false);
        let body = rest.map_or(body, Bytes::from);
        Ok(Self { endpoint, model, stream, answers, body, index, wishes, places, plain, tier, in_rounds, form, said })
    }

    /// Reads a request whose body is a form. `kind` is its `Content-Type`.
    ///
    /// # Errors
    /// [`Code::ModelRequest`] when it is none of this endpoint, or could be read in two ways.
    pub fn read_form(endpoint: Endpoint, kind: &HeaderValue, body: Bytes) -> Result<Self> {
        if !endpoint.takes_form() {
            return Err(wrong("is a form, and JSON is what is asked here"));
        }
        let boundary = multipart::boundary(kind.as_bytes())
            .map_err(|fault| wrong_because(&format!("the type of the request {fault}")))?;
        let form = Form::read(&body, boundary).map_err(wrong)?;
        // In words of its own, so that nothing of the client's header goes on but what was read.
        let kind = HeaderValue::try_from(format!("multipart/form-data; boundary=\"{boundary}\""));
        let kind = kind.map_err(|_| Error::internal("a boundary that was read cannot be written"))?;
        Ok(Self {
            endpoint,
            model: form.model.as_str().into(),
            stream: form.stream,
            answers: form.answers,
            body,
            index: Index::default(),
            wishes: Wishes::default(),
            places: vec![form.place.clone()],
            plain: form.plain,
            tier: Wanted::default(),
            in_rounds: false,
            form: Some(Arc::new((form, kind))),
            said: OnceLock::new(),
        })
    }

    /// How the body is announced to a provider, where it is no JSON.
    pub(crate) fn kind(&self) -> Option<&HeaderValue> {
        self.form.as_deref().map(|(_, kind)| kind)
    }

    /// Whether the answer is to be text that is no JSON.
    pub(crate) fn is_plain(&self) -> bool {
        self.plain
    }

    /// The body, as it goes on.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or_default()
    }

    /// A member of the body.
    pub fn get(&self, name: &str) -> Option<&str> {
        let value = self.index.range_of(&self.body, name)?;
        std::str::from_utf8(self.body.get(value)?).ok()
    }

    /// What stays the same in all requests of its conversation.
    pub(crate) fn conversation(&self) -> u64 {
        needs::conversation(self.endpoint.dialect(), |name| self.get(name))
    }

    /// What the client wants of the choice between deployments, if it says anything of that.
    pub(crate) fn preferences(&self) -> Option<&Arc<Preferences>> {
        self.wishes.preferences.as_ref()
    }

    /// The same, with what the client of `first` wants of the choice between deployments.
    #[must_use]
    pub fn choosing_as(mut self, first: &Self) -> Self {
        self.wishes.clone_from(&first.wishes);
        self
    }

    /// The same, as one of several that follow one another without the client: what the model thinks has to come back.
    #[must_use]
    pub fn in_rounds(self) -> Self {
        Self { in_rounds: true, ..self }
    }

    /// Whether it is one of those, in a dialect in which thoughts have to be asked for.
    pub(crate) fn lacks_thoughts(&self) -> bool {
        self.in_rounds && self.endpoint == Endpoint::Responses
    }

    /// The same, with what the client of `first` wants of each deployment that is asked, as a part of the same course; another model takes
    /// no part in it.
    #[must_use]
    pub(crate) fn preferring_as(mut self, first: &Self) -> Self {
        self.in_rounds = first.in_rounds;
        self.wishes.preferences.clone_from(&first.wishes.preferences);
        self
    }

    /// Whether the client says more of who is to answer than a name.
    pub(crate) fn is_choosy(&self) -> bool {
        self.wishes.preferences.is_some() || !self.wishes.others.is_empty()
    }

    /// The models that may answer where the first does not.
    pub(crate) fn others(&self) -> &[String] {
        &self.wishes.others
    }

    /// What it needs of a model.
    pub(crate) fn needs(&self) -> Needs {
        match self.form.as_deref() {
            Some((form, _)) => needs::of_form(self.endpoint, form),
            None => Needs::read(self.endpoint, self.text(), &self.index),
        }
    }

    /// How it is to be served.
    pub(crate) fn tier(&self) -> Wanted {
        self.tier
    }

    /// How many tokens it is read as at most.
    pub fn most_input(&self) -> u64 {
        self.needs().input_most
    }

    /// About how many tokens it has.
    pub(crate) fn input(&self) -> u64 {
        match self.form.as_deref() {
            Some((form, _)) => needs::of_form(self.endpoint, form).input,
            None => self.body.len() as u64 / BYTES_OF_TOKEN,
        }
    }

    /// Whether the body names more models than one, which some providers ask where the first fails.
    pub fn names_others(&self) -> bool {
        if let Some((form, _)) = self.form.as_deref() {
            let stem = |name: &String| name.split('[').next().is_some_and(|stem| OTHERS.contains(&stem));
            return form.others.iter().any(stem);
        }
        OTHERS.iter().any(|name| self.get(name).is_some_and(|value| !matches!(value, "null" | "[]")))
    }

    /// About how much of other things than tokens it takes, or how much at most.
    pub(crate) fn units(&self, most: bool) -> Units {
        if !self.endpoint.is_passed() {
            let calls = needs::calls(self.endpoint.dialect(), |name| self.get(name), most);
            return Units { calls, ..Units::default() };
        }
        let files = self.form.as_deref().map_or(0, |(form, _)| form.file_bytes);
        needs::units(self.endpoint, self.text(), (self.answers, files), most)
    }

    /// What is asked, in no dialect.
    ///
    /// # Errors
    /// [`Code::ModelRequest`] when the body is not what its dialect says.
    pub fn said(&self) -> Result<Arc<dialects::Request>> {
        let read = || {
            let read = dialects::read_request(self.endpoint.dialect(), self.text(), Some(&self.model), self.stream);
            read.map(Arc::new)
                .map_err(|fault| wrong(&format!("cannot be read as {}: {fault}", self.endpoint.dialect().title())))
        };
        self.said.get_or_init(read).clone()
    }

    /// The vectors that are asked for.
    ///
    /// # Errors
    /// [`Code::ModelRequest`] when the body is not what its dialect says.
    pub(crate) fn embedding(&self) -> Result<Embedding> {
        let title = self.endpoint.dialect().title();
        Embedding::read(self.text()).map_err(|fault| wrong(&format!("cannot be read as {title}: {fault}")))
    }

    /// The client's own bytes, with `model` in place of the name that it gave. Where the path names the model the body
    /// need not; if it does, it says the same.
    pub fn body_for(&self, model: &str) -> Bytes {
        Bytes::from(self.content_for(model, None).joined().into_owned())
    }

    /// The same as it is sent: what is large and has one word exchanged is not copied. The most tokens of an answer get the name that `length` says.
    pub(crate) fn content_for(&self, model: &str, length: Option<Length>) -> Content {
        let in_path = self.endpoint.names_model_in_path();
        let renamed = !self.places.is_empty() && (in_path || model != &*self.model);
        let name: Bytes = match (&self.form, in_path) {
            _ if !renamed => Bytes::new(),
            (Some(_), _) => model.to_owned().into(),
            (None, true) => raw::quote(&format!("models/{model}")).into(),
            (None, false) => raw::quote(model).into(),
        };
        let length = length.and_then(|length| {
            let key = length.key(self.index.members(self.text()))?;
            Some((raw::range_of(self.text(), key)?, length.name()))
        });
        // As nearly all are: one word is exchanged in what is small.
        if renamed
            && length.is_none()
            && let [place] = self.places.as_slice()
            && self.body.len() < IN_PIECES
        {
            let (before, behind) = (self.body.get(..place.start), self.body.get(place.end..));
            let pieces = [before.unwrap_or_default(), &name, behind.unwrap_or_default()];
            return Bytes::from(pieces.concat()).into();
        }
        let mut edits: Vec<(Range<usize>, Bytes)> = Vec::new();
        if renamed {
            edits.extend(self.places.iter().map(|place| (place.clone(), name.clone())));
        }
        if length.is_some() {
            edits.extend(length);
            edits.sort_by_key(|(place, _)| place.start);
        }
        match edits.as_slice() {
            [] => return self.body.clone().into(),
            [(place, name)] if self.body.len() >= IN_PIECES => {
                return Content::of([self.body.slice(..place.start), name.clone(), self.body.slice(place.end..)]);
            }
            _ => {}
        }
        let added: usize = edits.iter().map(|(_, name)| name.len()).sum();
        let gone: usize = edits.iter().map(|(place, _)| place.len()).sum();
        let mut out = Vec::with_capacity(self.body.len() + added - gone);
        let mut from = 0;
        for (place, name) in edits {
            out.extend_from_slice(self.body.get(from..place.start).unwrap_or_default());
            out.extend_from_slice(&name);
            from = place.end;
        }
        out.extend_from_slice(self.body.get(from..).unwrap_or_default());
        Bytes::from(out).into()
    }
}

/// Where a request of Gemini names the model once more: in each of the requests that are in it.
fn named_inside(endpoint: Endpoint, object: &str) -> impl Iterator<Item = &str> {
    let of = |is: bool, names: [&str; 2]| names.into_iter().filter(move |_| is).find_map(|name| raw::get(object, name));
    let many = of(endpoint == Endpoint::BatchEmbedContents, ["requests"; 2]).unwrap_or_default();
    let counted = ["generateContentRequest", "generate_content_request"];
    let one = of(endpoint == Endpoint::GeminiCountTokens, counted);
    raw::elements(many).chain(one).filter_map(|request| raw::get(request, "model"))
}

fn is_name(model: &str) -> bool {
    let plain = model.bytes().all(|byte| byte.is_ascii_graphic());
    !model.is_empty() && model.len() <= LONGEST_NAME && (plain || !model.chars().any(is_deceptive))
}

fn wrong(why: &str) -> Error {
    wrong_because(&format!("the body of the request {why}"))
}

fn wrong_because(message: &str) -> Error {
    Error::new(Code::ModelRequest, message, "send what the documentation of the dialect says")
}

#[cfg(test)]
mod tests;
