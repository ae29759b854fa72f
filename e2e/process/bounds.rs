//! A56 and A57: what a child may use of the machine, and what it may see of the hub.

use crate::harness::{Hub, Setup, alive, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    trials!("process":
        a56_the_hub_is_shut_in,
        a57_children_have_limits,
        a57_limits_of_an_entry_are_kept,
        a57_descendants_have_the_limits_of_their_server,
        a57_limits_that_are_none_are_told,
    )
}

/// A limit of a process, soft and hard, as the system tells it.
fn limit(pid: u64, name: &str) -> (String, String) {
    let text = std::fs::read_to_string(format!("/proc/{pid}/limits")).expect("the process is there");
    let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name} in {text}"));
    let mut words = line[name.len()..].split_whitespace().map(str::to_owned);
    let mut next = || words.next().expect("a limit has two values");
    (next(), next())
}

/// Whether a limit as the system tells it is at most `most`.
fn at_most(limit: &str, most: u64) -> bool {
    limit.parse::<u64>().is_ok_and(|limit| limit <= most)
}

async fn pid_of(hub: &Hub, name: &str) -> u64 {
    hub.call(&format!("{name}__whoami"), json!({})).await.structured()["pid"].as_u64().expect("a process has an id")
}

/// A crash of the hub leaves no image of its memory behind, and processes of the same user see nothing of it. Root sees
/// everything, so that only others can try.
async fn a56_the_hub_is_shut_in() {
    let secret = "canary-of-the-hub-Zq7xLw0pVn4dRk9tYb2mUe6sGj1aHc8fKo5iXr3u";
    let hub = Setup::pair(&[], json!({})).environment("TUTTI_SECRET", secret).ready().await;
    let (soft, _) = limit(u64::from(hub.pid()), "Max core file size");
    assert_eq!(soft, "0", "no image is written");
    if !rustix::process::geteuid().is_root() {
        for file in ["environ", "mem", "maps"] {
            let seen = std::fs::read(format!("/proc/{}/{file}", hub.pid()));
            assert!(seen.is_err(), "{file} of the hub can be read: {} bytes", seen.map_or(0, |seen| seen.len()));
        }
    }
    // The children are not concerned: whoever runs them may look at them.
    let child = pid_of(&hub, "good").await;
    let environment = std::fs::read(format!("/proc/{child}/environ")).expect("a child can be looked at");
    assert!(!String::from_utf8_lossy(&environment).contains(secret), "and has nothing of the hub's");
    hub.assert_good().await;
}

async fn a57_children_have_limits() {
    let hub = Setup::pair(&[], json!({})).ready().await;
    let pid = pid_of(&hub, "good").await;
    const GIB: u64 = 1 << 30;
    for (name, most) in [
        ("Max data size", 16 * GIB),
        ("Max open files", 16_384),
        ("Max file size", 16 * GIB),
        ("Max core file size", 0),
    ] {
        let (soft, hard) = limit(pid, name);
        assert!(at_most(&soft, most) && at_most(&hard, most), "{name}: {soft} {hard}");
    }
    // The hub, and with it all other children, has what it had.
    let own = limit(u64::from(std::process::id()), "Max open files");
    assert_eq!(limit(u64::from(hub.pid()), "Max open files"), own);
    assert_eq!(limit(u64::from(hub.pid()), "Max file size"), limit(u64::from(std::process::id()), "Max file size"));
}

/// The entry of a shell that does something in the folder of the test and then becomes the fixture.
fn after_a_shell(setup: &Setup, name: &str, script: &str, limits: &Value) -> Value {
    let mut entry = setup.fixture_entry(name, &[], json!({"limits": limits}));
    let command = entry["command"].take();
    let script = format!("{script}\nexec \"$0\" \"$@\"");
    let fixed = [json!("-c"), json!(script), command];
    let rest = entry["args"].as_array().cloned().unwrap_or_default();
    entry["args"] = fixed.into_iter().chain(rest).collect();
    entry["command"] = json!("sh");
    entry
}

const GREEDY: &str = "\
    (head -c 3000000 /dev/zero > big) 2> /dev/null
    (dd if=/dev/zero of=/dev/null bs=400M count=1 2> /dev/null; echo $? > memory)
    ulimit -n > files
    ulimit -c > core";

/// What a greedy server tries, once with limits and once without.
async fn a57_limits_of_an_entry_are_kept() {
    let (few, none) = (json!({"memory": "300MiB", "files": 77, "file_size": "1MiB"}), json!("none"));
    let none = json!({"memory": none, "files": none, "file_size": none, "core": none});
    for (limits, kept) in [(few, true), (none, false)] {
        let mut setup = Setup::new();
        setup.config["servers"]["greedy"] = after_a_shell(&setup, "greedy", GREEDY, &limits);
        let hub = setup.fixture("good", &[], json!({})).ready().await;
        let read = |name: &str| std::fs::read_to_string(hub.setup.path(name)).expect("the shell wrote it");
        let written = std::fs::metadata(hub.setup.path("big")).expect("the file was begun").len();
        assert_eq!(written, if kept { 1 << 20 } else { 3_000_000 });
        assert_eq!(read("memory").trim() == "0", !kept, "400 MB of memory: {}", read("memory"));
        let own = limit(u64::from(std::process::id()), "Max open files").0;
        assert_eq!(read("files").trim(), if kept { "77" } else { &own });
        assert!(!kept || read("core").trim() == "0", "{}", read("core"));
        assert_eq!(hub.call("greedy__echo", json!({"message": "on"})).await.text(), "on", "it works within them");
        hub.assert_good().await;
    }
}

async fn a57_descendants_have_the_limits_of_their_server() {
    let entry = json!({"limits": {"files": 99, "processes": 500}});
    let hub = Setup::pair(&[], entry).ready().await;
    let arguments = json!({"file": hub.setup.path("grandchild"), "daemonise": true});
    let reply = hub.call("faulty__fork", arguments).await;
    let pid = reply.structured()["pid"].as_u64().expect("it has an id");
    assert!(alive(u32::try_from(pid).expect("an id of a process")), "the grandchild runs");
    for (name, most) in [("Max open files", 99), ("Max processes", 500)] {
        let (soft, hard) = limit(pid, name);
        assert!(at_most(&soft, most) && at_most(&hard, most), "{name}: {soft} {hard}");
    }
    let other = limit(pid_of(&hub, "good").await, "Max open files");
    assert_ne!(other.0, "99", "the limits of one are not the other's");
}

async fn a57_limits_that_are_none_are_told() {
    let setup = Setup::pair(&[], json!({"limits": {"memory": "a lot", "files": 2, "core": -1, "procesess": 1}}));
    setup.write_config();
    let home = setup.folder.path().to_str().expect("the path is text");
    let config = setup.path_text("tutti.yaml");
    let arguments = ["up", "--listen", "127.0.0.1:0", "--config", &config];
    let run = crate::harness::tutti(&arguments, &[("HOME", home), ("TUTTI_HOME", home)]).await;
    assert_eq!(run.code, Some(3), "{run:?}");
    for told in ["memory", "files", "core", "procesess", "processes"] {
        assert!(run.stderr.contains(told), "{told}: {}", run.stderr);
    }
}
