use super::*;
use crate::config::tests::read_text;

fn routes(text: &str) -> (Settings, Vec<base::Error>) {
    read_text(&format!("providers: {{openai: {{}}, local: {{url: 'http://127.0.0.1:1'}}}}\nroutes:\n{text}"))
}

#[test]
fn what_cannot_take_over_is_refused_where_it_stands() {
    let table = [
        (
            "  big: {use: openai/a, fallback: smal}\n  small: {use: openai/b}",
            3,
            "`smal`, which is no route",
            "mean `small`",
        ),
        ("  big: {use: openai/a, fallback: openai/b}", 3, "which is no route", "into `use`"),
        (
            "  big: {use: openai/a, fallback: big}",
            3,
            "`big`, which leads back to itself: `big` → `big` → `big`",
            "take",
        ),
        (
            "  a: {use: openai/a}\n  b: {use: openai/a, fallback: c}\n  c: {use: openai/a, fallback: b}",
            4,
            "leads back to itself: `b` → `c` → `b`",
            "take",
        ),
        (
            "  two: {strategy: speculate, use: [openai/a, local/b]}\n  one: {use: openai/a, fallback: two}",
            4,
            "several models",
            "chooses one",
        ),
        (
            "  a: {use: openai/a, fallback: b}\n  b: {use: openai/a, fallback: c}\n  c: {use: openai/a, fallback: d}
  d: {use: openai/a, fallback: e}\n  e: {use: openai/a, fallback: f}\n  f: {use: openai/a}",
            3,
            "more than 4 routes",
            "shorter",
        ),
    ];
    for (text, line, message, next) in table {
        let (_, problems) = routes(text);
        let told: Vec<_> =
            problems.iter().map(|one| (one.location().unwrap().line, one.message(), one.next())).collect();
        let found = told.iter().any(|told| told.0 == line && told.1.contains(message) && told.2.contains(next));
        assert!(found, "{text}: {told:?}");
    }
    let (_, problems) = routes("  two: {strategy: speculate, use: [openai/a, local/b], fallback: two}");
    assert!(problems.iter().any(|problem| problem.message().contains("has the key `fallback`")), "{problems:?}");
}

#[test]
fn a_row_is_told_once_where_it_turns_in_a_circle() {
    let (_, problems) = routes(
        "  in: {use: openai/a, fallback: b}\n  b: {use: openai/a, fallback: c}\n  c: {use: openai/a, fallback: b}",
    );
    let lines: Vec<_> = problems.iter().map(|problem| problem.location().unwrap().line).collect();
    assert_eq!(lines, [4, 5], "{problems:?}");
}

#[test]
fn what_stays_on_ones_own_machines_stays_there_all_the_way() {
    let (settings, problems) = routes(
        "  big: {use: openai/a, fallback: near}\n  near: {use: local/b, place: local-only, fallback: small}
  small: {use: [openai/c, local/d]}",
    );
    assert!(problems.is_empty(), "{problems:?}");
    let row = |name: &str| {
        let found = fallbacks(&settings, name).map(|meant| (meant.route.unwrap().0, meant.depth, meant.local_only));
        found.collect::<Vec<_>>()
    };
    assert_eq!(row("big"), [("near", 1, true), ("small", 2, true)]);
    assert_eq!(row("near"), [("small", 1, true)]);
    assert_eq!(row("small"), []);
    assert_eq!(row("nobody"), []);
    assert!(fallbacks(&settings, "near").all(|meant| !meant.is_plain()));
}
