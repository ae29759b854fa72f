//! What is asked of the library as JSON: by the API, and by commands where no hub runs.

use crate::bundle::Bundle;
use crate::experiment::refused;
use crate::library::{Feedback, Kept, LATEST, Library, PRODUCTION, Served, first};
use crate::made::Made;
use crate::prompt::{Message, Prompt};
use crate::sequential::{Metric, Rule};
use base::config::nearest;
use base::{Code, Error, Result};
use serde_json::{Map, Value, json};

/// Something that is asked for with a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// `{arguments?, version?, key?}`
    Render,
    /// `{key, score, cost?, latency_ms?}`
    Feedback,
    /// `{versions: [{text, partials?, created_at?, origin?}], label?}`
    Keep,
    /// `{label, version}`
    Label,
    /// `{version?}`
    RollBack,
    /// `{arms: [{name, version, weight?}], metric?, confidence?, most?}`
    Start,
    /// `{promote?}`
    Stop,
}

/// All prompts that are served.
pub async fn list(library: &Library) -> Result<Value> {
    let mut all = Vec::new();
    for served in library.served().await? {
        all.push(listed(library, &served).await?);
    }
    Ok(json!({"prompts": all}))
}

/// A prompt with its history, and the text of one version.
pub async fn show(library: &Library, name: &str, version: Option<&str>) -> Result<Value> {
    let served = library.serve(name, version, None).await?;
    let history: Vec<Value> = library.versions(name).await?.iter().map(crate::library::Version::to_json).collect();
    let bundle = &served.prompt.bundle;
    Ok(json!({
        "prompt": listed(library, &served).await?,
        "text": bundle.text, "partials": bundle.partials, "history": history,
    }))
}

async fn listed(library: &Library, served: &Served) -> Result<Value> {
    let Prompt { name, title, description, parameters, model, .. } = served.prompt.as_ref();
    let versions = library.versions(name).await?;
    let number = versions.iter().find(|version| version.digest == served.version).map(|version| version.number);
    let parameters = parameters.iter().map(
        |one| json!({"name": one.name, "description": one.description, "required": one.required, "schema": one.schema}),
    );
    Ok(json!({
        "name": name, "title": title, "description": description,
        "version": served.version, "number": number, "versions": versions.len(),
        "parameters": parameters.collect::<Vec<_>>(),
        "labels": library.labels(name).await?,
        "model": model.to_json(),
    }))
}

/// The last experiments with a prompt.
pub async fn experiments(library: &Library, name: &str) -> Result<Value> {
    Ok(json!({"experiments": library.experiments(name).await?}))
}

/// Does what `body` asks for with the prompt `name`.
///
/// # Errors
/// [`Code::InvalidParams`] for a body that says something else than the change takes.
pub async fn change(library: &Library, name: &str, change: Change, body: &Value) -> Result<Value> {
    let Value::Object(body) = body else {
        return Err(invalid("the body is no JSON object"));
    };
    let placed = |label: &str, version: Option<String>| json!({"name": name, "label": label, "version": version});
    match change {
        Change::Render => render(library, name, &Body::new(body, &["arguments", "version", "key"])?).await,
        Change::Feedback => feedback(library, name, &Body::new(body, &["key", "score", "cost", "latency_ms"])?).await,
        Change::Keep => {
            let body = Body::new(body, &["versions", "label"])?;
            let versions = body.list("versions")?.iter().map(kept).collect::<Result<Vec<_>>>()?;
            let label = body.text("label")?.unwrap_or(LATEST);
            Ok(placed(label, Some(library.keep(name, versions, label).await?)))
        }
        Change::Label => {
            let body = Body::new(body, &["label", "version"])?;
            let label = body.required("label")?;
            Ok(placed(label, library.label(name, label, body.text("version")?).await?))
        }
        Change::RollBack => {
            let body = Body::new(body, &["version"])?;
            Ok(placed(PRODUCTION, Some(library.roll_back(name, body.text("version")?).await?)))
        }
        Change::Start => start(library, name, &Body::new(body, &["arms", "metric", "confidence", "most"])?).await,
        Change::Stop => {
            let body = Body::new(body, &["promote"])?;
            library.stop(name, body.0.get("promote").and_then(Value::as_bool).unwrap_or(false)).await
        }
    }
}

async fn render(library: &Library, name: &str, body: &Body<'_>) -> Result<Value> {
    let nothing = Map::new();
    let arguments = match body.0.get("arguments") {
        None | Some(Value::Null) => &nothing,
        Some(Value::Object(arguments)) => arguments,
        Some(_) => return Err(invalid("`arguments` is no JSON object")),
    };
    let served = library.serve(name, body.text("version")?, body.text("key")?).await?;
    let messages = served.prompt.render(arguments).map_err(|errors| first(errors, Code::PromptArguments))?;
    let (experiment, arm) = served.arm.unzip();
    Ok(json!({
        "name": name, "version": served.version,
        "messages": messages.iter().map(Message::to_json).collect::<Vec<_>>(),
        "model": served.prompt.model.to_json(), "experiment": experiment, "arm": arm,
        "header": served.made.as_ref().map(Made::to_string),
    }))
}

async fn feedback(library: &Library, name: &str, body: &Body<'_>) -> Result<Value> {
    let Some(score) = body.0.get("score").and_then(Value::as_f64) else {
        return Err(invalid("`score` is no number"));
    };
    let cost = match body.0.get("cost") {
        None | Some(Value::Null) => None,
        Some(cost) => {
            let dollars = cost.as_f64().filter(|cost| (0.0..=1e6).contains(cost));
            let wrong = || invalid("`cost` is no number of dollars up to a million");
            Some((dollars.ok_or_else(wrong)? * 1e9).round() as u64)
        }
    };
    let latency = match body.0.get("latency_ms") {
        None | Some(Value::Null) => None,
        Some(time) => {
            // `1.0` is a whole number too (JSON Schema 2020-12, validation, section 6.1.1).
            let whole = time.as_f64().filter(|time| time.fract() == 0.0 && (0.0..=1e9).contains(time));
            let wrong = || invalid("`latency_ms` is no whole number of milliseconds up to a thousand million");
            Some(whole.ok_or_else(wrong)? as u64)
        }
    };
    library.feedback(name, body.required("key")?, Feedback { score, cost, latency }).await
}

async fn start(library: &Library, name: &str, body: &Body<'_>) -> Result<Value> {
    let mut arms = Vec::new();
    for arm in body.list("arms")? {
        let Value::Object(arm) = arm else { return Err(invalid("an arm is no JSON object")) };
        let arm = Body::new(arm, &["name", "version", "weight"])?;
        let weight = match arm.0.get("weight") {
            None | Some(Value::Null) => 1,
            Some(weight) => weight.as_u64().and_then(|weight| u32::try_from(weight).ok()).unwrap_or(0),
        };
        arms.push((arm.required("name")?.to_owned(), arm.required("version")?.to_owned(), weight));
    }
    let number = |key: &str, usual: f64| match body.0.get(key) {
        None | Some(Value::Null) => Ok(usual),
        Some(value) => value
            .as_f64()
            .ok_or_else(|| refused("`confidence` or `most` is no number", "write for example 0.95 and 2000")),
    };
    let confidence = number("confidence", 0.95)?;
    let most = number("most", 2_000.0)?;
    // As it was written: 1 − 0.95 is not quite 0.05.
    let alpha = ((1.0 - confidence) * 1e9).round() / 1e9;
    let word = body.text("metric")?.unwrap_or(Metric::Score.word());
    let unknown = || refused("the metric is not known", "write `score`, `cost` or `latency`");
    let metric = Metric::of_word(word).ok_or_else(unknown)?;
    library.start(name, arms, Rule { metric, alpha, most: most as u64 }).await
}

fn kept(version: &Value) -> Result<Kept> {
    let Value::Object(version) = version else { return Err(invalid("a version is no JSON object")) };
    let version = Body::new(version, &["text", "partials", "created_at", "origin"])?;
    let mut bundle = Bundle { text: version.required("text")?.to_owned(), ..Bundle::default() };
    match version.0.get("partials") {
        None | Some(Value::Null) => {}
        Some(Value::Object(partials)) => {
            for (name, text) in partials {
                let text = text.as_str().ok_or_else(|| invalid("a partial is no text"))?;
                bundle.partials.insert(name.clone(), text.to_owned());
            }
        }
        Some(_) => return Err(invalid("`partials` is no JSON object")),
    }
    // Only what is included belongs to a version, whoever hands it in.
    let bundle = crate::gather::bundle(&bundle.text, &bundle.partials);
    let created_at =
        version.0.get("created_at").and_then(Value::as_i64).filter(|at| (0..=253_402_300_799_000).contains(at));
    Ok(Kept { bundle, created_at, origin: version.text("origin")?.unwrap_or("request").to_owned() })
}

/// A JSON object whose members are known.
struct Body<'a>(&'a Map<String, Value>);

impl<'a> Body<'a> {
    fn new(members: &'a Map<String, Value>, known: &[&str]) -> Result<Self> {
        match members.keys().find(|key| !known.contains(&key.as_str())) {
            None => Ok(Self(members)),
            Some(key) => {
                let near = nearest(key, known.iter().copied()).map(|near| format!("; did you mean `{near}`?"));
                let message =
                    format!("the member `{}` is not known{}", crate::fault::short(key), near.unwrap_or_default());
                Err(invalid(&message))
            }
        }
    }

    fn text(&self, key: &str) -> Result<Option<&'a str>> {
        match self.0.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value.as_str().map(Some).ok_or_else(|| invalid(&format!("`{key}` is no text"))),
        }
    }

    fn required(&self, key: &str) -> Result<&'a str> {
        self.text(key)?.ok_or_else(|| invalid(&format!("`{key}` is missing")))
    }

    fn list(&self, key: &str) -> Result<&'a [Value]> {
        let list = self.0.get(key).and_then(Value::as_array).map(Vec::as_slice);
        list.filter(|list| list.len() <= 1_000).ok_or_else(|| invalid(&format!("`{key}` is no list of at most 1000")))
    }
}

fn invalid(message: &str) -> Error {
    Error::new(Code::InvalidParams, message, "see /api/v1/openapi.json")
}

#[cfg(test)]
mod tests;
