//! Signatures.

use super::*;

/// The secret of GitHub's documentation.
const SECRET: &str = "It's a Secret to Everybody";

#[test]
fn the_example_of_the_documentation_is_signed_so() {
    // docs.github.com, validating webhook deliveries, testing the webhook payload validation.
    let secret = Secret::new(SECRET.to_owned());
    let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    assert!(is_signed(&secret, b"Hello, World!", signature));
    assert_eq!(sign(&secret, b"Hello, World!"), signature);
    assert!(!is_signed(&secret, b"Hello, World", signature));
    for wrong in ["", "sha256=", "sha256=zz", "sha256=7571", "sha256=7", "sha1=757107ea", &signature[7..]] {
        assert!(!is_signed(&secret, b"Hello, World!", wrong) && !is_signature(wrong), "{wrong}");
    }
}
