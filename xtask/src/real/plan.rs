//! What `e2e/real/packages.json` says.

use crate::failure::{Failure, Result};
use crate::system;
use serde_json::Value;
use std::path::Path;

/// What is to be installed for one set of servers.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// The day whose state of the registries is taken for what the packages need in turn.
    pub(super) as_of: String,
    /// The version of uv.
    pub(super) uv: String,
    pub(super) servers: Vec<Package>,
    pub(super) clients: Vec<Package>,
    /// What the conformance suite needs beside Node.
    pub(super) suites: Vec<Package>,
}

/// Where a package comes from and where it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A folder with npm's modules.
    Npm,
    /// A command in an environment of its own.
    Pypi,
    /// A library in an environment of its own.
    Venv,
}

/// A package at one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Package {
    /// The name in this plan, which is that of the server.
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) package: String,
    pub(super) version: String,
    /// More packages for the same environment.
    pub(super) with: Vec<String>,
    /// The command that it brings.
    pub(super) command: Option<String>,
    /// The name that the command gets in `bin/`, where that differs.
    pub(super) link: Option<String>,
    /// Whether the package's own install scripts must run.
    pub(super) scripts: bool,
}

/// The configuration of the set `set`, below `examples/real-servers/`.
pub(super) fn config_of(set: &str) -> &'static str {
    if set == "full" { "full.yaml" } else { "tutti.yaml" }
}

impl Plan {
    /// Reads the plan for the set `set` from the folder `sources`.
    pub(super) fn read(sources: &Path, set: &str) -> Result<Self> {
        let path = sources.join("packages.json");
        let text = system::text(&path)?;
        let wrong =
            |why: &str| Failure::new(format!("{}: {why}", path.display()), "mend the file; its `about` says how");
        let value = serde_json::from_str(&text).map_err(|error| wrong(&error.to_string()))?;
        Self::from_json(&value, set).map_err(|why| wrong(&why))
    }

    /// An error says what is missing.
    fn from_json(value: &Value, set: &str) -> Result<Self, String> {
        let text = |name: &str| value[name].as_str().map(str::to_owned).ok_or(format!("`{name}` is missing"));
        let names = value["sets"][set].as_array().ok_or(format!("there is no set `{set}`"))?;
        let names = names.iter().filter_map(Value::as_str);
        let servers = names.map(|name| Package::from_json(name, &value["servers"][name]));
        let clients = value["clients"].as_object().ok_or("`clients` is missing")?;
        let clients = clients.iter().map(|(name, client)| Package::from_json(name, client));
        let suites = value["suites"].as_object().ok_or("`suites` is missing")?;
        let suites = suites.iter().map(|(name, suite)| Package::from_json(name, suite));
        Ok(Self {
            as_of: text("as_of")?,
            uv: text("uv")?,
            servers: servers.collect::<Result<_, _>>()?,
            clients: clients.collect::<Result<_, _>>()?,
            suites: suites.collect::<Result<_, _>>()?,
        })
    }
}

impl Package {
    fn from_json(name: &str, value: &Value) -> Result<Self, String> {
        let text = |key: &str| value[key].as_str().map(str::to_owned);
        let must = |key: &str| text(key).ok_or(format!("`{key}` of {name} is missing"));
        let kind = match must("kind")?.as_str() {
            "npm" => Kind::Npm,
            "pypi" => Kind::Pypi,
            "venv" => Kind::Venv,
            other => return Err(format!("{name} is of the unknown kind `{other}`")),
        };
        let with = value["with"].as_array().into_iter().flatten().filter_map(Value::as_str);
        Ok(Self {
            name: name.to_owned(),
            kind,
            package: must("package")?,
            version: must("version")?,
            with: with.map(str::to_owned).collect(),
            command: text("command"),
            link: text("link"),
            scripts: value["scripts"].as_bool().unwrap_or_default(),
        })
    }

    /// All that makes one install differ from another.
    pub(super) fn stamp(&self, as_of: &str) -> String {
        format!("{} {} {} as of {as_of}", self.package, self.version, self.with.join(" "))
    }

    /// The file in `bin/` that must be there afterwards.
    pub(super) fn in_bin(&self) -> Option<&str> {
        self.link.as_deref().or(self.command.as_deref())
    }
}

#[cfg(test)]
mod tests;
