//! W3C Trace Context: reading and writing where a request belongs.

/// One span of one trace, and whether the trace is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpanContext {
    /// The trace; never all zero.
    pub trace: [u8; 16],
    /// The span; never all zero.
    pub span: [u8; 8],
    /// Whether the sender records it.
    pub sampled: bool,
}

/// The context of a request as it was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Carrier<'a> {
    /// `traceparent`.
    pub parent: Option<&'a str>,
    /// `tracestate`.
    pub state: Option<&'a str>,
    /// `baggage`.
    pub baggage: Option<&'a str>,
}

impl Carrier<'_> {
    /// The span that the request belongs to, if what stands there is one.
    pub fn parent(&self) -> Option<SpanContext> {
        self.parent.and_then(SpanContext::parse)
    }
}

impl SpanContext {
    /// Reads a `traceparent` (W3C Trace Context, section 3.2). Later versions may have more at the end.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let (version, rest) = (hex::<1>(bytes.get(..2)?)?[0], bytes.get(2..55)?);
        let whole = if version == 0 { bytes.len() == 55 } else { matches!(bytes.get(55), None | Some(b'-')) };
        let dashes = rest[0] == b'-' && rest[33] == b'-' && rest[50] == b'-';
        if version == 0xff || !whole || !dashes {
            return None;
        }
        let (trace, span, flags) = (hex::<16>(&rest[1..33])?, hex::<8>(&rest[34..50])?, hex::<1>(&rest[51..53])?);
        let real = trace != [0; 16] && span != [0; 8];
        real.then_some(Self { trace, span, sampled: flags[0] & 1 == 1 })
    }

    /// Writes it as a `traceparent`.
    pub fn to_text(self) -> String {
        let flags = if self.sampled { "01" } else { "00" };
        format!("00-{}-{}-{flags}", base::random::to_hex(&self.trace), base::random::to_hex(&self.span))
    }
}

/// Lower-case hexadecimal; upper case is not allowed.
fn hex<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let mut out = [0; N];
    if text.len() != 2 * N {
        return None;
    }
    for (byte, pair) in out.iter_mut().zip(text.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(out)
}

fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
