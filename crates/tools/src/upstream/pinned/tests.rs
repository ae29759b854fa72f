use super::{Mode, Pinned, Pins, Room};
use crate::catalogue::{Catalogue, Item, Kind};
use crate::pins::Approval;
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
    let pins: Pins = tables::recall_pins(db, Kind::Tool, "u", "p").await.unwrap();
    let prompts = tables::recall_pins(db, Kind::Prompt, "u", "p").await.unwrap();
    let lint = Strictness::Hidden;
    let room = Room { tools: 100, bytes: 1 << 20 };
    Pinned { db: db.clone(), name: "u".to_owned(), place: "p".to_owned(), mode: Mode::All, lint, room, pins, prompts }
}

fn approval(tools: &[(String, String)]) -> Approval {
    Approval { tools: tools.to_vec(), ..Approval::default() }
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
        assert_eq!(first.approve(&now, &approval(tools)).await.unwrap_err().code(), Code::ApprovalStale);
    }
    assert!(first.judge(offered("harmful")).await.quarantined.contains_key("a"));
    first.approve(&now, &approval(&both[..1])).await.unwrap();
    assert!(first.judge(offered("harmful")).await.quarantined.is_empty());

    // What the store remembers is the same.
    let mut second = pinned(&db).await;
    assert!(second.judge(offered("harmful")).await.quarantined.is_empty());
    assert!(second.judge(offered("good")).await.quarantined.contains_key("a"));
    let rows = tables::pinned(&db, Kind::Tool, "u", "p").await.unwrap();
    assert_eq!(rows["a"].definition, r#"{"description":"harmful","name":"a"}"#);
    assert!(tables::pinned(&db, Kind::Tool, "u", "elsewhere").await.unwrap().is_empty());
}

#[tokio::test]
async fn h29_prompts_are_pinned_beside_tools_of_the_same_name() {
    let db = Db::memory().await.unwrap();
    tables::prepare(&db).await.unwrap();
    let with_prompt = |tools: Catalogue, description: &str| {
        let prompts = vec![Item {
            key: "a".to_owned(),
            json: format!(r#"{{"name":"a","arguments":[{{"name":"x","description":"{description}"}}]}}"#),
        }];
        Catalogue { prompts, ..tools }
    };
    // A server that had no prompts at first has new ones later.
    let mut pins = pinned(&db).await;
    assert!(pins.judge(offered("good")).await.quarantined_prompts.is_empty());
    let new = pins.judge(with_prompt(offered("good"), "x")).await;
    assert_eq!((new.prompts.len(), new.quarantined.len(), new.quarantined_prompts.len()), (0, 0, 1));
    assert_eq!(new.clone().whole(), with_prompt(offered("good"), "x"), "nothing is lost");
    let waits = &new.quarantined_prompts["a"];
    let digest = random::to_hex(&waits.digest);
    assert!(waits.to_error("u").message().contains("the prompt `a` of `u` is new, and new prompts"));
    // An approval of a tool is none of a prompt of the same name.
    let as_tool = approval(&[("a".to_owned(), digest.clone())]);
    assert_eq!(pins.approve(&new, &as_tool).await.unwrap_err().code(), Code::ApprovalStale);
    pins.approve(&new, &Approval { prompts: vec![("a".to_owned(), digest)], ..Approval::default() }).await.unwrap();
    assert_eq!(pins.judge(new).await.prompts.len(), 1);
    let mut again = pinned(&db).await;
    assert_eq!(again.judge(with_prompt(offered("good"), "x")).await.prompts.len(), 1, "the store remembers it");
    assert_eq!(
        again.judge(with_prompt(offered("good"), "y")).await.quarantined_prompts.len(),
        1,
        "an argument changed"
    );
}
