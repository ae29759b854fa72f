//! Servers and clients that are not there, are there already, or cannot be written as they were asked for.

use super::{Row, Told, check, row, usage};
use crate::commands::run::{desk, put};
use crate::harness::{Setup, trials};
use libtest_mimic::Trial;
use serde_json::json;

pub(super) fn tests() -> Vec<Trial> {
    trials!("commands::refusals": bad_servers, bad_clients)
}

pub(super) const OFFLINE: &[Row] = &[
    usage("server"),
    usage("server lst").says("'list'"),
    usage("server list --bogus"),
    row("server list --url http://127.0.0.1:1", 7, "T-0502").says("127.0.0.1:1"),
    row("server list --url ftp://127.0.0.1", 2, "T-0501"),
    row("server list --url http://key@127.0.0.1:1", 2, "T-0501"),
    usage("server add"),
    usage("server add time http://127.0.0.1:1/mcp --yes -- true"),
    row("server add time --yes", 2, "T-0501"),
    row("server add time --yes nothing", 2, "T-0501").says("server add time -- nothing"),
    row("server add time --yes ftp://127.0.0.1/", 3, "T-0104"),
    row("server add time --yes http://127.0.0.1:1/mcp http://127.0.0.1:1/mcp", 2, "T-0501"),
    row("server add time --yes --env A=1 http://127.0.0.1:1/mcp", 2, "T-0501"),
    row("server add time --yes --header A=1 -- true", 2, "T-0501"),
    row("server add time --yes --env A=1 --env A=2 -- true", 2, "T-0501").says("`A`"),
    row("server add time --yes --env A␣B -- true", 2, "T-0501"),
    row("server add a␣b --yes -- true", 3, "T-0106"),
    row("server add a__b --yes -- true", 3, "T-0106"),
    row("server add good --yes -- true", 6, "T-0505"),
    row("server add time -- true", 2, "T-0501").says("--yes"),
    usage("server import"),
    usage("server import --from emacs").says("emacs"),
    row("server import --from cursor", 1, "T-0003").says("mcp.json"),
    row("server import missing.json", 1, "T-0003").says("missing.json"),
    row("server import strange.json", 3, "T-0109").says("strange.json"),
    row("server import broken.json", 3, "T-0102").says("broken.json:1:"),
    row("server import other.json --only goof", 5, "T-0504").says("did you mean `good`?"),
    usage("server remove"),
    row("server remove god --yes", 5, "T-0504").says("`good`"),
    row("server remove good", 2, "T-0501").says("--yes"),
    usage("server test --bogus"),
    row("server test god", 5, "T-0504").says("did you mean `good`?"),
    row("server test broken", 7, "T-0202").told(Told::InItsShape).says("has no licence"),
    row("server test gone", 7, "T-0201").told(Told::InItsShape),
    row("server test off", 7, "T-0212").told(Told::InItsShape),
    row("server test good broken", 9, "T-0202").told(Told::InItsShape),
    usage("secret"),
    usage("secret set"),
    row("secret set a␣b", 2, "T-0304").says("letters"),
    row("secret set A", 2, "T-0304").says("empty"),
    usage("secret list now"),
    row("secret list --url http://127.0.0.1:1", 7, "T-0502").says("127.0.0.1:1"),
    usage("secret remove"),
    row("secret remove NONE", 5, "T-0709").says("secret list"),
    usage("server login"),
    row("server login god", 5, "T-0504").says("did you mean `good`?"),
    row("server login good", 2, "T-0422").says("auth: oauth"),
    usage("server logout good broken"),
    row("server logout good", 2, "T-0422").says("auth: oauth"),
    usage("server approve"),
    usage("server approve good one two"),
    row("server approve god", 5, "T-0504").says("good"),
    usage("server logs"),
    usage("server logs good --lines many"),
    row("server logs good", 7, "T-0502").says("tutti up"),
    usage("server restart"),
    usage("server restart good broken"),
    row("server restart good", 7, "T-0502"),
];

pub(super) const CLIENTS: &[Row] = &[
    usage("connect"),
    usage("connect cursor vscode"),
    row("connect vim", 5, "T-0509").says("claude-code"),
    row("connect cursr --print", 5, "T-0509").says("did you mean `cursor`?"),
    row("connect cursor --print --view nope", 5, "T-0320"),
    row("connect claude-code", 2, "T-0501").says("--yes"),
    row("connect codex --stdio --yes", 2, "T-0501"),
    row("connect cursor --yes", 3, "T-0102").says("mcp.json:1:"),
    row("connect codex --yes", 3, "T-0102").says("config.toml:1:"),
    row("connect claude-code --url nowhere␣at␣all --print", 2, "T-0501"),
];

/// A configuration with servers that work and do not, and files of clients.
pub(super) fn company() -> Setup {
    let setup = desk();
    let long = json!({"first": "10m", "max": "10m"});
    put(&setup, "library/note.txt", "one\ntwo\n");
    put(&setup, "strange.json", "{\"color\": \"blue\"}");
    put(&setup, "broken.json", "{\"mcpServers\": ");
    put(&setup, "other.json", "{\"mcpServers\": {\"good\": {\"command\": \"true\"}}}");
    let mut setup = setup
        .fixture("good", &[], json!({}))
        .fixture("broken", &["--never-start"], json!({"backoff": long}))
        .with("views", json!({"small": {"tools": ["good__*"]}}));
    let root = setup.path_text("library");
    let servers = &mut setup.config["servers"];
    servers["files"] = json!({"builtin": "files", "root": root});
    servers["off"] = json!({"command": "no-such-program", "enabled": false});
    setup
}

async fn bad_servers() {
    let mut setup = company();
    setup.config["servers"]["gone"] = json!({"command": "no-such-program"});
    setup.write_config();
    check(&setup, OFFLINE, |order| order).await;
}

async fn bad_clients() {
    let setup = company();
    setup.write_config();
    put(&setup, "home/.cursor/mcp.json", "{\"mcpServers\": ");
    put(&setup, "home/.codex/config.toml", "[mcp_servers\n");
    check(&setup, CLIENTS, |order| order).await;
}
