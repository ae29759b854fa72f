//! The folder and the configuration of a hub before it starts.

use super::hub::Hub;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

pub(crate) struct Setup {
    pub(crate) folder: TempDir,
    /// What stands in `tutti.yaml`. It is written as JSON, which is YAML too.
    pub(crate) config: Value,
    pub(crate) environment: BTreeMap<String, String>,
    /// More words of `tutti up`.
    pub(crate) words: Vec<String>,
}

impl Setup {
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("tutti-e2e-").tempdir().expect("a folder can be made");
        let home = folder.path().to_str().expect("the path is text").to_owned();
        let path = std::env::var("PATH").expect("there is a PATH");
        let environment = [("PATH", path), ("HOME", home.clone()), ("TUTTI_HOME", home)];
        let environment = environment.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { folder, config: json!({"servers": {}}), environment, words: Vec::new() }
    }

    /// The upstream `faulty` with `flags` and the members of `entry`, and a healthy one named `good`.
    pub(crate) fn pair(flags: &[&str], entry: Value) -> Self {
        Self::new().fixture("faulty", flags, entry).fixture("good", &[], json!({}))
    }

    /// As [`Setup::pair`], with two upstreams that speak only the legacy era, so that subscriptions of resources are
    /// passed on one by one.
    pub(crate) fn legacy_pair() -> Self {
        let flags = ["--era", "legacy"];
        Self::new().fixture("faulty", &flags, json!({})).fixture("good", &flags, json!({}))
    }

    /// Adds the fixture as the upstream `name`.
    #[must_use]
    pub(crate) fn fixture(mut self, name: &str, flags: &[&str], entry: Value) -> Self {
        let entry = self.fixture_entry(name, flags, entry);
        self.config["servers"][name] = entry;
        self
    }

    /// The entry for the fixture: it records what it gets, and is findable by its marker.
    pub(crate) fn fixture_entry(&self, name: &str, flags: &[&str], mut entry: Value) -> Value {
        let own = std::env::current_exe().expect("this executable has a path");
        let (record, marker) = (self.record(name), self.marker(name));
        let record = record.to_str().expect("the path is text");
        let fixed = ["--upstream", "--name", name, "--record", record, "--marker", &marker];
        entry["command"] = json!(own);
        entry["args"] = json!([&fixed[..], flags].concat());
        entry["env"]["TUTTI_E2E_MARKER"] = json!(marker);
        entry
    }

    /// Adds an upstream that is reached over HTTP.
    #[must_use]
    pub(crate) fn remote(mut self, name: &str, url: &str, mut entry: Value) -> Self {
        entry["url"] = json!(url);
        self.config["servers"][name] = entry;
        self
    }

    /// Sets a top-level member of the configuration.
    #[must_use]
    pub(crate) fn with(mut self, member: &str, value: Value) -> Self {
        self.config[member] = value;
        self
    }

    #[must_use]
    pub(crate) fn environment(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// More words of `tutti up`.
    #[must_use]
    pub(crate) fn words(mut self, words: &[&str]) -> Self {
        self.words.extend(words.iter().map(|word| (*word).to_owned()));
        self
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A path in the folder as text, for flags and arguments.
    pub(crate) fn path_text(&self, name: &str) -> String {
        self.path(name).to_str().expect("the path is text").to_owned()
    }

    pub(crate) fn record(&self, name: &str) -> PathBuf {
        self.path(&format!("{name}.record"))
    }

    /// The last messages that each upstream received, for the report of a failure: whether what is missed got so far.
    pub(crate) fn last_received(&self) -> String {
        let servers = self.config["servers"].as_object().into_iter().flatten();
        let told = servers.map(|(name, _)| {
            let text = std::fs::read_to_string(self.record(name)).unwrap_or_default();
            let lines: Vec<&str> = text.lines().collect();
            let last = lines.iter().skip(lines.len().saturating_sub(5)).map(|line| format!("\n  {line:.500}"));
            format!("--- {name} received {} messages, last:{}", lines.len(), last.collect::<String>())
        });
        told.collect::<Vec<_>>().join("\n")
    }

    /// What the processes of the upstream `name` hold, and no others on this machine.
    pub(crate) fn marker(&self, name: &str) -> String {
        format!("{}.{name}.", self.marker_of_all())
    }

    /// What the processes of all upstreams of this test hold.
    pub(crate) fn marker_of_all(&self) -> String {
        let folder = self.folder.path().file_name().and_then(|name| name.to_str()).expect("the folder has a name");
        format!("marker-{folder}")
    }

    pub(crate) fn config_path(&self) -> PathBuf {
        self.path("tutti.yaml")
    }

    pub(crate) fn write_config(&self) {
        replace(&self.config_path(), &format!("{:#}\n", self.config));
    }

    /// Starts the hub and waits until it says where it listens.
    pub(crate) async fn start(self) -> Hub {
        Hub::start(self).await
    }

    /// Starts the hub and waits until it lists the tools of every server.
    pub(crate) async fn ready(self) -> Hub {
        let servers = self.config["servers"].as_object().expect("`servers` is an object");
        let names: Vec<String> = servers.keys().cloned().collect();
        let hub = self.start().await;
        for name in names {
            hub.wait_for_tool(&format!("{name}__echo")).await;
        }
        hub
    }
}

/// Writes a file so that a reader sees the old text or the new one.
pub(crate) fn replace(path: &Path, text: &str) {
    let new = path.with_extension("new");
    std::fs::write(&new, text).expect("the folder of the test can be written");
    std::fs::rename(&new, path).expect("the folder of the test can be written");
}

/// What the fixture recorded, one value for each message that it received.
pub(crate) fn read_record(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    // The last line may be half written.
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().map(|line| serde_json::from_str(line).expect("the record holds JSON lines")).collect()
}
