use super::counted;

#[test]
fn one_tool_is_no_tools() {
    assert_eq!([0, 1, 2].map(counted), [", 0 tools", ", 1 tool", ", 2 tools"]);
}
