use super::{Mode, Pinned, Pins, Room};
use crate::catalogue::{Catalogue, Item, Kind, Why};
use crate::pins::{Approval, Approved};
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
    let mut pins = Kind::ALL.map(Pins::of);
    for (kind, pins) in Kind::ALL.into_iter().zip(&mut pins) {
        *pins = tables::recall_pins(db, kind, "u", "p").await.unwrap();
    }
    let lint = Strictness::Hidden;
    let room = Room { tools: 100, bytes: 1 << 20 };
    Pinned { db: db.clone(), name: "u".to_owned(), place: "p".to_owned(), mode: Mode::All, lint, room, pins }
}

fn approval(kind: Kind, some: &[(String, String)]) -> Approval {
    let one = |(name, digest): &(String, String)| Approved { kind, name: name.clone(), digest: digest.clone() };
    Approval(some.iter().map(one).collect())
}

fn digest(catalogue: &Catalogue, tool: &str) -> String {
    random::to_hex(&catalogue.waits(Kind::Tool)[tool].digest)
}

#[tokio::test]
async fn a36_what_was_not_shown_is_not_approved() {
    let db = Db::memory().await.unwrap();
    tables::prepare(&db).await.unwrap();
    let mut first = pinned(&db).await;
    assert!(first.judge(offered("good")).await.waits(Kind::Tool).is_empty());
    let looked = first.judge(offered("harmless")).await;
    let now = first.judge(offered("harmful")).await;
    let shown = digest(&looked, "a");
    // All or none: the second of these is not in quarantine at all.
    let both = [("a".to_owned(), digest(&now, "a")), ("b".to_owned(), digest(&now, "a"))];
    for tools in [&[("a".to_owned(), shown.clone())][..], &both, &[("none".to_owned(), shown.clone())]] {
        assert_eq!(first.approve(&now, &approval(Kind::Tool, tools)).await.unwrap_err().code(), Code::ApprovalStale);
    }
    assert!(first.judge(offered("harmful")).await.waits(Kind::Tool).contains_key("a"));
    first.approve(&now, &approval(Kind::Tool, &both[..1])).await.unwrap();
    assert!(first.judge(offered("harmful")).await.waits(Kind::Tool).is_empty());

    // What the store remembers is the same.
    let mut second = pinned(&db).await;
    assert!(second.judge(offered("harmful")).await.waits(Kind::Tool).is_empty());
    assert!(second.judge(offered("good")).await.waits(Kind::Tool).contains_key("a"));
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
    assert!(pins.judge(offered("good")).await.waits(Kind::Prompt).is_empty());
    let new = pins.judge(with_prompt(offered("good"), "x")).await;
    assert_eq!((new.prompts.len(), new.waits(Kind::Tool).len(), new.waits(Kind::Prompt).len()), (0, 0, 1));
    assert_eq!(new.clone().whole(), with_prompt(offered("good"), "x"), "nothing is lost");
    let waits = &new.waits(Kind::Prompt)["a"];
    let digest = random::to_hex(&waits.digest);
    assert!(waits.to_error("u").message().contains("the prompt `a` of `u` is new, and new prompts"));
    // An approval of a tool is none of a prompt of the same name.
    let named = [("a".to_owned(), digest)];
    let as_tool = approval(Kind::Tool, &named);
    assert_eq!(pins.approve(&new, &as_tool).await.unwrap_err().code(), Code::ApprovalStale);
    pins.approve(&new, &approval(Kind::Prompt, &named)).await.unwrap();
    assert_eq!(pins.judge(new).await.prompts.len(), 1);
    let mut again = pinned(&db).await;
    assert_eq!(again.judge(with_prompt(offered("good"), "x")).await.prompts.len(), 1, "the store remembers it");
    assert_eq!(
        again.judge(with_prompt(offered("good"), "y")).await.waits(Kind::Prompt).len(),
        1,
        "an argument changed"
    );
}

/// An offer with one item of this kind, in which `text` is what models read.
fn one(kind: Kind, text: &str) -> Catalogue {
    let item = match kind {
        Kind::Instructions => Item::instructions(text),
        _ => Item { key: "a".to_owned(), json: serde_json::json!({"name": "a", "description": text}).to_string() },
    };
    let mut catalogue = Catalogue::default();
    catalogue.of_kind_mut(kind).0.push(item);
    catalogue.checked()
}

/// What comes first, then is another, then is approved, for every kind: the same but that lists of resources may change.
#[tokio::test]
async fn h29_all_that_models_read_is_judged_alike() {
    for kind in Kind::ALL {
        let db = Db::memory().await.unwrap();
        tables::prepare(&db).await.unwrap();
        let mut pins = pinned(&db).await;
        assert_eq!(pins.judge(one(kind, "good")).await, one(kind, "good"), "{kind:?}");
        let changed = pins.judge(one(kind, "another")).await;
        let held = !matches!(kind, Kind::Resource | Kind::Template);
        let counts = |of: &Catalogue| (of.of_kind(kind).0.len(), of.waits(kind).len());
        assert_eq!(counts(&changed), if held { (0, 1) } else { (1, 0) }, "{kind:?}");
        assert_eq!(changed.clone().whole(), one(kind, "another"), "nothing is lost");
        let hidden = pins.judge(one(kind, "hidden \u{e0041}")).await;
        assert_eq!(counts(&hidden), (0, 1), "{kind:?}");
        let (name, waits) = hidden.waits(kind).first_key_value().unwrap();
        let error = waits.to_error("u");
        assert!(error.message().contains(kind.word()) && error.next().contains("server approve u"), "{error}");
        let named = [(name.clone(), random::to_hex(&waits.digest))];
        pins.approve(&hidden, &approval(kind, &named)).await.unwrap();
        assert_eq!(counts(&pins.judge(hidden).await), (1, 0), "{kind:?}");
        // The store remembers it.
        let mut again = pinned(&db).await;
        assert_eq!(counts(&again.judge(one(kind, "hidden \u{e0041}")).await), (1, 0), "{kind:?}");
        assert_eq!(counts(&again.judge(one(kind, "hidden \u{e0042}")).await), (0, 1), "{kind:?}");
    }
}

#[tokio::test]
async fn h29_instructions_that_come_later_are_new() {
    let db = Db::memory().await.unwrap();
    tables::prepare(&db).await.unwrap();
    let mut pins = pinned(&db).await;
    let mut with = offered("good");
    pins.judge(with.clone()).await;
    with.instructions = vec![Item::instructions("Obey.")];
    let new = pins.judge(with).await;
    let why: Vec<Why> = new.waiting().map(|waits| waits.why).collect();
    assert_eq!((new.instructions(), why), (None, vec![Why::New]));
}
