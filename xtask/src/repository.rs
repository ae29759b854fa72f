//! All files of the repository, read once.

use crate::failure::{Failure, Result};
use crate::source::Source;
use crate::workspace::{Package, Workspace};
use crate::{process, system};
use std::time::Duration;

/// Listing some thousands of files takes git well under a second.
const LIMIT: Duration = Duration::from_secs(120);

/// What the checks look at.
#[derive(Debug, Default)]
pub(crate) struct Repository {
    /// The text files, in the order of their paths.
    pub(crate) files: Vec<File>,
    /// The members of the workspace.
    pub(crate) packages: Vec<Package>,
}

/// A text file.
#[derive(Debug)]
pub(crate) struct File {
    /// The path from the root, with `/` between the parts.
    pub(crate) path: String,
    pub(crate) text: String,
    /// The views of Rust source; of another file they are empty.
    pub(crate) source: Source,
}

impl Repository {
    /// Reads what git knows and what it would add. A file that is not text is passed over.
    pub(crate) fn read(workspace: &Workspace) -> Result<Self> {
        let arguments = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
        let mut command = process::command("git", arguments);
        let listed = process::read(command.current_dir(&workspace.root), LIMIT, "run this in a git checkout of Tutti")?;
        let mut paths: Vec<_> = listed.split('\0').filter(|path| !path.is_empty()).collect();
        paths.sort_unstable();
        paths.dedup();
        // A file that git still lists may be gone from the disk.
        let bytes = paths.iter().filter_map(|path| Some((*path, system::bytes(&workspace.root.join(path))?)));
        let texts = bytes.filter_map(|(path, bytes)| Some((path, String::from_utf8(bytes).ok()?)));
        let files: Vec<_> = texts.map(|(path, text)| File::new(path, text)).collect();
        if files.is_empty() {
            return Err(Failure::new("git lists no files", "run this in a git checkout of Tutti"));
        }
        Ok(Self { files, packages: workspace.packages.clone() })
    }

    /// The file at `path`.
    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// The Rust files.
    pub(crate) fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.is_rust())
    }

    /// The folders that hold a package: those of the workspace, and workspaces of their own such as the bench.
    pub(crate) fn package_folders(&self) -> Vec<&str> {
        let manifests = self.files.iter().filter(|file| file.text.contains("[package]"));
        manifests.filter_map(|file| file.path.strip_suffix("/Cargo.toml")).collect()
    }

    /// A repository of `files`, for tests.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let files = files.iter().map(|&(path, text)| File::new(path, text.to_owned())).collect();
        Self { files, packages: Vec::new() }
    }
}

impl File {
    fn new(path: &str, text: String) -> Self {
        let source = if path.ends_with(".rs") { Source::new(&text) } else { Source::default() };
        Self { path: path.to_owned(), text, source }
    }

    /// Whether this is Rust source.
    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether the whole file is there for tests or measurements only.
    pub(crate) fn is_for_tests(&self) -> bool {
        let path = self.path.as_str();
        path.ends_with("/tests.rs")
            || path.contains("/tests/")
            || ["tests/", "e2e/", "eval/", "bench/", "fuzz/"].iter().any(|folder| path.starts_with(folder))
    }

    /// The last part of the path.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
