use super::{Key, check, sign};
use base::{Code, Secret};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
    UnparsedPublicKey,
};
use serde_json::Value;
use std::time::Duration;

fn pem(bytes: &[u8]) -> Secret<String> {
    Secret::new(format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(bytes)))
}

fn parts(pem: &Secret<String>) -> (Value, Value, String, Vec<u8>) {
    let key = Key { pem, id: Some("k1"), now: Duration::from_secs(1000) };
    let text = sign("me", "https://auth.example.com", &key).unwrap();
    let (signed, signature) = text.rsplit_once('.').unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    let decode = |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    (decode(header), decode(claims), signed.to_owned(), URL_SAFE_NO_PAD.decode(signature).unwrap())
}

#[test]
fn a_statement_is_signed_for_one_server_and_a_short_time() {
    let random = SystemRandom::new();
    let bytes = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    let (header, claims, signed, signature) = parts(&pem(bytes.as_ref()));
    assert_eq!((header["alg"].as_str(), header["kid"].as_str()), (Some("ES256"), Some("k1")));
    assert_eq!((claims["iss"].as_str(), claims["sub"].as_str()), (Some("me"), Some("me")));
    assert_eq!(claims["aud"], "https://auth.example.com");
    assert_eq!((claims["iat"].as_u64(), claims["exp"].as_u64()), (Some(1000), Some(1120)));
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes.as_ref(), &random).unwrap();
    let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key());
    public.verify(signed.as_bytes(), &signature).unwrap();
}

#[test]
fn edwards_keys_sign_too_and_line_ends_may_be_written_out() {
    let bytes = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    let written = Secret::new(pem(bytes.as_ref()).expose().replace('\n', "\\n"));
    let (header, _, signed, signature) = parts(&written);
    assert_eq!(header["alg"], "EdDSA");
    let pair = Ed25519KeyPair::from_pkcs8(bytes.as_ref()).unwrap();
    UnparsedPublicKey::new(&ED25519, pair.public_key()).verify(signed.as_bytes(), &signature).unwrap();
}

#[test]
fn what_is_no_key_is_refused_without_being_shown() {
    for text in [
        "",
        "canary",
        "-----BEGIN PRIVATE KEY-----\nY2FuYXJ5\n-----END PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----\nY2FuYXJ5\n-----END RSA PRIVATE KEY-----",
    ] {
        let error = check(text).unwrap_err();
        assert_eq!(error.code(), Code::ClientKey);
        assert!(!error.to_string().contains("canary") && !error.to_string().contains("Y2FuYXJ5"));
    }
}
