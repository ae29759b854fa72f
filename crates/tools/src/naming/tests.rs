use super::{NAME_LIMIT, exposed, exposed_uri, fault, is_tool_name, original_uri};
use proptest::prelude::*;

proptest! {
    #[test]
    fn h18_every_name_is_one_that_clients_take(upstream in "[a-z0-9-]{1,32}", tool in ".{0,200}") {
        let name = exposed(&upstream, &tool);
        prop_assert!(is_tool_name(&name), "{name}");
        prop_assert!(name.len() <= NAME_LIMIT);
        let (prefix, _) = name.split_once("__").unwrap();
        prop_assert_eq!(prefix, upstream);
    }

    #[test]
    fn h18_different_tools_have_different_names(left in "[a-zA-Z_. /]{1,80}", right in "[a-zA-Z_. /]{1,80}") {
        prop_assume!(left != right);
        prop_assert_ne!(exposed("u", &left), exposed("u", &right));
    }

    #[test]
    fn h19_resource_addresses_go_there_and_back(upstream in "[a-z0-9-]{1,32}", uri in "[a-z]{1,5}:.{0,40}") {
        prop_assume!(!uri.starts_with("ui://"));
        let seen = exposed_uri(&upstream, &uri).into_owned();
        prop_assert_eq!(original_uri(&seen), Some((upstream.as_str(), uri.as_str())));
    }
}

#[test]
fn h18_plain_names_stay_readable() {
    assert_eq!(exposed("files", "read_file"), "files__read_file");
    let dotted = exposed("a", "b.c");
    assert!(dotted.starts_with("a__b_c_") && dotted.len() == "a__b_c_".len() + 8, "{dotted}");
    // What came of a change is found by it again.
    for tool in ["", "b.c", "é"] {
        let changed = exposed("a", tool);
        assert_eq!(exposed("a", changed.strip_prefix("a__").unwrap()), changed, "{tool}");
    }
    assert_eq!(exposed_uri("docs", "ui://widget/1"), "ui://widget/1");
    assert_eq!(exposed_uri("docs", "file:///{path}"), "tutti://docs/file:///{path}");
}

#[test]
fn h18_names_that_would_be_ambiguous_are_refused() {
    for name in ["", "a__b", "a b", "ä", "_a", "a_", &"x".repeat(33)] {
        assert!(fault(name).is_some(), "{name}");
    }
    assert_eq!(fault("my-server_2"), None);
}
