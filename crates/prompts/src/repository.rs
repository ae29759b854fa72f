//! Prompts and a git repository: its history becomes versions, and versions become its history.
//!
//! Everything is done by plumbing commands whose arguments are made here: objects are written and read as they are, without
//! filters, hooks, pagers, editors or signatures, and without any configuration but the repository's own, of which what could
//! run a program is switched off. Only commands of the person at the keyboard lead here.

mod git;
mod history;

use crate::gather::{File, gather};
use crate::library::{Kept, LATEST, Library, PRODUCTION};
use crate::prompt::Prompt;
use base::{Code, Error, Result};
use git::Git;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

/// The line of a commit's message that names the version which it holds.
const TRAILER: &str = "Tutti-Version";

/// A repository, and the folder in it where prompts lie.
pub struct Repository {
    git: Git,
    folder: String,
}

/// What came of an export or an import.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Moved {
    /// The prompts, each with the number of its versions that were moved.
    pub prompts: BTreeMap<String, usize>,
    /// Commits that were made, or read.
    pub commits: usize,
}

/// The versions of a prompt, in their order, as an import finds them.
pub type Found = BTreeMap<String, Vec<Kept>>;

impl Repository {
    /// The repository at `root`, with the prompts in `folder` of it. `path` is the `PATH` that git is looked for in.
    ///
    /// # Errors
    /// [`Code::PromptRepository`] where there is none.
    pub async fn open(root: PathBuf, folder: &str, path: &str) -> Result<Self> {
        let plain = |part: &str| crate::prompt::is_name(part);
        if folder.len() > 200 || !folder.split('/').all(plain) {
            let next = "name a folder below the root of the repository, such as `prompts`";
            return Err(Error::new(Code::PromptRepository, "the folder of prompts cannot be that", next));
        }
        let git = Git::open(root, path).await?;
        Ok(Self { git, folder: folder.to_owned() })
    }

    /// All versions that the history of the branch that is checked out holds, the oldest first; a version that comes again
    /// comes last.
    ///
    /// # Errors
    /// A commit that holds something that is no prompt: all of them, or none.
    pub async fn read(&self) -> Result<(Found, usize)> {
        let commits = history::commits(&self.git, &self.folder).await?;
        let mut found = Found::new();
        let mut failed = Vec::new();
        for commit in &commits {
            let files = history::files(&self.git, &commit.hash, &self.folder).await?;
            failed.clear();
            for prompt in each(&files, &mut failed) {
                let versions = found.entry(prompt.name.clone()).or_default();
                if versions.last().is_none_or(|last| last.bundle != prompt.bundle) {
                    let origin = format!("git {} {}", commit.hash.get(..12).unwrap_or_default(), commit.subject);
                    versions.push(Kept { bundle: prompt.bundle, created_at: Some(commit.at), origin });
                }
            }
        }
        // What the past got wrong is past; what stands there now must be right.
        match failed.into_iter().next() {
            Some(error) => Err(error),
            None => Ok((found, commits.len())),
        }
    }

    /// Writes the versions that the history does not have yet, one commit each, and last what is served. `texts` gives the
    /// versions of each prompt, the oldest first, and the one that is served.
    pub async fn write(&self, library: &Library) -> Result<Moved> {
        self.git.check_clean().await?;
        let known = history::trailers(&self.git).await?;
        let mut moved = Moved::default();
        for name in library.names().await? {
            let mut written = 0;
            for version in library.versions(&name).await? {
                let mark = format!("{name} {}", version.digest);
                if !known.contains(&mark) {
                    let prompt = library.prompt(&name, &version.digest).await?;
                    let subject = format!("prompt {name}: version {}", version.number);
                    written += usize::from(self.commit(&prompt, &subject, &mark, version.created_at / 1000).await?);
                }
            }
            let served = library.serve(&name, None, None).await?;
            let label = if library.labels(&name).await?.contains_key(PRODUCTION) { PRODUCTION } else { LATEST };
            let (subject, mark) = (format!("prompt {name}: {label}"), format!("{name} {}", served.version));
            let at = i64::try_from(base::clock::wall().as_secs()).unwrap_or_default();
            let back = usize::from(self.commit(&served.prompt, &subject, &mark, at).await?);
            moved.commits += written + back;
            moved.prompts.insert(name, written);
        }
        Ok(moved)
    }

    /// Commits the files of a version; nothing where they are there just so. Answers whether there is a commit more.
    async fn commit(&self, prompt: &Prompt, subject: &str, mark: &str, at: i64) -> Result<bool> {
        let mut files = vec![(format!("{}/{}.md", self.folder, prompt.name), &prompt.bundle.text)];
        let partials = prompt.bundle.partials.iter();
        files.extend(partials.map(|(name, text)| (format!("{}/_{name}.md", self.folder), text)));
        let message = format!("{subject}\n\n{TRAILER}: {mark}\n");
        self.git.commit(&files, &message, at).await
    }
}

/// The prompts among `files`, each by itself: one that is none keeps no other out.
fn each(files: &[File], failed: &mut Vec<Error>) -> Vec<Prompt> {
    let is_partial =
        |file: &File| Path::new(&file.path).file_name().is_some_and(|name| name.to_string_lossy().starts_with('_'));
    let (partials, whole): (Vec<&File>, Vec<&File>) = files.iter().partition(|file| is_partial(file));
    let mut names = HashSet::new();
    let mut prompts = Vec::new();
    for file in whole {
        let together: Vec<File> = partials.iter().copied().chain([file]).cloned().collect();
        match gather(&together) {
            Ok(found) => prompts.extend(found.into_iter().filter(|prompt| names.insert(prompt.name.clone()))),
            Err(errors) => failed.extend(errors),
        }
    }
    prompts
}

#[cfg(test)]
mod tests;
