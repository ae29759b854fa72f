use super::Kept;
use crate::tables;
use search::{Key, Vector, VectorCache};
use store::{Db, Statement};

fn key(number: u16) -> Key {
    let mut key = [0; 32];
    key[..2].copy_from_slice(&number.to_be_bytes());
    key
}

fn vector(number: u16) -> Vector {
    Vector::new(&[1.0, f32::from(number)])
}

async fn count(db: &Db) -> i64 {
    let rows = db.query(Statement::new("SELECT count(*) FROM tool_vector")).await.unwrap();
    rows[0].integer(0).unwrap()
}

async fn prepared() -> Db {
    let db = Db::memory().await.unwrap();
    tables::prepare(&db).await.unwrap();
    db
}

#[tokio::test]
async fn vectors_come_back_few_or_many() {
    let db = prepared().await;
    let kept = Kept::new(db.clone());
    kept.put((0..100).map(|number| (key(number), vector(number))).collect()).await.unwrap();
    for count in [3, 90] {
        let found = kept.get((50..50 + count).map(key).collect()).await.unwrap();
        let expected: Vec<_> = (50..50 + count).map(|number| (number < 100).then(|| vector(number))).collect();
        assert_eq!(found, expected);
    }
}

#[tokio::test]
async fn what_was_of_no_use_for_long_is_forgotten_and_never_more_kept_than_said() {
    let db = prepared().await;
    let kept = Kept::with_room(db.clone(), 80, 0);
    kept.put((0..70).map(|number| (key(number), vector(number))).collect()).await.unwrap();
    db.execute(vec![Statement::new("UPDATE tool_vector SET kept_at = 1")]).await.unwrap().done().unwrap();
    let found = kept.get((5..75).map(key).collect()).await.unwrap();
    assert_eq!(found.iter().flatten().count(), 65);
    assert_eq!(count(&db).await, 65, "old ones that are in use stay");
    kept.put((100..130).map(|number| (key(number), vector(number))).collect()).await.unwrap();
    assert_eq!(count(&db).await, 80);
    assert_eq!(kept.get((100..130).map(key).collect()).await.unwrap().iter().flatten().count(), 30);
}

#[tokio::test]
async fn what_is_in_use_outlives_what_is_not() {
    let db = prepared().await;
    let kept = Kept::with_room(db.clone(), 80, 0);
    kept.put((0..80).map(|number| (key(number), vector(number))).collect()).await.unwrap();
    // All were kept long ago; the later half is in use.
    db.execute(vec![Statement::new("UPDATE tool_vector SET kept_at = 1")]).await.unwrap().done().unwrap();
    kept.used((40..80).map(key).collect()).await.unwrap();
    kept.put((100..140).map(|number| (key(number), vector(number))).collect()).await.unwrap();
    assert_eq!(count(&db).await, 80);
    let found = kept.get((0..80).map(key).collect()).await.unwrap();
    assert!(found[..40].iter().all(Option::is_none) && found[40..].iter().all(Option::is_some));
}

#[tokio::test]
async fn some_more_are_kept_before_any_is_thrown_away() {
    let db = prepared().await;
    let kept = Kept::with_room(db.clone(), 20, 10);
    for from in [0, 25, 27, 36] {
        kept.put((from..from + 9).map(|number| (key(number), vector(number))).collect()).await.unwrap();
        assert!((9..=30).contains(&count(&db).await));
    }
    // Those of a hub whose tools are searched exactly are not made again.
    const { assert!(super::MOST > search::EXACT_UP_TO) };
}
