use super::{Mode, Pinned, Pins, Room};
use crate::catalogue::{Catalogue, Item};
use crate::tables;
use base::{Code, random};
use lint::Strictness;
use store::Db;

fn offered(description: &str) -> Catalogue {
    let item = |name: &str, description: &str| Item {
        key: name.to_owned(),
        json: format!(r#"{{"name":"{name}","description":"{description}"}}"#),
    };
    Catalogue { tools: vec![item("a", description), item("b", "same")], ..Catalogue::default() }
}

async fn pinned(db: &Db) -> Pinned {
    let pins: Pins = tables::recall_pins(db, "u", "p").await.unwrap();
    let lint = Strictness::Hidden;
    let room = Room { tools: 100, bytes: 1 << 20 };
    Pinned { db: db.clone(), name: "u".to_owned(), place: "p".to_owned(), mode: Mode::All, lint, room, pins }
}

fn digest(catalogue: &Catalogue, tool: &str) -> String {
    random::to_hex(&catalogue.quarantined[tool].digest)
}

#[tokio::test]
async fn a36_what_was_not_shown_is_not_approved() {
    let db = Db::memory().await.unwrap();
    tables::prepare(&db).await.unwrap();
    let mut first = pinned(&db).await;
    assert!(first.judge(offered("good")).await.quarantined.is_empty());
    let looked = first.judge(offered("harmless")).await;
    let now = first.judge(offered("harmful")).await;
    let shown = digest(&looked, "a");
    // All or none: the second of these is not in quarantine at all.
    let both = [("a".to_owned(), digest(&now, "a")), ("b".to_owned(), digest(&now, "a"))];
    for tools in [&[("a".to_owned(), shown.clone())][..], &both, &[("none".to_owned(), shown.clone())]] {
        assert_eq!(first.approve(&now, tools).await.unwrap_err().code(), Code::ApprovalStale);
    }
    assert!(first.judge(offered("harmful")).await.quarantined.contains_key("a"));
    first.approve(&now, &both[..1]).await.unwrap();
    assert!(first.judge(offered("harmful")).await.quarantined.is_empty());

    // What the store remembers is the same.
    let mut second = pinned(&db).await;
    assert!(second.judge(offered("harmful")).await.quarantined.is_empty());
    assert!(second.judge(offered("good")).await.quarantined.contains_key("a"));
    let rows = tables::pinned(&db, "u", "p").await.unwrap();
    assert_eq!(rows["a"].definition, r#"{"description":"harmful","name":"a"}"#);
    assert!(tables::pinned(&db, "u", "elsewhere").await.unwrap().is_empty());
}
