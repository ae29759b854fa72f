use super::check;
use crate::repository::Repository;
use crate::workspace::Package;

fn messages(name: &str, manifest: &str, code: &str) -> Vec<String> {
    let folder = format!("crates/{name}");
    let (first, second) = (format!("{folder}/Cargo.toml"), format!("{folder}/src/lib.rs"));
    let mut repository = Repository::of(&[(&first, manifest), (&second, code)]);
    repository.packages = vec![Package { name: name.to_owned(), folder, dependencies: Vec::new() }];
    check(&repository).into_iter().map(|finding| finding.message).collect()
}

#[test]
fn all_crates_but_one_have_the_lints_of_the_workspace() {
    assert!(messages("tools", "[package]\n\n[lints]\nworkspace = true\n", "").is_empty());
    assert_eq!(messages("tools", "[lints.rust]\nunsafe_code = \"deny\"\n", ""), ["tools has lints of its own"]);
    assert!(messages("cards", "[package]\n\n[lints.rust]\nunsafe_code = \"deny\"\n", "").is_empty());
    assert_eq!(messages("cards", "[lints.rust]\nunsafe_code = \"allow\"\n", ""), ["cards has lints of its own"]);
}

#[test]
fn the_one_crate_has_unsafe_in_one_file() {
    let code = "#[expect(unsafe_code, reason = \"\")]\nfn a() {}\n";
    let found = messages("cards", "[package]\n\n[lints.rust]\nunsafe_code = \"deny\"\n", code);
    assert_eq!(found, ["`unsafe` beyond its one place"]);
}
