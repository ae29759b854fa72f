use super::check;
use crate::repository::Repository;
use crate::workspace::{Dependency, Package};

/// What is found when the crate `name` uses `used`; `dev:` in front of a name puts it under the dependencies of tests.
fn messages(name: &str, used: &[&str]) -> Vec<String> {
    let dependency = |text: &&str| Dependency {
        name: text.trim_start_matches("dev:").to_owned(),
        for_tests: text.starts_with("dev:"),
    };
    let dependencies = used.iter().map(dependency).collect();
    let package = Package { name: name.to_owned(), folder: format!("crates/{name}"), dependencies };
    let repository = Repository { packages: vec![package], ..Repository::default() };
    check(&repository).into_iter().map(|finding| finding.message).collect()
}

#[test]
fn lower_layers_and_foreign_crates_are_fine() {
    assert!(messages("tools", &["base", "mcp", "search", "serde_json"]).is_empty());
    assert!(messages("tutti", &["server", "tools"]).is_empty());
    assert!(messages("xtask", &["server"]).is_empty());
}

#[test]
fn the_own_layer_and_higher_ones_are_not() {
    assert_eq!(messages("tools", &["llm"]), ["tools (layer 3) uses llm (layer 3)"]);
    assert_eq!(messages("base", &["store"]), ["base (layer 0) uses store (layer 1)"]);
    assert_eq!(messages("base", &["xtask"]), ["base uses xtask, which stands outside the house"]);
}

#[test]
fn tests_may_use_what_they_need() {
    assert!(messages("mcp", &["dev:store"]).is_empty());
}

#[test]
fn a_crate_that_nobody_placed_is_found() {
    assert_eq!(messages("shed", &[]), ["the crate shed has no layer"]);
}

#[test]
fn the_line_is_that_of_the_dependency() {
    let manifest = "[package]\nname = \"mcp\"\n\n[dependencies]\nstore.workspace = true\n";
    let mut repository = Repository::of(&[("crates/mcp/Cargo.toml", manifest)]);
    let dependencies = vec![Dependency { name: "store".into(), for_tests: false }];
    repository.packages = vec![Package { name: "mcp".into(), folder: "crates/mcp".into(), dependencies }];
    assert_eq!(check(&repository)[0].line, 5);
}
