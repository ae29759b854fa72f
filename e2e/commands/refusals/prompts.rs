//! Prompts that are not there, and what cannot be done with those that are.

use super::{Row, check, row, usage};
use crate::commands::run::{desk, put};
use crate::harness::trials;
use libtest_mimic::Trial;

pub(super) fn tests() -> Vec<Trial> {
    trials!("commands::refusals": bad_prompts)
}

pub(super) const ROWS: &[Row] = &[
    usage("prompt list all"),
    row("prompt list --url http://127.0.0.1:1", 7, "T-0502"),
    usage("prompt show"),
    row("prompt show sayy", 5, "T-1002").says("did you mean `say`?"),
    usage("prompt render"),
    row("prompt render say", 2, "T-1004").says("`text` is missing"),
    row("prompt render say --arg text", 2, "T-0501").says("NAME=VALUE"),
    usage("prompt diff say"),
    row("prompt diff say v9", 5, "T-1003"),
    usage("prompt label say"),
    row("prompt label say latest v1", 5, "T-1003").says("`latest`"),
    usage("prompt rollback"),
    row("prompt rollback say", 5, "T-1003").says("before"),
    usage("prompt import"),
    row("prompt import nowhere", 1, "T-1009").says("nowhere"),
    usage("prompt export"),
    row("prompt export --path ../x .", 1, "T-1009"),
    usage("prompt test"),
    row("prompt test suite.yaml", 7, "T-0502"),
    row("prompt test bad.yaml", 3, "T-0103").says("did you mean `checks`?"),
    usage("prompt optimize"),
    row("prompt optimize suite.yaml", 7, "T-0502"),
    usage("prompt experiment start say"),
    row("prompt experiment start say --arm a=v1", 6, "T-1008"),
    usage("prompt experiment status"),
    row("prompt experiment status nope", 5, "T-1002"),
    usage("prompt experiment stop"),
    row("prompt experiment stop say", 6, "T-1008"),
    usage("prompt experiment feedback say"),
    row("prompt experiment feedback say --key k --score 1", 6, "T-1008"),
];

async fn bad_prompts() {
    let setup = desk();
    put(&setup, "tutti.yaml", "prompts: [\"prompts/*.md\"]\n");
    put(&setup, "prompts/say.md", "---\nparameters: { text: { type: string } }\n---\n{{ text }}\n");
    put(&setup, "suite.yaml", "prompt: say\ncases: [{ arguments: { text: x }, checks: [{ exact: x }] }]\n");
    put(&setup, "bad.yaml", "prompt: say\ncases: [{ chekcs: [] }]\n");
    check(&setup, ROWS, |order| order).await;
}
