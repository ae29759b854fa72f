//! Where things are, as Cargo says.

use crate::failure::{Failure, Result};
use crate::{process, system};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Cargo answers in well under a second, but may wait for another Cargo first.
const LIMIT: Duration = Duration::from_secs(300);

/// The workspace that this tool belongs to.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    /// Cargo's target folder, which need not be below the root.
    pub(crate) target: PathBuf,
    /// The oldest Rust that the workspace builds with, such as `1.95`.
    pub(crate) rust_version: String,
    pub(crate) packages: Vec<Package>,
}

/// A member of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    pub(crate) name: String,
    /// The folder, relative to the root.
    pub(crate) folder: String,
    pub(crate) dependencies: Vec<Dependency>,
}

/// A line under `[dependencies]` and its like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// Whether it stands under `[dev-dependencies]`.
    pub(crate) for_tests: bool,
}

impl Workspace {
    /// The workspace of the working directory.
    pub(crate) fn find() -> Result<Self> {
        let mut command = cargo(&["metadata", "--no-deps", "--format-version", "1"]);
        let text = process::read(&mut command, LIMIT, "run this in a checkout of Tutti")?;
        let metadata = serde_json::from_str(&text).map_err(|error| unreadable(&error.to_string()))?;
        Self::from_metadata(&metadata).ok_or_else(|| unreadable("a field is missing"))
    }

    fn from_metadata(metadata: &Value) -> Option<Self> {
        let root = PathBuf::from(metadata["workspace_root"].as_str()?);
        let target = PathBuf::from(metadata["target_directory"].as_str()?);
        let listed = metadata["packages"].as_array()?;
        let rust_version = listed.iter().find_map(|package| package["rust_version"].as_str())?.to_owned();
        let packages = listed.iter().map(|package| Package::from_metadata(package, &root)).collect::<Option<_>>()?;
        Some(Self { root, target, rust_version, packages })
    }
}

impl Package {
    fn from_metadata(package: &Value, root: &Path) -> Option<Self> {
        let folder = Path::new(package["manifest_path"].as_str()?).parent()?;
        let folder = folder.strip_prefix(root).unwrap_or(folder).to_string_lossy().replace('\\', "/");
        let dependencies = package["dependencies"].as_array()?.iter().map(Dependency::from_metadata);
        Some(Self {
            name: package["name"].as_str()?.to_owned(),
            folder,
            dependencies: dependencies.collect::<Option<_>>()?,
        })
    }
}

impl Dependency {
    fn from_metadata(dependency: &Value) -> Option<Self> {
        Some(Self { name: dependency["name"].as_str()?.to_owned(), for_tests: dependency["kind"] == "dev" })
    }
}

/// The Cargo that runs this tool.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = process::command(system::variable("CARGO").as_deref().unwrap_or("cargo"), arguments);
    // What Cargo tells this tool about itself is not meant for the Cargo that this tool calls: the build script of
    // `ring` looks at these, and would run anew each time one calls the inner Cargo after the outer.
    for name in system::variable_names() {
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
    command
}

fn unreadable(why: &str) -> Failure {
    Failure::new(format!("the answer of `cargo metadata` is not understood: {why}"), "check the version of Cargo")
}

#[cfg(test)]
mod tests;
