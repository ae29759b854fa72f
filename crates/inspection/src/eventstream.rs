//! Messages of `application/vnd.amazon.eventstream`, in which AWS streams: lengths, typed headers, a payload, and checksums
//! of both. Pure.
//!
//! The format: <https://smithy.io/2.0/aws/amazon-eventstream.html>.

pub mod testing;

use std::borrow::Cow;

/// The length of a message, the length of its headers, and the checksum of both.
const PRELUDE: usize = 12;
/// The checksum of the whole, at the end.
const CHECKSUM: usize = 4;
/// The most bytes of headers that a message may have by the format.
const HEADERS: usize = 128 << 10;

/// Why what came is no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Its payload is above the limit, or its headers are above that of the format.
    TooLong,
    /// It is not as it was sent: a length is impossible, or a checksum does not fit.
    Damaged,
    /// It fits its checksums and is still none that the format knows.
    Invalid,
}

/// A message, as a reader of its dialect takes it.
#[derive(Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// The name of the event (`:event-type`), or that of the failure.
    pub name: &'a str,
    /// What it says. What a failure says may be no JSON.
    pub data: Cow<'a, str>,
    /// Whether the provider tells of its own failure.
    pub failed: bool,
}

/// The headers that say what a message is.
#[derive(Debug, Default)]
struct Headers<'a> {
    kind: Option<&'a str>,
    event: Option<&'a str>,
    exception: Option<&'a str>,
    code: Option<&'a str>,
    words: Option<&'a str>,
}

/// How many bytes the message has that `bytes` begin with, and nothing where that is not known yet. `limit` is the most
/// that its payload may have.
///
/// # Errors
/// The lengths are impossible, damaged, or above a limit.
pub fn length(bytes: &[u8], limit: usize) -> Result<Option<usize>, Fault> {
    let Some((prelude, checksum)) = bytes.first_chunk::<PRELUDE>().map(|prelude| prelude.split_at(8)) else {
        return Ok(None);
    };
    if number(checksum) != crc32(prelude) as usize {
        return Err(Fault::Damaged);
    }
    let (total, headers) = prelude.split_at(4);
    let (total, headers) = (number(total), number(headers));
    let payload = total.checked_sub(PRELUDE + CHECKSUM).and_then(|rest| rest.checked_sub(headers));
    let payload = payload.ok_or(Fault::Damaged)?;
    if payload > limit || headers > HEADERS { Err(Fault::TooLong) } else { Ok(Some(total)) }
}

impl<'a> Message<'a> {
    /// Reads `bytes`, which are one message with the [`length`] that it says.
    ///
    /// # Errors
    /// They are not as they were sent, or no message that the format knows.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Fault> {
        let total = length(bytes, usize::MAX)?.filter(|total| *total == bytes.len()).ok_or(Fault::Damaged)?;
        let (body, checksum) = bytes.split_at_checked(total - CHECKSUM).ok_or(Fault::Damaged)?;
        if number(checksum) != crc32(body) as usize {
            return Err(Fault::Damaged);
        }
        let end = body.get(4..8).map_or(0, number) + PRELUDE;
        let (headers, payload) = (body.get(PRELUDE..end).unwrap_or_default(), body.get(end..).unwrap_or_default());
        Headers::read(headers)?.message(payload)
    }
}

impl<'a> Headers<'a> {
    fn read(mut bytes: &'a [u8]) -> Result<Self, Fault> {
        let mut headers = Self::default();
        while !bytes.is_empty() {
            let length = usize::from(take::<1>(&mut bytes)?[0]);
            let name = take_some(&mut bytes, length)?;
            let kind = take::<1>(&mut bytes)?[0];
            let length = match kind {
                // True and false.
                0 | 1 => 0,
                // Numbers of one, two, four and eight bytes.
                2 => 1,
                3 => 2,
                4 => 4,
                // A number or a time, of eight bytes.
                5 | 8 => 8,
                // Bytes and text say their length.
                6 | 7 => usize::from(u16::from_be_bytes(take::<2>(&mut bytes)?)),
                // A UUID.
                9 => 16,
                _ => return Err(Fault::Invalid),
            };
            let value = take_some(&mut bytes, length)?;
            let place = match name {
                b":message-type" => &mut headers.kind,
                b":event-type" => &mut headers.event,
                b":exception-type" => &mut headers.exception,
                b":error-code" => &mut headers.code,
                b":error-message" => &mut headers.words,
                _ => continue,
            };
            let text = std::str::from_utf8(value).ok().filter(|_| kind == 7).ok_or(Fault::Invalid)?;
            // Said twice it could be read in two ways.
            if place.replace(text).is_some() {
                return Err(Fault::Invalid);
            }
        }
        Ok(headers)
    }

    fn message(self, payload: &'a [u8]) -> Result<Message<'a>, Fault> {
        let data = || std::str::from_utf8(payload).map(Cow::Borrowed).map_err(|_| Fault::Invalid);
        match self.kind {
            Some("event") => Ok(Message { name: self.event.ok_or(Fault::Invalid)?, data: data()?, failed: false }),
            Some("exception") => {
                Ok(Message { name: self.exception.ok_or(Fault::Invalid)?, data: data()?, failed: true })
            }
            // What the service did not expect itself has no payload.
            Some("error") => {
                let code = self.code.ok_or(Fault::Invalid)?;
                let known = code.ends_with("Exception");
                let words = format!("{code}: {}", self.words.unwrap_or("no more is said"));
                let words = serde_json::json!({"message": words}).to_string();
                let name = if known { code } else { "internalServerException" };
                Ok(Message { name, data: Cow::Owned(words), failed: true })
            }
            _ => Err(Fault::Invalid),
        }
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], Fault> {
    let (taken, rest) = bytes.split_first_chunk::<N>().ok_or(Fault::Invalid)?;
    *bytes = rest;
    Ok(*taken)
}

fn take_some<'a>(bytes: &mut &'a [u8], length: usize) -> Result<&'a [u8], Fault> {
    let (taken, rest) = bytes.split_at_checked(length).ok_or(Fault::Invalid)?;
    *bytes = rest;
    Ok(taken)
}

/// A number of four bytes, the highest first.
fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |number, byte| number << 8 | usize::from(*byte))
}

/// CRC-32 as Ethernet and gzip have it (RFC 1952, section 8).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| TABLE[usize::from(sum as u8 ^ byte)] ^ (sum >> 8))
}

/// What each byte does to the sum.
const TABLE: [u32; 256] = {
    let (mut table, mut byte) = ([0; 256], 0);
    while byte < 256 {
        let (mut sum, mut bit) = (byte as u32, 0);
        while bit < 8 {
            sum = if sum & 1 == 1 { 0xEDB8_8320 ^ (sum >> 1) } else { sum >> 1 };
            bit += 1;
        }
        table[byte] = sum;
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests;
