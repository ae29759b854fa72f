//! Streams in the binary messages of AWS: cut anywhere they say the same, what goes on is whole messages, and none of them is
//! beyond the limit.
//!
//! A fuzzer finds no checksums, so the input is read twice: as it is, and as lengths, headers and payloads that get theirs.

use super::input;
use inspection::eventstream::{Message, length};
use inspection::watch::{Fault, Watch};
use llm::Dialect;

/// The largest payload that is taken.
const LIMIT: usize = 1024;

pub(crate) fn feed(data: &[u8]) {
    let (seed, data) = input::choice(data);
    check(data, seed);
    check(&summed(data), seed);
}

fn check(stream: &[u8], seed: usize) {
    let whole = watch(&[stream]);
    assert_eq!(whole, watch(&input::pieces(stream, seed)), "cut elsewhere");
    let mut rest = &whole.out[..];
    while !rest.is_empty() {
        let Ok(Some(length)) = length(rest, LIMIT) else { panic!("what goes on is no message") };
        let (message, next) = rest.split_at(length);
        assert!(Message::read(message).is_ok(), "what goes on is read");
        rest = next;
    }
}

#[derive(Debug, PartialEq)]
struct Seen {
    out: Vec<u8>,
    begun: bool,
    complete: bool,
    failure: Option<String>,
    fault: Option<Fault>,
}

fn watch(pieces: &[&[u8]]) -> Seen {
    let (mut watch, mut out) = (Watch::new(Dialect::Bedrock, 1, LIMIT), Vec::new());
    let fault = pieces.iter().find_map(|piece| {
        let fed = watch.feed(piece).err();
        out.extend_from_slice(&watch.take());
        fed
    });
    if fault.is_none() {
        watch.finish();
        out.extend_from_slice(&watch.take());
    }
    let failure = watch.failure().map(str::to_owned);
    Seen { out, begun: watch.has_begun(), complete: watch.is_complete(), failure, fault }
}

/// Messages of `data`: each a byte for the length of its headers, one for that of its payload, and both.
fn summed(mut data: &[u8]) -> Vec<u8> {
    let mut stream = Vec::new();
    while let [headers, payload, rest @ ..] = data {
        let (headers, payload) = (usize::from(*headers), usize::from(*payload));
        let Some((content, next)) = rest.split_at_checked(headers + payload) else { break };
        let mut message = [(headers + payload + 16) as u32, headers as u32].map(u32::to_be_bytes).concat();
        message.extend_from_slice(&crc32(&message).to_be_bytes());
        message.extend_from_slice(content);
        message.extend_from_slice(&crc32(&message).to_be_bytes());
        stream.extend_from_slice(&message);
        data = next;
    }
    stream
}

/// CRC-32, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { 0xEDB8_8320 ^ (sum >> 1) } else { sum >> 1 })
    })
}
