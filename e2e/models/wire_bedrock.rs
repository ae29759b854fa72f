//! Amazon Bedrock, which is a provider only: what it answers, the binary messages of its streams, and the signature that it
//! looks for. Written for this test by the specification alone, so that it can contradict the hub.

use super::provider::{Asked, Step, end, head, whole};
use ring::{digest, hmac};
use serde_json::{Value, json};

pub(super) const REGION: &str = "eu-central-1";
pub(super) const KEY_ID: &str = "AKIDOFTHEHUB";
pub(super) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+of-the-hub";

/// The entry of a provider whose requests are signed.
pub(super) fn entry(url: &str) -> Value {
    json!({"kind": "bedrock", "url": url, "region": REGION, "access_key_id": KEY_ID, "secret_access_key": SECRET})
}

/// The places where a request says what clients say, and what stands there.
pub(super) fn places() -> Vec<(&'static str, Value)> {
    let tool = json!("get_weather");
    vec![
        ("/system/0/text", json!("Be brief.")),
        ("/messages/1/content/0/toolUse/name", tool.clone()),
        ("/messages/1/content/0/toolUse/input", json!({"city": "Oslo"})),
        ("/messages/2/role", json!("user")),
        ("/messages/2/content/0/toolResult/content/0/text", json!("18 degrees")),
        ("/messages/2/content/1/text", json!("And in Paris and Rome?")),
        ("/toolConfig/tools/0/toolSpec/name", tool),
        ("/inferenceConfig/maxTokens", json!(100)),
        ("/inferenceConfig/temperature", json!(0.5)),
    ]
}

/// The answer, whole.
pub(super) fn answer() -> Value {
    let call =
        |id: &str, city: &str| json!({"toolUse": {"toolUseId": id, "name": "get_weather", "input": {"city": city}}});
    let content = json!([{"text": "Let me look."}, call("tooluse_a", "Paris"), call("tooluse_b", "Rome")]);
    json!({
        "output": {"message": {"role": "assistant", "content": content}}, "stopReason": "tool_use",
        "usage": {"inputTokens": 12, "outputTokens": 7, "totalTokens": 19},
    })
}

/// The answer in messages.
pub(super) fn messages() -> Vec<Vec<u8>> {
    let delta = |block: u32, delta: Value| {
        event("contentBlockDelta", &json!({"contentBlockIndex": block, "delta": delta, "p": "abcdefgh"}))
    };
    let stop = |block: u32| event("contentBlockStop", &json!({"contentBlockIndex": block, "p": "abc"}));
    let call = |block: u32, id: &str| {
        let start = json!({"toolUse": {"toolUseId": id, "name": "get_weather"}});
        event("contentBlockStart", &json!({"contentBlockIndex": block, "start": start, "p": "a"}))
    };
    let input = |block: u32, text: &str| delta(block, json!({"toolUse": {"input": text}}));
    vec![
        event("messageStart", &json!({"role": "assistant", "p": "ab"})),
        delta(0, json!({"text": "Let me "})),
        delta(0, json!({"text": "look."})),
        stop(0),
        call(1, "tooluse_a"),
        input(1, "{\"city\":"),
        input(1, " \"Paris\"}"),
        stop(1),
        call(2, "tooluse_b"),
        input(2, "{\"city\": \"Rome\"}"),
        stop(2),
        event("messageStop", &json!({"stopReason": "tool_use", "p": "abcd"})),
        event(
            "metadata",
            &json!({"usage": {"inputTokens": 12, "outputTokens": 7, "totalTokens": 19}, "metrics": {"latencyMs": 3}}),
        ),
    ]
}

/// A stream of these messages, each in a piece of its own.
pub(super) fn stream(messages: &[Vec<u8>]) -> Vec<Step> {
    let mut steps = begun(messages);
    steps.push(end());
    steps
}

/// The same without its end.
pub(super) fn begun(messages: &[Vec<u8>]) -> Vec<Step> {
    let kind = ("content-type", "application/vnd.amazon.eventstream");
    let mut steps = vec![head(200, &[kind, ("transfer-encoding", "chunked"), ("x-amzn-requestid", "id-of-aws")])];
    steps.extend(messages.iter().map(|message| Step::Send(chunk(message))));
    steps
}

/// A piece of a body whose length nobody knows.
pub(super) fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

/// An answer with this exception.
pub(super) fn refusal(status: u16, name: &str, body: &str) -> Vec<Step> {
    let kind = format!("{name}:http://internal.amazon.com/coral/com.amazon.bedrock/");
    whole(status, "application/json", &[("x-amzn-errortype", &kind)], body)
}

/// An event of a stream.
pub(super) fn event(name: &str, said: &Value) -> Vec<u8> {
    let kind = (":content-type", "application/json");
    message(&[(":event-type", name), kind, (":message-type", "event")], said.to_string().as_bytes())
}

/// An exception in a stream.
pub(super) fn exception(name: &str, words: &str) -> Vec<u8> {
    let kind = (":content-type", "application/json");
    let said = json!({"message": words}).to_string();
    message(&[(":exception-type", name), kind, (":message-type", "exception")], said.as_bytes())
}

/// A message of `application/vnd.amazon.eventstream`, whose headers are texts.
pub(super) fn message(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
    let short = |length: usize| u16::try_from(length).expect("it is short").to_be_bytes();
    let long = |length: usize| u32::try_from(length).expect("it is not too long").to_be_bytes();
    let of = |(name, value): &(&str, &str)| {
        [&short(name.len())[1..], name.as_bytes(), &[7], &short(value.len()), value.as_bytes()].concat()
    };
    let headers: Vec<u8> = headers.iter().flat_map(of).collect();
    let mut said = [long(16 + headers.len() + payload.len()), long(headers.len())].concat();
    said.extend(checksum(&said));
    said.extend([&headers, payload].concat());
    said.extend(checksum(&said));
    said
}

/// CRC-32, bit by bit.
fn checksum(bytes: &[u8]) -> [u8; 4] {
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 { (sum >> 1) ^ 0xEDB8_8320 } else { sum >> 1 };
        }
    }
    (!sum).to_be_bytes()
}

/// Holds a request against the signature that AWS would find for it: Signature Version 4.
#[track_caller]
pub(super) fn check_signature(asked: &Asked) {
    let told = asked.header("authorization").unwrap_or_default();
    let date = asked.header("x-amz-date").expect("a signed request has a date");
    let fields = told.strip_prefix("AWS4-HMAC-SHA256 ").expect("it is signed");
    let field = |name: &str| {
        let found = fields.split(", ").find_map(|field| field.strip_prefix(name)?.strip_prefix('='));
        found.unwrap_or_else(|| panic!("{told} has no {name}")).to_owned()
    };
    let scope = format!("{}/{REGION}/bedrock/aws4_request", &date[..8]);
    assert_eq!(field("Credential"), format!("{KEY_ID}/{scope}"));
    let names = field("SignedHeaders");
    for needed in ["host", "x-amz-date", "content-type"] {
        assert!(names.split(';').any(|name| name == needed), "{needed} is not signed: {told}");
    }
    assert_eq!(asked.header("x-amz-security-token").is_some(), names.contains("x-amz-security-token"), "{told}");
    let lines: String =
        names.split(';').map(|name| format!("{name}:{}\n", asked.header(name).unwrap_or_default())).collect();
    // Services but S3 sign the path encoded once more than it is sent.
    let path = asked.target.replace('%', "%25");
    let request = format!("POST\n{path}\n\n{lines}\n{names}\n{}", hexadecimal(hash(&asked.body).as_ref()));
    let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hexadecimal(hash(request.as_bytes()).as_ref()));
    let mut key = format!("AWS4{SECRET}").into_bytes();
    for part in [&date[..8], REGION, "bedrock", "aws4_request", &text] {
        key = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), part.as_bytes()).as_ref().to_vec();
    }
    assert_eq!(field("Signature"), hexadecimal(&key), "{request}");
}

fn hash(bytes: &[u8]) -> digest::Digest {
    digest::digest(&digest::SHA256, bytes)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
