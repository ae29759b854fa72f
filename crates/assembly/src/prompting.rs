//! The prompts of the library as an upstream of the hub: `builtin: prompts`.

use base::{Code, Error, Result, random};
use mcp::Method;
use prompts::{Library, Made, Prompt, Role};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use tools::builtin::{Answer, Local};
use tools::config::{Server, Settings, Transport};

/// What the upstream is called in the configuration.
const KIND: &str = "prompts";

/// Where a client says which user, session or request a prompt is for: what an experiment assigns by.
const KEY: &str = "tutti/key";

/// What is told of a prompt that was got: its version, its settings and what an experiment chose.
const PROMPT: &str = "tutti/prompt";

/// The prompts, as they were when the list was made; what is got is always what is served by then.
struct Prompts {
    prompts: Library,
    definitions: Vec<Value>,
}

/// Hands the library in wherever `settings` have `builtin: prompts`.
pub async fn hand_in(library: &Library, settings: &mut Settings) -> Result<()> {
    let is_of_prompts = |server: &Server| matches!(&server.transport, Transport::Within(within) if within.kind == KIND);
    if !settings.servers.iter().any(is_of_prompts) {
        return Ok(());
    }
    let served = library.served().await?;
    let definitions: Vec<Value> = served.iter().map(|served| define(&served.prompt)).collect();
    let digest = random::to_hex(&random::sha256(Value::from(definitions.clone()).to_string().as_bytes()));
    let local: Arc<dyn Local> = Arc::new(Prompts { prompts: library.clone(), definitions });
    for server in settings.servers.iter_mut().filter(|server| is_of_prompts(server)) {
        if let Transport::Within(within) = &mut server.transport {
            within.digest.clone_from(&digest);
            within.local = Some(Arc::clone(&local));
        }
    }
    Ok(())
}

/// As `prompts/list` has it (specification 2025-11-25, prompts).
fn define(prompt: &Prompt) -> Value {
    let arguments = prompt.parameters.iter().map(|parameter| {
        let mut argument = json!({"name": parameter.name, "required": parameter.required});
        if let Some(description) = &parameter.description {
            argument["description"] = description.as_str().into();
        }
        argument
    });
    let mut definition = json!({"name": prompt.name, "arguments": arguments.collect::<Vec<_>>()});
    for (key, value) in [("title", &prompt.title), ("description", &prompt.description)] {
        if let Some(value) = value {
            definition[key] = value.as_str().into();
        }
    }
    definition
}

impl Local for Prompts {
    fn describe(&self) -> Value {
        json!({
            "serverInfo": {"name": "prompts", "title": "Prompts", "version": env!("CARGO_PKG_VERSION")},
            "capabilities": {"prompts": {"listChanged": true}, "completions": {}},
        })
    }

    fn tools(&self) -> Vec<Value> {
        Vec::new()
    }

    fn call(self: Arc<Self>, tool: String, _: Map<String, Value>) -> Answer {
        let name = console::output::one_line(&tool, 64);
        Box::pin(async move {
            Err(Error::new(
                Code::UnknownTool,
                format!("there is no tool `{name}`"),
                "these are prompts; use prompts/get",
            ))
        })
    }

    fn prompts(&self) -> Vec<Value> {
        self.definitions.clone()
    }

    fn ask(self: Arc<Self>, method: Method, params: String) -> Answer {
        Box::pin(async move {
            let wrong = |error| {
                Error::new(Code::InvalidParams, format!("the parameters are no JSON: {error}"), "send an object")
            };
            let params = base::json::from_text(&params).map_err(wrong)?;
            let answer = match method {
                Method::PromptsGet => self.get(&params).await?,
                Method::Complete => self.complete(&params).await?,
                _ => {
                    let message = format!("the built-in upstream has no {}", method.name());
                    return Err(Error::new(Code::MethodNotFound, message, "use prompts/get"));
                }
            };
            Ok(answer.to_string())
        })
    }
}

impl Prompts {
    async fn get(&self, params: &Value) -> Result<Value> {
        let name = params["name"].as_str().unwrap_or_default();
        let nothing = Map::new();
        let arguments = params["arguments"].as_object().unwrap_or(&nothing);
        let key = params["_meta"][KEY].as_str();
        let served = self.prompts.serve(name, None, key).await?;
        let messages = served.prompt.render_texts(arguments).map_err(|errors| together(&errors))?;
        let shown = messages.iter().map(|message| {
            // The protocol knows users and assistants alone; what a model is told to be comes first, as a user's words.
            let role = if message.role == Role::Assistant { "assistant" } else { "user" };
            json!({"role": role, "content": {"type": "text", "text": message.text}})
        });
        let system: Vec<usize> =
            (0..messages.len()).filter(|at| messages.get(*at).is_some_and(|one| one.role == Role::System)).collect();
        let (experiment, arm) = served.arm.unzip();
        let mut answer = json!({
            "messages": shown.collect::<Vec<_>>(),
            "_meta": {PROMPT: {
                "version": served.version, "model": served.prompt.model.to_json(), "system": system,
                "experiment": experiment, "arm": arm, "header": served.made.as_ref().map(Made::to_string),
            }},
        });
        if let Some(description) = &served.prompt.description {
            answer["description"] = description.as_str().into();
        }
        Ok(answer)
    }

    async fn complete(&self, params: &Value) -> Result<Value> {
        let name = params["ref"]["name"].as_str().unwrap_or_default();
        let (parameter, beginning) = (params["argument"]["name"].as_str(), params["argument"]["value"].as_str());
        let served = self.prompts.serve(name, None, None).await?;
        let values = served.prompt.completions(parameter.unwrap_or_default(), beginning.unwrap_or_default());
        Ok(json!({"completion": {"values": values, "total": values.len(), "hasMore": false}}))
    }
}

/// All that is wrong with arguments, as the one error of a request.
fn together(errors: &[Error]) -> Error {
    let Some(one) = errors.first() else { return Error::internal("a prompt fails without an error") };
    if errors.len() == 1 {
        return one.clone();
    }
    let all: Vec<&str> = errors.iter().map(Error::message).collect();
    Error::new(one.code(), all.join("; "), "correct all of them")
}
