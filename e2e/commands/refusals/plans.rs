//! Plans that are none, that do not fit, and that are not taken.

use super::servers::company;
use super::{Row, Told, check, row, usage};
use crate::commands::run::put;
use crate::harness::{Setup, trials};
use libtest_mimic::Trial;
use serde_json::json;

pub(super) fn tests() -> Vec<Trial> {
    trials!("commands::refusals": bad_plans, plans_where_none_are_taken)
}

pub(super) const ROWS: &[Row] = &[
    usage("plan"),
    usage("plan run"),
    usage("plan explain"),
    usage("plan profile now"),
    row("plan run missing.yaml", 1, "T-0003").says("missing.yaml"),
    row("plan run list.yaml", 2, "T-0350").says("list.yaml holds no plan"),
    row("plan explain broken.json", 2, "T-0350").says("broken.json"),
    row("plan run --view nope fine.json", 5, "T-0320"),
    row("plan explain --view nope fine.json", 5, "T-0320"),
    row("plan run unknown.json", 2, "T-0350"),
    row("plan explain unknown.json", 2, "T-0305").told(Told::InItsShape).says("good__ad"),
    row("plan explain circle.json", 2, "T-0350").told(Told::InItsShape),
    row("plan run --url http://127.0.0.1:1 fine.json", 7, "T-0502"),
    row("plan profile", 7, "T-0502").says("tutti up"),
];

/// In a view without `plans`.
pub(super) const NOT_TAKEN: &[Row] = &[row("plan run fine.json", 5, "T-0305").says("plans: true")];

fn office() -> Setup {
    let setup = company();
    let step = |tool: &str| format!(r#"{{"steps": [{{"name": "a", "tool": "{tool}"}}]}}"#);
    for (name, text) in [
        ("fine.json", step("good__touch")),
        ("unknown.json", step("good__ad")),
        (
            "circle.json",
            r#"{"steps": [{"name": "a", "tool": "good__echo", "arguments": {"message": "$.a"}}]}"#.to_owned(),
        ),
        ("list.yaml", "- 1\n".to_owned()),
    ] {
        put(&setup, name, &text);
    }
    setup
}

async fn bad_plans() {
    let mut setup = office();
    setup.config["views"]["all"] = json!({"plans": true});
    setup.write_config();
    check(&setup, ROWS, |order| order).await;
}

async fn plans_where_none_are_taken() {
    let setup = office();
    setup.write_config();
    check(&setup, NOT_TAKEN, |order| order).await;
}
