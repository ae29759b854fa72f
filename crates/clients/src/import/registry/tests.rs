use crate::import::{Imported, recognise};
use base::config::{Node, Value};
use serde_json::{Value as Json, json};

fn to_json(node: &Node) -> Json {
    match &node.value {
        Value::Map(entries) => entries.iter().map(|entry| (entry.key.clone(), to_json(&entry.node))).collect(),
        Value::List(items) => items.iter().map(to_json).collect(),
        _ => node.scalar_text().into(),
    }
}

fn read(document: &Json) -> Result<Imported, String> {
    let errors = |errors: Vec<base::Error>| errors.iter().map(ToString::to_string).collect::<String>();
    recognise("server.json", &document.to_string()).map_err(errors)
}

/// The entry that a package becomes.
fn entry(package: &Json) -> Result<Json, String> {
    let document = json!({"name": "io.example/weather", "description": "W", "version": "1.0.0", "packages": [package]});
    let imported = read(&document)?;
    assert_eq!((imported.format, imported.servers[0].0.as_str()), ("server.json", "weather"));
    Ok(to_json(&imported.servers[0].1))
}

fn package(kind: &str, identifier: &str, version: &str) -> Json {
    json!({"registryType": kind, "identifier": identifier, "version": version, "transport": {"type": "stdio"}})
}

#[test]
fn packages_become_commands_of_one_version() {
    let rows = [
        (
            package("npm", "@example/weather", "1.2.3"),
            json!({"command": "npx", "args": ["-y", "@example/weather@1.2.3"]}),
        ),
        (package("pypi", "weather-mcp", "0.5.0"), json!({"command": "uvx", "args": ["weather-mcp==0.5.0"]})),
        (
            package("oci", "ghcr.io/example/weather", "1.0.0"),
            json!({"command": "docker", "args": ["run", "-i", "--rm", "ghcr.io/example/weather:1.0.0"]}),
        ),
        (
            json!({"registryType": "oci", "identifier": "docker.io/example/weather:1.0.0", "transport": {"type": "stdio"}}),
            json!({"command": "docker", "args": ["run", "-i", "--rm", "docker.io/example/weather:1.0.0"]}),
        ),
        (
            package("nuget", "Example.Weather", "0.4.0-beta"),
            json!({"command": "dnx", "args": ["Example.Weather@0.4.0-beta", "--yes"]}),
        ),
    ];
    for (package, expected) in rows {
        assert_eq!(entry(&package), Ok(expected), "{package}");
    }
}

#[test]
fn a58_packages_of_no_fixed_version_and_strange_ones_are_refused() {
    for version in ["", "latest", "^1.2.3", "~1", ">=1", "1.x", "1.*", "*", "1.0.0 --flag", "-1", "next"] {
        assert!(entry(&package("npm", "a", version)).is_err(), "{version}");
    }
    for identifier in ["", "-e", "--eval=x", "a b", "a;b", "$(x)", "a\nb", "../x|y"] {
        assert!(entry(&package("npm", identifier, "1.0.0")).is_err(), "{identifier}");
    }
    for kind in ["", "mcpb", "cargo", "sh"] {
        let error = entry(&package(kind, "a", "1.0.0")).unwrap_err();
        assert!(error.contains("npm, pypi, oci, nuget"), "{error}");
    }
    let latest = json!({"registryType": "oci", "identifier": "example/weather:latest", "transport": {"type": "stdio"}});
    assert!(entry(&latest).is_err());
    let mut listens = package("npm", "a", "1.0.0");
    listens["transport"] = json!({"type": "streamable-http", "url": "http://127.0.0.1:8080/mcp"});
    assert!(entry(&listens).is_err());
}

#[test]
fn what_a_person_fills_in_becomes_variables() {
    let mut package = package("oci", "example/db", "3.1.0");
    package["runtimeArguments"] = json!([{"type": "named", "name": "--privileged", "value": "true"}]);
    package["packageArguments"] = json!([
        {"type": "positional", "value": "start"},
        {"type": "named", "name": "--host", "default": "localhost", "isRequired": true},
        {"type": "named", "name": "--port", "description": "The port"},
        {"type": "positional", "valueHint": "database_name", "isRequired": true},
        {"type": "positional", "value": "dir={where}", "variables": {"where": {"isRequired": true}}},
        {"type": "positional", "value": "{unknown} ${HOME}"},
    ]);
    package["environmentVariables"] = json!([
        {"name": "DB_PASSWORD", "description": "The password", "isRequired": true, "isSecret": true, "default": "x"},
        {"name": "SSL_MODE", "default": "prefer"},
        {"name": "OPTIONAL"},
        {"name": "STOLEN", "value": "${AWS_SECRET_ACCESS_KEY}"},
        {"name": "LD_PRELOAD", "value": "/tmp/evil.so"},
        {"name": "NODE_OPTIONS", "value": "--require /tmp/evil.js"},
    ]);
    let expected = json!({
        "command": "docker",
        "args": [
            "run", "-i", "--rm", "-e", "DB_PASSWORD", "-e", "SSL_MODE", "-e", "STOLEN", "example/db:3.1.0", "start",
            "--host=${HOST:-localhost}", "${DATABASE_NAME}", "dir=${WHERE}", "{unknown} $${HOME}",
        ],
        "env": {"DB_PASSWORD": "${DB_PASSWORD}", "SSL_MODE": "${SSL_MODE:-prefer}", "STOLEN": "$${AWS_SECRET_ACCESS_KEY}"},
    });
    assert_eq!(entry(&package), Ok(expected));
    let document = json!({"name": "io.example/db", "description": "D", "version": "1", "packages": [package]});
    let notices = read(&document).unwrap().notices.join("\n");
    for told in ["--privileged=true", "LD_PRELOAD", "NODE_OPTIONS", "--port", "DB_PASSWORD (The password)", "OPTIONAL"]
    {
        assert!(notices.contains(told), "{told}: {notices}");
    }
}

#[test]
fn remote_addresses_are_taken_where_no_package_is() {
    let remotes = json!([
        {"type": "carrier-pigeon", "url": "https://mcp.example/pigeon"},
        {
            "type": "streamable-http", "url": "https://{tenant}.mcp.example/mcp", "variables": {"tenant": {"default": "main"}},
            "headers": [
                {"name": "Authorization", "value": "Bearer {token}", "variables": {"token": {"isSecret": true}}},
                {"name": "X-Region", "default": "eu"},
                {"name": "X-Trace"},
            ],
        },
    ]);
    let server = json!({"name": "com.example/docs", "description": "D", "version": "2.0.0", "remotes": remotes});
    let expected = json!({
        "url": "https://${TENANT:-main}.mcp.example/mcp",
        "headers": {"Authorization": "Bearer ${TOKEN}", "X-Region": "${X_REGION:-eu}"},
    });
    assert_eq!(to_json(&read(&server).unwrap().servers[0].1), expected);
    let sse = json!({"name": "com.example/docs", "description": "D", "version": "1", "remotes": [{"type": "sse", "url": "https://a.example/sse"}]});
    assert_eq!(to_json(&read(&sse).unwrap().servers[0].1), json!({"url": "https://a.example/sse", "transport": "sse"}));
    let neither = json!({"name": "com.example/docs", "description": "D", "version": "1", "remotes": []});
    assert!(read(&neither).unwrap_err().contains("neither a package nor a remote address"));
}

#[test]
fn answers_of_a_registry_are_read_too() {
    let server = |name: &str, version: &str, official: Json| {
        json!({
            "server": {"name": name, "description": "D", "version": version, "packages": [package("npm", "a", version)]},
            "_meta": {"io.modelcontextprotocol.registry/official": official},
        })
    };
    let one = server("io.example/a", "1.0.0", json!({"status": "active", "isLatest": true}));
    assert_eq!(read(&one).unwrap().servers.len(), 1);
    let list = json!({
        "servers": [
            one,
            server("io.example/a", "0.9.0", json!({"status": "active", "isLatest": false})),
            server("io.example/gone", "1.0.0", json!({"status": "deleted"})),
            server("io.other/a", "2.0.0", json!({})),
        ],
        "metadata": {"nextCursor": null, "count": 4},
    });
    let imported = read(&list).unwrap();
    let names: Vec<&str> = imported.servers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert_eq!(names[0], "a");
    // A list of something else is none of ours.
    assert!(read(&json!({"servers": [{"server": {"name": "x"}}]})).is_err());
}
