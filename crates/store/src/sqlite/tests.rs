use crate::db::tests::{in_memory, insert, numbers, on_disk, rename};
use crate::{Db, Expect, Outcome, Statement};
use base::{Code, Result};
use std::sync::mpsc;
use tokio::sync::oneshot;

/// Keeps the writer busy until what this returns is dropped.
async fn hold(db: &Db) -> mpsc::Sender<()> {
    let (release, released) = mpsc::channel::<()>();
    let (sender, holding) = oneshot::channel();
    db.sqlite()
        .inspect(move |_| {
            sender.send(()).unwrap();
            assert!(released.recv().is_err());
        })
        .await;
    holding.await.unwrap();
    release
}

/// Puts the units into the queue while the writer is busy, then lets it go.
async fn all_at_once(db: &Db, units: Vec<Vec<Statement>>) -> Vec<Result<Outcome>> {
    let release = hold(db).await;
    let mut waiting = Vec::new();
    for unit in units {
        waiting.push(db.sqlite().submit(unit).await.unwrap());
    }
    drop(release);
    let mut answers = Vec::new();
    for answer in waiting {
        answers.push(answer.await.unwrap());
    }
    answers
}

#[tokio::test]
async fn units_that_wait_share_a_commit() {
    let (_folder, _path, db) = on_disk().await;
    let before = db.counts();
    let answers = all_at_once(&db, (0..300).map(|number| vec![insert(number)]).collect()).await;
    assert!(answers.into_iter().all(|answer| answer.unwrap().is_done()));
    let after = db.counts();
    assert_eq!((after.units - before.units, after.commits - before.commits), (300, 1));
    assert_eq!(numbers(&db).await.len(), 300);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_tasks_need_fewer_commits_than_units() {
    let (_folder, _path, db) = on_disk().await;
    let before = db.counts();
    let tasks: Vec<_> = (0..64)
        .map(|task| {
            let db = db.clone();
            base::task::spawn_light(async move {
                for number in 0..10 {
                    db.execute(vec![insert(task * 10 + number)]).await.unwrap().done().unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let after = db.counts();
    assert_eq!(after.units - before.units, 640);
    assert!(after.commits - before.commits < 640, "{after:?}");
    assert_eq!(numbers(&db).await.len(), 640);
}

#[tokio::test]
async fn a_group_does_not_grow_without_end() {
    let (_folder, _path, db) = on_disk().await;
    let before = db.counts();
    let answers = all_at_once(&db, (0..600).map(|number| vec![insert(number)]).collect()).await;
    assert!(answers.into_iter().all(|answer| answer.unwrap().is_done()));
    assert_eq!(db.counts().commits - before.commits, 2, "512 units and the rest");
    let large = |number: i64| vec![insert(number), rename(number, &"x".repeat(3 << 20))];
    let before = db.counts();
    let answers = all_at_once(&db, (1000..1006).map(large).collect()).await;
    assert!(answers.into_iter().all(|answer| answer.unwrap().is_done()));
    assert_eq!(db.counts().commits - before.commits, 2, "three are more than 8 MiB");
}

#[tokio::test]
async fn one_bad_unit_does_no_harm_to_the_others_in_its_group() {
    let (_folder, _path, db) = on_disk().await;
    let before = db.counts();
    let units = vec![
        vec![insert(1)],
        vec![insert(2), insert(1)],
        vec![insert(3), Statement::new("DELETE FROM numbers WHERE number = 99").expecting(Expect::Rows(1))],
        vec![Statement::new("INSERT INTO nowhere VALUES (1)")],
        vec![insert(4)],
    ];
    let answers = all_at_once(&db, units).await;
    assert!(answers[0].as_ref().unwrap().is_done() && answers[4].as_ref().unwrap().is_done());
    assert!(answers[1].as_ref().unwrap_err().message().contains("UNIQUE"));
    assert_eq!(*answers[2].as_ref().unwrap(), Outcome::Mismatch { statement: 1, rows: 0 });
    assert!(answers[3].as_ref().unwrap_err().message().contains("nowhere"));
    assert!(answers[3].as_ref().unwrap_err().detail().unwrap().contains("INSERT INTO nowhere"));
    assert_eq!(numbers(&db).await, [1, 4]);
    let after = db.counts();
    assert_eq!((after.units - before.units, after.commits - before.commits), (2, 1));
}

#[tokio::test]
async fn the_first_unit_of_a_group_that_is_not_done_does_no_harm_either() {
    let (_folder, _path, db) = on_disk().await;
    let nobody = rename(7, "x").expecting(Expect::Rows(1));
    for bad in [vec![insert(1), nobody], vec![insert(1), insert(1)]] {
        let before = db.counts();
        let answers = all_at_once(&db, vec![bad.clone(), vec![insert(2), insert(3)], bad, vec![insert(4)]]).await;
        assert!(!answers[0].as_ref().is_ok_and(Outcome::is_done) && !answers[2].as_ref().is_ok_and(Outcome::is_done));
        assert!(answers[1].as_ref().unwrap().is_done() && answers[3].as_ref().unwrap().is_done());
        assert_eq!(numbers(&db).await, [2, 3, 4]);
        let after = db.counts();
        assert_eq!((after.units - before.units, after.commits - before.commits), (2, 1));
        db.execute(vec![Statement::new("DELETE FROM numbers")]).await.unwrap().done().unwrap();
    }
}

#[tokio::test]
async fn one_statement_that_changes_more_than_it_may_changes_nothing() {
    let (_folder, _path, db) = on_disk().await;
    let two = || Statement::new("UPDATE numbers SET name = 'x'").expecting(Expect::Rows(1));
    let units = vec![vec![insert(1)], vec![insert(2)], vec![two()], vec![insert(3)], vec![insert(1)]];
    let answers = all_at_once(&db, units).await;
    assert!([0, 1, 3].iter().all(|&unit: &usize| answers[unit].as_ref().unwrap().is_done()));
    assert_eq!(*answers[2].as_ref().unwrap(), Outcome::Mismatch { statement: 0, rows: 2 });
    assert!(answers[4].as_ref().unwrap_err().message().contains("UNIQUE"));
    assert_eq!(db.execute(vec![two()]).await.unwrap(), Outcome::Mismatch { statement: 0, rows: 3 });
    let named = Statement::new("SELECT number FROM numbers WHERE name = 'x'");
    assert_eq!(db.query(named).await.unwrap(), []);
    assert_eq!(numbers(&db).await, [1, 2, 3]);
}

#[tokio::test]
async fn a_unit_that_breaks_the_whole_transaction_fails_alone() {
    let (_folder, _path, db) = on_disk().await;
    let child = &["CREATE TABLE child (parent BIGINT REFERENCES numbers (number) DEFERRABLE INITIALLY DEFERRED)"];
    db.migrate("child", child).await.unwrap();
    let orphan = vec![insert(2), Statement::new("INSERT INTO child (parent) VALUES (99)")];
    let answers = all_at_once(&db, vec![vec![insert(1)], orphan, vec![insert(3)]]).await;
    assert!(answers[0].as_ref().unwrap().is_done() && answers[2].as_ref().unwrap().is_done());
    assert!(answers[1].as_ref().unwrap_err().message().contains("FOREIGN KEY"));
    let breaking = vec![insert(4), Statement::new("INSERT OR ROLLBACK INTO numbers (number) VALUES (1)")];
    let answers = all_at_once(&db, vec![vec![insert(5)], breaking, vec![insert(6)]]).await;
    assert!(answers[0].as_ref().unwrap().is_done() && answers[2].as_ref().unwrap().is_done());
    assert!(answers[1].as_ref().unwrap_err().message().contains("UNIQUE"));
    assert_eq!(numbers(&db).await, [1, 3, 5, 6]);
}

#[tokio::test]
async fn what_is_not_committed_is_not_seen() {
    let (_folder, _path, db) = on_disk().await;
    let (release, released) = mpsc::channel::<()>();
    let (sender, inside) = oneshot::channel();
    db.sqlite()
        .inspect(move |writer| {
            writer.connection.execute_batch("BEGIN; INSERT INTO numbers (number) VALUES (1)").unwrap();
            sender.send(()).unwrap();
            assert!(released.recv().is_err());
            writer.connection.execute_batch("COMMIT").unwrap();
        })
        .await;
    inside.await.unwrap();
    assert_eq!(numbers(&db).await, [0_i64; 0]);
    drop(release);
    assert!(db.execute(vec![]).await.unwrap().is_done());
    assert_eq!(numbers(&db).await, [1]);
}

#[tokio::test]
async fn a_store_in_memory_answers_between_units_in_their_order() {
    let db = in_memory().await;
    let release = hold(&db).await;
    let first = db.sqlite().submit(vec![insert(1)]).await.unwrap();
    let reading = {
        let db = db.clone();
        base::task::spawn_light(async move { numbers(&db).await })
    };
    while db.sqlite().waiting() < 2 {
        tokio::task::yield_now().await;
    }
    let second = db.sqlite().submit(vec![insert(2)]).await.unwrap();
    drop(release);
    assert_eq!(reading.await.unwrap(), [1]);
    assert!(first.await.unwrap().unwrap().is_done() && second.await.unwrap().unwrap().is_done());
}

#[tokio::test]
async fn a_panic_is_an_error_for_all_in_the_group_and_no_end() {
    let (_folder, path, db) = on_disk().await;
    let before = db.counts();
    db.sqlite().inspect(|writer| writer.trap = true).await;
    let answers = all_at_once(&db, vec![vec![insert(1)], vec![insert(2)], vec![insert(3)]]).await;
    for error in answers.into_iter().map(Result::unwrap_err) {
        assert_eq!(error.code(), Code::Internal);
        assert!(error.message().contains(&path.display().to_string()), "{error}");
    }
    assert_eq!((db.counts(), numbers(&db).await), (before, vec![]), "nothing is kept, so nothing was to be told");
    db.execute(vec![insert(2)]).await.unwrap().done().unwrap();
    assert_eq!(numbers(&db).await, [2]);
}

#[tokio::test]
async fn a_panic_in_a_migration_leaves_nothing() {
    let db = in_memory().await;
    db.sqlite().inspect(|writer| writer.trap = true).await;
    let steps = &["CREATE TABLE a (x BIGINT)"];
    assert_eq!(db.migrate("a", steps).await.unwrap_err().code(), Code::Internal);
    db.migrate("a", steps).await.unwrap();
}

#[tokio::test]
async fn a_disk_that_fails_to_confirm_stops_all_writing_but_no_reading() {
    let (_folder, _path, db) = on_disk().await;
    db.execute(vec![insert(1)]).await.unwrap().done().unwrap();
    db.sqlite()
        .inspect(|writer| {
            let failure = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR_FSYNC);
            writer.lose(&rusqlite::Error::SqliteFailure(failure, None));
        })
        .await;
    let errors = [db.execute(vec![insert(2)]).await.unwrap_err(), db.migrate("more", &["SELECT 1"]).await.unwrap_err()];
    for error in errors {
        assert_eq!(error.code(), Code::StoreFailed);
        assert!(error.message().contains("did not confirm") && error.next().contains("restart"), "{error}");
    }
    assert_eq!(numbers(&db).await, [1]);
}

#[tokio::test]
async fn a_unit_that_fills_the_disk_fails_alone() {
    let (_folder, path, db) = on_disk().await;
    db.sqlite()
        .inspect(|writer| {
            let pages: i64 = writer.connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
            let limit = format!("PRAGMA max_page_count = {}", pages + 8);
            writer.connection.query_row(&limit, [], |_| Ok(())).unwrap();
        })
        .await;
    let large = vec![insert(2), rename(2, &"x".repeat(1 << 20))];
    let answers = all_at_once(&db, vec![vec![insert(1)], large, vec![insert(3)]]).await;
    assert!(answers[0].as_ref().unwrap().is_done() && answers[2].as_ref().unwrap().is_done());
    let error = answers[1].as_ref().unwrap_err();
    assert_eq!(error.code(), Code::StoreFailed);
    assert!(error.message().contains(&path.display().to_string()), "{error}");
    assert!(error.next().contains("room"), "{error}");
    assert_eq!(numbers(&db).await, [1, 3]);
}

#[tokio::test]
async fn whoever_brings_more_than_the_queue_holds_waits() {
    let (_folder, _path, db) = on_disk().await;
    let release = hold(&db).await;
    let mut waiting = Vec::new();
    for number in 0..super::QUEUE as i64 {
        waiting.push(db.sqlite().submit(vec![insert(number)]).await.unwrap());
    }
    let late = {
        let db = db.clone();
        base::task::spawn_light(async move { db.execute(vec![insert(-1)]).await })
    };
    tokio::task::yield_now().await;
    assert!(!late.is_finished());
    drop(release);
    assert!(late.await.unwrap().unwrap().is_done());
    for answer in waiting {
        assert!(answer.await.unwrap().unwrap().is_done());
    }
}

#[tokio::test]
async fn those_who_are_still_queued_when_the_store_closes_are_told() {
    let (_folder, _path, db) = on_disk().await;
    let release = hold(&db).await;
    let closing = {
        let db = db.clone();
        base::task::spawn_light(async move { db.close().await })
    };
    while db.sqlite().waiting() < 1 {
        tokio::task::yield_now().await;
    }
    let late = {
        let db = db.clone();
        base::task::spawn_light(async move { db.execute(vec![insert(1)]).await })
    };
    while db.sqlite().waiting() < 2 {
        tokio::task::yield_now().await;
    }
    drop(release);
    assert!(late.await.unwrap().unwrap_err().message().contains("closed"));
    closing.await.unwrap();
}
