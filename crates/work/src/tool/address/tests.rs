use super::{Address, of_listed};
use base::Code;

#[test]
fn all_ways_to_name_a_tool_mean_the_same() {
    let cases = [
        ("mcp://files/read_file", Some("files"), "read_file", "files__read_file"),
        ("files/read_file", Some("files"), "read_file", "files__read_file"),
        ("files__read_file", Some("files"), "read_file", "files__read_file"),
        (" files/read_file ", Some("files"), "read_file", "files__read_file"),
        ("mcp://a/b/c", Some("a"), "b/c", "a__b_c_"),
        ("a__b__c", Some("a"), "b__c", "a__b__c"),
        ("mcp://a/b__c", Some("a"), "b__c", "a__b__c"),
        ("search", None, "search", "search"),
    ];
    for (text, server, tool, listed) in cases {
        let address = Address::parse(text).unwrap();
        assert_eq!((address.server.as_deref(), address.tool.as_str()), (server, tool), "{text}");
        // A name with characters that clients refuse gets a piece of its digest at the end.
        let expected =
            if listed.ends_with('_') { address.listed().starts_with(listed) } else { address.listed() == listed };
        assert!(expected, "{text}: {}", address.listed());
    }
}

#[test]
fn what_names_no_tool_is_refused() {
    for text in
        ["", " ", "mcp://", "mcp://files", "mcp://files/", "mcp:///x", "/x", "x/", "__x", "x__", "a/\u{1b}[31mb"]
    {
        let error = Address::parse(text).unwrap_err();
        assert_eq!(error.code(), Code::Usage, "{text:?}");
        assert!(!error.message().contains('\u{1b}'));
    }
}

#[test]
fn listed_names_lead_back_to_addresses() {
    let servers = ["files", "my-time"];
    let cases = [
        ("files__read_file", Some("files"), "mcp://files/read_file"),
        ("my-time__now__then", Some("my-time"), "mcp://my-time/now__then"),
        ("other__tool", None, "other__tool"),
        ("search", None, "search"),
    ];
    for (name, server, address) in cases {
        assert_eq!(of_listed(name, &servers), (server, address.to_owned()), "{name}");
    }
}

#[test]
fn an_address_that_was_listed_is_found_again() {
    for name in ["files__read_file", "files__a__b", "files__x_y_0a1b2c3d"] {
        let (_, address) = of_listed(name, &["files"]);
        assert_eq!(Address::parse(&address).unwrap().listed(), name);
    }
}
