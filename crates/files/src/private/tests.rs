use super::is_private;

#[test]
fn files_of_secrets_are_known_by_their_names() {
    for name in
        [".env", ".ENV", ".env.", ".env.local", ".env.production", "server.pem", "tls.key", "id_rsa", ".npmrc", ".ssh"]
    {
        assert!(is_private(name), "{name}");
    }
    for name in
        ["env", ".env.example", ".envrc.md", "environment", "monkey", "id_rsa.pub", "keys.md", "README.md", ".github"]
    {
        assert!(!is_private(name), "{name}");
    }
}

#[cfg(unix)]
#[test]
fn a32_secrets_are_neither_read_nor_listed_nor_found() {
    use crate::{Files, Options};
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path(".ssh")).unwrap();
    for name in [".env", "tls.key", ".ssh/config"] {
        base::disk::write_atomic(&path(name), "SECRET=do-not-show\n", false).unwrap();
    }
    std::os::unix::fs::symlink(".env", path("plain.txt")).unwrap();
    base::disk::write_atomic(&path("open.txt"), "nothing to hide\n", false).unwrap();
    let files = Files::open(Options { root: folder.path().to_owned(), write: true }).unwrap();
    let call = |tool: &str, arguments: serde_json::Value| {
        files.call(tool, arguments.as_object().unwrap()).unwrap().to_string()
    };
    for place in [".env", "./.ENV", "tls.key", ".ssh/config", "plain.txt"] {
        let answer = call("read_file", serde_json::json!({"path": place}));
        let gone = place == "./.ENV" && answer.contains("T-0603");
        assert!(answer.contains("T-0606") || gone, "{place}: {answer}");
    }
    assert!(call("move_file", serde_json::json!({"source": ".env", "destination": "x"})).contains("T-0606"));
    let listed = call("list_directory", serde_json::json!({"path": ".", "recursive": true}));
    assert!(listed.contains("open.txt") && !listed.contains(".env") && !listed.contains("tls.key"), "{listed}");
    let found = call("search_files", serde_json::json!({"pattern": "SECRET"}));
    assert!(!found.contains("do-not-show"), "{found}");
}
