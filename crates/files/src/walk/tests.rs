#![cfg(target_os = "linux")]

use crate::tests::Fixture;
use rustix::fs::{Mode, OFlags, mkdirat, open, openat};
use serde_json::json;

#[test]
fn folders_with_paths_longer_than_the_system_takes_are_not_entered() {
    let fixture = Fixture::read_only();
    let name = "n".repeat(250);
    let mut folder = open(fixture.path(""), OFlags::RDONLY, Mode::empty()).unwrap();
    for _ in 0..20 {
        mkdirat(&folder, &name, Mode::RWXU).unwrap();
        folder = openat(&folder, &name, OFlags::RDONLY, Mode::empty()).unwrap();
    }
    let listed = fixture.works("list_directory", json!({"recursive": true}));
    let entries = listed["entries"].as_array().unwrap();
    assert_eq!((entries.len(), &entries[16]["skipped"]), (17, &json!(true)));
}
