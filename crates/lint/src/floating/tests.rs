use super::package;

/// `␣` is a space within a word.
fn of(line: &str) -> Option<String> {
    let mut words = line.split(' ').map(|word| word.replace('␣', " "));
    let program = words.next().unwrap();
    let arguments: Vec<String> = words.collect();
    package(&program, &arguments).map(str::to_owned)
}

#[test]
fn a58_packages_without_a_version_are_found() {
    for (line, found) in [
        ("npx -y @scope/server", "@scope/server"),
        ("npx -y @scope/server@latest .", "@scope/server@latest"),
        ("npx --yes server@^1.2", "server@^1.2"),
        ("npx server@1.x", "server@1.x"),
        ("npx server@1", "server@1"),
        ("/usr/local/bin/npx -y server", "server"),
        ("npx --package=server run-it", "server"),
        ("npx -y -p @a/b@next run-it", "@a/b@next"),
        ("npm exec -- server", "server"),
        ("pnpm dlx server", "server"),
        ("bunx server", "server"),
        ("uvx mcp-server-time", "mcp-server-time"),
        ("uvx -p 3.12 mcp-server-time", "mcp-server-time"),
        ("uvx --python 3.12 mcp-server-git@latest", "mcp-server-git@latest"),
        ("uvx --from mcp-server-git mcp", "mcp-server-git"),
        ("uv tool run mcp-server-git>=1", "mcp-server-git>=1"),
        ("pipx run mcp-server-git", "mcp-server-git"),
        ("npx server@1.2", "server@1.2"),
        ("npx server@1.2.x", "server@1.2.x"),
        ("npx.cmd -y server", "server"),
        ("cmd /c npx -y @scope/server", "@scope/server"),
        ("env A=1 uvx server", "server"),
        ("sh -c exec␣npx␣-y␣'@scope/server'", "@scope/server"),
        ("bash -lc cd␣/srv␣&&␣uvx␣server", "server"),
        ("docker run -i server:latest", "server:latest"),
        ("docker run server", "server"),
        ("docker run -i --rm ghcr.io/a/server", "ghcr.io/a/server"),
        ("docker run -i --rm localhost:5000/server", "localhost:5000/server"),
        ("docker run -i --rm -e KEY -v /a:/b --name x --network=none a/server:main serve:1.0", "a/server:main"),
        ("docker run -ite KEY server", "server"),
        ("docker run -ie=KEY -p8080:80 server", "server"),
        ("docker run --pull always -- server", "server"),
        ("docker --context far -D container run --init --mount type=bind,src=/a,dst=/b server", "server"),
        ("/usr/bin/docker run -t server", "server"),
        ("podman run --replace --rm quay.io/a/server:stable", "quay.io/a/server:stable"),
        ("sh -c docker␣run␣-i␣server", "server"),
    ] {
        assert_eq!(of(line).as_deref(), Some(found), "{line}");
    }
}

#[test]
fn a58_packages_with_a_version_are_left_alone() {
    for line in [
        "npx -y @scope/server@1.2.3",
        "npx server@2026.7.10",
        "npx --package=server@1.0.0-rc.1 run-it",
        "npx ./server",
        "npx git+https://host.test/x.git#abc",
        "uvx mcp-server-time==2026.7.10",
        "uvx mcp-server-time@2026.7.10",
        "uvx --from mcp-server-git==1.0.2 mcp",
        "uvx --from ./folder mcp",
        "npm start",
        "node server.js",
        "npx server@1.2.3-next.1",
        "cmd /c npx -y @scope/server@1.2.3",
        "cmd /c dir",
        "sh -c node␣server.js",
        "sh server.sh npx",
        "sh -c",
        "env",
        "uv run server.py",
        "docker run -i server:1.2",
        "docker run -i --rm --env A=1 localhost:5000/server:v1",
        "docker run -i server@sha256:0a1b",
        "docker run -i server:latest@sha256:0a1b",
        "docker run -i --pull=never server",
        "docker run -i --pull never server:latest",
        "docker exec -i server latest",
        "docker compose run server",
        "docker start -ai server",
        "docker run -i",
        "docker run -e",
        "docker",
        "podman --remote run --rm server:2026-11-21",
        "npx",
        "npx -y",
    ] {
        assert_eq!(of(line), None, "{line}");
    }
}
