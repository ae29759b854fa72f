use super::{Bearer, bearer};
use proptest::prelude::*;

fn read(header: &str) -> Option<Bearer> {
    bearer(&[header.to_owned()])
}

fn made(metadata: Option<&str>, scope: Option<&str>, error: Option<&str>) -> Option<Bearer> {
    let own = |text: Option<&str>| text.map(str::to_owned);
    Some(Bearer { resource_metadata: own(metadata), scope: own(scope), error: own(error) })
}

#[test]
fn challenges_are_read() {
    let table = [
        ("Bearer", made(None, None, None)),
        ("bearer scope=\"a b\"", made(None, Some("a b"), None)),
        (
            "Bearer resource_metadata=\"https://x/y?z=1,2\", scope=\"a\", error=\"invalid_token\"",
            made(Some("https://x/y?z=1,2"), Some("a"), Some("invalid_token")),
        ),
        ("Bearer error=insufficient_scope,scope=a", made(None, Some("a"), Some("insufficient_scope"))),
        ("Basic realm=\"x, Bearer scope=no\", Bearer realm=\"y\", scope = \"yes\"", made(None, Some("yes"), None)),
        ("Negotiate abc==, Bearer scope=\"a\\\"b\"", made(None, Some("a\"b"), None)),
        ("Bearer scope=\"a\", Basic scope=\"b\"", made(None, Some("a"), None)),
        ("Bearer Scope=\"a\", scope=\"b\"", made(None, Some("a"), None)),
        ("Basic realm=\"x\"", None),
        ("DPoP algs=\"ES256\"", None),
        ("", None),
        (", ,", None),
    ];
    for (header, wanted) in table {
        assert_eq!(read(header), wanted, "{header}");
    }
    let two = ["Basic realm=x".to_owned(), "Bearer scope=a".to_owned()];
    assert_eq!(bearer(&two), made(None, Some("a"), None));
    assert_eq!(read(&format!("Bearer scope=\"{}\"", "a".repeat(20_000))), None);
}

proptest! {
    #[test]
    fn no_header_makes_it_panic(header in "\\PC{0,100}") {
        let _ = read(&header);
        let _ = read(&format!("Bearer scope=\"{header}"));
    }
}
