use super::{Coverage, PAGE};
use crate::repository::Repository;

const HUB: (&str, &str) =
    ("xtask/src/coverage/hub.txt", "# what\nh01 | required | both eras\nh02 | required | sessions\n");
const ATTACKS: (&str, &str) = ("xtask/src/coverage/attacks.txt", "a01 | later: needs SAML | answers\n");

#[test]
fn each_row_stands_on_one_line() {
    let tests = ("e2e/x.rs", "fn t() { trials!(\"x\": h01_one, h01_two) }\nfn h01_one() {}\nfn h01_two() {}");
    let unit = ("crates/x/src/y/tests.rs", "#[test]\nfn h01_three() {}");
    let coverage = Coverage::of(&Repository::of(&[HUB, ATTACKS, unit, tests])).unwrap();
    let page = coverage.page();
    let row = "| h01 | both eras | crates/x/src/y/tests.rs: `h01_three`; e2e/x.rs: `h01_one`, `h01_two` |";
    let rows: Vec<_> = page.lines().filter(|line| line.starts_with("| h") || line.starts_with("| a")).collect();
    assert_eq!(rows, [row, "| h02 | sessions | **none yet** |", "| a01 | answers | later: needs SAML |"]);
    assert_eq!(coverage.gaps().map(|row| row.number.as_str()).collect::<Vec<_>>(), ["h02"]);
    assert!(coverage.summary().contains("Attacks: 0 of 1\nno test yet: h02"));
}

#[test]
fn a_repository_without_tables_has_no_page() {
    assert!(Coverage::of(&Repository::of(&[(PAGE, "x")])).is_none());
}
