use super::{Dependency, Package, Workspace};
use serde_json::json;

#[test]
fn metadata_becomes_a_workspace() {
    let metadata = json!({
        "workspace_root": "/house",
        "target_directory": "/elsewhere/target",
        "packages": [{
            "name": "store",
            "manifest_path": "/house/crates/store/Cargo.toml",
            "rust_version": "1.95",
            "dependencies": [{ "name": "base", "kind": null }, { "name": "proptest", "kind": "dev" }],
        }],
    });
    let workspace = Workspace::from_metadata(&metadata).unwrap();
    assert_eq!(workspace.rust_version, "1.95");
    let dependencies = vec![
        Dependency { name: "base".into(), for_tests: false },
        Dependency { name: "proptest".into(), for_tests: true },
    ];
    assert_eq!(workspace.packages, [Package { name: "store".into(), folder: "crates/store".into(), dependencies }]);
    assert!(Workspace::from_metadata(&json!({})).is_none());
}
