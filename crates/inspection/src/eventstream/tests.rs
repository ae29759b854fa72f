use super::testing::{encode, encode_raw, event, exception};
use super::*;
use proptest::prelude::*;

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// An event as botocore reads it.
const EVENT: &str = "0000009e00000057fe1b824f0b3a6576656e742d74797065070011636f6e74656e74426c6f636b44656c74610d3a636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d747970650700056576656e747b22636f6e74656e74426c6f636b496e646578223a302c2264656c7461223a7b2274657874223a224869227d2c2270223a22616263227d9343f010";
/// One with a header of every type.
const ALL_TYPES: &str = "000000980000007cdde78eaf016100016201016302070164030001016504000000010166050000000000000001016706000378797a01680700037478740169080000010203040506016a09000102030405060708090a0b0c0d0e0f0d3a6d6573736167652d747970650700056576656e740b3a6576656e742d747970650700086d657461646174617b227573616765223a7b7d7dd48eec83";

#[test]
fn published_messages_have_their_checksums() {
    // The test vectors of AWS's own libraries: `empty_message`, `payload_no_headers`, `payload_one_str_header`.
    let table = [
        (vec![], "", "000000100000000005c248eb7d98c8ff"),
        (vec![], "{'foo':'bar'}", "0000001d00000000fd528c5a7b27666f6f273a27626172277dc3653936"),
        (
            vec![("content-type", "application/json")],
            "{'foo':'bar'}",
            "0000003d0000002007fd83960c636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e7b27666f6f273a27626172277d8d9c08b1",
        ),
    ];
    for (headers, payload, expected) in table {
        let expected = bytes(expected);
        assert_eq!(encode(&headers, payload.as_bytes()), expected);
        assert_eq!(length(&expected, 1024), Ok(Some(expected.len())));
        assert_eq!(Message::read(&expected), Err(Fault::Invalid), "it has no type");
    }
}

#[test]
fn a_message_says_its_name_and_its_data() {
    let message = bytes(EVENT);
    let data = r#"{"contentBlockIndex":0,"delta":{"text":"Hi"},"p":"abc"}"#;
    assert_eq!(event("contentBlockDelta", data), message);
    let expected = Message { name: "contentBlockDelta", data: data.into(), failed: false };
    assert_eq!(Message::read(&message), Ok(expected));
    let expected = Message { name: "metadata", data: r#"{"usage":{}}"#.into(), failed: false };
    assert_eq!(Message::read(&bytes(ALL_TYPES)), Ok(expected));
}

#[test]
fn failures_are_told_from_events() {
    let message = exception("throttlingException", r#"{"message":"slow down"}"#);
    let expected = Message { name: "throttlingException", data: r#"{"message":"slow down"}"#.into(), failed: true };
    assert_eq!(Message::read(&message), Ok(expected));
    let error = |code| encode(&[(":message-type", "error"), (":error-code", code), (":error-message", "a \"b\"")], b"");
    let table = [
        ("InternalFailure", "internalServerException", r#"{"message":"InternalFailure: a \"b\""}"#),
        ("ThrottlingException", "ThrottlingException", r#"{"message":"ThrottlingException: a \"b\""}"#),
    ];
    for (code, name, data) in table {
        let message = error(code);
        assert_eq!(Message::read(&message), Ok(Message { name, data: data.into(), failed: true }));
    }
}

#[test]
fn what_is_no_message_is_a_fault() {
    let invalid = [
        encode(&[(":message-type", "event")], b"{}"),
        encode(&[(":event-type", "x")], b"{}"),
        encode(&[(":message-type", "what"), (":event-type", "x")], b"{}"),
        encode(&[(":message-type", "event"), (":event-type", "x"), (":event-type", "y")], b"{}"),
        encode(&[(":message-type", "event"), (":event-type", "x")], b"\xff"),
        // A name that goes on behind the headers, a type that is none, a name of an event that is a number.
        encode_raw(b"\x09x", b"{}"),
        encode_raw(b"\x01x\x0a", b"{}"),
        encode_raw(b"\x0b:event-type\x02\x07", b"{}"),
        encode_raw(b"\x01x\x07\xff", b"{}"),
    ];
    for message in invalid {
        assert_eq!(Message::read(&message), Err(Fault::Invalid), "{message:?}");
    }
    let long = event("x", &"y".repeat(2000));
    assert_eq!((length(&long, 1999), length(&long[..12], 2000)), (Err(Fault::TooLong), Ok(Some(long.len()))));
    let sums = |total: u32, headers: u32| {
        let lengths = [total.to_be_bytes(), headers.to_be_bytes()].concat();
        [lengths.as_slice(), &crc32(&lengths).to_be_bytes()].concat()
    };
    assert_eq!(length(&sums(15, 0), 1024), Err(Fault::Damaged));
    assert_eq!(length(&sums(100, 85), 1024), Err(Fault::Damaged));
    assert_eq!(length(&sums(u32::MAX, 0), 1024), Err(Fault::TooLong));
    assert_eq!(length(&sums(u32::MAX, u32::MAX - 16), 1024), Err(Fault::TooLong));
    assert_eq!(length(&[0xff; 11], 1024), Ok(None));
    assert_eq!(Message::read(&long[..long.len() - 1]), Err(Fault::Damaged));
}

proptest! {
    #[test]
    fn a_byte_that_changed_is_noticed(at in 0..bytes(EVENT).len(), bit in 0..8u32) {
        let mut message = bytes(EVENT);
        message[at] ^= 1 << bit;
        prop_assert!(Message::read(&message).is_err());
    }
}
