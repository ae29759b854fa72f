use super::*;

const NUMBER: Parameter = Parameter { name: "number", about: "", shape: Shape::Whole(300) };
const FLAG: Parameter = Parameter { name: "flag", about: "", shape: Shape::Flag };

fn asked(query: &str) -> Asked {
    let Query(pairs) = Query::try_from_uri(&format!("/x?{query}").parse().unwrap()).unwrap();
    Asked(pairs)
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
