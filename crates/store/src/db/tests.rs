use crate::{Db, Expect, Outcome, Statement, Value};
use base::Code;
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;

mod crash;
mod model;

pub(crate) const NUMBERS: &[&str] = &["CREATE TABLE numbers (number BIGINT PRIMARY KEY, name TEXT)"];

/// A store in a folder of its own, with the table `numbers`.
pub(crate) async fn on_disk() -> (TempDir, PathBuf, Db) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/er/tutti.db");
    let db = Db::open(&path).await.unwrap();
    db.migrate("numbers", NUMBERS).await.unwrap();
    (folder, path, db)
}

pub(crate) async fn in_memory() -> Db {
    let db = Db::memory().await.unwrap();
    db.migrate("numbers", NUMBERS).await.unwrap();
    db
}

pub(crate) fn insert(number: i64) -> Statement {
    Statement::new("INSERT INTO numbers (number, name) VALUES (?1, ?2)").with(number).with(format!("n{number}"))
}

pub(crate) fn rename(number: i64, name: &str) -> Statement {
    Statement::new("UPDATE numbers SET name = ?2 WHERE number = ?1").with(number).with(name)
}

/// This program once more, to run nothing but `test`, which is named as `concat!(module_path!(), "::name")`.
pub(crate) fn program_for(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test.strip_prefix("store::").unwrap(), "--exact", "--nocapture", "--test-threads=1"]);
    command
}

pub(crate) async fn numbers(db: &Db) -> Vec<i64> {
    let rows = db.query(Statement::new("SELECT number FROM numbers ORDER BY number")).await.unwrap();
    rows.iter().map(|row| row.integer(0).unwrap()).collect()
}

#[tokio::test]
async fn a_unit_is_done_and_says_what_each_statement_matched() {
    let (_folder, _path, file) = on_disk().await;
    for db in [file, in_memory().await] {
        let unit = vec![
            insert(1),
            insert(2).expecting(Expect::Rows(1)),
            Statement::new("UPDATE numbers SET name = 'x'").expecting(Expect::AtLeast(2)),
            Statement::new("SELECT number FROM numbers WHERE number > ?1").with(0_i64).expecting(Expect::Rows(2)),
            Statement::new("DELETE FROM numbers WHERE number = ?1 RETURNING name")
                .with(1_i64)
                .expecting(Expect::Rows(1)),
            Statement::new("DELETE FROM numbers WHERE number = 99"),
        ];
        assert_eq!(db.execute(unit).await.unwrap(), Outcome::Done { rows: vec![1, 1, 2, 2, 1, 0] });
        assert_eq!(numbers(&db).await, [2]);
        assert_eq!(db.execute(vec![]).await.unwrap(), Outcome::Done { rows: vec![] });
        db.close().await;
    }
}

#[tokio::test]
async fn a_unit_that_mismatches_changes_nothing_and_says_where() {
    let db = in_memory().await;
    db.execute(vec![insert(1)]).await.unwrap().done().unwrap();
    let unit = vec![insert(2), rename(1, "x"), rename(7, "y").expecting(Expect::Rows(1)), insert(3)];
    let outcome = db.execute(unit).await.unwrap();
    assert_eq!(outcome, Outcome::Mismatch { statement: 2, rows: 0 });
    assert!(!outcome.is_done());
    assert!(outcome.done().unwrap_err().message().contains("statement 2"));
    assert_eq!(numbers(&db).await, [1]);
    let rows = db.query(Statement::new("SELECT name FROM numbers")).await.unwrap();
    assert_eq!(rows[0].text(0).unwrap(), "n1");
    // A guard that finds nothing does the same.
    let guard = Statement::new("SELECT 1 FROM numbers WHERE number = 2").expecting(Expect::AtLeast(1));
    assert_eq!(db.execute(vec![guard, insert(4)]).await.unwrap(), Outcome::Mismatch { statement: 0, rows: 0 });
    let unique = Statement::new("INSERT INTO numbers (number) VALUES (1) ON CONFLICT (number) DO NOTHING");
    let outcome = db.execute(vec![insert(5), unique.expecting(Expect::Rows(1))]).await.unwrap();
    assert_eq!(outcome, Outcome::Mismatch { statement: 1, rows: 0 });
    assert_eq!(numbers(&db).await, [1]);
}

#[tokio::test]
async fn a_unit_that_fails_changes_nothing_and_the_store_goes_on() {
    let db = in_memory().await;
    let error = db.execute(vec![insert(1), insert(1)]).await.unwrap_err();
    assert_eq!(error.code(), Code::StoreFailed);
    assert!(error.message().contains("UNIQUE"), "{error}");
    assert_eq!(numbers(&db).await, [0_i64; 0]);
    db.execute(vec![insert(1)]).await.unwrap().done().unwrap();
    assert_eq!(numbers(&db).await, [1]);
}

#[tokio::test]
async fn every_kind_of_value_survives() {
    let (_folder, _path, db) = on_disk().await;
    let kinds = &["CREATE TABLE kinds (a BIGINT, b DOUBLE PRECISION, c TEXT, d BYTEA, e TEXT)"];
    db.migrate("kinds", kinds).await.unwrap();
    let text = "naïve \0 text, 12";
    let insert = Statement::new("INSERT INTO kinds VALUES (?1, ?2, ?3, ?4, ?5)");
    let unit = insert.with(i64::MIN).with(1.5).with(text).with(b"\0\xff12".as_slice()).with(None::<String>);
    db.execute(vec![unit]).await.unwrap().done().unwrap();
    let rows = db.query(Statement::new("SELECT a, b, c, d, e FROM kinds")).await.unwrap();
    let row = &rows[0];
    assert_eq!((row.integer(0).unwrap(), row.real(1).unwrap()), (i64::MIN, 1.5));
    assert_eq!((row.text(2).unwrap(), row.blob(3).unwrap()), (text, b"\0\xff12".as_slice()));
    assert_eq!(row.optional_text(4).unwrap(), None);
    assert_eq!((row.optional_integer(4).unwrap(), row.optional_blob(4).unwrap()), (None, None));
    for error in [row.text(0).unwrap_err(), row.text(4).unwrap_err(), row.integer(2).unwrap_err()] {
        assert_eq!(error.code(), Code::StoreFailed);
    }
    assert_eq!(row.text(5).unwrap_err().code(), Code::Internal);
    assert_eq!(row.clone().into_values()[4], Value::Null);
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_the_handle_was_dropped() {
    let (_folder, path, db) = on_disk().await;
    for number in 0..20 {
        db.execute(vec![insert(number)]).await.unwrap().done().unwrap();
    }
    drop(db);
    let db = Db::open(&path).await.unwrap();
    assert_eq!(numbers(&db).await, (0..20).collect::<Vec<_>>());
    db.close().await;
    assert!(!path.with_file_name("tutti.db-wal").exists(), "closing folds the log into the file");
}

#[tokio::test]
async fn a_closed_store_refuses_and_keeps_what_came_before() {
    let (_folder, path, db) = on_disk().await;
    let other = db.clone();
    let before = db.sqlite().submit(vec![insert(1)]).await.unwrap();
    db.close().await;
    assert!(before.await.unwrap().unwrap().is_done());
    for error in [
        other.execute(vec![insert(2)]).await.unwrap_err(),
        other.query(Statement::new("SELECT 1")).await.unwrap_err(),
        other.migrate("more", &["SELECT 1"]).await.unwrap_err(),
    ] {
        assert_eq!(error.code(), Code::StoreFailed);
        assert!(error.message().contains("closed"), "{error}");
    }
    other.close().await;
    let db = Db::open(&path).await.unwrap();
    assert_eq!(numbers(&db).await, [1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_see_whole_units_while_others_are_written() {
    const UNITS: i64 = 150;
    let (_folder, _path, db) = on_disk().await;
    let writing = {
        let db = db.clone();
        base::task::spawn_light(async move {
            for number in 0..UNITS {
                // Two rows a unit: a reader that saw half of one would count an odd number.
                db.execute(vec![insert(2 * number), insert(2 * number + 1)]).await.unwrap().done().unwrap();
                assert!(numbers(&db).await.len() as i64 >= 2 * (number + 1), "a unit is seen once it is acknowledged");
            }
        })
    };
    let reading: Vec<_> = (0..6)
        .map(|_| {
            let db = db.clone();
            base::task::spawn_light(async move {
                let mut last = 0;
                while last < 2 * UNITS {
                    let rows = db.query(Statement::new("SELECT count(*) FROM numbers")).await.unwrap();
                    let count = rows[0].integer(0).unwrap();
                    assert!(count % 2 == 0 && count >= last, "{last} then {count}");
                    last = count;
                }
            })
        })
        .collect();
    writing.await.unwrap();
    for reader in reading {
        reader.await.unwrap();
    }
}

#[tokio::test]
async fn a_unit_in_flight_is_kept_when_nobody_waits_for_it() {
    let (_folder, _path, db) = on_disk().await;
    drop(db.sqlite().submit(vec![insert(1)]).await.unwrap());
    // The queue keeps the order, so this one is behind it.
    db.execute(vec![insert(2)]).await.unwrap().done().unwrap();
    assert_eq!(numbers(&db).await, [1, 2]);
}

#[tokio::test]
async fn the_engine_says_what_it_is() {
    let db = Db::memory().await.unwrap();
    assert!(db.engine().starts_with("SQLite 3."), "{}", db.engine());
}
