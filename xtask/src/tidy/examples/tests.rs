use super::check;
use crate::repository::Repository;

const TEST: &str = "// tidy: loads every example (yaml, toml)\nfn walk() { list(\"examples\"); }\n";

fn messages(files: &[(&str, &str)]) -> Vec<String> {
    check(&Repository::of(files)).into_iter().map(|finding| finding.message).collect()
}

#[test]
fn an_example_that_no_test_loads_is_found_once_for_its_kind() {
    let found = messages(&[("examples/a/tutti.yaml", ""), ("examples/b/tutti.yaml", "")]);
    assert_eq!(found, ["no test says that it loads every example that ends with .yaml"]);
}

#[test]
fn the_test_must_name_the_ending() {
    let test = ("e2e/examples.rs", TEST);
    assert!(
        messages(&[test, ("examples/a/tutti.yaml", ""), ("examples/README.md", ""), ("examples/a/run.sh", "")])
            .is_empty()
    );
    let found = messages(&[test, ("examples/a/mcp.json", "")]);
    assert_eq!(found, ["no test says that it loads every example that ends with .json"]);
}

#[test]
fn a_mark_without_a_walk_and_one_of_this_tool_do_not_count() {
    assert_eq!(messages(&[("e2e/examples.rs", "// tidy: loads every example (yaml)\n")]).len(), 1);
    assert_eq!(messages(&[("xtask/src/x.rs", TEST), ("examples/a/tutti.yaml", "")]).len(), 1);
}
