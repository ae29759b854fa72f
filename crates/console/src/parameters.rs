//! Parameters as a person gives them: as JSON, of a file, and one by one.

use base::{Code, Error, Result, disk};
use serde_json::{Map, Value};
use std::path::Path;

/// The most bytes of a file of parameters.
const LIMIT: u64 = 16 << 20;

/// What is said together: `whole`, a JSON object or `@` with the path of a file of one below `folder`, and `single`, each
/// `name=value`, which count more. A value is JSON where it is that, else a text.
///
/// # Errors
/// [`Code::Usage`]: it is none of that; the file cannot be read.
pub fn read<'a>(
    whole: Option<&str>,
    single: impl Iterator<Item = &'a str>,
    folder: &Path,
) -> Result<Map<String, Value>> {
    let mut params = match whole {
        None => Map::new(),
        Some(said) => {
            let text = match said.strip_prefix('@') {
                Some(path) => disk::read_text(&folder.join(path), LIMIT)?,
                None => said.to_owned(),
            };
            match base::json::from_text(&text) {
                Ok(Value::Object(params)) => params,
                Ok(_) => return Err(usage("--params is JSON but not an object")),
                Err(error) => return Err(usage(&format!("--params is not JSON: {error}"))),
            }
        }
    };
    for said in single {
        let (name, value) = said.split_once('=').ok_or_else(|| usage("a -p has no `=`"))?;
        let value = base::json::from_text(value).unwrap_or_else(|_| value.into());
        params.insert(name.to_owned(), value);
    }
    Ok(params)
}

fn usage(message: &str) -> Error {
    Error::new(Code::Usage, message, "write -p name=value, --params '{\"name\": \"value\"}' or --params @FILE")
}

#[cfg(test)]
mod tests;
