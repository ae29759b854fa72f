use super::{Kind, Package, Plan};
use serde_json::{Value, json};

fn packages() -> Value {
    json!({
        "as_of": "2026-11-20",
        "uv": "1.2.3",
        "sets": { "small": ["time"] },
        "servers": {
            "time": { "kind": "pypi", "package": "mcp-server-time", "version": "7", "with": ["mcp<2"], "command": "time" },
            "other": { "kind": "npm", "package": "other", "version": "1" },
        },
        "clients": { "node": { "kind": "npm", "package": "node", "version": "24", "scripts": true, "command": "node", "link": "node24" } },
        "suites": {},
    })
}

#[test]
fn the_plan_has_the_servers_of_its_set_and_all_clients() {
    let plan = Plan::from_json(&packages(), "small").unwrap();
    let names = |packages: &[Package]| packages.iter().map(|package| package.name.clone()).collect::<Vec<_>>();
    assert_eq!((names(&plan.servers), names(&plan.clients)), (vec!["time".to_owned()], vec!["node".to_owned()]));
    assert_eq!(plan.servers[0].kind, Kind::Pypi);
    assert_eq!(plan.servers[0].stamp(&plan.as_of), "mcp-server-time 7 mcp<2 as of 2026-11-20");
    assert_eq!((plan.servers[0].in_bin(), plan.clients[0].in_bin()), (Some("time"), Some("node24")));
    assert!(plan.clients[0].scripts && !plan.servers[0].scripts);
}

#[test]
fn what_is_missing_is_named() {
    assert_eq!(Plan::from_json(&packages(), "huge").unwrap_err(), "there is no set `huge`");
    let mut broken = packages();
    broken["servers"]["time"]["version"] = Value::Null;
    assert_eq!(Plan::from_json(&broken, "small").unwrap_err(), "`version` of time is missing");
    broken["servers"]["time"]["kind"] = "gem".into();
    assert_eq!(Plan::from_json(&broken, "small").unwrap_err(), "time is of the unknown kind `gem`");
}
