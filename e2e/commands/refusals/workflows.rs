//! Workflows that are not there, or that nobody could run, and tests that fail.

use super::{Row, Told, check, row, usage};
use crate::commands::run::{desk, put};
use crate::commands::workflow::{CONFIGURATION, put_report};
use crate::harness::trials;
use libtest_mimic::Trial;

pub(super) fn tests() -> Vec<Trial> {
    trials!("commands::refusals": bad_workflows)
}

pub(super) const ROWS: &[Row] = &[
    usage("workflow"),
    usage("workflow list all"),
    row("workflow list --config none.yaml", 3, "T-0101"),
    row("workflow list --config broken.yaml", 3, "T-1101").says("flows/broken/w.yaml:3:11"),
    usage("workflow validate --format x"),
    row("workflow validate none.yaml", 1, "T-0003").told(Told::InItsShape).says("none.yaml"),
    row("workflow validate flows/broken/w.yaml", 3, "T-1101").told(Told::InItsShape).says("does nothing"),
    usage("workflow run"),
    usage("run inspect"),
    usage("run watch"),
    usage("run approve"),
    usage("run reject"),
    usage("run cancel"),
    usage("run pause"),
    usage("run resume"),
    usage("run export"),
    usage("run resolve nothing perhaps"),
    usage("run signal nothing"),
    usage("run fork nothing"),
    usage("run list --limit 0"),
    usage("memory"),
    usage("memory list --limit 0"),
    row("memory list --config none.yaml", 3, "T-0101"),
    usage("memory show"),
    row("memory show project", 2, "T-0501").says("SCOPE/KEY"),
    usage("memory show project/style --version 0"),
    usage("memory search"),
    usage("memory search words --limit 101"),
    usage("memory stats all"),
    row("memory stats --config none.yaml", 3, "T-0101"),
    row("memory prune --older-than soon", 2, "T-0501").says("30d"),
    usage("memory prune all"),
    usage("workflow graph"),
    usage("workflow graph report --format png"),
    row("workflow graph reprot", 5, "T-1114").says("did you mean `report`?"),
    row("workflow graph two.yaml", 2, "T-0501").says("`--name`: `a`, `b`"),
    usage("workflow explain"),
    row("workflow explain two.yaml --name c", 5, "T-1114").says("it has `a`, `b`"),
    usage("workflow schema x"),
    usage("workflow schema --nope"),
    usage("workflow test report --case"),
    row("workflow test reprot", 5, "T-1114").says("did you mean `report`?"),
    row("workflow test two.yaml", 1, "T-0003").says("two.test.yaml"),
    row("workflow test report --tests bad.yaml", 3, "T-1112").says("did you mean `search`?"),
    row("workflow test report --tests wrong.yaml", 10, "T-1113").told(Told::InItsShape),
];

async fn bad_workflows() {
    let setup = desk();
    put(&setup, "tutti.yaml", CONFIGURATION);
    put_report(&setup, "mcp://files/search_files");
    put(&setup, "broken.yaml", "workflows: [\"flows/broken/*.yaml\"]\n");
    put(&setup, "flows/broken/w.yaml", "name: w\nsteps:\n  - name: a\n");
    put(
        &setup,
        "two.yaml",
        "workflows:\n  a: { steps: [{ name: x, wait: 1s }] }\n  b: { steps: [{ name: x, wait: 1s }] }\n",
    );
    put(&setup, "bad.yaml", "cases: [{ answers: { serch: { value: 1 } } }]\n");
    put(&setup, "wrong.yaml", "cases: [{ params: { topic: x } }]\n");
    check(&setup, ROWS, |order| order).await;
}
