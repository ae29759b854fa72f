use super::{spell_out, words};
use proptest::prelude::*;

fn found(text: &str) -> String {
    words(text).join(" ")
}

#[test]
fn identifiers_and_sentences_give_the_same_words() {
    for (text, expected) in [
        ("getUserById", "get user id"),
        ("get_user_by_id", "get user id"),
        ("get-user.by/id", "get user id"),
        ("HTTPServer", "http server"),
        ("parseXMLText", "pars xml text"),
        ("base64Encode", "base64 encod"),
        ("Lists the FILES, filing and filed!", "list fil fil fil"),
        ("stopped stopping stops", "stop stop stop"),
        ("repositories repository", "repository repository"),
        ("access status process", "access status process"),
        ("Crème brûlée", "crem brule"),
        ("Übersicht", "ubersicht"),
        ("東京の天気", "東京 京の の天 天気"),
        ("空 3 days", "空 3 day"),
        ("", ""),
        ("of the and", ""),
    ] {
        assert_eq!(found(text), expected, "{text}");
    }
}

#[test]
fn data_is_not_words() {
    assert_eq!(found(&format!("key {}", "a1".repeat(40))), "key");
}

#[test]
fn identifiers_are_spelled_out() {
    for (identifier, expected) in [
        ("HTTPServer.getUserById", "http server get user by id"),
        ("list_pull-requests", "list pull requests"),
        ("__x__", "x"),
        ("", ""),
    ] {
        assert_eq!(spell_out(identifier), expected);
    }
}

proptest! {
    #[test]
    fn words_are_never_empty_and_the_same_again(text in "\\PC{0,80}") {
        let once = words(&text);
        prop_assert!(once.iter().all(|word| !word.is_empty()));
        prop_assert_eq!(words(&text), once);
    }
}
