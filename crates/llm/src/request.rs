//! What a client asks: the few things that must be known, and all else as the client wrote it.

use crate::dialect::Endpoint;
use crate::needs::{self, BYTES_OF_TOKEN, Needs};
use base::visible::{escaped, is_deceptive};
use base::{Code, Error, Result};
use bytes::Bytes;
use mcp::raw::{self, Index, Member};
use routing::Preferences;
use serde_json::error::Category;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// The deepest nesting that is taken. Readers of providers have limits of their own, none above this that is known.
const DEEPEST: usize = 256;
/// The longest name of a model, in bytes.
const LONGEST_NAME: usize = 512;

/// The members in which hosted services take more models (`models` of OpenRouter, `fallbacks` of LiteLLM). A list `models` is the
/// gateway's own and does not get to them.
const OTHERS: [&str; 4] = ["models", "fallbacks", "context_window_fallbacks", "content_policy_fallbacks"];

/// The members that are read here and decide whom a request may ask, and what it may cost.
const READ: [&str; 15] = [
    "model",
    "models",
    "fallbacks",
    "context_window_fallbacks",
    "content_policy_fallbacks",
    "provider",
    "stream",
    "n",
    "max_tokens",
    "max_completion_tokens",
    "max_output_tokens",
    "options",
    "tools",
    "plugins",
    "prompt",
];

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
    /// What the client wants of the choice between deployments. It is for the gateway, and does not stand in the body.
    preferences: Option<Arc<Preferences>>,
    /// The models that may answer where the first does not.
    others: Vec<String>,
    /// Where in the body the model's name stands, with its quotes.
    place: Option<Range<usize>>,
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
        if let Some((name, meant)) = misspelled(index.members(text)) {
            return Err(wrong(&format!("has the member `{name}`, which some providers read as `{meant}`")));
        }
        let (mut preferences, mut others, mut rest) = (None, Vec::new(), None);
        if index.members(text).any(|member| is_for_gateway(&member)) {
            (preferences, others) = (preferences_of(text, &index)?, others_of(text, &index)?);
            rest = Some(raw::without(text, is_for_gateway).into_owned());
        }
        let (body, index) = match rest {
            None => (body, index),
            Some(rest) => {
                let index = Index::read(&rest).map_err(|error| wrong(&format!("is no JSON: {error}")))?;
                (Bytes::from(rest), index)
            }
        };
        let text = std::str::from_utf8(&body).unwrap_or_default();
        let named = index.get(text, "model");
        let model: Arc<str> = match in_path {
            Some(model) => model.into(),
            None => {
                let value = named.ok_or_else(|| wrong("names no `model`"))?;
                raw::text(value).ok_or_else(|| wrong("has a `model` that is no text"))?.into()
            }
        };
        if !is_name(&model) || !others.iter().all(|other| is_name(other)) {
            return Err(wrong("names a model as none can be named"));
        }
        let stream = match endpoint {
            Endpoint::StreamGenerateContent => true,
            Endpoint::OllamaChat => streams(text, &index)?.unwrap_or(true),
            _ if endpoint.names_model_in_path() || !endpoint.generates() => false,
            _ => streams(text, &index)?.unwrap_or(false),
        };
        let answers = answers(endpoint, text, &index)?;
        let place = named.and_then(|value| raw::range_of(text, value));
        let said = OnceLock::new();
        Ok(Self { endpoint, model, stream, answers, body, index, preferences, others, place, said })
    }

    /// The body, as it goes on.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or_default()
    }

    /// A member of the body.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.index.get(self.text(), name)
    }

    /// What stays the same in all requests of its conversation.
    pub(crate) fn conversation(&self) -> u64 {
        needs::conversation(self.endpoint.dialect(), |name| self.get(name))
    }

    /// What the client wants of the choice between deployments, if it says anything of that.
    pub(crate) fn preferences(&self) -> Option<&Arc<Preferences>> {
        self.preferences.as_ref()
    }

    /// The same, with what the client of `first` wants of the choice between deployments.
    #[must_use]
    pub(crate) fn choosing_as(mut self, first: &Self) -> Self {
        self.preferences.clone_from(&first.preferences);
        self.others.clone_from(&first.others);
        self
    }

    /// Whether the client says more of who is to answer than a name.
    pub(crate) fn is_choosy(&self) -> bool {
        self.preferences.is_some() || !self.others.is_empty()
    }

    /// The models that may answer where the first does not.
    pub(crate) fn others(&self) -> &[String] {
        &self.others
    }

    /// What it needs of a model.
    pub(crate) fn needs(&self) -> Needs {
        Needs::read(self.endpoint, self.text(), &self.index)
    }

    /// How many tokens it is read as at most.
    pub fn most_input(&self) -> u64 {
        self.needs().input_most
    }

    /// About how many tokens it has.
    pub(crate) fn input(&self) -> u64 {
        self.body.len() as u64 / BYTES_OF_TOKEN
    }

    /// Whether the body names more models than one, which some providers ask where the first fails.
    pub fn names_others(&self) -> bool {
        OTHERS.iter().any(|name| self.get(name).is_some_and(|value| !matches!(value, "null" | "[]")))
    }

    /// The client's own bytes.
    pub(crate) fn body(&self) -> &Bytes {
        &self.body
    }

    /// What is asked, in no dialect.
    ///
    /// # Errors
    /// [`Code::ModelRequest`] when the body is not what its dialect says.
    pub(crate) fn said(&self) -> Result<Arc<dialects::Request>> {
        let read = || {
            let read = dialects::read_request(self.endpoint.dialect(), self.text(), Some(&self.model), self.stream);
            read.map(Arc::new)
                .map_err(|fault| wrong(&format!("cannot be read as {}: {fault}", self.endpoint.dialect().title())))
        };
        self.said.get_or_init(read).clone()
    }

    /// The client's own bytes, with `model` in place of the name that it gave. Where the path names the model the body
    /// need not; if it does, it says the same.
    pub fn body_for(&self, model: &str) -> Bytes {
        let in_path = self.endpoint.names_model_in_path();
        let Some(place) = self.place.clone().filter(|_| in_path || model != &*self.model) else {
            return self.body.clone();
        };
        let name = raw::quote(&if in_path { format!("models/{model}") } else { model.to_owned() });
        let mut out = Vec::with_capacity(self.body.len() + name.len());
        out.extend_from_slice(&self.body[..place.start]);
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(&self.body[place.end..]);
        out.into()
    }
}

/// Whether a member says how the gateway is to choose: the object `provider` and the list `models`, as at OpenRouter.
fn is_for_gateway(member: &Member<'_>) -> bool {
    (member.is("provider") && raw::is_object(member.value)) || (member.is("models") && member.value.starts_with('['))
}

/// The first member that is none of [`READ`] and that some readers take for one: those of Go pass over the case of letters,
/// two of Unicode's among them, and those of C over what stands behind a zero. And the one that it is taken for.
fn misspelled<'a>(mut members: impl Iterator<Item = Member<'a>>) -> Option<(String, &'static str)> {
    members.find_map(|member| {
        let name = raw::text(member.key)?;
        if name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
            return None;
        }
        let plain = |letter: char| match letter {
            '\u{17f}' => 's',
            '\u{212a}' => 'k',
            _ => letter.to_ascii_lowercase(),
        };
        let read: String = name.chars().take_while(|letter| *letter != '\0').map(plain).take(40).collect();
        let meant = READ.into_iter().find(|known| *known == read)?;
        Some((escaped(&name.chars().take(40).collect::<String>()), meant))
    })
}

/// Whether a stream is asked for, if that is said. What providers read in different ways could be billed without an end.
fn streams(text: &str, index: &Index) -> Result<Option<bool>> {
    match index.get(text, "stream") {
        None | Some("null") => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(_) => Err(wrong("has a `stream` that is neither true nor false")),
    }
}

/// How many answers are wanted side by side: the most that any reader can take it for.
fn answers(endpoint: Endpoint, text: &str, index: &Index) -> Result<u32> {
    let mut most = 1;
    let mut take = |member: &Member<'_>| {
        let digits = member.value.strip_suffix(".0").unwrap_or(member.value);
        match digits.parse::<u32>() {
            Ok(number) => most = most.max(number),
            Err(_) if digits == "null" => {}
            Err(_) => return Err(wrong("wants a number of answers that is none")),
        }
        Ok(())
    };
    let any = |member: &Member<'_>, names: &[&str]| names.iter().any(|name| member.is(name));
    if endpoint == Endpoint::ChatCompletions {
        index.members(text).filter(|member| member.is("n")).try_for_each(|member| take(&member))?;
    } else {
        let settings = index.members(text).filter(|member| any(member, &["generationConfig", "generation_config"]));
        let counts = settings.flat_map(|settings| raw::members(settings.value));
        counts
            .filter(|member| any(member, &["candidateCount", "candidate_count"]))
            .try_for_each(|member| take(&member))?;
    }
    Ok(most)
}

fn preferences_of(text: &str, index: &Index) -> Result<Option<Arc<Preferences>>> {
    let member = index.get(text, "provider").filter(|value| raw::is_object(value));
    member.map(|text| Preferences::read(text).map(Arc::new)).transpose()
}

fn others_of(text: &str, index: &Index) -> Result<Vec<String>> {
    let member = index.get(text, "models").filter(|value| value.starts_with('['));
    member.map_or(Ok(Vec::new()), Preferences::models)
}

fn is_name(model: &str) -> bool {
    let plain = model.bytes().all(|byte| byte.is_ascii_graphic());
    !model.is_empty() && model.len() <= LONGEST_NAME && (plain || !model.chars().any(is_deceptive))
}

fn wrong(why: &str) -> Error {
    let next = "send what the documentation of the dialect says";
    Error::new(Code::ModelRequest, format!("the body of the request {why}"), next)
}

#[cfg(test)]
mod tests;
