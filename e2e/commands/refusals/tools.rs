//! Tools that are not there, arguments that they do not take, and calls that fail.

use super::servers::company;
use super::{Row, Told, check, row, usage};
use crate::harness::trials;
use libtest_mimic::Trial;

pub(super) fn tests() -> Vec<Trial> {
    trials!("commands::refusals": bad_calls)
}

pub(super) const ROWS: &[Row] = &[
    usage("tool"),
    usage("tool lists").says("'list'"),
    usage("tool list good"),
    row("tool list --server god", 5, "T-0504").says("did you mean `good`?"),
    row("tool list --view nope", 5, "T-0320"),
    row("tool list --server broken", 7, "T-0202").says("broken"),
    row("tool search echo --server god", 5, "T-0504").says("did you mean `good`?"),
    usage("tool search"),
    row("tool search echo --limit 21", 2, "T-0501").says("from 1 to 20"),
    row("tool search echo --view nope", 5, "T-0320"),
    row("tool list --url http://127.0.0.1:1", 7, "T-0502"),
    usage("tool approve"),
    row("tool docs --server god", 5, "T-0504").says("did you mean `good`?"),
    row("tool docs --view nope", 5, "T-0320"),
    row("tool lint --server god", 5, "T-0504").says("did you mean `good`?"),
    usage("tool approve good/echo --all"),
    row("tool approve god/echo --yes", 5, "T-0504").says("did you mean `good`?"),
    row("tool diff god/echo", 5, "T-0504").says("did you mean `good`?"),
    row("tool diff mcp://", 2, "T-0501").says("mcp://SERVER/TOOL"),
    usage("tool describe"),
    row("tool describe mcp://", 2, "T-0501").says("mcp://SERVER/TOOL"),
    row("tool describe god/echo", 5, "T-0504").says("did you mean `good`?"),
    row("tool describe good/eco", 5, "T-0305").says("did you mean mcp://good/echo?"),
    row("tool describe eco", 5, "T-0305").says("did you mean mcp://good/echo?"),
    row("tool describe good/echo --view nope", 5, "T-0320"),
    row("tool describe broken/echo", 7, "T-0202"),
    row("tool describe off/echo", 7, "T-0212").says("enabled: false"),
    usage("tool call"),
    usage("tool call --bogus good/echo"),
    row("tool call good/", 2, "T-0501"),
    row("tool call god/echo", 5, "T-0504"),
    row("tool call good/eco --message x", 5, "T-0305"),
    row("tool call good/echo", 2, "T-0501").says("needs --message"),
    row("tool call good/echo --mesage x", 2, "T-0501").says("did you mean --message?"),
    row("tool call good/echo --message", 2, "T-0501").says("needs a value"),
    row("tool call good/echo --message x --message y", 2, "T-0501").says("2 times"),
    row("tool call good/echo x", 2, "T-0501").says("belongs to no flag"),
    row("tool call good/echo --message x --url http://127.0.0.1:1", 2, "T-0501").says("before the address"),
    row("tool call good/add --a one --b 2", 2, "T-0501").says("a number"),
    row("tool call good/progress --steps 1.5", 2, "T-0501").says("a whole number"),
    row("tool call good/ask --params [1]", 2, "T-0501").says("--params"),
    row("tool call files/read_file --path note.txt --limit 0", 2, "T-0501").says("at least 1"),
    row("tool call --args {␣ good/echo", 2, "T-0501").says("not JSON"),
    row("tool call --args [] good/echo", 2, "T-0501").says("not an object"),
    row("tool call --args @missing.json good/echo", 1, "T-0003").says("missing.json"),
    row("tool call --args - good/echo", 2, "T-0501"),
    row("tool call --timeout soon good/echo --message x", 2, "T-0501").says("30s"),
    row("tool call good/hang --timeout 50ms", 7, "T-0204").says("50ms"),
    row("tool call good/exit --code 3", 7, "T-0202"),
    row("tool call good/error --code 5 --message no", 1, "T-0512").says("the error 5: no"),
    row("tool call good/fail --text no", 1, "T-0506").told(Told::InItsShape).says("| no"),
    row("tool call files/read_file --path missing.txt", 1, "T-0506").told(Told::InItsShape).says("T-0603"),
    row("tool call files/read_file --path ../tutti.yaml", 1, "T-0506").told(Told::InItsShape).says("T-0601"),
    row("tool call files/write_file --path new.txt --text x", 5, "T-0305"),
    row("tool call broken/echo", 7, "T-0202").says("broken"),
    row("tool call --url http://127.0.0.1:1 good/echo --message x", 7, "T-0502"),
];

async fn bad_calls() {
    let setup = company();
    setup.write_config();
    check(&setup, ROWS, |order| order).await;
}
