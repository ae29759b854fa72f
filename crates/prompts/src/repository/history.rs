//! What the history of a repository holds.

use super::TRAILER;
use super::git::Git;
use crate::gather::File;
use crate::prompt::LARGEST;
use base::Result;
use std::collections::HashSet;

/// The most commits that are read.
const COMMITS: &str = "--max-count=2000";

/// The most files of prompts in one commit.
const FILES: usize = 2_000;

/// A commit that changed something in the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Commit {
    pub(super) hash: String,
    /// In milliseconds since 1970.
    pub(super) at: i64,
    pub(super) subject: String,
}

/// The commits of the branch that changed `folder`, the oldest first.
pub(super) async fn commits(git: &Git, folder: &str) -> Result<Vec<Commit>> {
    if git.head().await?.is_none() {
        return Ok(Vec::new());
    }
    let log = ["log", COMMITS, "--no-ext-diff", "--no-textconv", "--format=%H%x00%ct%x00%s%x00", "HEAD", "--", folder];
    let said = git.text(&log).await?;
    let read = |line: &str| {
        let mut parts = line.split('\0');
        let (hash, at, subject) = (parts.next()?, parts.next()?.parse::<i64>().ok()?, parts.next()?);
        let subject = subject.chars().filter(|character| !character.is_control()).take(200).collect();
        Some(Commit { hash: hash.to_owned(), at: at.saturating_mul(1_000), subject })
    };
    let mut commits: Vec<Commit> = said.lines().filter_map(read).collect();
    commits.reverse();
    Ok(commits)
}

/// The files of prompts in `folder`, not in those below it, as `commit` has them. What is no plain file is passed over.
pub(super) async fn files(git: &Git, commit: &str, folder: &str) -> Result<Vec<File>> {
    let listed = git.text(&["ls-tree", "-z", "-l", "--full-tree", commit, "--", &format!("{folder}/")]).await?;
    let mut files = Vec::new();
    for entry in listed.split('\0').take(FILES) {
        let Some((about, path)) = entry.split_once('\t') else { continue };
        let parts: Vec<&str> = about.split_whitespace().collect();
        let [mode, "blob", object, size] = parts.as_slice() else { continue };
        let small = size.parse::<usize>().is_ok_and(|size| size <= LARGEST);
        if mode.starts_with("100") && small && path.ends_with(".md") {
            files.push(File { path: path.to_owned(), text: git.blob(object).await? });
        }
    }
    Ok(files)
}

/// The versions that commits of the branch hold, by what their messages say: names with digests.
pub(super) async fn trailers(git: &Git) -> Result<HashSet<String>> {
    if git.head().await?.is_none() {
        return Ok(HashSet::new());
    }
    let said = git.text(&["log", "--no-ext-diff", "--format=%B", "HEAD"]).await?;
    let mark = |line: &str| line.strip_prefix(TRAILER)?.strip_prefix(": ").map(|mark| mark.trim().to_owned());
    Ok(said.lines().filter_map(mark).collect())
}
