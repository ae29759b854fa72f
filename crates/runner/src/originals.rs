//! What receipts name by handles, whole.

use crate::about::Inspected;
use crate::port::Runner;
use base::{Code, Error, Result};
use context::tokens::Family;
use journal::{Digest, RunId};
use serde_json::{Value, json};

/// What has this handle, as programs are told of it: what the memory of `tenant` holds, or with a `run` what that was given or
/// one of its steps gave. `fragment` is null for what the memory does not hold.
///
/// # Errors
/// [`Code::MemoryUnknown`]: nothing has it; [`Code::RunUnknown`]; those of the stores.
pub async fn original(runner: &dyn Runner, tenant: &str, handle: &str, run: Option<&str>) -> Result<Value> {
    let nothing = || {
        let shown: String = handle.chars().filter(|one| !one.is_control()).take(64).collect();
        let next = "handles of a step's context are found with the run; what is over or was pruned does not come back";
        Error::new(Code::MemoryUnknown, format!("nothing has the handle `{shown}`, or not any more"), next)
    };
    let digest = Digest::parse(handle).ok_or_else(nothing)?;
    let (source, text, fragment) = match runner.memory().original(tenant, digest).await? {
        Some(found) => {
            let source = format!("memory({}/{})@{}", found.scope.address(), found.key, found.version);
            (source, runner.memory().text(&found).await?, found.to_json())
        }
        None => {
            let run = run.and_then(RunId::parse).ok_or_else(nothing)?;
            let about = runner.inspect(run).await?;
            if about.run.tenant != tenant {
                return Err(nothing());
            }
            let (source, text) = about.original(digest).ok_or_else(nothing)?;
            (source, text, Value::Null)
        }
    };
    let (bytes, tokens) = (text.len(), Family::default().count_known(&text).tokens);
    Ok(json!({"handle": digest.to_string(), "source": source, "bytes": bytes, "tokens": tokens, "text": text,
        "fragment": fragment}))
}

impl Inspected {
    /// What receipts of the run's steps name by this handle: its source and its whole text. It is among what the run was
    /// given and what its steps gave; nothing where nothing of these is it.
    fn original(&self, handle: Digest) -> Option<(String, String)> {
        let of_params = self.params.as_object().into_iter().flatten();
        let of_params = of_params.map(|(name, value)| (format!("params.{name}"), value));
        let of_steps =
            self.steps.iter().filter_map(|step| Some((format!("steps.{}", step.path), step.output.as_ref()?)));
        let all = of_params.chain(of_steps).chain([("params".to_owned(), &self.params)]);
        let mut texts = all.map(|(source, value)| (source, memory::text(value)));
        let (source, text) = texts.find(|(_, text)| Digest::of(text.as_bytes()) == handle)?;
        Some((source, text.into_owned()))
    }
}
