use super::{address, fits, parts};

#[test]
fn a_star_stands_for_any_characters() {
    let cases = [
        ("mcp://files/read_*", "mcp://files/read_file", true),
        ("mcp://files/read_*", "mcp://files/write_file", false),
        ("mcp://files/read_*", "mcp://files/read_", true),
        ("mcp://*/get", "mcp://web/get", true),
        ("mcp://*/get", "mcp://web/get_all", false),
        ("mcp://web/*_by_*", "mcp://web/find_by_name", true),
        ("mcp://web/a*a", "mcp://web/a", false),
        ("mcp://web/get", "mcp://web/get", true),
        ("mcp://web/get", "mcp://web/getter", false),
        ("*", "", true),
        ("a*b*b", "ab", false),
    ];
    for (pattern, text, expected) in cases {
        assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
    }
}

#[test]
fn an_address_has_an_upstream_and_a_tool() {
    assert_eq!(parts(&address("web", "get/all")), Some(("web", "get/all")));
    assert_eq!(parts("web__get"), None);
}
