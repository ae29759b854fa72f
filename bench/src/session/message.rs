//! Finds the answer to one request in a response body, JSON or event stream, and checks it.

use std::borrow::Cow;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::value::RawValue;

/// A JSON-RPC message, with its parts left as they stand.
#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    method: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToolResult<'a> {
    #[serde(borrow)]
    content: Vec<Content<'a>>,
    #[serde(default)]
    is_error: bool,
}

#[derive(Deserialize)]
struct Content<'a> {
    #[serde(borrow)]
    text: Option<Cow<'a, str>>,
}

/// The result of request `id`, as the JSON text that the target sent.
pub fn result_of(body: &[u8], event_stream: bool, id: u64) -> Result<String> {
    let mut found = None;
    if event_stream {
        for data in events(body) {
            // Servers open streams with events that carry no data, so that a client can resume.
            if !data.is_empty() && found.is_none() {
                found = answer(&data, id)?;
            }
        }
    } else {
        found = answer(body, id)?;
    }
    found.with_context(|| format!("no answer to request {id} in: {}", String::from_utf8_lossy(body)))
}

/// Checks that `result` is the echo of `message` and nothing else.
pub fn check_echo(result: &str, message: &str) -> Result<()> {
    let parsed: ToolResult = serde_json::from_str(result).with_context(|| format!("not a tool result: {result}"))?;
    ensure!(!parsed.is_error, "the tool reports an error: {result}");
    match parsed.content.as_slice() {
        [Content { text: Some(text) }] if text == message => Ok(()),
        _ => bail!("the answer is not the text that was sent, {message:?}: {result}"),
    }
}

/// `None` when the message is something else than the answer to `id`: a notification, or a request of the server's.
fn answer(text: &[u8], id: u64) -> Result<Option<String>> {
    let shown = || String::from_utf8_lossy(text).into_owned();
    let message: Message = serde_json::from_slice(text).with_context(|| format!("not JSON-RPC: {}", shown()))?;
    if message.method.is_some() {
        return Ok(None);
    }
    let theirs = message.id.map(RawValue::get);
    ensure!(theirs.and_then(|raw| raw.parse().ok()) == Some(id), "answer to {theirs:?}, not to {id}: {}", shown());
    match (message.result, message.error) {
        (Some(result), None) => Ok(Some(result.get().to_owned())),
        _ => bail!("the target answers with an error: {}", shown()),
    }
}

/// The data of each event in a complete event stream.
fn events(body: &[u8]) -> Vec<Cow<'_, [u8]>> {
    let mut events = Vec::new();
    let mut data: Option<Cow<'_, [u8]>> = None;
    for line in body.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            events.extend(data.take());
        } else if let Some(value) = line.strip_prefix(b"data:") {
            let value = value.strip_prefix(b" ").unwrap_or(value);
            data = Some(match data {
                None => Cow::Borrowed(value),
                Some(before) => Cow::Owned([before.as_ref(), b"\n", value].concat()),
            });
        }
    }
    events
}

#[cfg(test)]
mod tests {
    use super::{check_echo, events, result_of};

    #[test]
    fn events_join_their_data_lines_and_skip_comments() {
        let body =
            b": hello\r\nid: 0\r\nretry: 3000\r\ndata:\r\n\r\nevent: message\ndata: {\"a\":\ndata: 1}\n\ndata: lost";
        let found: Vec<Vec<u8>> = events(body).into_iter().map(|data| data.into_owned()).collect();
        assert_eq!(found, [b"".to_vec(), b"{\"a\":\n1}".to_vec()]);
    }

    #[test]
    fn the_answer_is_found_behind_notifications() {
        let body = b"data:\nid: 0\n\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"}\n\n\
                     data: {\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"k\":1}}\n\n";
        assert_eq!(result_of(body, true, 7).unwrap(), "{\"k\":1}");
        assert!(result_of(body, true, 8).is_err());
        assert!(result_of(b"data:\n\n", true, 7).is_err());
    }

    #[test]
    fn errors_and_foreign_ids_are_refused() {
        assert_eq!(result_of(b"{\"id\":1,\"result\":{}}", false, 1).unwrap(), "{}");
        assert!(result_of(b"{\"id\":\"1\",\"result\":{}}", false, 1).is_err());
        assert!(result_of(b"{\"id\":1,\"error\":{\"code\":-1,\"message\":\"no\"}}", false, 1).is_err());
        assert!(result_of(b"{\"result\":{}}", false, 1).is_err());
        assert!(result_of(b"", false, 1).is_err());
    }

    #[test]
    fn only_the_very_text_counts_as_an_echo() {
        let result = |text: &str, more: &str| format!(r#"{{"content":[{{"type":"text","text":"{text}"}}]{more}}}"#);
        assert!(check_echo(&result(r"a\u0062", ""), "ab").is_ok());
        assert!(check_echo(&result("ab", r#","isError":false,"resultType":"complete""#), "ab").is_ok());
        assert!(check_echo(&result("ac", ""), "ab").is_err());
        assert!(check_echo(&result("ab", r#","isError":true"#), "ab").is_err());
        assert!(check_echo(r#"{"content":[]}"#, "ab").is_err());
    }
}
