mod openapi;

use super::{Settings, Surroundings, Transport, Typed, read};
use crate::mode::Mode;
use base::Code;
use base::config::{Problems, yaml};
use base::environment::Environment;
use context::tokens::Family;
use mcp::Era;
use std::path::Path;
use std::time::Duration;

fn load(text: &str) -> (Settings, Vec<base::Error>) {
    let document = yaml("tutti.yaml", text).unwrap();
    let environment = Environment::from_pairs([("PATH", "/bin"), ("SECRET", "s")], Path::new("/w"));
    let surroundings = Surroundings { environment, folder: "/w".into(), supervisor: None };
    let problems = Problems::new();
    let servers = document.root.get("servers");
    let typed: Vec<Typed<'_>> = servers
        .map(|entry| base::config::entries(&problems, "tutti.yaml", "servers", &entry.node))
        .into_iter()
        .flatten()
        .map(|entry| Typed { name: &entry.key, node: &entry.node, file: "tutti.yaml", fault: None })
        .collect();
    let views = document.root.get("views").map(|entry| (&entry.node, "tutti.yaml"));
    let settings = read(&problems, &typed, views, &surroundings);
    (settings, problems.into_result().err().unwrap_or_default())
}

#[test]
fn every_key_of_a_server_is_read() {
    let (settings, problems) = load(
        "servers:\n  a: { command: bin/run, args: [x, 1], env: { K: v }, cwd: sub, era: modern, start: eager,\n      \
         timeouts: { start: 5s, call: 300ms }, limits: { message: 64KiB, calls: 3 }, backoff: { first: 1ms, max: 1ms } }\n  \
         b: { url: 'https://h/mcp', headers: { Authorization: t }, idle_stop: never, enabled: false }\n  \
         c: { builtin: files, root: docs, write: true }\n",
    );
    assert!(problems.is_empty(), "{problems:?}");
    let [a, b, c] = settings.servers.as_slice() else { panic!("three servers") };
    let Transport::Command { program, arguments, environment, directory } = &a.transport else { panic!("a command") };
    assert_eq!(
        (program.as_str(), arguments.join(" ").as_str(), directory.as_path()),
        ("/w/bin/run", "x 1", Path::new("/w/sub"))
    );
    let names: Vec<&str> = environment.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["PATH", "K"], "nothing else of the hub's environment reaches a child");
    assert_eq!((a.era, a.eager, a.timeouts.call), (Some(Era::Modern), true, Duration::from_millis(300)));
    assert_eq!((a.limits.message, a.limits.calls), (64 << 10, 3));
    assert_eq!((b.enabled, b.idle_stop), (false, None));
    assert!(matches!(&c.transport, Transport::Files { root, write: true } if root == Path::new("/w/docs")));
    assert_ne!(a.fingerprint(), b.fingerprint());
    assert!(!format!("{b:?}").contains("\"t\""), "secrets are not shown");
}

#[test]
fn a_server_with_another_secret_is_another_one_to_replicas() {
    let with = |token: &str| {
        let text = format!("servers:\n  a: {{ url: \"http://x/mcp\", headers: {{ authorization: {token} }} }}\n");
        let (mut settings, problems) = load(&text);
        assert!(problems.is_empty(), "{problems:?}");
        let mut server = settings.servers.remove(0);
        server.known_as = Some("as it was typed".to_owned());
        server
    };
    let (one, same, other) = (with("one"), with("one"), with("other"));
    assert_eq!(one.fingerprint(), other.fingerprint(), "what was learned of it holds");
    assert_eq!(one.identity(), same.identity());
    assert_ne!(one.identity(), other.identity(), "what it answered is another account's");
}

#[test]
fn own_names_need_a_view_of_one_server() {
    let of = |view: &str| {
        load(&format!("servers:\n  a: {{ command: x }}\n  b: {{ command: x }}\nviews:\n  v: {{ {view} }}\n"))
    };
    let (settings, problems) = of("servers: [a], names: own");
    assert!(settings.views["v"].own_names && problems.is_empty(), "{problems:?}");
    assert!(!of("servers: [a], names: prefixed").0.views["v"].own_names);
    for several in ["names: own", "servers: [a, b], names: own"] {
        let problems = of(several).1;
        assert_eq!(problems.iter().map(base::Error::code).collect::<Vec<_>>(), [Code::ConfigNameClash], "{several}");
    }
}

#[test]
fn view_of_everything_is_told_only_how_it_is_shown() {
    let of = |all: &str| load(&format!("views:\n  all: {{ {all} }}\n  v: {{ mode: search }}\n"));
    let (settings, problems) = of("mode: auto, threshold: 500, tokens: o200k, context: {}");
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!((settings.all.showing.mode, settings.all.showing.threshold), (Mode::Auto, 500));
    assert_eq!(settings.all.showing.family, Family::O200k);
    assert_eq!(settings.all.context.as_ref().map(|context| context.family), Some(Family::O200k));
    assert_eq!(settings.views["v"].showing.mode, Mode::Search);
    assert_eq!(of("").0.all.showing.mode, Mode::All);
    for wrong in ["servers: []", "deny: ['*']", "mode: some", "threshold: -1", "threshold: 1e9", "tokens: gpt"] {
        assert_eq!(of(wrong).1.len(), 1, "{wrong}");
    }
}

#[test]
fn faults_of_servers_and_views_are_found_all_at_once() {
    let (_, problems) = load(
        "servers:\n  a__b: { command: x }\n  both: { command: x, url: 'http://h' }\n  none: {}\n  typo: { comand: x, command: y }\n  \
         slow: { command: x, timeouts: { start: soon } }\nviews:\n  all: { tools: [x] }\n  v: { servers: [nobody], tools: ['[a'], rename: { a__x: n, a__y: n, a__z: 'n n' } }\n",
    );
    let codes: Vec<Code> = problems.iter().map(base::Error::code).collect();
    for code in [Code::ConfigNameInvalid, Code::ConfigInvalidValue, Code::ConfigUnknownKey, Code::ConfigNameClash] {
        assert!(codes.contains(&code), "{code} in {problems:#?}");
    }
    assert_eq!(problems.len(), 10, "{problems:#?}");
    assert!(problems.iter().all(|problem| problem.location().is_some()));
}
