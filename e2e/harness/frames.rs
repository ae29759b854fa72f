//! WebSocket frames (RFC 6455) as the tests need them: both ends, and every way to get them wrong.

use base64::Engine as _;
use tokio::io::{AsyncRead, AsyncReadExt as _};

pub(crate) const TEXT: u8 = 1;
pub(crate) const CLOSE: u8 = 8;
pub(crate) const PING: u8 = 9;
pub(crate) const PONG: u8 = 10;

/// What answers `key` in the handshake.
pub(crate) fn accept(key: &str) -> String {
    let text = format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes());
    base64::engine::general_purpose::STANDARD.encode(digest.as_ref())
}

/// A whole frame, as a server sends it or, with `masked`, as a client does.
pub(crate) fn frame(opcode: u8, payload: &[u8], masked: bool) -> Vec<u8> {
    let mut frame = head(0x80 | opcode, payload.len() as u64, masked);
    if masked {
        let mask = [1, 2, 3, 4];
        frame.extend(mask);
        frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    } else {
        frame.extend(payload);
    }
    frame
}

/// The beginning of a frame that says how long it is.
pub(crate) fn head(first: u8, length: u64, masked: bool) -> Vec<u8> {
    let mask = if masked { 0x80 } else { 0 };
    let mut head = vec![first];
    match length {
        0..=125 => head.push(mask | length as u8),
        126..=0xffff => {
            head.push(mask | 126);
            head.extend((length as u16).to_be_bytes());
        }
        _ => {
            head.push(mask | 127);
            head.extend(length.to_be_bytes());
        }
    }
    head
}

/// The opcode and the payload of the next message; nothing at the end. Pieces of one message are put together.
pub(crate) async fn read(input: &mut (impl AsyncRead + Unpin)) -> Option<(u8, Vec<u8>)> {
    let (mut opcode, mut whole) = (0, Vec::new());
    loop {
        let first = input.read_u8().await.ok()?;
        let second = input.read_u8().await.ok()?;
        let length = match second & 0x7f {
            126 => u64::from(input.read_u16().await.ok()?),
            127 => input.read_u64().await.ok()?,
            short => u64::from(short),
        };
        let mut mask = [0; 4];
        if second & 0x80 != 0 {
            input.read_exact(&mut mask).await.ok()?;
        }
        let mut payload = vec![0; usize::try_from(length).ok()?];
        input.read_exact(&mut payload).await.ok()?;
        payload.iter_mut().zip(mask.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
        if first & 0x0f != 0 {
            opcode = first & 0x0f;
        }
        whole.extend(payload);
        if first & 0x80 != 0 {
            return Some((opcode, whole));
        }
    }
}

/// Reads up to the empty line behind the head of an HTTP message.
pub(crate) async fn read_head(input: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(input.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}

/// The value of a header in a head.
pub(crate) fn header_of<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (own, value) = line.split_once(':')?;
        own.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}
