use super::check;
use crate::coverage::{Coverage, PAGE};
use crate::repository::Repository;

const ATTACKS: (&str, &str) = ("xtask/src/coverage/attacks.txt", "a01 | required | framing\n");
const HUB: (&str, &str) = ("xtask/src/coverage/hub.txt", "h01 | later: not built | eras\n");
const TESTS: (&str, &str) = ("crates/x/src/y/tests.rs", "#[test]\nfn a01_one() {}");

fn messages(files: &[(&str, &str)]) -> Vec<String> {
    check(&Repository::of(files)).into_iter().map(|finding| finding.text()).collect()
}

#[test]
fn the_page_follows_the_names() {
    let page = Coverage::of(&Repository::of(&[HUB, ATTACKS, TESTS])).unwrap().page();
    assert!(messages(&[HUB, ATTACKS, TESTS, (PAGE, &page)]).is_empty());
    let renamed = ("crates/x/src/y/tests.rs", "#[test]\nfn a01_other() {}");
    let found = messages(&[HUB, ATTACKS, renamed, (PAGE, &page)]);
    assert!(found[0].starts_with("docs/reference/coverage.md:16: coverage: the page is not what"), "{found:?}");
    let unmet =
        ("xtask/src/coverage/attacks.txt", "a01 | required | framing\na02 | required | slow\na03 | expected | host\n");
    let page = Coverage::of(&Repository::of(&[HUB, unmet, TESTS])).unwrap().page();
    let found = messages(&[HUB, unmet, TESTS, (PAGE, &page)]);
    assert_eq!(found.len(), 1);
    assert!(
        found[0].starts_with("xtask/src/coverage/attacks.txt:2: coverage: no test stands for a02: slow"),
        "{found:?}"
    );
    assert!(messages(&[HUB, ATTACKS, TESTS])[0].contains("run `cargo xtask coverage`"));
}

#[test]
fn numbers_and_rows_are_known() {
    let broken = ("xtask/src/coverage/hub.txt", "h01 | perhaps | eras\n");
    let unknown = ("crates/x/src/y/tests.rs", "#[test]\nfn h32_a01_more() {}");
    let page = Coverage::of(&Repository::of(&[broken, ATTACKS, unknown])).unwrap().page();
    let found = messages(&[broken, ATTACKS, unknown, (PAGE, &page)]);
    assert!(found[0].starts_with("xtask/src/coverage/hub.txt:1: coverage: this is no row"), "{found:?}");
    assert!(found[1].starts_with("crates/x/src/y/tests.rs:2: coverage: the test h32_a01_more has the number h32"));
    assert_eq!(found.len(), 2);
}
