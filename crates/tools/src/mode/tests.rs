use super::{MODES, Mode, Shown, Variant, view_of};
use base::Code;

#[test]
fn what_is_shown_depends_on_the_mode_and_the_tokens() {
    for (mode, tokens, before, shown) in [
        (Mode::All, 1_000_000, None, Shown::Everything),
        (Mode::Search, 0, None, Shown::Search),
        (Mode::Auto, 1000, None, Shown::Everything),
        (Mode::Auto, 1001, None, Shown::Search),
        (Mode::Auto, 1000, Some(Shown::Search), Shown::Search),
        (Mode::Auto, 901, Some(Shown::Search), Shown::Search),
        (Mode::Auto, 900, Some(Shown::Search), Shown::Everything),
        (Mode::Auto, 1001, Some(Shown::Everything), Shown::Search),
    ] {
        assert_eq!(mode.shows(tokens, 1000, before), shown, "{mode:?} {tokens} {before:?}");
    }
    assert_eq!(Mode::Auto.shows(0, 0, None), Shown::Everything, "nothing is not too much");
}

#[test]
fn client_chooses_by_the_query_of_its_address() {
    for (query, name) in [
        (None, "all"),
        (Some(""), "all"),
        (Some("other=1&x"), "all"),
        (Some("mode=search"), "all?mode=search"),
        (Some("a=b&mode=auto&c=d"), "all?mode=auto"),
        (Some("mode=all"), "all?mode=all"),
        (Some("context=plain&mode=all"), "all?mode=all&context=plain"),
        (Some("context=plain"), "all?context=plain"),
    ] {
        assert_eq!(Variant::of_query(query).unwrap().name("all"), name, "{query:?}");
    }
    for query in [
        "mode=",
        "mode=Search",
        "mode=%73earch",
        "mode=all&mode=search",
        "mode=search&mode=search",
        "context=",
        "context=none",
    ] {
        assert_eq!(Variant::of_query(Some(query)).unwrap_err().code(), Code::UnknownMode, "{query}");
    }
}

#[test]
fn variants_have_names_of_their_own_and_lead_back_to_their_view() {
    let names: Vec<String> = Variant::all().map(|variant| variant.name("research")).collect();
    assert_eq!(names.len(), 2 * (MODES.len() + 1));
    assert_eq!(names[0], "research");
    let mut different = names.clone();
    different.sort();
    different.dedup();
    assert_eq!(different.len(), names.len());
    assert!(names.iter().all(|name| view_of(name) == "research"));
}
