//! As much of the encoding of Protocol Buffers as messages of OTLP need (protobuf.dev, "Encoding").

/// A message under construction.
#[derive(Debug, Default)]
pub(super) struct Message(Vec<u8>);

/// The types of fields on the wire.
#[derive(Clone, Copy)]
enum Wire {
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    Fixed32 = 5,
}

impl Message {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    fn tag(&mut self, field: u32, wire: Wire) {
        self.raw_varint(u64::from(field) << 3 | wire as u64);
    }

    fn raw_varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    pub(super) fn varint(&mut self, field: u32, value: u64) -> &mut Self {
        self.tag(field, Wire::Varint);
        self.raw_varint(value);
        self
    }

    pub(super) fn fixed64(&mut self, field: u32, value: u64) -> &mut Self {
        self.tag(field, Wire::Fixed64);
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }

    pub(super) fn fixed32(&mut self, field: u32, value: u32) -> &mut Self {
        self.tag(field, Wire::Fixed32);
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }

    pub(super) fn double(&mut self, field: u32, value: f64) -> &mut Self {
        self.fixed64(field, value.to_bits())
    }

    pub(super) fn bytes(&mut self, field: u32, bytes: &[u8]) -> &mut Self {
        self.tag(field, Wire::Bytes);
        self.raw_varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    /// A text; an empty one is the same as none and is left out.
    pub(super) fn text(&mut self, field: u32, text: &str) -> &mut Self {
        if text.is_empty() { self } else { self.bytes(field, text.as_bytes()) }
    }

    /// Many numbers of eight bytes in one field.
    pub(super) fn packed64(&mut self, field: u32, values: impl Iterator<Item = u64>) -> &mut Self {
        let bytes: Vec<u8> = values.flat_map(u64::to_le_bytes).collect();
        self.bytes(field, &bytes)
    }

    /// A message within this one.
    pub(super) fn message(&mut self, field: u32, build: impl FnOnce(&mut Message)) -> &mut Self {
        let mut inner = Message::new();
        build(&mut inner);
        self.bytes(field, &inner.0)
    }
}
