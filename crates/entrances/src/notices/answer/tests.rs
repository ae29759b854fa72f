//! Answers to notices.

use super::*;

#[test]
fn an_answer_needs_both_headers_once() {
    let secret = Secret::new("a secret of both".to_owned());
    let timestamp = clock::wall().as_secs().to_string();
    let signature = crate::signature::sign(&secret, &crate::signature::stamped(&timestamp, b"{}"));
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let both = vec![header(TIMESTAMP, &timestamp), header(HEADERS[0], &signature)];
    let is_signed = |headers: &[(String, String)]| Answer { headers, body: b"{}" }.is_signed(&secret);
    assert!(is_signed(&both));
    assert!(!is_signed(&both[..1]) && !is_signed(&both[1..]));
    assert!(!is_signed(&[both, vec![header(TIMESTAMP, &timestamp)]].concat()));
    for odd in ["", "-1", "1e9", "99999999999999999999"] {
        let stamped = crate::signature::sign(&secret, &crate::signature::stamped(odd, b"{}"));
        assert!(!is_signed(&[header(TIMESTAMP, odd), header(HEADERS[0], &stamped)]), "{odd}");
    }
}
