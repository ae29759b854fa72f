//! Readers that go away, disks that are full, and commands that are told to stop.

use super::conduct::{LINES, stage};
use super::run::{Order, Sink, desk, words};
use crate::harness::{Setup, send_signal, trials, within};
use libtest_mimic::Trial;
use rustix::process::Signal;
use serde_json::json;

pub(super) fn tests() -> Vec<Trial> {
    trials!("commands::streams":
        reader_that_goes_is_no_fault,
        full_disk_is_one,
        interrupted_call_says_so,
        hub_ends_well_when_interrupted,
    )
}

fn order(setup: &Setup, line: &str) -> Order {
    let words = words(line);
    Order::new(setup, &words.iter().map(String::as_str).collect::<Vec<_>>())
}

async fn reader_that_goes_is_no_fault() {
    let hub = stage().await;
    for line in LINES.into_iter().filter(|line| !line.contains("--yes")) {
        let run = order(&hub.setup, &format!("--quiet {line}")).sink(Sink::Gone).run().await;
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{line}: {run:?}");
    }
    let run = order(&hub.setup, "--help").sink(Sink::Gone).run().await;
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
}

/// What was meant for a file and is not in it must not pass for done.
async fn full_disk_is_one() {
    if !std::path::Path::new("/dev/full").exists() {
        return;
    }
    let setup = desk();
    for line in
        ["explain", "--json explain", "completions bash", "tool call files/list_directory", "--json server list"]
    {
        let run = order(&setup, line).sink(Sink::Full).run().await;
        assert_eq!(run.code, Some(1), "{line}: {run:?}");
        assert!(run.stderr.contains("T-0003") && run.stderr.contains("next: "), "{line}: {run:?}");
    }
}

async fn interrupted_call_says_so() {
    let hub = stage().await;
    for (signal, json) in [(Signal::INT, false), (Signal::TERM, true)] {
        let flag = if json { "--json" } else { "--quiet" };
        let order = order(&hub.setup, &format!("{flag} tool call good/hold --name interrupted"));
        let child = order.command().spawn().expect("the binary can be started");
        hub.call("good__await_hold", json!({"name": "interrupted"})).await.result();
        send_signal(child.id().expect("it runs"), signal);
        let output = within("the command ends", child.wait_with_output()).await.expect("it can be waited for");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(130), "{stdout}{stderr}");
        let (told, silent) = if json { (stdout, stderr) } else { (stderr, stdout) };
        assert!(told.contains("T-0002") && silent.is_empty(), "{told:?} {silent:?}");
        // The server has heard of it before the next round counts those who wait.
        hub.call("good__cancelled", json!({"at_least": if json { 2 } else { 1 }})).await.result();
    }
}

async fn hub_ends_well_when_interrupted() {
    let mut hub = stage().await;
    hub.signal(Signal::INT);
    assert_eq!(hub.end().await.code(), Some(0), "{}", hub.stderr());
}
