use super::{keep_health, prepare, recall, recall_health, remember};
use crate::catalogue::{Catalogue, Item};
use mcp::Era;
use protection::guard::Kept;
use resilience::breaker::Snapshot;
use store::Db;

#[tokio::test]
async fn what_was_learned_is_recalled_for_the_same_configuration_only() {
    let db = Db::memory().await.unwrap();
    prepare(&db).await.unwrap();
    prepare(&db).await.unwrap();
    let item = Item { key: "echo".to_owned(), json: r#"{"name":"echo","x":1.0}"#.to_owned() };
    let catalogue = Catalogue {
        tools: vec![item.clone()],
        templates: vec![item],
        instructions: Some("do".to_owned()),
        capabilities: r#"{"tools":{}}"#.to_owned(),
        ..Catalogue::default()
    };
    remember(&db, "u", "f1", Era::Modern, &Catalogue::default()).await.unwrap();
    remember(&db, "u", "f1", Era::Legacy, &catalogue).await.unwrap();
    let memory = recall(&db, "u", "f1").await.unwrap().unwrap();
    assert_eq!((memory.era, memory.catalogue), (Era::Legacy, catalogue));
    assert!(recall(&db, "u", "f2").await.unwrap().is_none());
    assert!(recall(&db, "v", "f1").await.unwrap().is_none());
}

#[tokio::test]
async fn how_breakers_stood_is_recalled_for_the_same_configuration_only() {
    let db = Db::memory().await.unwrap();
    prepare(&db).await.unwrap();
    let tools = vec![("search".to_owned(), Snapshot { share: 0.0, ..Snapshot::default() })];
    let kept = Kept { whole: Snapshot { share: 0.4, ..Snapshot::default() }, tools };
    let row = |fingerprint: &str, kept: &Kept| ("u".to_owned(), fingerprint.to_owned(), kept.clone());
    keep_health(&db, &[row("f1", &Kept::default())]).await.unwrap();
    keep_health(&db, &[row("f1", &kept)]).await.unwrap();
    keep_health(&db, &[]).await.unwrap();
    assert_eq!(recall_health(&db, "u", "f1").await.unwrap(), Some(kept));
    assert_eq!(recall_health(&db, "u", "f2").await.unwrap(), None);
}
