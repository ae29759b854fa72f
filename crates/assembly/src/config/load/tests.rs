use super::{Loaded, find, load};
use base::config::Node;
use base::environment::Environment;
use base::{Code, Error};
use std::path::Path;
use tempfile::TempDir;

struct Folder(TempDir);

impl Folder {
    fn with(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            base::disk::write_atomic(&folder.path().join(name), text, false).unwrap();
        }
        Folder(folder)
    }

    fn environment(&self, variables: &[(&str, &str)]) -> Environment {
        let config = self.0.path().join("config").display().to_string();
        let all = variables.iter().copied().chain([("XDG_CONFIG_HOME", config.as_str())]);
        Environment::from_pairs(all, self.0.path())
    }

    fn load(&self, variables: &[(&str, &str)]) -> Result<Loaded, Vec<Error>> {
        load(&self.environment(variables), None)
    }
}

fn texts(loaded: &Loaded) -> Vec<String> {
    let text = |node: &Node, key: &str| node.get(key).and_then(|entry| entry.node.scalar_text()).unwrap_or_default();
    loaded
        .servers
        .iter()
        .map(|(name, node, file)| format!("{name} {}{} {file}", text(node, "command"), text(node, "url")))
        .collect()
}

#[test]
fn the_nearest_file_is_found() {
    let folder = Folder::with(&[("config/tutti/tutti.yaml", ""), ("other/t.yaml", "")]);
    let environment = folder.environment(&[]);
    let path = |name: &str| Some(folder.0.path().join(name));
    assert_eq!(find(&environment, None), path("config/tutti/tutti.yaml"));
    assert_eq!(find(&environment, Some(Path::new("other/t.yaml"))), path("other/t.yaml"));
    base::disk::write_atomic(&folder.0.path().join("tutti.yml"), "", false).unwrap();
    assert_eq!(find(&environment, None), path("tutti.yml"));
    base::disk::write_atomic(&folder.0.path().join("tutti.yaml"), "", false).unwrap();
    assert_eq!(find(&environment, None), path("tutti.yaml"));
    let loaded = load(&environment, None).ok().unwrap();
    assert_eq!(loaded.notices, ["tutti.yml is not read, because tutti.yaml is there"]);
}

#[test]
fn sockets_are_a_path_or_a_path_for_each_view() {
    let sockets = |text: &str| {
        let folder = Folder::with(&[("tutti.yaml", text)]);
        let loaded =
            folder.load(&[]).map_err(|errors| errors.iter().map(|error| format!("{error:?}")).collect::<String>())?;
        let short = |path: &Path| path.strip_prefix(folder.0.path()).unwrap_or(path).display().to_string();
        Ok::<_, String>(loaded.sockets.iter().map(|(view, path)| format!("{view} {}", short(path))).collect::<Vec<_>>())
    };
    let views = "views: {small: {tools: [a]}}\n";
    assert_eq!(sockets("socket: run/hub.sock\n").unwrap(), ["all run/hub.sock"]);
    assert_eq!(sockets("socket: \"\"\n").unwrap(), [""; 0]);
    assert_eq!(sockets("socket:\n").unwrap(), [""; 0]);
    let both = format!("{views}socket: {{all: /run/hub.sock, small: small.sock}}\n");
    assert_eq!(sockets(&both).unwrap(), ["all /run/hub.sock", "small small.sock"]);
    let unknown = sockets(&format!("{views}socket: {{smal: a.sock}}\n")).unwrap_err();
    assert!(unknown.contains("`smal`") && unknown.contains("did you mean `small`?"), "{unknown}");
    let none = sockets("socket: {research: a.sock}\n").unwrap_err();
    assert!(none.contains("the views are all"), "{none}");
    let twice = sockets(&format!("{views}socket: {{all: a.sock, small: a.sock}}\n")).unwrap_err();
    assert!(twice.contains("twice"), "{twice}");
    assert!(sockets("socket: [a]\n").unwrap_err().contains("socket"));
}

#[test]
fn everything_of_a_folder_is_read() {
    let own = "listen: localhost:${PORT}\nkey: ${KEY}\nservers:\n  a: {command: \"${BIN}/a\"}\n  off: {command: \"${NOT_SET}\", enabled: false}\nviews: {v: {tools: [\"*\"]}}\nlimits:\n";
    let foreign = r#"{"mcpServers": {"a": {"command": "other"}, "b b": {"url": "${env:URL}"}, "c": {"command": "${NOT_SET}", "disabled": true}}}"#;
    let dot_env = "KEY=from-file\nPORT=1\nURL=http://u\n";
    let folder = Folder::with(&[("tutti.yaml", own), ("mcp.json", foreign), (".env", dot_env)]);
    let loaded = folder.load(&[("PORT", "5000"), ("BIN", "/bin")]).unwrap_or_else(|errors| panic!("{errors:?}"));
    assert_eq!(loaded.listen.unwrap().to_string(), "127.0.0.1:5000");
    assert_eq!(loaded.key.as_ref().unwrap().expose(), "from-file");
    assert_eq!(
        texts(&loaded),
        ["a /bin/a tutti.yaml", "off ${NOT_SET} tutti.yaml", "b-b http://u mcp.json", "c ${NOT_SET} mcp.json"]
    );
    assert!(loaded.views.as_ref().unwrap().0.get("v").is_some());
    assert!(loaded.limits.is_none());
    assert_eq!(
        loaded.notices,
        [
            "mcp.json:1:44: server `b b` is called `b-b` here",
            "mcp.json:1:22: server `a` is not read, because the configuration has one of this name"
        ]
    );
    assert_eq!(loaded.environment.get("URL"), Some("http://u"));
    assert_eq!(loaded.folder, folder.0.path());
    let names: Vec<_> =
        loaded.watched.iter().map(|path| path.strip_prefix(folder.0.path()).unwrap().display().to_string()).collect();
    assert_eq!(names, ["tutti.yaml", ".env", "mcp.json"]);
    let typed = loaded.files[0].root.get("key").unwrap().node.scalar_text().unwrap();
    assert_eq!((typed.as_str(), loaded.files.len()), ("${KEY}", 2));
}

#[test]
fn a_folder_without_a_configuration_is_fine() {
    let folder = Folder::with(&[("mcp.json", "{\"mcpServers\": {\"a\": {\"command\": \"x\"}}}")]);
    let loaded = folder.load(&[]).ok().unwrap();
    assert_eq!((loaded.path.is_none(), texts(&loaded)), (true, vec!["a x mcp.json".to_owned()]));
    assert_eq!(loaded.watched.len(), 6);
    let empty = Folder::with(&[("mcp.json", " \n"), ("tutti.yaml", "# nothing yet\n")]);
    assert!(empty.load(&[]).ok().unwrap().servers.is_empty());
}

#[test]
fn all_problems_come_at_once_with_their_places() {
    let own = "key: \"${LOST}\"\nserver: {}\nlisten: nowhere\nservers:\n  b: [1]\n";
    let folder = Folder::with(&[("tutti.yaml", own), ("mcp.json", "{\"mcpServers\": {\"x\": {}}}")]);
    let errors = folder.load(&[]).err().unwrap();
    let shown: Vec<_> =
        errors.iter().map(|error| format!("{} {} {}", error.code(), error.location().unwrap(), error.next())).collect();
    let expected = [
        "T-0105 tutti.yaml:1:6 set LOST in the environment or in the .env file beside it, or give a default: ${LOST:-value}",
        "T-0103 tutti.yaml:2:1 did you mean `servers`?",
        "T-0104 tutti.yaml:3:9 write for example `listen: 127.0.0.1:4747`",
        "T-0104 mcp.json:1:22 add one of them, or take the server out",
    ];
    assert_eq!(shown, expected);
}

#[test]
fn files_that_cannot_be_read_say_so() {
    let folder = Folder::with(&[]);
    let missing = load(&folder.environment(&[]), Some(Path::new("none.yaml"))).err().unwrap();
    assert_eq!(missing[0].code(), Code::ConfigUnreadable);
    assert!(missing[0].message().contains("none.yaml"));
    let large = Folder::with(&[("tutti.yaml", &"#".repeat((4 << 20) + 1))]);
    assert_eq!(large.load(&[]).err().unwrap()[0].code(), Code::ConfigTooLarge);
    let list = Folder::with(&[("tutti.yaml", "- a\n")]);
    assert_eq!(list.load(&[]).err().unwrap()[0].code(), Code::ConfigInvalidValue);
    let unknown = Folder::with(&[("mcp.json", "{\"a\": 1}")]);
    assert_eq!(unknown.load(&[]).err().unwrap()[0].code(), Code::ImportUnrecognised);
}

#[test]
fn addresses_to_listen_on() {
    for (text, expected) in [("4747", "127.0.0.1:4747"), ("0.0.0.0:80", "0.0.0.0:80"), ("'[::1]:9'", "[::1]:9")] {
        let folder = Folder::with(&[("tutti.yaml", &format!("listen: {text}\n"))]);
        assert_eq!(folder.load(&[]).ok().unwrap().listen.unwrap().to_string(), expected);
    }
    let empty_key = Folder::with(&[("tutti.yaml", "key: ${TUTTI_KEY:-}\n")]);
    assert!(empty_key.load(&[]).ok().unwrap().key.is_none());
}

#[test]
fn the_key_is_taken_from_the_environment_where_the_file_names_none() {
    let key = |files: &[(&str, &str)], variables: &[(&str, &str)]| {
        Folder::with(files).load(variables).ok().unwrap().key.map(|key| key.expose().clone())
    };
    let variable = [("TUTTI_KEY", " outer ")];
    assert_eq!(key(&[], &variable).as_deref(), Some("outer"));
    assert_eq!(key(&[("tutti.yaml", "key: inner\n")], &variable).as_deref(), Some("inner"));
    assert_eq!(key(&[("tutti.yaml", ""), (".env", "TUTTI_KEY=file")], &[]).as_deref(), Some("file"));
    assert_eq!(key(&[("tutti.yaml", "")], &[("TUTTI_KEY", "")]), None);
}

#[test]
fn the_examples_can_be_read() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/real-servers");
    let environment = Environment::from_pairs([("REAL_SERVERS_DATA", "/data")], &examples);
    for (name, count) in [("tutti.yaml", 10), ("full.yaml", 12)] {
        let loaded = load(&environment, Some(Path::new(name))).unwrap_or_else(|errors| panic!("{errors:?}"));
        assert_eq!((loaded.servers.len(), loaded.notices.len()), (count, 0), "{name}");
    }
}

#[test]
fn a_server_that_lacks_a_variable_keeps_only_itself_from_starting() {
    let own = "servers:\n  a: {command: \"${LOST}\"}\n  b: {command: x}\n  c: {command: \"${LOST}\", enabled: false}\n";
    let loaded = Folder::with(&[("tutti.yaml", own)]).load(&[]).ok().unwrap();
    let lacking: Vec<_> = loaded.lacking.iter().map(|(name, error)| (name.as_str(), error.code())).collect();
    assert_eq!(lacking, [("a", Code::ConfigVariableMissing)]);
    let resolved = crate::wiring::resolve(&loaded).unwrap();
    let faulty: Vec<_> = resolved.settings.servers.iter().map(|server| server.fault.is_some()).collect();
    assert_eq!(faulty, [true, false, false]);
}

/// A workflow that waits a second.
fn waiting(name: &str) -> String {
    format!("name: {name}\nsteps: [{{ name: a, wait: 1s }}]\n")
}

fn sources(loaded: &Loaded) -> Vec<String> {
    let files = loaded.workflows.iter().flatten();
    files.map(|file| file.source.file.rsplit('/').next().unwrap().to_owned()).collect()
}

#[test]
fn workflows_are_the_files_that_patterns_name() {
    let (a, b) = (waiting("a"), waiting("b"));
    let files = [
        ("tutti.yaml", "workflows: [\"*.yaml\", flows/b.yml, \"none/*.yaml\"]\n"),
        ("a.yaml", a.as_str()),
        ("a.test.yaml", "cases: []\n"),
        ("flows/b.yml", b.as_str()),
        ("flows/c.yml", "name: c\n"),
    ];
    let folder = Folder::with(&files);
    let loaded = folder.load(&[]).unwrap_or_else(|errors| panic!("{errors:?}"));
    assert_eq!(sources(&loaded), ["a.yaml", "b.yml"], "neither the configuration nor tests are workflows");
    assert!(loaded.watched.ends_with(&[folder.0.path().join("a.yaml"), folder.0.path().join("flows/b.yml")]));
    let resolved = crate::wiring::resolve(&loaded).unwrap();
    let names: Vec<_> = resolved.workflows.iter().map(|(name, one)| format!("{name} {}", one.source.text)).collect();
    assert_eq!(names, [format!("a {a}"), format!("b {b}")]);
    assert!(Folder::with(&[("tutti.yaml", "workflows:\n")]).load(&[]).ok().unwrap().workflows.is_none());
}

#[test]
fn the_older_form_of_workflows_stands_in_the_configuration() {
    let own = "key: \"${KEY}\"\nmain_llm: { provider: p, model: m }\nworkflows:\n  old:\n    steps:\n      - name: a\n        tool: model_call\n        inputs: { prompt: \"costs ${PRICE}\" }\n";
    let loaded =
        Folder::with(&[("tutti.yaml", own)]).load(&[("KEY", "k")]).unwrap_or_else(|errors| panic!("{errors:?}"));
    let resolved = crate::wiring::resolve(&loaded).unwrap();
    let workflow = &resolved.workflows["old"].workflow;
    assert_eq!(workflow.model.as_ref().unwrap().model, "m");
    assert!(format!("{workflow:?}").contains("costs ${PRICE}"), "texts of workflows have no variables");
    // Without workflows there is nothing that it is the model of.
    let errors = Folder::with(&[("tutti.yaml", "main_llm: m\n")]).load(&[]).err().unwrap();
    assert_eq!(errors[0].code(), Code::ConfigUnknownKey);
}

#[test]
fn faults_of_workflows_are_told_with_those_of_the_configuration() {
    let own = "servers: { a: { comand: x } }\nworkflows: [\"*.yaml\"]\n";
    let faulty = "name: w\nsteps:\n  - name: a\n    wiat: 1s\n";
    let loaded = Folder::with(&[("tutti.yaml", own), ("w.yaml", faulty)]).load(&[]).ok().unwrap();
    let errors = crate::wiring::resolve(&loaded).err().unwrap();
    let places: Vec<_> = errors.iter().map(|error| error.location().unwrap().to_string()).collect();
    assert!(places.iter().any(|place| place == "tutti.yaml:1:17"), "{errors:?}");
    let wrong = errors.iter().find(|error| error.location().unwrap().to_string() == "w.yaml:4:5").unwrap();
    assert_eq!(wrong.next(), "did you mean `wait`?");
    assert!(wrong.detail().unwrap().contains("4 |     wiat: 1s"), "{wrong:?}");
    let folder = Folder::with(&[("tutti.yaml", "workflows: [none.yaml, \"a*/b.yaml\"]\n")]);
    let told: Vec<_> = folder.load(&[]).err().unwrap().iter().map(|error| error.message().to_owned()).collect();
    assert_eq!(told, ["only the last part of `a*/b.yaml` may have `*`", "there is no workflow file none.yaml"]);
}
