use super::*;

#[test]
fn a_person_says_yes_no_or_that_it_is_to_be_edited() {
    for (line, expected) in [
        ("\n", Some(Consent::Yes)),
        ("Y\n", Some(Consent::Yes)),
        (" yes \n", Some(Consent::Yes)),
        ("e", Some(Consent::Edit)),
        ("EDIT\r\n", Some(Consent::Edit)),
        ("n\n", Some(Consent::No)),
        ("No", Some(Consent::No)),
        ("maybe", None),
        ("why?", None),
    ] {
        assert_eq!(consent(line), expected, "{line:?}");
    }
}

#[test]
fn a_question_of_the_line_is_taken_as_it_is() {
    assert_eq!(question(Some("Why?\n")).unwrap(), "Why?\n");
    assert_eq!(question(Some(" \n")).unwrap_err().code(), Code::Usage);
}
