use super::{decode, encode};
use proptest::prelude::*;

proptest! {
    #[test]
    fn what_is_encoded_is_decoded(pairs: Vec<(String, String)>) {
        prop_assume!(pairs.iter().all(|(name, value)| !(name.is_empty() && value.is_empty())));
        let text = encode(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        prop_assert!(text.is_ascii());
        prop_assert_eq!(decode(&text, usize::MAX), Some(pairs));
    }

    #[test]
    fn nothing_makes_it_panic(text: String) {
        let _ = decode(&text, 10);
    }
}

#[test]
fn forms() {
    let pairs = |text| decode(text, 3);
    let made = |pairs: &[(&str, &str)]| {
        Some(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    };
    assert_eq!(pairs("a=b+c&d=%26%3D&e"), made(&[("a", "b c"), ("d", "&="), ("e", "")]));
    assert_eq!(pairs(""), made(&[]));
    for bad in ["a=%", "a=%2", "a=%zz", "a=%ff", "a&b&c&d"] {
        assert_eq!(pairs(bad), None, "{bad}");
    }
}
