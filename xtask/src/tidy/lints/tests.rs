use super::check;
use crate::repository::{File, Repository};
use crate::workspace::Package;

fn messages(name: &str, manifest: &str, code: &str) -> Vec<String> {
    let folder = format!("crates/{name}");
    let files = [("Cargo.toml", manifest), ("src/lib.rs", code)];
    let files = files.map(|(path, text)| File::new(&format!("{folder}/{path}"), text.to_owned())).into();
    let packages = vec![Package { name: name.to_owned(), folder, dependencies: Vec::new() }];
    check(&Repository { files, packages }).into_iter().map(|finding| finding.message).collect()
}

#[test]
fn all_crates_but_one_have_the_lints_of_the_workspace() {
    assert!(messages("tools", "[package]\n\n[lints]\nworkspace = true\n", "").is_empty());
    assert_eq!(messages("tools", "[lints.rust]\nunsafe_code = \"deny\"\n", ""), ["tools has lints of its own"]);
    assert!(messages("cards", "[lints.rust]\nunsafe_code = \"deny\"\n", "").is_empty());
    assert_eq!(messages("cards", "[lints.rust]\nunsafe_code = \"allow\"\n", ""), ["cards has lints of its own"]);
}

#[test]
fn the_one_crate_has_unsafe_in_one_file() {
    let code = "#[expect(unsafe_code, reason = \"\")]\nfn a() {}\n";
    let found = messages("cards", "[lints.rust]\nunsafe_code = \"deny\"\n", code);
    assert_eq!(found, ["`unsafe` beyond its one place"]);
}
