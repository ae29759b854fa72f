use super::{NAMES, places, read};
use base::environment::Environment;
use base::{Code, disk};
use console::output::Output;
use hubs::Context;

#[test]
fn every_client_has_places_and_the_first_readable_ones_count() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home").display().to_string();
    let environment = Environment::from_pairs([("HOME", home.as_str()), ("USERPROFILE", home.as_str())], folder.path());
    for name in NAMES {
        assert!(!places(name, &environment).is_empty(), "{name}");
    }
    let context = Context { environment, output: Output::plain(), config: None, url: None };
    let error = read(&context, "cursor").err().unwrap().0.remove(0);
    assert!(error.code() == Code::Disk && error.message().contains(".cursor/mcp.json"), "{error}");
    let write = |path: &str, text: &str| disk::write_atomic(&folder.path().join(path), text, false).unwrap();
    write("home/.claude.json", r#"{"numStartups": 3}"#);
    assert_eq!(read(&context, "claude-code").err().unwrap().0[0].code(), Code::ImportUnrecognised);
    write(".mcp.json", r#"{"mcpServers": {"a": {"command": "x"}}}"#);
    let found = read(&context, "claude-code").unwrap();
    assert_eq!((found.len(), found[0].file.as_str(), found[0].servers.len()), (1, ".mcp.json", 1));
    write("home/.claude.json", "{");
    assert_eq!(read(&context, "claude-code").err().unwrap().0[0].code(), Code::ConfigSyntax);
}
