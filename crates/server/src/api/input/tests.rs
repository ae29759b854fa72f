use super::*;

const NUMBER: Parameter = Parameter { name: "number", about: "", shape: Shape::Whole(300) };
const FLAG: Parameter = Parameter { name: "flag", about: "", shape: Shape::Flag };
const TEXT: Parameter = Parameter { name: "a b", about: "", shape: Shape::Text };

fn asked(query: &str) -> Asked {
    Asked::read(query)
}

#[test]
fn texts_are_read_as_forms_write_them() {
    for (query, wanted) in [
        ("", None),
        ("a+b=c+d", Some("c d")),
        ("a%20b=%C3%A4%26", Some("\u{e4}&")),
        ("&&a+b", Some("")),
        ("a+b=x=y", Some("x=y")),
        ("a+b=%FF%4", Some("\u{fffd}%4")),
    ] {
        assert_eq!(asked(query).text(&TEXT).unwrap(), wanted, "{query}");
    }
}

#[test]
fn numbers_are_whole_and_within_their_limit() {
    for (query, wanted) in [("", None), ("number=0", Some(0)), ("number=300", Some(300)), ("other=x", None)] {
        assert_eq!(asked(query).whole(&NUMBER).unwrap(), wanted, "{query}");
    }
    for query in ["number", "number=", "number=301", "number=-1", "number=%2B1", "number=1.0", "number=1&number=1"] {
        assert_eq!(asked(query).whole(&NUMBER).unwrap_err().code(), Code::InvalidParams, "{query}");
    }
    assert!(asked("number=99999999999999999999999").whole(&NUMBER).is_err());
}

#[test]
fn a_flag_alone_is_true_and_false_is_not() {
    for (query, wanted) in [("", false), ("flag", true), ("flag=", true), ("flag=true", true), ("flag=false", false)] {
        assert_eq!(asked(query).flag(&FLAG).unwrap(), wanted, "{query}");
    }
    for query in ["flag=1", "flag=yes", "flag&flag"] {
        assert_eq!(asked(query).flag(&FLAG).unwrap_err().code(), Code::InvalidParams, "{query}");
    }
}
