use super::{decode, encode};
use proptest::prelude::*;

proptest! {
    #[test]
    fn what_is_encoded_is_decoded(value in ".*") {
        let header = encode(&value).into_owned();
        prop_assert!(header.bytes().all(|byte| (0x20..0x7f).contains(&byte)));
        prop_assert_eq!(decode(&header), Some(value.into()));
    }
}

#[test]
fn a23_broken_encodings_are_refused() {
    for header in ["=?base64?!!?=", "=?base64?YQ=?=", "=?base64?YR==?=", "=?base64?/w==?="] {
        assert_eq!(decode(header), None, "{header}");
    }
}

#[test]
fn half_a_mark_is_none() {
    for header in ["=?base64?YQ==", "YQ==?=", "=?base64?=", "=?BASE64?YQ==?="] {
        assert_eq!(decode(header), Some(header.into()), "{header}");
    }
}
