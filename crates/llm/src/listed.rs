//! A stream of events as one list: what Gemini answers where `alt=sse` is not asked for. Pure.

use bytes::{Bytes, BytesMut};
use conversation::frame::{Frames, Framing};

/// The most bytes of one event. A provider's own limit is lower.
const LARGEST: usize = 64 << 20;

/// Makes a list of the data of events, piece by piece.
#[derive(Debug)]
pub struct Listed {
    frames: Frames,
    begun: bool,
    over: bool,
}

impl Default for Listed {
    fn default() -> Self {
        Self { frames: Frames::new(Framing::Sse, LARGEST), begun: false, over: false }
    }
}

impl Listed {
    /// What follows in the list for a piece of the stream; nothing where no event in it is whole.
    pub fn feed(&mut self, piece: &[u8]) -> Bytes {
        let mut out = BytesMut::new();
        // The events are the hub's own or were looked at before: only one above the limit ends the list early.
        for frame in self.frames.feed(piece).unwrap_or_default() {
            self.add(&frame.data, &mut out);
        }
        out.freeze()
    }

    /// The end of the list, once.
    pub fn finish(&mut self) -> Option<Bytes> {
        if std::mem::replace(&mut self.over, true) {
            return None;
        }
        let mut out = BytesMut::new();
        if let Ok(Some(frame)) = self.frames.finish() {
            self.add(&frame.data, &mut out);
        }
        out.extend_from_slice(if self.begun { b"\n]\n" } else { b"[]\n" });
        Some(out.freeze())
    }

    fn add(&mut self, data: &str, out: &mut BytesMut) {
        if data.trim().is_empty() {
            return;
        }
        out.extend_from_slice(if std::mem::replace(&mut self.begun, true) { b",\n" } else { b"[" });
        out.extend_from_slice(data.as_bytes());
    }
}

#[cfg(test)]
mod tests;
