use crate::db::tests::{in_memory, on_disk};
use crate::{Db, Statement};
use base::Code;

const ONE: &[&str] = &["CREATE TABLE a (x BIGINT); INSERT INTO a (x) VALUES (1)"];
const TWO: &[&str] = &[ONE[0], "ALTER TABLE a ADD COLUMN y TEXT; UPDATE a SET y = 'new'"];
const BROKEN: &[&str] =
    &[ONE[0], TWO[1], "CREATE TABLE b (x BIGINT)", "CREATE TABLE c (x BIGINT); INSERT INTO nowhere VALUES (1)"];
const REPAIRED: &[&str] = &[ONE[0], TWO[1], "CREATE TABLE b (x BIGINT)", "CREATE TABLE c (x BIGINT)"];

async fn tables(db: &Db) -> Vec<String> {
    let sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND length(name) = 1 ORDER BY name";
    let rows = db.query(Statement::new(sql)).await.unwrap();
    rows.iter().map(|row| row.text(0).unwrap().to_owned()).collect()
}

async fn steps(db: &Db, domain: &str) -> Vec<i64> {
    let sql = "SELECT step FROM migrations WHERE domain = ?1 AND applied_at > 0 ORDER BY step";
    let rows = db.query(Statement::new(sql).with(domain)).await.unwrap();
    rows.iter().map(|row| row.integer(0).unwrap()).collect()
}

#[tokio::test]
async fn steps_run_once_and_in_their_order() {
    let (_folder, path, db) = on_disk().await;
    db.migrate("a", ONE).await.unwrap();
    db.migrate("a", ONE).await.unwrap();
    assert_eq!(steps(&db, "a").await, [1]);
    db.close().await;
    let db = Db::open(&path).await.unwrap();
    db.migrate("a", TWO).await.unwrap();
    let rows = db.query(Statement::new("SELECT x, y FROM a")).await.unwrap();
    assert_eq!(rows.len(), 1, "the first step did not run again");
    assert_eq!((rows[0].integer(0).unwrap(), rows[0].text(1).unwrap()), (1, "new"));
    assert_eq!((steps(&db, "a").await, steps(&db, "numbers").await), (vec![1, 2], vec![1]));
}

#[tokio::test]
async fn a114_a_store_of_a_newer_program_is_refused() {
    let db = in_memory().await;
    db.migrate("a", TWO).await.unwrap();
    let error = db.migrate("a", ONE).await.unwrap_err();
    assert_eq!(error.code(), Code::StoreNewer);
    assert!(error.message().contains("step 2") && error.message().contains("knows 1"), "{error}");
    db.migrate("a", TWO).await.unwrap();
}

#[tokio::test]
async fn steps_that_fail_halfway_leave_nothing() {
    let db = in_memory().await;
    db.migrate("a", ONE).await.unwrap();
    let error = db.migrate("a", BROKEN).await.unwrap_err();
    assert_eq!(error.code(), Code::StoreFailed);
    assert!(error.detail().unwrap().contains("step 4 of the tables of a"), "{error:?}");
    assert_eq!((tables(&db).await, steps(&db, "a").await), (vec!["a".to_owned()], vec![1]));
    // The program before it still works, and so does one that is repaired.
    db.migrate("a", ONE).await.unwrap();
    db.migrate("a", REPAIRED).await.unwrap();
    assert_eq!((tables(&db).await.join(""), steps(&db, "a").await), ("abc".to_owned(), vec![1, 2, 3, 4]));
}

#[tokio::test]
async fn two_that_migrate_at_once_do_it_once() {
    let (_folder, _path, db) = on_disk().await;
    let (first, second) = tokio::join!(db.migrate("a", TWO), db.migrate("a", TWO));
    first.unwrap();
    second.unwrap();
    assert_eq!(steps(&db, "a").await, [1, 2]);
}
