//! What was acknowledged is there after `kill -9`.

use super::{insert, numbers, program_for};
use crate::Db;
use base::environment::Environment;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Stdio;

/// Set in the process that is going to be killed: the path of its store.
const VICTIM: &str = "TUTTI_TEST_STORE_VICTIM";

/// How many tasks write at the same time, so that there are groups.
const TASKS: i64 = 8;

#[test]
fn an_acknowledged_unit_survives_kill_9() {
    let environment = Environment::of_process().unwrap();
    if let Some(path) = environment.get(VICTIM) {
        return write_for_ever(Path::new(path));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tutti.db");
    for after in [1, 40, 150] {
        let acknowledged = kill_after(after, &path);
        assert!(acknowledged.len() >= after);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let kept = runtime.block_on(async {
            let db = Db::open(&path).await.unwrap();
            let kept: BTreeSet<_> = numbers(&db).await.into_iter().collect();
            db.close().await;
            kept
        });
        let lost: Vec<_> = acknowledged.difference(&kept).collect();
        assert!(lost.is_empty(), "{lost:?} were acknowledged and are lost");
    }
}

/// Runs this test as a process that writes, kills it, and returns what it acknowledged.
fn kill_after(count: usize, path: &Path) -> BTreeSet<i64> {
    let test = concat!(module_path!(), "::an_acknowledged_unit_survives_kill_9");
    let mut victim = program_for(test).env(VICTIM, path).stdout(Stdio::piped()).spawn().unwrap();
    let mut output = BufReader::new(victim.stdout.take().unwrap());
    let mut acknowledged = BTreeSet::new();
    let mut line = String::new();
    while output.read_line(&mut line).unwrap() > 0 {
        // A line that is cut off is no acknowledgement. The test harness puts text of its own before the first.
        let number =
            line.strip_suffix('\n').and_then(|line| line.rsplit_once("acknowledged ")).map(|(_, number)| number);
        acknowledged.extend(number.map(|number| number.parse::<i64>().unwrap()));
        if acknowledged.len() == count {
            victim.kill().unwrap();
        }
        line.clear();
    }
    assert!(!victim.wait().unwrap().success(), "the victim was killed");
    acknowledged
}

fn write_for_ever(path: &Path) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        let db = Db::open(path).await.unwrap();
        db.migrate("numbers", super::NUMBERS).await.unwrap();
        let first = numbers(&db).await.last().map_or(0, |last| last + 1);
        let tasks: Vec<_> = (0..TASKS)
            .map(|task| {
                let db = db.clone();
                base::task::spawn_light(async move {
                    for number in (first + task..).step_by(TASKS as usize) {
                        db.execute(vec![insert(number)]).await.unwrap().done().unwrap();
                        writeln!(std::io::stdout().lock(), "acknowledged {number}").unwrap();
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
}
