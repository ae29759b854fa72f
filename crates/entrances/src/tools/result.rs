//! Ends of runs as results of calls.

use base::Error;
use journal::{Run, Status};
use serde_json::{Value, json};

/// The members of `_meta` that name the run, and the code of what is wrong.
const RUN: &str = "tutti/run";
const CODE: &str = "tutti/code";

/// What a run gave, or why it did not.
pub(super) fn ended(run: &Run, value: Value) -> Value {
    let id = run.id.to_string();
    if run.status != Status::Succeeded {
        let (code, message) = failure(run, &value);
        let text = format!("{message} ({code}, run {id})");
        return json!({
            "isError": true,
            "content": [{"type": "text", "text": text}],
            "_meta": {RUN: id, CODE: code},
        });
    }
    let mut result = json!({"content": [{"type": "text", "text": text(&value)}], "_meta": {RUN: id}});
    if value.is_object() {
        result["structuredContent"] = value;
    }
    result
}

/// That a run goes on, and what it waits for.
pub(super) fn waiting(run: &Run, error: &Error) -> Value {
    let mut result = refused(error);
    result["_meta"][RUN] = run.id.to_string().into();
    result
}

/// That no run began.
pub(super) fn refused(error: &Error) -> Value {
    let text = format!("{} ({}). {}", error.message(), error.code().id(), error.next());
    json!({"isError": true, "content": [{"type": "text", "text": text}], "_meta": {CODE: error.code().id()}})
}

/// The code and the message of a run that did not succeed.
pub(crate) fn failure(run: &Run, value: &Value) -> (String, String) {
    let said = |member: &str| value[member].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let code = if run.status == Status::Cancelled { base::Code::RunCancelled } else { base::Code::RunFailed };
    let message = || format!("the run {}", run.status.word());
    (said("code").unwrap_or_else(|| code.id().to_owned()), said("message").unwrap_or_else(message))
}

/// What a run gave, as text.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
