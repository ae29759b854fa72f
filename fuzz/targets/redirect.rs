//! What comes back through a person's browser: only an answer to this very login gives a code.

use super::input;
use identity::oauth::callback::{Expected, code};
use identity::oauth::form;

pub(crate) fn feed(data: &[u8]) {
    let Some([query, name, value]) = input::texts(data) else { return };
    for names_itself in [false, true] {
        let expected = Expected { state: "s-1", issuer: "https://login.example", names_itself };
        if let Ok(code) = code(query, &expected) {
            assert!(!code.is_empty() && query.contains("state="), "a code for nobody");
            let Some(pairs) = form::decode(query, 32) else { panic!("it was read before") };
            let all = |wanted: &str| {
                pairs.iter().filter(|(name, _)| name == wanted).map(|(_, value)| value.as_str()).collect::<Vec<_>>()
            };
            assert_eq!((all("state"), all("code")), (vec!["s-1"], vec![code.as_str()]));
            assert!(all("error").is_empty() && all("iss").iter().all(|issuer| *issuer == "https://login.example"));
            assert!(!names_itself || all("iss").len() == 1, "from nobody knows whom");
        }
    }
    let head = format!("GET /callback?{query} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n");
    if let Some(read) = identity::redirect::query(&head) {
        assert!(query.starts_with(&read) && !read.contains([' ', '\n']), "another query: {read:?}");
    }
    let _ = identity::redirect::query(query);
    let pairs = [(name, value), (value, name)];
    let written = form::encode(pairs);
    let expected = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let read = form::decode(&written, 2);
    assert_eq!(read.as_deref(), Some(expected.as_slice()), "what was written: {written}");
    let _ = form::decode(query, 4);
}
