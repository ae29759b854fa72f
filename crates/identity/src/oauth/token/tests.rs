use super::{Failure, read};
use proptest::prelude::*;
use std::time::Duration;

const NOW: Duration = Duration::from_secs(1000);

#[test]
fn tokens_are_read() {
    let text = r#"{"access_token":"a","token_type":"bearer","expires_in":60,"refresh_token":"r","scope":"x y"}"#;
    let tokens = read(200, text, NOW).unwrap();
    assert_eq!((tokens.access.expose().as_str(), tokens.expires_at), ("a", Some(Duration::from_secs(1060))));
    assert_eq!(tokens.refresh.unwrap().expose(), "r");
    assert_eq!(tokens.scopes.unwrap(), ["x", "y"]);
    let bare = read(200, r#"{"access_token":"a","token_type":"Bearer","expires_in":"90"}"#, NOW).unwrap();
    assert_eq!((bare.refresh, bare.scopes), (None, None));
    assert_eq!(bare.expires_at, Some(Duration::from_secs(1090)));
}

#[test]
fn answers_without_a_token_are_told_apart() {
    let refused = Failure::Refused("invalid_grant".to_owned(), "gone".to_owned());
    assert_eq!(read(400, r#"{"error":"invalid_grant","error_description":"gone\n"}"#, NOW), Err(refused));
    assert!(matches!(read(200, r#"{"error":"bad_verification_code"}"#, NOW), Err(Failure::Refused(..))));
    for (status, text) in [
        (200, ""),
        (200, "<html>"),
        (200, "{}"),
        (200, r#"{"access_token":"a"}"#),
        (200, r#"{"access_token":"a","token_type":"mac"}"#),
        (200, r#"{"access_token":"a\r\nX-Evil: 1","token_type":"bearer"}"#),
        (200, r#"{"access_token":"","token_type":"bearer"}"#),
        (500, r#"{"access_token":"a","token_type":"bearer"}"#),
        (302, ""),
    ] {
        assert!(matches!(read(status, text, NOW), Err(Failure::Nonsense(_))), "{status} {text}");
    }
    let long = format!(r#"{{"access_token":"{}","token_type":"bearer"}}"#, "a".repeat(20_000));
    assert!(read(200, &long, NOW).is_err());
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(status: u16, text: String, seconds: u64) {
        let _ = read(status, &text, NOW);
        let far = format!(r#"{{"access_token":"a","token_type":"bearer","expires_in":{seconds}}}"#);
        prop_assert!(read(200, &far, NOW).is_ok());
    }
}
