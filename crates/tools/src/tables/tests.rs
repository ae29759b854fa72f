use super::{prepare, recall, remember};
use crate::catalogue::{Catalogue, Item};
use mcp::Era;
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
