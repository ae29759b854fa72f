use super::{Address, folder, key_for};
use crate::context::Context;
use base::Secret;
use base::environment::Environment;
use console::output::Output;
use std::path::{Path, PathBuf};

#[test]
fn the_key_of_the_configuration_stays_on_this_machine() {
    let key = |text: &str| Some(Secret::new(text.to_owned()));
    let cases = [
        ("http://127.0.0.1:4747", Some("variable"), "variable"),
        ("http://127.0.0.1:4747", None, "configured"),
        ("http://localhost:1", None, "configured"),
        ("https://hub.example.com", Some("variable"), "variable"),
        ("https://hub.example.com", None, ""),
        ("http://10.0.0.1:4747", None, ""),
    ];
    for (url, variable, expected) in cases {
        let address = Address::parse(url).unwrap();
        let shown = key_for(&address, variable.and_then(key), || key("configured"));
        assert_eq!(shown.as_ref().map_or("", |key| key.expose().as_str()), expected, "{url}");
    }
}

fn context(here: &Path, config: Option<&str>) -> Context {
    let variables = [("HOME", here.to_str().unwrap()), ("TUTTI_HOME", "home")];
    let environment = Environment::from_pairs(variables, here);
    Context { environment, output: Output::plain(), config: config.map(PathBuf::from), url: None }
}

#[test]
fn the_folder_is_that_of_the_configuration() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    assert_eq!(folder(&context(here, None)), (here.to_owned(), false));
    base::disk::write_atomic(&here.join("mcp.json"), "{}", false).unwrap();
    assert_eq!(folder(&context(here, None)), (here.to_owned(), true));
    base::disk::write_atomic(&here.join("sub/tutti.yaml"), "", false).unwrap();
    assert_eq!(folder(&context(here, Some("sub/tutti.yaml"))), (here.join("sub"), true));
    base::disk::write_atomic(&here.join(".config/tutti/tutti.yaml"), "", false).unwrap();
    assert_eq!(folder(&context(here, None)), (here.join(".config/tutti"), true));
}
