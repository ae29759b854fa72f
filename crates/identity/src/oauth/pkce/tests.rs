use super::Verifier;
use base::Secret;

/// The example of RFC 7636, appendix B.
#[test]
fn the_challenge_is_that_of_the_standard() {
    let verifier = Verifier(Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned()));
    assert_eq!(verifier.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

#[test]
fn a69_each_verifier_is_new_and_of_full_length() {
    let (one, two) = (Verifier::new().unwrap(), Verifier::new().unwrap());
    assert_ne!(one.expose(), two.expose());
    assert_eq!(one.expose().len(), 43);
}
