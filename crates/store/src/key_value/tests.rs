use super::KeyValue;
use crate::{Db, Expect, Statement};

async fn table() -> KeyValue {
    KeyValue::new(Db::memory().await.unwrap()).await.unwrap()
}

#[tokio::test]
async fn a_value_is_kept_replaced_and_forgotten() {
    let table = table().await;
    assert_eq!(table.get("a", "key").await.unwrap(), None);
    table.put("a", "key", "one").await.unwrap();
    table.put("b", "key", vec![0, 255]).await.unwrap();
    assert_eq!(table.get("a", "key").await.unwrap().unwrap(), b"one");
    table.put("a", "key", "two").await.unwrap();
    assert_eq!(table.get("a", "key").await.unwrap().unwrap(), b"two");
    assert!(table.delete("a", "key").await.unwrap());
    assert!(!table.delete("a", "key").await.unwrap());
    assert_eq!(table.get("a", "key").await.unwrap(), None);
    assert_eq!(table.get("b", "key").await.unwrap().unwrap(), [0, 255]);
}

#[tokio::test]
async fn a_space_is_listed_in_the_order_of_its_keys() {
    let table = table().await;
    for key in ["b", "a", "ä", "B", ""] {
        table.put("space", key, key).await.unwrap();
    }
    table.put("other", "c", "c").await.unwrap();
    let entries = table.list("space").await.unwrap();
    let keys: Vec<_> = entries.iter().map(|entry| entry.key.as_str()).collect();
    assert_eq!(keys, ["", "B", "a", "b", "ä"]);
    assert!(entries.iter().all(|entry| entry.value == entry.key.as_bytes() && entry.updated_at > 1_700_000_000_000));
    assert!(table.list("nowhere").await.unwrap().is_empty());
}

#[tokio::test]
async fn a_value_can_be_part_of_a_larger_unit() {
    let table = table().await;
    let never = Statement::new("DELETE FROM key_value WHERE key = 'absent'").expecting(Expect::Rows(1));
    let unit = vec![KeyValue::put_statement("a", "key", "one"), never];
    assert!(!table.db.execute(unit).await.unwrap().is_done());
    assert_eq!(table.get("a", "key").await.unwrap(), None);
}
