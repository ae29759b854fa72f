use crate::import::{Imported, Published, published, recognise};
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
    let document = of_packages("io.example/db", &[package]);
    let imported = read(&document)?;
    assert_eq!((imported.format, imported.servers[0].0.as_str()), ("server.json", "db"));
    Ok(to_json(&imported.servers[0].1))
}

fn of_packages(name: &str, packages: &[&Json]) -> Json {
    json!({"name": name, "description": "W", "version": "1.0.0", "packages": packages})
}

/// What becomes of the answers of a registry.
fn answered(documents: &[Json]) -> Result<Published, String> {
    let node = |document: &Json| base::config::json("", &document.to_string()).unwrap().root;
    let nodes: Vec<Node> = documents.iter().map(node).collect();
    published("https://registry.example", &nodes).map_err(|error| error.to_string())
}

fn names(imported: &Imported) -> Vec<&str> {
    imported.servers.iter().map(|(name, _)| name.as_str()).collect()
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
            "--host=${DB_HOST:-localhost}", "${DB_DATABASE_NAME}", "dir=${DB_WHERE}", "{unknown} $${HOME}",
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
        "url": "https://${DOCS_TENANT:-main}.mcp.example/mcp",
        "headers": {"Authorization": "Bearer ${DOCS_TOKEN}", "X-Region": "${DOCS_X_REGION:-eu}"},
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
    assert_eq!(names(&imported), ["example-a", "other-a"]);
    // A list of something else is none of ours.
    assert!(read(&json!({"servers": [{"server": {"name": "x"}}]})).is_err());
}

#[test]
fn what_publishers_write_is_taken_over() {
    let examples: Vec<Json> = serde_json::from_str(include_str!("tests/examples.json")).unwrap();
    for example in examples {
        let about = &example["about"];
        let imported = read(&example["document"]).unwrap();
        assert_eq!(names(&imported), [example["name"].as_str().unwrap()], "{about}");
        assert_eq!(to_json(&imported.servers[0].1), example["entry"], "{about}");
        let notices = imported.notices.join("\n");
        for told in example["told"].as_array().unwrap() {
            assert!(notices.contains(told.as_str().unwrap()), "{about}: {told}: {notices}");
        }
        // A registry's answer becomes the same, and names no lines that nobody has before them.
        let published = answered(&[json!({"server": example["document"], "_meta": {}})]).unwrap();
        assert_eq!(to_json(&published.imported.servers[0].1), example["entry"], "{about}");
        assert!(!published.imported.notices.join("\n").contains(":1:"), "{about}: {:?}", published.imported.notices);
    }
}

#[test]
fn servers_are_called_by_as_little_as_tells_them_apart() {
    for (given, expected) in [
        (vec!["io.example/weather"], vec!["weather"]),
        (vec!["com.example/mcp", "com.other/server"], vec!["example-mcp", "other-server"]),
        (vec!["com.example/a", "com.other/a", "com.example/b"], vec!["example-a", "other-a", "b"]),
        (vec!["com.example/a", "io.example/a"], vec!["com-example-a", "io-example-a"]),
        (vec!["com.example/A", "com.other/a"], vec!["example-A", "other-a"]),
        (vec!["com.example/a", "com.other/a", "com.x/example-a"], vec!["com-example-a", "other-a", "x-example-a"]),
        (vec!["com.example/a", "com.example/a"], vec!["com-example-a", "com-example-a-2"]),
    ] {
        let package = package("npm", "a", "1.0.0");
        let servers: Vec<Json> = given.iter().map(|name| json!({"server": of_packages(name, &[&package])})).collect();
        // Also where they come on several pages.
        let pages: Vec<Json> = servers.iter().map(|server| json!({"servers": [server]})).collect();
        assert_eq!(names(&answered(&pages).unwrap().imported), expected, "{given:?}");
        assert_eq!(names(&read(&json!({"servers": servers})).unwrap()), expected, "{given:?}");
    }
}

#[test]
fn what_cannot_be_taken_over_of_a_list_keeps_nobody_from_the_rest() {
    let good = json!({"server": of_packages("io.example/good", &[&package("npm", "a", "1.0.0")])});
    let old = json!({
        "server": of_packages("io.example/old", &[&package("npm", "a", "1.0.0")]),
        "_meta": {"io.modelcontextprotocol.registry/official": {"status": "deprecated", "statusMessage": "use\u{1b} good"}},
    });
    let strange = json!({"server": of_packages("no name at all", &[])});
    let none = json!({"server": {"name": "io.example/none", "description": "N", "version": "1", "packages": null}});
    let page = json!({"servers": [good, old, strange, none], "metadata": {"count": 4}});
    let Published { imported, refused } = answered(&[page, json!({"servers": null, "metadata": {}})]).unwrap();
    assert_eq!(names(&imported), ["good", "old"]);
    assert_eq!(refused.len(), 1);
    assert_eq!((refused[0].0.as_str(), refused[0].1[0].location()), ("none", None));
    let notices = imported.notices.join("\n");
    assert!(notices.contains("1 entry of the list"), "{notices}");
    assert!(notices.contains("`io.example/old` is deprecated: use"), "{notices}");
    assert!(!notices.contains('\u{1b}'), "{notices:?}");
    assert!(answered(&[json!({"servers": []})]).unwrap().imported.servers.is_empty());
}

#[test]
fn a61_an_address_answers_with_no_program_of_its_own_choice() {
    for answer in [
        json!({"mcpServers": {"a": {"command": "sh", "args": ["-c", "x"]}}}),
        json!({"servers": {"a": {"command": "sh"}}}),
        json!({"a": {"command": "sh"}}),
        json!({"command": "sh", "name": "io.example/a", "version": "1"}),
        json!([{"name": "a", "command": "sh"}]),
        json!({"servers": [{"command": "sh"}]}),
        json!("sh"),
        json!(null),
    ] {
        assert!(answered(std::slice::from_ref(&answer)).is_err(), "{answer}");
    }
}

#[test]
fn a58_packages_of_other_places_are_not_taken_for_those_of_the_usual_one() {
    for kind in ["npm", "pypi", "nuget"] {
        let mut package = package(kind, "internal-tool", "1.0.0");
        package["registryBaseUrl"] = "https://packages.example.com/npm".into();
        let error = entry(&package).unwrap_err();
        assert!(error.contains("packages.example.com"), "{error}");
    }
}

#[test]
fn a112_templates_do_not_unfold() {
    let variable = |value: &str, inner: Json| json!({"value": value, "variables": {"a": inner}});
    let deep = (0..20).fold(json!({"value": "x"}), |inner, _| variable("{a}{a}", inner));
    let mut nested = package("npm", "a", "1.0.0");
    nested["packageArguments"] = json!([{"type": "positional", "value": "{a}{a}", "variables": {"a": deep}}]);
    assert_eq!(entry(&nested).unwrap()["args"][2], "{a}{a}{a}{a}");
    let mut wide = package("npm", "a", "1.0.0");
    let variables = json!({"a": {"value": "x".repeat(10_000)}});
    wide["packageArguments"] = json!([{"type": "positional", "value": "{a}".repeat(10_000), "variables": variables}]);
    let error = entry(&wide).unwrap_err();
    assert!(error.contains("64 KiB"), "{error}");
}

#[test]
fn names_that_cannot_be_sent_or_written_are_left_out_and_told() {
    let long = "A".repeat(300);
    let named = |name: &str| json!({"name": name, "value": "x"});
    let mut program = package("npm", "a", "1.0.0");
    program["environmentVariables"] = json!([named(&long), named("FINE")]);
    assert_eq!(entry(&program).unwrap()["env"], json!({"FINE": "x"}));
    let headers = json!([named(&long), named("a b"), named("x\u{0}"), named(""), named("X-Fine")]);
    let remote = json!({"type": "sse", "url": "https://mcp.example.com/sse", "headers": headers});
    let document = json!({"name": "io.example/far", "version": "1.0.0", "remotes": [remote]});
    let found = answered(&[document]).unwrap().imported;
    assert_eq!(to_json(&found.servers[0].1)["headers"], json!({"X-Fine": "x"}));
    assert_eq!(
        found.notices.iter().filter(|notice| notice.contains("cannot be sent")).count(),
        4,
        "{:?}",
        found.notices
    );
}
