//! Reading messages of Protocol Buffers by the numbers of their fields.

/// One field.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Field {
    Varint(u64),
    Fixed64(u64),
    Fixed32(u32),
    Bytes(Vec<u8>),
}

/// All fields with this number.
pub(super) fn fields(message: &[u8], wanted: u64) -> Vec<Field> {
    let mut rest = message;
    let mut found = Vec::new();
    while !rest.is_empty() {
        let tag = varint(&mut rest);
        let field = match tag & 7 {
            0 => Field::Varint(varint(&mut rest)),
            1 => Field::Fixed64(u64::from_le_bytes(take(&mut rest, 8).try_into().unwrap())),
            2 => {
                let length = usize::try_from(varint(&mut rest)).unwrap();
                Field::Bytes(take(&mut rest, length).to_vec())
            }
            5 => Field::Fixed32(u32::from_le_bytes(take(&mut rest, 4).try_into().unwrap())),
            other => panic!("an unknown type {other}"),
        };
        if tag >> 3 == wanted {
            found.push(field);
        }
    }
    found
}

/// All messages in fields with this number.
pub(super) fn messages(message: &[u8], field: u64) -> Vec<Vec<u8>> {
    let bytes = |field| match field {
        Field::Bytes(bytes) => bytes,
        other => panic!("no message: {other:?}"),
    };
    fields(message, field).into_iter().map(bytes).collect()
}

pub(super) fn bytes(message: &[u8], field: u64) -> Vec<u8> {
    messages(message, field).pop().unwrap_or_default()
}

pub(super) fn text(message: &[u8], field: u64) -> String {
    String::from_utf8(bytes(message, field)).unwrap()
}

/// The numbers of eight bytes in one field.
pub(super) fn packed(message: &[u8], field: u64) -> Vec<u64> {
    bytes(message, field).chunks_exact(8).map(|number| u64::from_le_bytes(number.try_into().unwrap())).collect()
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (taken, left) = rest.split_at(count);
    *rest = left;
    taken
}

fn varint(rest: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = take(rest, 1)[0];
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return value;
        }
    }
    panic!("a number without an end")
}
