//! Requests to servers of this machine, as few and as plain as this tool needs them.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// The answer to a `GET` of `path` at the host of `url`, with its head.
pub(crate) fn get(url: &str, path: &str, limit: Duration) -> std::io::Result<String> {
    exchange(url, &format!("GET {path} HTTP/1.0\r\n"), "", limit)
}

/// The answer to a `POST` of JSON to `url`, with its head. `headers` are more lines for the head of the request.
pub(crate) fn post(url: &str, headers: &[&str], json: &str, limit: Duration) -> std::io::Result<String> {
    let path = url.trim_start_matches("http://").split_once('/').map_or("", |(_, path)| path);
    let more: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let accept = "Accept: application/json, text/event-stream\r\nContent-Type: application/json\r\n";
    let head = format!("POST /{path} HTTP/1.0\r\n{accept}{more}Content-Length: {}\r\n", json.len());
    exchange(url, &head, json, limit)
}

/// What follows the head of an answer.
pub(crate) fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

/// HTTP/1.0, so that the body comes in one piece and the connection ends with it.
fn exchange(url: &str, head: &str, body: &str, limit: Duration) -> std::io::Result<String> {
    let host = url.trim_start_matches("http://").split('/').next().unwrap_or_default();
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(limit))?;
    stream.write_all(format!("{head}Host: {host}\r\n\r\n{body}").as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[cfg(test)]
mod tests;
