use super::{STEPS, keep_health, pinned, prepare, recall, recall_health, recall_pins, remember};
use crate::catalogue::{Catalogue, Item, Kind};
use crate::pins::{Definition, Pins};
use mcp::Era;
use protection::guard::Kept;
use resilience::breaker::Snapshot;
use store::{Db, Statement};

#[tokio::test]
async fn what_was_learned_is_recalled_for_the_same_configuration_only() {
    let db = Db::memory().await.unwrap();
    prepare(&db).await.unwrap();
    prepare(&db).await.unwrap();
    let item = Item { key: "echo".to_owned(), json: r#"{"name":"echo","x":1.0}"#.to_owned() };
    let catalogue = Catalogue {
        tools: vec![item.clone()],
        templates: vec![item],
        instructions: vec![Item::instructions("do")],
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

#[tokio::test]
async fn h29_what_an_older_hub_pinned_stays_pinned() {
    let db = Db::memory().await.unwrap();
    let before = STEPS.iter().position(|step| step.starts_with("CREATE TABLE pin ")).unwrap();
    db.migrate("tools", &STEPS[..before]).await.unwrap();
    let definition = Definition::of(r#"{"name":"a","description":"Does it."}"#);
    for (table, name) in [("tool_pin", "a"), ("prompt_pin", "b")] {
        let sql = if table == "tool_pin" {
            "INSERT INTO tool_pin (server, place, tool, digest, body, definition, pinned_at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, 7)"
        } else {
            "INSERT INTO prompt_pin (server, place, tool, digest, body, definition, pinned_at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, 7)"
        };
        let hex = |digest: [u8; 32]| base::random::to_hex(&digest);
        let row = Statement::new(sql).with("u").with("p").with(name).with(hex(definition.digest()));
        let row = row.with(hex(definition.body().unwrap())).with(definition.text());
        db.execute(vec![row]).await.unwrap().done().unwrap();
    }
    prepare(&db).await.unwrap();
    for (kind, name) in [(Kind::Tool, "a"), (Kind::Prompt, "b")] {
        let mut expected = Pins::of(kind);
        expected.add(name, &definition);
        assert_eq!(recall_pins(&db, kind, "u", "p").await.unwrap(), expected);
        let shown = pinned(&db, kind, "u", "p").await.unwrap();
        assert_eq!((shown.len(), shown[name].at, shown[name].definition.as_str()), (1, 7, definition.text()));
    }
    assert!(recall_pins(&db, Kind::Instructions, "u", "p").await.unwrap().is_empty());
}
