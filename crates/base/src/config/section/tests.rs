use super::{Section, entries};
use crate::Code;
use crate::config::{Document, Place, Problems, yaml};
use std::time::Duration;

fn document(text: &str) -> Document {
    yaml("tutti.yaml", text).unwrap()
}

/// What reading `text` as one section finds wrong, as `line:column code message -> next`.
fn problems(text: &str, read: impl FnOnce(Section<'_>)) -> Vec<String> {
    let document = document(text);
    let problems = Problems::new();
    if let Some(section) = Section::new(&problems, "tutti.yaml", "servers.x", &document.root) {
        read(section);
    }
    let errors = problems.into_result().err().unwrap_or_default();
    let line = |error: &crate::Error| {
        let place = error.location().unwrap();
        format!("{}:{} {} {} -> {}", place.line, place.column, error.code(), error.message(), error.next())
    };
    errors.iter().map(line).collect()
}

#[test]
fn values_of_the_right_kind_are_read() {
    let text = "
command: npx
port: 8080
args: [-y, 1.10, true, 7, '']
env: {A: b, N: 007, T: False}
on: \"true\"
wait: 1.5
idle: 500ms
body: 16MiB
small: 4KB
era: modern
limits: {calls: '0x10'}
nothing:
";
    let found = problems(text, |mut section| {
        assert_eq!(section.path(), "servers.x");
        assert_eq!(section.required_text("command").unwrap(), "npx");
        assert_eq!(section.text("port").unwrap(), "8080");
        assert_eq!(section.texts("args").unwrap(), ["-y", "1.10", "true", "7", ""]);
        let env = section.text_map("env").unwrap();
        assert_eq!(env, [("A", "b"), ("N", "007"), ("T", "False")].map(|(k, v)| (k.to_owned(), v.to_owned())));
        assert_eq!(section.boolean("on"), Some(true));
        let hour = Duration::ZERO..=Duration::from_secs(3600);
        assert_eq!(section.duration("wait", hour.clone()), Some(Duration::from_millis(1500)));
        assert_eq!(section.duration("idle", hour), Some(Duration::from_millis(500)));
        assert_eq!(section.size("body", 0..=u64::MAX), Some(16 << 20));
        assert_eq!(section.size("small", 0..=u64::MAX), Some(4000));
        assert_eq!(section.choice("era", &[("legacy", 1), ("modern", 2)]), Some(2));
        let mut limits = section.section("limits").unwrap();
        assert_eq!(limits.path(), "servers.x.limits");
        assert_eq!(limits.integer("calls", 1..=100), Some(16));
        limits.finish();
        assert!(section.node("nothing").is_some() && !section.has("nothing") && section.has("era"));
        assert_eq!(section.text("nothing"), None);
        assert_eq!(section.text("absent"), None);
        assert_eq!(section.place_of("port"), Place { line: 3, column: 7 });
        section.finish();
    });
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn every_wrong_value_is_reported_at_its_place() {
    let text = "args: npx\nenv: [a]\non: yes\nwait: 5 weeks\nbody: 16M\nera: modren\nport: 99999\nlist: [a, {b: c}]\nmap: {A: }\nidle: 2h\n";
    let found = problems(text, |mut section| {
        assert!(section.required_text("command").is_none());
        assert!(section.texts("args").is_none());
        assert!(section.text_map("env").is_none());
        assert!(section.boolean("on").is_none());
        let hour = Duration::from_secs(1)..=Duration::from_secs(3600);
        assert!(section.duration("wait", hour.clone()).is_none());
        assert!(section.size("body", 0..=100).is_none());
        assert!(section.choice("era", &[("auto", 0), ("legacy", 1), ("modern", 2)]).is_none());
        assert!(section.integer("port", 1..=65535).is_none());
        assert!(section.texts("list").is_none());
        assert!(section.text_map("map").is_none());
        assert!(section.duration("idle", hour).is_none());
        section.problem("era", Code::ConfigNameInvalid, "said by the caller".to_owned(), "do so".to_owned());
        section.finish();
    });
    let expected = [
        "1:1 T-0104 `servers.x` needs `command`, which is missing -> add `command:` with a text",
        "1:7 T-0104 `servers.x.args` must be a list of texts, and a text stands there -> write for example `args: [\"one\", \"two\"]`",
        "2:6 T-0104 `servers.x.env` must be a map of texts, and a list stands there -> write for example `env: { NAME: \"value\" }`",
        "3:5 T-0104 `servers.x.on` must be true or false, and a text stands there -> write for example `on: true`",
        "4:7 T-0104 `servers.x.wait` must be a duration, and a text stands there -> write for example `wait: 30s` (or with ms, m or h), or `wait: 30`",
        "5:7 T-0104 `servers.x.body` must be a size, and a text stands there -> write for example `body: 16MiB` (or with KiB, GiB, KB, MB), or `body: 65536`",
        "6:6 T-0104 `servers.x.era` cannot be `modren` -> did you mean `modern`?",
        "6:6 T-0106 said by the caller -> do so",
        "7:7 T-0104 `servers.x.port` is 99999, which is out of range -> write a value from 1 to 65535",
        "8:11 T-0104 `servers.x.list[1]` must be a text, and a map stands there -> write for example `list: [\"one\", \"two\"]`",
        "9:7 T-0104 `servers.x.map.A` must be a text, and nothing stands there -> write \"\" for an empty text",
        "10:7 T-0104 `servers.x.idle` is 2h, which is out of range -> write a value from 1s to 1h",
    ];
    assert_eq!(found, expected);
}

#[test]
fn unknown_keys_name_the_nearest_known_key() {
    let text = "comand: x\nidleStop: 3\nwhatever: 1\nenv: {}\n";
    let found = problems(text, |mut section| {
        section.text("command");
        section.text("idle_stop");
        section.node("env");
        section.finish();
    });
    let expected = [
        "1:1 T-0103 `servers.x` has the key `comand`, which Tutti does not know -> did you mean `command`?",
        "2:1 T-0103 `servers.x` has the key `idleStop`, which Tutti does not know -> did you mean `idle_stop`?",
        "3:1 T-0103 `servers.x` has the key `whatever`, which Tutti does not know -> the keys here are `command`, `idle_stop`, `env`",
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_section_must_be_a_map() {
    assert_eq!(problems("", |section| section.finish()), Vec::<String>::new());
    let expected = ["1:1 T-0104 `servers.x` must be a map, and a list stands there -> write it as `key: value` lines"];
    assert_eq!(problems("[1]", |section| section.finish()), expected);
    let document = document("b: 1\na: 2\n");
    let problems = Problems::new();
    let keys: Vec<_> =
        entries(&problems, "f", "servers", &document.root).iter().map(|entry| entry.key.clone()).collect();
    assert_eq!(keys, ["b", "a"]);
    assert!(entries(&problems, "f", "servers", &document.root.get("a").unwrap().node).is_empty());
    assert!(!problems.is_empty());
}

#[test]
fn a_flood_of_problems_is_cut() {
    let text: String = (0..1000).map(|number| format!("k{number}: 1\n")).collect();
    let found = problems(&text, |section| section.finish());
    assert_eq!(found.len(), 201);
}

#[test]
fn values_do_not_show_in_debug_output() {
    let document = document("key: hunter2\n");
    let shown = format!("{document:?}");
    assert!(!shown.contains("hunter2"), "{shown}");
}
