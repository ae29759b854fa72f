//! Configurations that cannot be taken, and files where none may be written.

use super::{Row, Told, check, row, usage};
use crate::commands::run::{desk, put};
use crate::harness::{Setup, trials};
use libtest_mimic::Trial;

pub(super) fn tests() -> Vec<Trial> {
    trials!("commands::refusals": bad_configurations)
}

pub(super) const ROWS: &[Row] = &[
    usage("up --bogus").says("--bogus"),
    usage("up --listen nonsense").says("nonsense"),
    usage("up now"),
    usage("--colour always up"),
    usage("--color sometimes up").says("sometimes"),
    usage("upp").says("'up'"),
    usage("--config"),
    row("up --config missing.yaml", 3, "T-0101").says("missing.yaml"),
    row("up --config folder", 3, "T-0101").says("folder"),
    row("up --config syntax.yaml", 3, "T-0102").says("syntax.yaml:3:1: "),
    row("up --config unknown.yaml", 3, "T-0103").says("unknown.yaml:1:1: "),
    row("up --config unknown.yaml", 3, "T-0103").says("did you mean `servers`?"),
    row("up --config inner.yaml", 3, "T-0103").says("did you mean `args`?"),
    row("up --config value.yaml", 3, "T-0104").says("value.yaml:2:30: "),
    row("up --config both.yaml", 3, "T-0104").says("more than one of"),
    row("up --config listen.yaml", 3, "T-0104").says("listen.yaml:1:9: "),
    row("up --config variable.yaml", 3, "T-0105").says("NOT_SET"),
    row("up --config name.yaml", 3, "T-0106").says("name.yaml:2:10: "),
    row("up --config double.yaml", 3, "T-0102").says("double.yaml:3:"),
    row("up --listen 0.0.0.0:0", 3, "T-0406").says("0.0.0.0:0"),
    row("up --listen 0.0.0.0:0 --config weak.yaml", 3, "T-0405"),
    row("up --listen 127.0.0.1:0 --config weak.yaml", 3, "T-0405"),
    row("tool list --config syntax.yaml", 3, "T-0102"),
    row("tool describe files/read_file --config unknown.yaml", 3, "T-0103"),
    row("tool call --config variable.yaml files/read_file", 3, "T-0105"),
    row("server list --config value.yaml", 3, "T-0104"),
    row("server add --config syntax.yaml --yes time -- true", 3, "T-0102"),
    row("server remove --config syntax.yaml --yes time", 3, "T-0102"),
    row("server import --config syntax.yaml fine.json", 3, "T-0102"),
    row("server test --config missing.yaml", 3, "T-0101"),
    row("connect cursor --print --config syntax.yaml", 3, "T-0102"),
    row("mcp --config syntax.yaml", 3, "T-0102").told(Told::AsText),
    row("mcp --config missing.yaml", 3, "T-0101").told(Told::AsText),
    row("mcp --view nope --config fine.yaml", 5, "T-0320").told(Told::AsText),
    usage("mcp --bogus"),
    row("doctor --config syntax.yaml", 1, "T-0510").told(Told::BesideData),
    row("doctor --config missing.yaml", 1, "T-0510").told(Told::BesideData),
    usage("doctor --bogus"),
    usage("doctor everything"),
    row("init", 6, "T-0508").says("tutti.yaml"),
    row("init --config fine.yaml", 6, "T-0508"),
    row("init --config fine.yaml/tutti.yaml", 1, "T-0003"),
    usage("init here"),
    usage("init --template minimal"),
    row("explain T-9999", 5, "T-0507"),
    row("explain upstream_exite", 5, "T-0507").says("upstream_exited"),
    usage("explain T-0201 T-0202"),
    usage("model list now"),
    usage("model list --bogus"),
    usage("model describe"),
    usage("model describe a b"),
    usage("model test"),
    usage("model test a b"),
    usage("model chat"),
    usage("model chat a --bogus"),
    usage("ask Why? again"),
    usage("ask Why? --bogus"),
    usage("ask Why? --max-tokens 0").says("0"),
    usage("model feedback"),
    usage("model feedback a"),
    usage("model discover here"),
    usage("model pull"),
    row("model pull nonsense", 2, "T-0501").says("OWNER/REPO"),
    row("model pull a/b --sha256 12", 2, "T-0501").says("64"),
    row("model pull a/b --limit much", 2, "T-0501").says("20GiB"),
    row("model pull a/b --hub ftp://x", 2, "T-0501").says("https://"),
    usage("model remove"),
    row("model remove none --yes", 5, "T-0901").says("none.gguf"),
    usage("model discover --port 0").says("0"),
    usage("usage --by colour").says("colour"),
    usage("usage --budgets --by key"),
    usage("completions"),
    usage("completions tcsh").says("tcsh"),
];

/// A folder with configurations, each wrong in its own way but for `fine.yaml`.
fn library() -> Setup {
    let setup = desk();
    let files = [
        ("tutti.yaml", "servers:\n  files: {builtin: files}\n"),
        ("fine.yaml", "servers:\n  files: {builtin: files}\n"),
        ("fine.json", "{\"mcpServers\": {\"x\": {\"command\": \"true\"}}}"),
        ("folder/inside.txt", ""),
        ("syntax.yaml", "servers:\n  a: {command: [x\n"),
        ("unknown.yaml", "serverz:\n  a: 1\n"),
        ("inner.yaml", "servers:\n  a: {command: x, arg: [y]}\n"),
        ("value.yaml", "servers:\n  a: {command: x, idle_stop: soon}\n"),
        ("both.yaml", "servers:\n  a: {command: x, url: \"http://x/\"}\n"),
        ("listen.yaml", "listen: everywhere\n"),
        ("variable.yaml", "listen: \"${NOT_SET}\"\n"),
        ("name.yaml", "servers:\n  \"a b\": {command: x}\n"),
        ("double.yaml", "servers:\n  a: {command: x}\n  a: {command: y}\n"),
        ("weak.yaml", "key: changeme\n"),
    ];
    files.iter().for_each(|(name, text)| put(&setup, name, text));
    setup
}

async fn bad_configurations() {
    check(&library(), ROWS, |order| order).await;
}
