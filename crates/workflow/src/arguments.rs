//! What a run is given.

use crate::definition::Parameter;
use crate::source::{hint, short};
use base::{Code, Error};
use serde_json::{Map, Value};

/// The most errors that are told of at once.
const FAULTS: usize = 20;

/// The arguments of a run with defaults filled in.
///
/// # Errors
/// [`Code::WorkflowArguments`], one for each thing that is wrong.
pub fn arguments(params: &[Parameter], given: &Map<String, Value>) -> Result<Map<String, Value>, Vec<Error>> {
    let mut errors = Vec::new();
    let mut wrong = |message: String, next: String| errors.push(Error::new(Code::WorkflowArguments, message, next));
    let names = || params.iter().map(|known| known.name.as_str());
    for name in given.keys().filter(|name| !names().any(|known| known == *name)).take(FAULTS) {
        wrong(
            format!("there is no parameter `{}`", short(name)),
            hint(name, names(), "the workflow takes no arguments"),
        );
    }
    let mut whole = Map::new();
    for known in params {
        let value = given.get(&known.name).or(known.default.as_ref());
        match value {
            Some(value) => {
                for (place, why) in schema::misfits(&known.schema, value, &known.name) {
                    wrong(format!("`{place}` does not fit: {why}"), "correct the argument".to_owned());
                }
                whole.insert(known.name.clone(), value.clone());
            }
            None if known.required => {
                let about = known.description.as_deref().map(|about| format!(": {about}")).unwrap_or_default();
                wrong(format!("`{}` is missing", known.name), format!("give the argument `{}`{about}", known.name));
            }
            // Templates may ask for it all the same.
            None => {
                whole.insert(known.name.clone(), Value::Null);
            }
        }
    }
    errors.truncate(FAULTS);
    if errors.is_empty() { Ok(whole) } else { Err(errors) }
}

#[cfg(test)]
mod tests;
