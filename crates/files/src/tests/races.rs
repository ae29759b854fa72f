//! Links that are swapped in while calls run. A check before the use would be overtaken; the kernel is not.
#![cfg(unix)]

use super::{Fixture, SECRET};
use base::Code;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};

/// Ends the other thread also when an assertion fails, or the test would never end.
struct StopOnDrop<'a>(&'a AtomicBool);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs `calls` while another thread makes `name` now this and now that, by renaming, so that it is never missing.
fn while_swapping(fixture: &Fixture, name: &str, inside: &str, outside: &str, calls: impl FnOnce()) {
    let stop = AtomicBool::new(false);
    let at = |path: &str| fixture.path(path);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut number = 0;
            while !stop.load(Ordering::Relaxed) {
                number += 1;
                let target = if number % 2 == 0 { inside } else { outside };
                let _ = std::fs::remove_file(at("swap"));
                std::os::unix::fs::symlink(target, at("swap")).unwrap();
                std::fs::rename(at("swap"), at(name)).unwrap();
            }
        });
        let _stop = StopOnDrop(&stop);
        calls();
    });
}

#[test]
fn a32_a_file_link_swapped_during_two_thousand_reads_gives_nothing_from_outside() {
    let fixture = Fixture::read_only();
    fixture.put("inside.txt", "inside").link("inside.txt", "link");
    let (mut inside, mut refused) = (0, 0);
    while_swapping(&fixture, "link", "inside.txt", "../outside/secret.txt", || {
        for _ in 0..2_000 {
            let result = fixture.call("read_file", json!({"path": "link"}));
            assert!(!result.to_string().contains(SECRET), "{result}");
            match result["isError"].as_bool() {
                Some(true) => {
                    assert_eq!(result["structuredContent"]["code"], Code::FilesOutsideRoot.id(), "{result}");
                    refused += 1;
                }
                _ => {
                    assert_eq!(result["structuredContent"]["text"], "inside");
                    inside += 1;
                }
            }
        }
    });
    assert!(inside > 0 && refused > 0, "both were seen: {inside} and {refused}");
}

#[test]
fn a32_a_folder_link_swapped_during_reads_and_walks_gives_nothing_from_outside() {
    let fixture = Fixture::read_only();
    fixture.put("real/secret.txt", "harmless").link("real", "link");
    // Absolute targets take the other way, on which Tutti follows the links itself.
    let (inside, outside) = (fixture.path("real"), fixture.folder.path().join("outside"));
    for (inside, outside) in [("real", "../outside"), (inside.to_str().unwrap(), outside.to_str().unwrap())] {
        while_swapping(&fixture, "link", inside, outside, || {
            for _ in 0..500 {
                for (tool, arguments) in [
                    ("read_file", json!({"path": "link/secret.txt"})),
                    ("search_files", json!({"path": "link", "pattern": "."})),
                    ("search_files", json!({"pattern": "."})),
                    ("list_directory", json!({"recursive": true})),
                ] {
                    let result = fixture.call(tool, arguments);
                    assert!(!result.to_string().contains(SECRET), "{tool}: {result}");
                }
            }
        });
    }
}

/// Runs `calls` while `folder` and the link `link`, which leads out, change names: what was a folder when it was looked
/// at is a link when it is opened.
#[cfg(target_os = "linux")]
fn while_exchanging(fixture: &Fixture, calls: impl FnOnce()) {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    fixture.link("../outside", "link");
    let stop = AtomicBool::new(false);
    let (folder, link) = (fixture.path("folder"), fixture.path("link"));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                renameat_with(CWD, &folder, CWD, &link, RenameFlags::EXCHANGE).unwrap();
            }
        });
        let _stop = StopOnDrop(&stop);
        calls();
    });
}

#[test]
#[cfg(target_os = "linux")]
fn a32_a_folder_swapped_for_a_link_during_a_walk_gives_nothing_from_outside() {
    let fixture = Fixture::read_only();
    fixture.put("folder/secret.txt", "harmless");
    while_exchanging(&fixture, || {
        for _ in 0..1_000 {
            let result = fixture.call("search_files", json!({"pattern": "."}));
            assert!(!result.to_string().contains(SECRET), "{result}");
            fixture.call("list_directory", json!({"recursive": true}));
        }
    });
}

#[test]
#[cfg(target_os = "linux")]
fn a32_a_folder_swapped_for_a_link_during_writes_lets_nothing_out() {
    let fixture = Fixture::new();
    fixture.put("folder/secret.txt", "harmless");
    let outside = fixture.folder.path().join("outside");
    let before = super::snapshot(&outside);
    while_exchanging(&fixture, || {
        for number in 0..500 {
            for (tool, arguments) in writes("folder", number) {
                fixture.call(tool, arguments);
            }
        }
    });
    assert_eq!(super::snapshot(&outside), before);
}

/// Calls that write in `folder`.
fn writes(folder: &str, number: u32) -> Vec<(&'static str, Value)> {
    let (secret, name) = (format!("{folder}/secret.txt"), format!("{folder}/{number}.txt"));
    vec![
        ("write_file", json!({"path": name, "content": "x"})),
        ("write_file", json!({"path": name, "content": "x", "mode": "append"})),
        ("edit_file", json!({"path": secret, "old": "secret", "new": "x"})),
        ("create_directory", json!({"path": format!("{folder}/folder{number}/deep")})),
        ("move_file", json!({"source": secret, "destination": format!("{folder}/gone.txt")})),
        ("delete_file", json!({"path": secret})),
    ]
}

#[test]
fn a32_a_folder_link_swapped_during_writes_lets_nothing_out() {
    let fixture = Fixture::new();
    fixture.put("real/keep.txt", "keep").link("real", "link");
    let outside = fixture.folder.path().join("outside");
    let before = super::snapshot(&outside);
    while_swapping(&fixture, "link", "real", "../outside", || {
        for number in 0..300 {
            for (tool, arguments) in writes("link", number) {
                fixture.call(tool, arguments);
            }
        }
    });
    assert_eq!(super::snapshot(&outside), before);
    assert!(std::fs::read_dir(fixture.path("real")).unwrap().count() > 1, "something was written inside");
    let left: Vec<_> =
        std::fs::read_dir(fixture.path("real")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with(".tutti-")), "{left:?}");
}

#[test]
fn edits_at_once_are_not_lost() {
    let fixture = Fixture::new();
    fixture.put("count.txt", "");
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let fixture = &fixture;
            scope.spawn(move || {
                for number in 0..10 {
                    let content = format!("{thread}-{number}\n");
                    fixture.works("write_file", json!({"path": "count.txt", "content": content, "mode": "append"}));
                    let (old, new) = (content.trim().to_owned(), format!("<{thread}-{number}>"));
                    fixture.works(
                        "edit_file",
                        json!({"path": "count.txt", "old": format!("{old}\n"), "new": format!("{new}\n")}),
                    );
                }
            });
        }
    });
    let text = String::from_utf8(fixture.bytes("count.txt")).unwrap();
    assert_eq!(text.lines().count(), 40);
    assert!(text.lines().all(|line| line.starts_with('<')), "{text}");
}
