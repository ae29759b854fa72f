//! The table of all that goes wrong at a provider: what it does, in each dialect that it speaks, and the code that tells of it.

use super::provider::{Step, end, head, json, piece, stream_head, whole};
use super::wire::Wire;
use super::wire_bedrock;
use std::time::Duration;

/// A row of the table.
#[derive(Clone)]
pub(super) struct Failing {
    pub(super) name: &'static str,
    /// Nothing where the provider's own error event goes on in the client's dialect.
    pub(super) code: Option<&'static str>,
    pub(super) steps: Vec<Step>,
}

impl Failing {
    /// Whether nothing but the hub's patience ends it.
    pub(super) fn is_slow(&self) -> bool {
        ["stall", "drip", "signs of life"].iter().any(|word| self.name.contains(word))
    }
}

impl Failing {
    /// Whether the only deployment is asked once more, for it may have been a moment's affair.
    pub(super) fn is_repeated(&self) -> bool {
        let repeated = ["500", "500 and a large page", "503", "529", "reset before headers", "closed before headers"];
        repeated.contains(&self.name)
    }
}

fn row(name: &'static str, code: &'static str, steps: Vec<Step>) -> Failing {
    Failing { name, code: Some(code), steps }
}

/// How often a slow provider says a little.
const NOW_AND_THEN: Duration = Duration::from_millis(50);

/// The type of a stream.
fn kind(wire: Wire) -> &'static str {
    if wire == Wire::Ollama { "application/x-ndjson" } else { "text/event-stream" }
}

/// A whole stream.
pub(super) fn stream(wire: Wire) -> Vec<Step> {
    if wire == Wire::Bedrock {
        return wire_bedrock::stream(&wire_bedrock::messages());
    }
    let pieces = wire.pieces().iter().map(|text| piece(text)).collect::<Vec<_>>();
    [vec![stream_head(kind(wire))], pieces, vec![end()]].concat()
}

/// An error as the provider tells it.
fn error(wire: Wire) -> &'static str {
    match wire {
        Wire::Chat | Wire::Responses => {
            r#"{"error":{"message":"full","type":"server_error","param":null,"code":null}}"#
        }
        Wire::Anthropic => {
            r#"{"type":"error","error":{"type":"overloaded_error","message":"full"},"request_id":"req_1"}"#
        }
        Wire::Gemini => r#"{"error":{"code":503,"message":"full","status":"UNAVAILABLE"}}"#,
        Wire::Ollama => r#"{"error":"full"}"#,
        Wire::Bedrock => r#"{"message":"full"}"#,
    }
}

/// The same as an event.
fn error_event(wire: Wire) -> Step {
    let error = error(wire);
    match wire {
        Wire::Ollama => piece(&format!("{error}\n")),
        Wire::Anthropic => piece(&format!("event: error\ndata: {error}\n\n")),
        Wire::Responses => piece(
            "event: error\ndata: {\"type\":\"error\",\"code\":\"server_error\",\"message\":\"full\",\"param\":null,\"sequence_number\":9}\n\n",
        ),
        _ => piece(&format!("data: {error}\n\n")),
    }
}

/// What a provider of this dialect says of a key that is not good any more, with its status.
fn expired(wire: Wire) -> (u16, &'static str) {
    match wire {
        Wire::Chat | Wire::Responses => (
            401,
            r#"{"error":{"message":"Incorrect API key provided: sk-of-the-hub. You can find your API key at https://platform.openai.com/account/api-keys.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}"#,
        ),
        Wire::Anthropic => (
            401,
            r#"{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"},"request_id":"req_1"}"#,
        ),
        Wire::Gemini => (
            400,
            r#"{"error":{"code":400,"message":"API key expired. Please renew the API key.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID","domain":"googleapis.com","metadata":{"service":"generativelanguage.googleapis.com"}}]}}"#,
        ),
        Wire::Ollama => (401, r#"{"error":"unauthorized"}"#),
        Wire::Bedrock => (403, r#"{"message":"The security token included in the request is expired"}"#),
    }
}

/// How providers fail before any answer, whatever was asked for.
pub(super) fn before_any_answer(wire: Wire) -> Vec<Failing> {
    let status = |status, headers: &[(&str, &str)]| whole(status, "application/json", headers, error(wire));
    let long = [("content-type", "application/json"), ("content-length", "500")];
    let (expired_status, expired_body) = expired(wire);
    let packed = [("content-type", "application/json"), ("content-encoding", "gzip"), ("content-length", "4")];
    let gzip = vec![head(200, &packed), Step::Send(b"\x1f\x8b\x08\x00".to_vec())];
    let brotli = whole(200, kind(wire), &[("content-encoding", "br")], "\x0b");
    let two = [("content-length", "5"), ("content-length", "6")];
    let line = Step::Send(b"HTTP/1.1 200 OK\r\nx-long: ".to_vec());
    vec![
        row("429", "T-0908", status(429, &[])),
        row("429 with Retry-After", "T-0908", status(429, &[("retry-after", "7")])),
        row("429 whose body is a stall", "T-0908", vec![head(429, &long), Step::Stall]),
        row("429 whose body breaks off", "T-0908", vec![head(429, &long), Step::Reset]),
        row("500", "T-0907", whole(500, "text/html", &[], "<html>oops</html>")),
        row("500 and a large page", "T-0907", whole(500, "text/html", &[], &"oops ".repeat(300_000))),
        row("503", "T-0907", status(503, &[])),
        row("529", "T-0907", status(529, &[])),
        row("expired key", "T-0909", whole(expired_status, "application/json", &[], expired_body)),
        row("forbidden", "T-0909", status(403, &[])),
        row("unpaid", "T-0909", status(402, &[])),
        row("no such model", "T-0901", status(404, &[])),
        row("no such method", "T-0901", whole(405, "text/plain", &[], "no")),
        row("redirection", "T-0907", status(307, &[("location", "http://127.0.0.1:1/")])),
        row("moved", "T-0907", whole(301, "text/html", &[("location", "/elsewhere")], "")),
        row("a status that nobody knows", "T-0905", status(999, &[])),
        row("204", "T-0905", vec![head(204, &[])]),
        row("200 and nothing", "T-0905", whole(200, "application/json", &[], "")),
        row("success with an error", "T-0907", status(200, &[])),
        row("wrong content type", "T-0905", whole(200, "text/html", &[], "<html>welcome</html>")),
        row("gzip", "T-0905", gzip),
        row("brotli", "T-0905", brotli),
        row("reset before headers", "T-0905", vec![Step::Reset]),
        row("closed before headers", "T-0905", vec![Step::Close]),
        row("closed within headers", "T-0905", vec![Step::Send(b"HTTP/1.1 200 OK\r\nconte".to_vec()), Step::Close]),
        row("headers without end", "T-0905", vec![Step::Send(b"HTTP/1.1 200 OK\r\n".to_vec()), endless_headers()]),
        row("two lengths", "T-0905", vec![head(200, &two), Step::Send(b"{}    ".to_vec())]),
        row("no HTTP", "T-0905", vec![Step::Send(b"SSH-2.0-nobody\r\n\r\n".to_vec()), Step::Close]),
        row("stall before headers", "T-0906", vec![Step::Stall]),
        row("slow drip of headers", "T-0906", vec![line, Step::Repeat(b"x".to_vec(), NOW_AND_THEN)]),
    ]
}

fn endless_headers() -> Step {
    Step::Repeat(b"x-more: 1\r\n".repeat(1000), Duration::ZERO)
}

/// How answers fail that do not come piece by piece.
pub(super) fn whole_answers(wire: Wire) -> Vec<Failing> {
    let long = [("content-type", "application/json"), ("content-length", "5000")];
    let chunked = || head(200, &[("content-type", "application/json"), ("transfer-encoding", "chunked")]);
    let send = |text: &str| Step::Send(text.as_bytes().to_vec());
    let old = "HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n{\"id\":";
    let half = &wire.whole()[..100];
    let mut rows = vec![
        row("reset within a body", "T-0905", vec![head(200, &long), send(half), Step::Reset]),
        row("a length beyond the body", "T-0905", vec![head(200, &long), send(&wire.whole()), Step::Close]),
        row("chunks cut off", "T-0905", vec![chunked(), piece(half), Step::Close]),
        row("no last chunk", "T-0905", vec![chunked(), piece(&wire.whole()), Step::Close]),
        row("a chunk without its size", "T-0905", vec![chunked(), send("nine\r\nnine\r\n"), Step::Close]),
        row("a body of HTTP/1.0 cut off", "T-0905", vec![send(old), Step::Close]),
        row("stall within a body", "T-0906", vec![head(200, &long), send(half), Step::Stall]),
        row("slow drip of a body", "T-0906", vec![chunked(), Step::Repeat(b"1\r\n \r\n".to_vec(), NOW_AND_THEN)]),
        row("invalid JSON", "T-0905", json("{\"choices\": [")),
        row("JSON that says nothing", "T-0905", json("{}")),
        row("JSON that is no object", "T-0905", json("[]")),
        row("a stream that nobody asked for", "T-0905", stream(wire)),
    ];
    if wire == Wire::Chat {
        let part = r#"{"choices":[{"index":0,"message":{"role":"assistant","content":"part"},"finish_reason":"error","error":{"code":502,"message":"full"}}]}"#;
        rows.push(row("an error within a choice", "T-0907", json(part)));
    }
    rows
}

/// What comes in a stream before its model says anything.
fn prelude(wire: Wire) -> Vec<Step> {
    let pieces = wire.pieces();
    let all = match wire {
        Wire::Chat => &pieces[..1],
        Wire::Responses => &pieces[..4],
        Wire::Anthropic => &pieces[..3],
        Wire::Gemini => &["data: {\"usageMetadata\":{\"promptTokenCount\":12}}\n\n".to_owned()][..],
        Wire::Ollama => &["{\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done\":false}\n".to_owned()][..],
        Wire::Bedrock => &[],
    };
    [vec![stream_head(kind(wire))], all.iter().map(|text| piece(text)).collect()].concat()
}

/// The beginning of a stream, up to the first thing that its model says.
pub(super) fn begun(wire: Wire) -> Vec<Step> {
    let at = match wire {
        Wire::Chat => 1,
        Wire::Responses => 4,
        Wire::Anthropic => 3,
        Wire::Gemini | Wire::Ollama => 0,
        Wire::Bedrock => unreachable!("Bedrock has a table of its own"),
    };
    [prelude(wire), vec![piece(&wire.pieces()[at])]].concat()
}

/// What does not end an event, and what ends none that says anything.
fn half_an_event(wire: Wire) -> &'static str {
    if wire == Wire::Ollama { "{\"message\":{\"cont" } else { "data: {\"choi" }
}

fn sign_of_life(wire: Wire) -> Step {
    let text = if wire == Wire::Ollama { "1\r\n\n\r\n" } else { "8\r\n: ping\n\n\r\n" };
    Step::Repeat(text.as_bytes().to_vec(), NOW_AND_THEN)
}

/// How a stream fails behind `begin`.
fn behind(wire: Wire, begin: &[Step]) -> Vec<Failing> {
    let and = |steps: Vec<Step>| [begin.to_vec(), steps].concat();
    let none = if wire == Wire::Ollama { "<html>\n" } else { "data: <html>\n\n" };
    let mut no_text = b"c\r\ndata: \"\xff\xfe\"\n\n\r\n".to_vec();
    if wire == Wire::Ollama {
        no_text = b"5\r\n\"\xff\xfe\"\n\r\n".to_vec();
    }
    let drip = Step::Repeat(b"1\r\nx\r\n".to_vec(), NOW_AND_THEN);
    let mut rows = vec![
        row("a reset", "T-0905", and(vec![Step::Reset])),
        row("an end without the last chunk", "T-0905", and(vec![Step::Close])),
        row("an end before the answer's", "T-0905", and(vec![end()])),
        row("an end within an event", "T-0905", and(vec![piece(half_an_event(wire)), end()])),
        row("a chunk without its size", "T-0905", and(vec![Step::Send(b"nine\r\n".to_vec()), Step::Close])),
        row("an event that is none", "T-0905", and(vec![piece(none), end()])),
        row("an event that is no text", "T-0905", and(vec![Step::Send(no_text), end()])),
        row("a stall", "T-0906", and(vec![Step::Stall])),
        row("a stall within an event", "T-0906", and(vec![piece(half_an_event(wire)), Step::Stall])),
        row("a slow drip within an event", "T-0906", and(vec![piece(half_an_event(wire)), drip])),
        row("signs of life and no more", "T-0906", and(vec![sign_of_life(wire)])),
        row("an error event", "T-0907", and(vec![error_event(wire), end()])),
    ];
    if wire == Wire::Chat {
        rows.push(row("[DONE] before the end", "T-0905", and(vec![piece("data: [DONE]\n\n"), end()])));
    }
    rows
}

/// How streams fail before their model says anything.
pub(super) fn before_the_first_token(wire: Wire) -> Vec<Failing> {
    let mut rows = behind(wire, &prelude(wire));
    rows.push(row("nothing at all", "T-0905", vec![stream_head(kind(wire)), end()]));
    rows.push(row("an error event at once", "T-0907", vec![stream_head(kind(wire)), error_event(wire), end()]));
    if wire != Wire::Ollama {
        rows.push(row("JSON and no stream", "T-0905", json(&wire.whole())));
    }
    rows
}

/// How streams fail after it. The first steps are [`begun`].
pub(super) fn after_the_first_token(wire: Wire) -> Vec<Failing> {
    let mut rows = behind(wire, &begun(wire));
    for failing in &mut rows {
        if failing.name == "an error event" {
            failing.code = None;
        }
    }
    rows
}
