use super::{Expected, Wrong, code};
use proptest::prelude::*;

const ISSUER: &str = "https://auth.example.com";

fn expected(names_itself: bool) -> Expected<'static> {
    Expected { state: "s", issuer: ISSUER, names_itself }
}

fn mixed(query: &str, names_itself: bool) -> bool {
    matches!(code(query, &expected(names_itself)), Err(Wrong::Mixed(_)))
}

#[test]
fn a_code_is_taken() {
    assert_eq!(code("code=c&state=s", &expected(false)).unwrap(), "c");
    assert_eq!(code("state=s&iss=https%3A%2F%2Fauth.example.com&code=c", &expected(true)).unwrap(), "c");
    assert_eq!(code("state=s&iss=https://auth.example.com&code=c&session_state=x", &expected(false)).unwrap(), "c");
}

#[test]
fn a74_an_answer_of_another_server_is_refused() {
    assert!(mixed("code=c&state=s", true), "`iss` is missing though advertised");
    for names_itself in [true, false] {
        for issuer in ["https://evil.example.com", "https://auth.example.com/", "https://AUTH.example.com", ""] {
            assert!(mixed(&format!("code=c&state=s&iss={issuer}"), names_itself), "{issuer}");
            assert!(mixed(&format!("error=access_denied&state=s&iss={issuer}"), names_itself), "{issuer}");
        }
    }
    assert!(mixed("error=access_denied&state=s", true));
}

#[test]
fn a78_a_state_that_is_missing_or_swapped_is_refused() {
    for query in ["code=c", "code=c&state=", "code=c&state=S", "code=c&state=s2", "error=x", ""] {
        assert_eq!(code(query, &expected(false)), Err(Wrong::Stranger), "{query}");
    }
    assert_eq!(code("code=c&state=s&state=s", &expected(false)), Err(Wrong::Stranger));
    assert!(mixed("code=c&code=d&state=s", false));
}

#[test]
fn a_refusal_says_why_without_control_characters() {
    let wrong = code("error=access_denied&error_description=no%0A%1B[31m+thanks&state=s", &expected(false));
    assert_eq!(wrong, Err(Wrong::Refused("access_denied".to_owned(), "no[31m thanks".to_owned())));
}

proptest! {
    #[test]
    fn nothing_but_the_right_state_gives_a_code(query in "\\PC{0,80}", state in "[a-z]{1,8}") {
        prop_assume!(state != "s");
        prop_assert!(code(&query, &expected(false)).is_err() || query.contains("state=s") || query.contains('%'));
        let other = format!("code=c&state={state}");
        prop_assert_eq!(code(&other, &expected(false)), Err(Wrong::Stranger));
    }
}
