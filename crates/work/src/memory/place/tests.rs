use super::Place;
use base::Code;
use proptest::prelude::*;

#[test]
fn places_are_a_scope_and_a_key() {
    let cases = [
        ("project/style", "project", "style"),
        ("project/style/words", "project", "style/words"),
        ("run:0197/findings", "run:0197", "findings"),
        ("user:team%2Fann/wishes", "user:team/ann", "wishes"),
        ("user:50%25/wishes", "user:50%", "wishes"),
    ];
    for (text, scope, key) in cases {
        let place = Place::parse(text).unwrap();
        assert_eq!((place.scope.as_str(), place.key.as_str(), place.text().as_str()), (scope, key, text));
    }
    for text in ["", "project", "/style", "project/"] {
        assert_eq!(Place::parse(text).unwrap_err().code(), Code::Usage, "{text}");
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_as_it_was(scope in "[a-z%/2F5:]{1,12}", key in "[a-z/]{1,8}") {
        let place = Place { scope, key };
        prop_assert_eq!(Place::parse(&place.text()).unwrap(), place);
    }
}
