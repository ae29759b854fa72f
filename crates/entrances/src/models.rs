//! Workflows as models: `workflow/NAME`, in whatever dialect.
//!
//! What the user said last becomes the parameter `user_prompt`, or the only parameter that must be there if that is a text.
//! What the run gives is the answer, and its tokens are what the answer took: all of them count as written, for whoever asks
//! sees no other. A run that nobody waits for any more goes on.

mod waiting;

use crate::Runs;
use crate::deduplication;
use crate::owner::{principal, together};
use crate::standing::{stuck, waits};
use crate::tools::{failure, text};
use base::{Code, Error, Result, clock, random};
use conversation::Item;
use conversation::answer::{Answer, Finish, Reason, Reply, Usage};
use conversation::frame::Framing;
use conversation::item::Text;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use journal::{Run, RunId, Status};
use llm::{Asked, Body, Caller};
use runner::{Runner, Start};
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;
use workflow::Plan;
use workflow::definition::Parameter;

pub use waiting::Waiting;

/// What names of workflows begin with among those of models.
pub const PREFIX: &str = "workflow/";

/// The parameter that takes what the user said, if there is one of this name.
const PROMPT: &str = "user_prompt";

/// The header that names the run.
static RUN: HeaderName = HeaderName::from_static("x-tutti-run");

/// The header by which a request that is sent twice begins one run.
static KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The longest of these, in bytes.
const LONGEST_KEY: usize = 512;

/// How long a run is waited for, and how often it is looked whether it waits for a person meanwhile.
const PATIENCE: Duration = Duration::from_secs(30 * 60);
const LOOK: Duration = Duration::from_secs(30);

/// The workflows that can be asked as models.
#[derive(Clone)]
pub struct Models {
    runs: Arc<dyn Runs>,
}

/// What a client gets.
pub enum Served {
    /// The answer, whole.
    Answer(llm::Answer),
    /// What comes when the run is at its end, and signs of life until then; with the headers of the answer.
    Waiting(HeaderMap, Box<Waiting>),
}

impl Models {
    /// The workflows of `runs`.
    pub fn new(runs: Arc<dyn Runs>) -> Self {
        Self { runs }
    }

    /// Whether `model` is a name of a workflow.
    pub fn is_named(model: &str) -> bool {
        model.starts_with(PREFIX)
    }

    /// The names of those that take what a user says.
    pub fn names(&self) -> Vec<String> {
        let workflows = self.runs.runner().workflows();
        let fit = workflows.values().filter(|served| prompted(&served.plan).is_some());
        fit.map(|served| format!("{PREFIX}{}", served.plan.name())).collect()
    }

    /// Whether `caller` may ask for this one, and it can be asked.
    ///
    /// # Errors
    /// [`Code::ModelUnknown`], [`Code::ModelRequest`].
    pub fn check(&self, model: &str, caller: &Caller) -> Result<()> {
        self.parameter(model, caller).map(|_| ())
    }

    /// Begins a run by what is `asked`, and answers by its end. `given` are the client's headers. The run is named in the
    /// headers that come beside the answer, whatever the end.
    ///
    /// # Errors
    /// The run cannot begin, failed, or waits for a person for too long.
    pub async fn ask(&self, asked: &Asked, caller: &Caller, given: &HeaderMap) -> (Result<Served>, HeaderMap) {
        let mut course = HeaderMap::new();
        let begun = match self.begin(asked, caller, given).await {
            Ok(begun) => begun,
            Err(error) => return (Err(error), course),
        };
        if let Ok(value) = HeaderValue::from_str(&begun.run.to_string()) {
            course.insert(&RUN, value);
        }
        (self.served(asked, begun).await, course)
    }

    async fn served(&self, asked: &Asked, begun: Begun) -> Result<Served> {
        let dialect = asked.endpoint.dialect();
        let id = random::bytes::<12>()?.iter().map(|byte| format!("{byte:02x}")).collect();
        let reply = Reply { id, created: clock::wall().as_secs(), request: asked.said()? };
        let (runs, model) = (Arc::clone(&self.runs), asked.model.to_string());
        let work =
            async move { outcome(runs.runner(), begun.run).await.map(|(run, value)| answer(model, &run, &value)) };
        let mut headers = HeaderMap::new();
        let mut kind = |value| drop(headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(value)));
        if asked.stream {
            kind(if dialect.framing() == Framing::Sse { "text/event-stream" } else { "application/x-ndjson" });
            return Ok(Served::Waiting(headers, Box::new(Waiting::new(dialect, reply, work))));
        }
        kind("application/json");
        let body = dialects::write_answer(dialect, &work.await?, &reply).body;
        let body = Body::Whole(body.into());
        Ok(Served::Answer(llm::Answer { status: StatusCode::OK, headers, body, cached: false }))
    }

    async fn begin(&self, asked: &Asked, caller: &Caller, given: &HeaderMap) -> Result<Begun> {
        // What servers say of their tools says what may be done twice.
        self.runs.ready().await?;
        let (workflow, parameter) = self.parameter(&asked.model, caller)?;
        if !asked.endpoint.generates() || asked.answers > 1 {
            let message = format!("`{}` is a workflow, which gives one answer to a conversation", asked.model);
            return Err(Error::new(Code::ModelRequest, message, "ask for one answer, where chats are answered"));
        }
        let said = asked.said()?.last_words();
        if said.is_empty() {
            let message = format!("there is no text of a user for the workflow of `{}`", asked.model);
            return Err(Error::new(Code::ModelRequest, message, "send a message of the role `user` with text"));
        }
        let key = given.get(&KEY).and_then(|key| key.to_str().ok()).filter(|key| key.len() <= LONGEST_KEY);
        let start = Start {
            principal: principal(&caller.principal),
            deduplication: key.map(|key| deduplication::key(&["model", &caller.principal, &workflow, key])),
            ..Start::of(workflow, Map::from_iter([(parameter, Value::from(said))]))
        };
        let started = self.runs.runner().start(start).await.map_err(|errors| together(&errors))?;
        Ok(Begun { run: started.run })
    }

    /// The workflow of this name, and its parameter that takes what the user said.
    fn parameter(&self, model: &str, caller: &Caller) -> Result<(String, String)> {
        let workflows = self.runs.runner().workflows();
        let name = model.strip_prefix(PREFIX).unwrap_or(model);
        let Some(served) = workflows.get(name).filter(|_| caller.may_ask(model)) else {
            let shown = base::visible::escaped(&model.chars().take(100).collect::<String>());
            let next = "ask for one that `GET /v1/models` lists";
            return Err(Error::new(Code::ModelUnknown, format!("there is no model `{shown}`"), next));
        };
        let parameter = prompted(&served.plan).ok_or_else(|| {
            let message = format!("the workflow `{name}` takes more than what a user says, or something else");
            let next = format!("give it the parameter `{PROMPT}` and defaults for the others, or call it as a tool");
            Error::new(Code::ModelRequest, message, next)
        })?;
        Ok((name.to_owned(), parameter.name.clone()))
    }
}

/// A run that was begun.
struct Begun {
    run: RunId,
}

/// The parameter that takes what the user said; nothing where others must be there too.
fn prompted(plan: &Plan) -> Option<&Parameter> {
    let takes_text = |parameter: &&Parameter| match &parameter.schema["type"] {
        Value::Null => true,
        Value::Array(kinds) => kinds.iter().any(|kind| kind == "string"),
        kind => kind == "string",
    };
    let mut needed = plan.params().iter().filter(|parameter| parameter.required);
    let named = plan.params().iter().find(|parameter| parameter.name == PROMPT);
    match (named, needed.next(), needed.next()) {
        (Some(named), first, None) if first.is_none_or(|first| first.name == PROMPT) => Some(named),
        (None, Some(only), None) => Some(only),
        _ => None,
    }
    .filter(takes_text)
}

/// Waits for the end of a run, for a bounded time, and for less while it waits for a person.
async fn outcome(runner: &dyn Runner, run: RunId) -> Result<(Run, Value)> {
    let until = clock::now() + PATIENCE;
    loop {
        if let Ok(ended) = tokio::time::timeout(LOOK, runner.ended(run)).await {
            let (listed, value) = ended?;
            if listed.status == Status::Succeeded {
                return Ok((listed, value));
            }
            let (code, message) = failure(&listed, &value);
            let message = format!("run {run} of `{}` {}: {message} ({code})", listed.workflow, listed.status.word());
            let next = format!("look at it: `tutti run inspect {run}`");
            return Err(Error::new(Code::RunFailed, message, next));
        }
        let listed = runner.run(run).await?;
        let stuck = stuck(runner, &listed).await?;
        if stuck.is_some() || clock::now() >= until {
            return Err(waits(&listed, stuck.as_ref()));
        }
    }
}

/// What a run gave, as what a model answers.
fn answer(model: String, run: &Run, value: &Value) -> Answer {
    Answer {
        model: Some(model),
        items: vec![Item::Text(Text { text: text(value), ..Text::default() })],
        finish: Some(Finish::new(Reason::Stop)),
        usage: Some(Usage { input: Some(0), output: Some(run.spent.tokens), ..Usage::default() }),
        ..Answer::default()
    }
}
