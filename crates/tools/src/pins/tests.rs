use super::{Definition, Judgement, Mode, Pins, Room};
use crate::catalogue::{Catalogue, Item, Kind, Why};
use std::collections::HashSet;

const ROOM: Room = Room { tools: 8, bytes: 1 << 20 };

/// A mode, what it serves, and what waits.
type Row = (Mode, &'static [&'static str], &'static [(&'static str, Why)]);

/// A catalogue of tools, each a name and a description.
fn offered(tools: &[(&str, &str)]) -> Catalogue {
    let item = |(name, text): &(&str, &str)| Item {
        key: (*name).to_owned(),
        json: format!(r#"{{"name":"{name}","description":"{text}"}}"#),
    };
    Catalogue { tools: tools.iter().map(item).collect(), ..Catalogue::default() }
}

fn add(pins: &mut Pins, judgement: &Judgement) {
    judgement.fresh.iter().for_each(|(tool, made)| pins.add(tool, made));
}

/// What was pinned when `tools` were seen first.
fn seen(mode: Mode, tools: &[(&str, &str)]) -> Pins {
    let mut pins = Pins::default();
    let first = pins.judge(mode, offered(tools), &HashSet::new(), ROOM);
    assert!(first.catalogue.waits(Kind::Tool).is_empty(), "what is seen first is trusted");
    add(&mut pins, &first);
    pins
}

fn served(judgement: &Judgement) -> Vec<&str> {
    judgement.catalogue.tools.iter().map(|item| item.key.as_str()).collect()
}

fn waiting(judgement: &Judgement) -> Vec<(&str, Why)> {
    judgement.catalogue.waits(Kind::Tool).iter().map(|(tool, waits)| (tool.as_str(), waits.why)).collect()
}

#[test]
fn what_waits_is_what_the_mode_says() {
    let before = [("a", "1"), ("b", "1")];
    let rows: [Row; 3] = [
        (Mode::Trust, &["new", "a", "b"], &[]),
        (Mode::AllowNew, &["new", "b"], &[("a", Why::Changed)]),
        (Mode::All, &["b"], &[("a", Why::Changed), ("new", Why::New)]),
    ];
    for (mode, serves, waits) in rows {
        let pins = seen(mode, &before);
        let after = offered(&[("new", "1"), ("a", "2"), ("b", "1")]);
        let judgement = pins.judge(mode, after.clone(), &HashSet::new(), ROOM);
        assert_eq!((served(&judgement).as_slice(), waiting(&judgement).as_slice()), (serves, waits), "{mode:?}");
        let fresh: Vec<&str> = judgement.fresh.iter().map(|(tool, _)| tool.as_str()).collect();
        assert_eq!(fresh, if mode == Mode::AllowNew { vec!["new"] } else { vec![] }, "{mode:?}");
        assert_eq!(judgement.catalogue.clone().whole(), after, "nothing is lost, and the order stays");
        assert_eq!(
            pins.judge(mode, judgement.catalogue.clone(), &HashSet::new(), ROOM),
            judgement,
            "what waits is judged with the rest"
        );
    }
}

#[test]
fn a_tool_that_comes_back_must_be_what_it_was() {
    let mut pins = seen(Mode::AllowNew, &[("a", "1"), ("b", "1")]);
    add(&mut pins.clone(), &pins.judge(Mode::AllowNew, offered(&[("b", "1")]), &HashSet::new(), ROOM));
    assert_eq!(served(&pins.judge(Mode::AllowNew, offered(&[("a", "1")]), &HashSet::new(), ROOM)), ["a"]);
    assert_eq!(
        waiting(&pins.judge(Mode::AllowNew, offered(&[("a", "2")]), &HashSet::new(), ROOM)),
        [("a", Why::Changed)]
    );
    // Approved, it is served; what it was then is not.
    let approved = Definition::of(&offered(&[("a", "2")]).tools[0].json);
    pins.add("a", &approved);
    assert_eq!(served(&pins.judge(Mode::AllowNew, offered(&[("a", "2")]), &HashSet::new(), ROOM)), ["a"]);
    assert_eq!(
        waiting(&pins.judge(Mode::AllowNew, offered(&[("a", "1")]), &HashSet::new(), ROOM)),
        [("a", Why::Changed)]
    );
}

#[test]
fn a_tool_with_another_name_is_known_by_the_rest() {
    let before = [("a", "does this"), ("b", "does that")];
    for mode in [Mode::AllowNew, Mode::All] {
        let pins = seen(mode, &before);
        let judgement = pins.judge(mode, offered(&[("b", "does that"), ("c", "does this")]), &HashSet::new(), ROOM);
        assert_eq!(waiting(&judgement), [("c", Why::Renamed)], "{mode:?}");
        assert_eq!(judgement.catalogue.waits(Kind::Tool)["c"].formerly.as_deref(), Some("a"));
        assert!(judgement.fresh.is_empty());
        assert_eq!(
            pins.judge(mode, judgement.catalogue.clone(), &HashSet::new(), ROOM),
            judgement,
            "judged again it is the same"
        );
        // While the old one is there too, another of the same text is new like any other.
        let both = pins.judge(
            mode,
            offered(&[("a", "does this"), ("b", "does that"), ("c", "does this")]),
            &HashSet::new(),
            ROOM,
        );
        let expected: &[(&str, Why)] = if mode == Mode::All { &[("c", Why::New)] } else { &[] };
        assert_eq!(waiting(&both), expected, "{mode:?}");
    }
    // Without a description there is nothing to know a tool by.
    let bare = seen(Mode::AllowNew, &[("a", " ")]).judge(Mode::AllowNew, offered(&[("b", " ")]), &HashSet::new(), ROOM);
    assert_eq!(waiting(&bare), []);
    let swapped = seen(Mode::AllowNew, &before).judge(
        Mode::AllowNew,
        offered(&[("a", "does that"), ("b", "does this")]),
        &HashSet::new(),
        ROOM,
    );
    assert_eq!(waiting(&swapped), [("a", Why::Changed), ("b", Why::Changed)]);
}

#[test]
fn a_server_that_invents_tools_for_ever_comes_to_an_end() {
    let mut pins = Pins::default();
    for round in 0..100 {
        let name = format!("tool_{round}");
        let judgement = pins.judge(Mode::AllowNew, offered(&[("a", "1"), (&name, &name)]), &HashSet::new(), ROOM);
        add(&mut pins, &judgement);
        let expected: &[(&str, Why)] = if round < 7 { &[] } else { &[(&name, Why::Full)] };
        assert_eq!(waiting(&judgement), expected, "{round}");
    }
    // The tools that are there are still what they were pinned as.
    assert_eq!(
        waiting(&pins.judge(Mode::AllowNew, offered(&[("a", "2")]), &HashSet::new(), ROOM)),
        [("a", Why::Changed)]
    );
    let narrow = Room { bytes: 60, ..ROOM };
    let judgement =
        Pins::default().judge(Mode::AllowNew, offered(&[("a", "1"), ("b", &"x".repeat(60))]), &HashSet::new(), narrow);
    assert_eq!(waiting(&judgement), [("b", Why::Full)], "the first look has a limit too");
    let gone = pins.make_room(ROOM, &offered(&[("a", "1")]));
    assert_eq!(gone.len(), 7, "an approval makes room: {gone:?}");
    assert!(pins.make_room(ROOM, &offered(&[])).is_empty(), "and without need nothing is forgotten");
}

#[test]
fn h29_where_all_wants_an_approval_nothing_is_served_without_one() {
    let offered = || offered(&[("a", "1"), ("b", "1")]);
    let mut pins = Pins::default();
    for _ in 0..2 {
        let first = pins.judge(Mode::Approve, offered(), &HashSet::new(), ROOM);
        assert_eq!((served(&first), waiting(&first)), (vec![], vec![("a", Why::New), ("b", Why::New)]));
        assert!(first.fresh.is_empty(), "nothing is approved by being there");
    }
    pins.add("a", &Definition::of(&offered().tools[0].json));
    let then = pins.judge(Mode::Approve, offered(), &HashSet::new(), ROOM);
    assert_eq!((served(&then), waiting(&then)), (vec!["a"], vec![("b", Why::New)]));
    for (kind, mode) in Kind::ALL.into_iter().flat_map(|kind| Mode::WORDS.map(|(_, mode)| (kind, mode))) {
        let listed = matches!(kind, Kind::Resource | Kind::Template);
        let expected = if listed && mode != Mode::Approve { Mode::Trust } else { mode };
        assert_eq!(mode.of_kind(kind), expected, "{kind:?} {mode:?}");
    }
}

#[test]
fn words_of_modes_are_found_again() {
    for (word, mode) in Mode::WORDS {
        assert_eq!(mode.word(), word);
    }
}

#[test]
fn an_error_names_server_tool_and_the_next_step() {
    let rows = [("send", "`tutti server approve mail send`"), ("x; rm -rf ~", "`tutti server approve mail`")];
    for (tool, next) in rows {
        let pins = seen(Mode::All, &[("other", "1")]);
        let judgement = pins.judge(Mode::All, offered(&[("other", "1"), (tool, "1")]), &HashSet::new(), ROOM);
        let error = judgement.catalogue.waits(Kind::Tool)[tool].to_error("mail");
        assert_eq!(error.code(), base::Code::ToolQuarantined);
        assert!(error.message().contains("`mail`") && error.message().contains(&format!("`{tool}`")), "{error}");
        assert!(error.next().contains(next), "{error}");
    }
}

#[test]
fn what_is_found_is_held_until_it_is_approved_as_it_is() {
    let held = HashSet::from(["a".to_owned()]);
    for mode in [Mode::Trust, Mode::AllowNew, Mode::All] {
        let tools = || offered(&[("a", "1"), ("b", "1")]);
        let mut pins = Pins::default();
        let first = pins.judge(mode, tools(), &held, ROOM);
        assert_eq!((served(&first), waiting(&first)), (vec!["b"], vec![("a", Why::Flagged)]), "{mode:?}");
        add(&mut pins, &first);
        assert_eq!(waiting(&pins.judge(mode, tools(), &held, ROOM)).len(), 1, "{mode:?}");
        pins.add("a", &Definition::of(&tools().tools[0].json));
        assert_eq!(served(&pins.judge(mode, tools(), &held, ROOM)), ["a", "b"], "{mode:?}");
        // Another text in which something is found is another approval.
        let why = if mode == Mode::Trust { Why::Flagged } else { Why::Changed };
        let changed = pins.judge(mode, offered(&[("a", "2"), ("b", "1")]), &held, ROOM);
        assert_eq!(waiting(&changed), [("a", why)], "{mode:?}");
    }
}
