//! Steps that fill in a prompt of the library.

use crate::model::usual;
use base::{Code, Error, Result};
use prompts::{Library, Message};
use serde_json::{Map, Value};
use workflow::Plan;

/// What a prompt of the library makes of arguments: the inputs of a model, as a step writes them.
///
/// # Errors
/// Those of the library; the arguments do not fit.
pub(crate) async fn inputs(
    library: &Library,
    (name, version): (&str, Option<&str>),
    model: Option<&Value>,
    arguments: &Map<String, Value>,
    plan: &Plan,
) -> Result<Map<String, Value>> {
    let served = library.serve(name, version, None).await?;
    let messages = served.prompt.render(arguments).map_err(first)?;
    let Value::Object(mut inputs) = served.prompt.model.to_json() else {
        return Err(Error::internal("the settings of a prompt are no object"));
    };
    let own = inputs.remove("route");
    let model = model.cloned().filter(|model| !model.is_null()).or(own).or_else(|| usual(plan).map(Value::from));
    inputs.extend(model.map(|model| ("model".to_owned(), model)));
    let messages = messages.iter().map(Message::to_json).collect::<Vec<_>>();
    inputs.insert("messages".to_owned(), messages.into());
    Ok(inputs)
}

fn first(errors: Vec<Error>) -> Error {
    let first = errors.into_iter().next();
    first.unwrap_or_else(|| Error::new(Code::PromptArguments, "the arguments do not fit", "see `tutti prompt show`"))
}
