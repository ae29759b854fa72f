//! Writing JSON-RPC messages around raw JSON.

use crate::raw::quote;
use crate::{Era, number};
use base::Error;

/// A request with a number as id. `params` is raw JSON.
pub fn request(id: u64, method: &str, params: &str) -> String {
    let mut out = String::with_capacity(method.len() + params.len() + 64);
    out.push_str(r#"{"jsonrpc":"2.0","id":"#);
    out.push_str(&id.to_string());
    out.push_str(r#","method":""#);
    out.push_str(method);
    out.push_str(r#"","params":"#);
    out.push_str(params);
    out.push('}');
    out
}

/// A notification. `params` is raw JSON.
pub fn notification(method: &str, params: Option<&str>) -> String {
    let params = params.map(|params| format!(r#","params":{params}"#)).unwrap_or_default();
    format!(r#"{{"jsonrpc":"2.0","method":"{method}"{params}}}"#)
}

/// The answer to request `id`. Both are raw JSON.
pub fn result(id: &str, result: &str) -> String {
    let mut out = String::with_capacity(id.len() + result.len() + 36);
    out.push_str(r#"{"jsonrpc":"2.0","id":"#);
    out.push_str(id);
    out.push_str(r#","result":"#);
    out.push_str(result);
    out.push('}');
    out
}

/// An error answer whose error object is raw JSON. `id` is raw JSON, `null` where it is not known.
pub fn raw_error(id: &str, error: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{error}}}"#)
}

/// An error answer of the hub to a client of this era.
pub fn error_in(id: &str, error: &Error, client: Era) -> String {
    raw_error(id, &error_object_in(error, client))
}

/// The error object of [`error_in`].
pub fn error_object_in(error: &Error, client: Era) -> String {
    let message = quote(&error.to_string());
    format!(r#"{{"code":{},"message":{message},"data":{}}}"#, number::own(error.code(), client), error.to_json())
}

/// An error answer. The message reads well by itself, for clients that show nothing else; `data` has its parts.
pub fn error(id: &str, error: &Error) -> String {
    raw_error(id, &error_object(error))
}

/// The error object of [`error`].
pub fn error_object(error: &Error) -> String {
    let code = error.code().json_rpc();
    let message = quote(&error.to_string());
    format!(r#"{{"code":{code},"message":{message},"data":{}}}"#, error.to_json())
}
