use super::Sealer;
use proptest::prelude::*;

fn sealer() -> Sealer {
    Sealer::new(&[7; 32])
}

proptest! {
    #[test]
    fn what_is_sealed_comes_out_again(plain: Vec<u8>, associated: Vec<u8>) {
        let sealed = sealer().seal(&plain, &associated).unwrap();
        prop_assert!(sealed.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
        prop_assert_eq!(sealer().open(&sealed, &associated), Some(plain));
    }

    #[test]
    fn a_changed_text_does_not_open(plain: Vec<u8>, at: prop::sample::Index, bit in 0..8u8) {
        let sealed = sealer().seal(&plain, b"me").unwrap();
        let mut bytes = sealed.into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(changed) = String::from_utf8(bytes) {
            prop_assert_eq!(sealer().open(&changed, b"me"), None);
        }
    }

    #[test]
    fn anything_else_is_refused_without_a_panic(text in ".{0,200}", cut: prop::sample::Index) {
        prop_assert_eq!(sealer().open(&text, b""), None);
        let sealed = sealer().seal(b"some text", b"").unwrap();
        let cut = cut.index(sealed.len());
        prop_assert_eq!(sealer().open(&sealed[..cut], b""), None);
    }
}

#[test]
fn a_text_opens_only_for_its_purpose_its_key_and_what_it_is_bound_to() {
    let sessions = sealer().for_purpose("sessions").unwrap();
    let sealed = sessions.seal(b"secret", b"alice").unwrap();
    assert_eq!(sealer().for_purpose("sessions").unwrap().open(&sealed, b"alice").unwrap(), b"secret");
    assert_eq!(sessions.open(&sealed, b"bob"), None);
    assert_eq!(sealer().open(&sealed, b"alice"), None);
    assert_eq!(sealer().for_purpose("states").unwrap().open(&sealed, b"alice"), None);
    assert_eq!(Sealer::new(&[8; 32]).for_purpose("sessions").unwrap().open(&sealed, b"alice"), None);
}

#[test]
fn the_same_text_is_sealed_differently_each_time_and_is_not_seen_in_it() {
    let (one, two) = (sealer().seal(b"secret", b"").unwrap(), sealer().seal(b"secret", b"").unwrap());
    assert_ne!(one, two);
    assert_eq!(one.len(), (1 + 24 + 6 + 16usize).div_ceil(3) * 4 - 1);
}

/// A text of the first release: later ones must still open it.
#[test]
fn the_form_stays() {
    let sealer = sealer().for_purpose("form").unwrap();
    let kept = "AcA2MQJQcJP-vjvLTf9wXCfNA1vqgr0d3zLAELLGxHQG2ST7OgdcDTZqban5";
    assert_eq!(sealer.open(kept, b"kept").unwrap(), b"kept");
}

#[test]
fn stable_texts_are_the_same_for_the_same_input_only() {
    let sealer = Sealer::new(&[7; 32]);
    let text = sealer.seal_stable(b"plain", b"one").unwrap();
    assert_eq!(sealer.seal_stable(b"plain", b"one").unwrap(), text);
    assert_eq!(sealer.open(&text, b"one").unwrap(), b"plain");
    assert_eq!(sealer.open(&text, b"two"), None);
    let others = [
        sealer.seal_stable(b"plain", b"two").unwrap(),
        sealer.seal_stable(b"plainone", b"").unwrap(),
        sealer.for_purpose("p").unwrap().seal_stable(b"plain", b"one").unwrap(),
    ];
    for other in others {
        assert_ne!(other[..32], text[..32], "another salt");
    }
}
