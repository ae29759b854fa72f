//! What a hub's answers mean: results, and errors that become ours again.

use base::error::Location;
use base::{Code, Error};
use console::output::clean;
use http::StatusCode;
use mcp::raw;
use serde_json::Value;

/// The error that an error object of JSON-RPC stands for, as raw JSON. One of the hub's has all its parts in `data`; one
/// of a server that the hub only passed on has a number and a message. `server` is the server, where it is known.
pub(super) fn error(object: &str, server: Option<&str>) -> Error {
    let value: Value = base::json::from_text(object).unwrap_or_default();
    coded(&value["data"]).map(for_people).unwrap_or_else(|| {
        let said = value["message"].as_str().unwrap_or("it does not say what is wrong");
        let number = value["code"].as_i64().map(|number| format!(" {number}")).unwrap_or_default();
        let who = server.map_or_else(|| "the hub".to_owned(), |server| format!("`{server}`"));
        let message = format!("{who} answered with the error{number}: {}", clean(said).trim());
        let next = match server {
            Some(server) => {
                format!("the message comes from `{server}` itself; `tutti server logs {server}` may tell more")
            }
            None => "the message comes from a server behind the hub; `tutti server logs NAME` may tell more".to_owned(),
        };
        let error = Error::new(Code::HubAnswer, message, next);
        let error = server.iter().fold(error, |error, server| error.of_upstream(server));
        match &value["data"] {
            Value::Null => error,
            Value::String(text) => error.with_detail(clean(text)),
            data => error.with_detail(clean(&data.to_string())),
        }
    })
}

/// The hub says what a program should do about its key; a person sets a variable.
fn for_people(error: Error) -> Error {
    match error.code() {
        Code::KeyMissing | Code::KeyWrong => {
            Error::new(error.code(), error.message(), "set TUTTI_KEY to the key that the hub was started with")
        }
        _ => error,
    }
}

/// An error that was written with [`Error::to_json`]. Nothing for a code that this version does not know, or for
/// something else.
pub fn coded(data: &Value) -> Option<Error> {
    let text = |key: &str| data[key].as_str().map(clean);
    let code = data["code"].as_str().filter(|code| code.starts_with("T-")).and_then(Code::find)?;
    let mut error = Error::new(code, text("message")?, text("next").unwrap_or_default());
    if let Some(upstream) = text("upstream") {
        error = error.of_upstream(&upstream);
    }
    if let Some(detail) = text("detail") {
        error = error.with_detail(detail);
    }
    let place = &data["location"];
    let number = |key: &str| place[key].as_u64().and_then(|number| usize::try_from(number).ok());
    if let (Some(file), Some(line), Some(column)) = (place["file"].as_str(), number("line"), number("column")) {
        error = error.at(Location { file: clean(file), line, column });
    }
    Some(error)
}

/// The error in an answer that has a status other than success.
pub(super) fn refused(status: StatusCode, body: &str, url: &str) -> Error {
    if let Some(object) = raw::get(body, "error").filter(|object| raw::is_object(object)) {
        return error(object, None);
    }
    let said: String = clean(body).split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect();
    let colon = if said.is_empty() { "" } else { ": " };
    let message = format!("{url} answered with HTTP status {}{colon}{said}", status.as_u16());
    Error::new(Code::HubAnswer, message, "check that the address is a hub's: the first line of `tutti up` names it")
}

#[cfg(test)]
mod tests;
