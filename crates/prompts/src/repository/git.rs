//! The program `git`, with arguments that are made here.

use base::program::{Ended, Program, run};
use base::{Code, Error, Result, disk};
use std::path::PathBuf;
use std::time::Duration;

/// Switched off, whatever the repository says: whatever could run a program or reach another machine.
const SAFE: [&str; 16] = [
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.attributesFile=/dev/null",
    "-c",
    "core.pager=cat",
    "-c",
    "core.editor=false",
    "-c",
    "commit.gpgSign=false",
    "-c",
    "protocol.allow=never",
    "-c",
    "log.showSignature=false",
];

/// The most that one command may write, in bytes.
const OUTPUT: usize = 64 << 20;

/// How long one command may take.
const TIME: Duration = Duration::from_secs(60);

/// A repository, and how git is run in it.
pub(super) struct Git {
    root: PathBuf,
    path: String,
    bare: bool,
}

impl Git {
    pub(super) async fn open(root: PathBuf, path: &str) -> Result<Self> {
        if !root.is_dir() {
            return Err(failed(&format!("there is no folder {}", root.display()), ""));
        }
        let mut git = Self { root, path: path.to_owned(), bare: false };
        let said = git.text(&["rev-parse", "--is-bare-repository"]).await?;
        git.bare = said.trim() == "true";
        if !git.bare {
            let prefix = git.text(&["rev-parse", "--show-prefix"]).await?;
            if !prefix.trim().is_empty() {
                let next = "name the root of the repository";
                return Err(Error::new(Code::PromptRepository, "the folder lies within a repository", next));
            }
        }
        Ok(git)
    }

    async fn run(&self, arguments: &[&str], input: &[u8], more: &[(&str, &str)]) -> Result<Ended> {
        let all: Vec<&str> = SAFE.iter().chain(arguments).copied().collect();
        let mut environment = vec![
            ("PATH", self.path.as_str()),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_OPTIONAL_LOCKS", "0"),
            ("GIT_NO_REPLACE_OBJECTS", "1"),
            ("LC_ALL", "C"),
        ];
        environment.extend(more);
        let program = Program {
            name: "git",
            arguments: &all,
            folder: &self.root,
            environment: &environment,
            input,
            limit: OUTPUT,
            time: TIME,
        };
        run(program).await.map_err(|error| failed(error.message(), ""))
    }

    /// What a command writes that must go well.
    pub(super) async fn text(&self, arguments: &[&str]) -> Result<String> {
        self.with_input(arguments, b"", &[]).await
    }

    async fn with_input(&self, arguments: &[&str], input: &[u8], more: &[(&str, &str)]) -> Result<String> {
        let ended = self.run(arguments, input, more).await?;
        if ended.code != Some(0) {
            let what = arguments.first().copied().unwrap_or_default();
            return Err(failed(&format!("`git {what}` failed"), &ended.complaint));
        }
        String::from_utf8(ended.output).map_err(|_| failed("the repository holds bytes that are no text", ""))
    }

    /// The commit that the branch is on; nothing where there is none yet.
    pub(super) async fn head(&self) -> Result<Option<String>> {
        let ended = self.run(&["rev-parse", "--verify", "--quiet", "HEAD^{commit}"], b"", &[]).await?;
        let hash = String::from_utf8_lossy(&ended.output).trim().to_owned();
        Ok((ended.code == Some(0) && !hash.is_empty()).then_some(hash))
    }

    /// Refuses where something is staged: it would go into our commits.
    pub(super) async fn check_clean(&self) -> Result<()> {
        if self.bare {
            let next = "export into a clone, and push that";
            return Err(Error::new(Code::PromptRepository, "the repository has no files of its own", next));
        }
        let staged = match self.head().await? {
            Some(_) => {
                self.run(&["diff-index", "--cached", "--quiet", "--no-ext-diff", "HEAD", "--"], b"", &[]).await?.code
                    != Some(0)
            }
            None => !self.text(&["ls-files", "--cached"]).await?.is_empty(),
        };
        if staged {
            let next = "commit it, or take it back with `git restore --staged .`";
            return Err(Error::new(Code::PromptRepository, "something is staged in the repository", next));
        }
        Ok(())
    }

    /// Commits `files` with what they hold, into the history, the index and the folder. Answers whether anything differs.
    pub(super) async fn commit(&self, files: &[(String, &String)], message: &str, at: i64) -> Result<bool> {
        let head = self.head().await?;
        let mut places = Vec::new();
        for (path, text) in files {
            let object = self
                .with_input(&["hash-object", "-w", "-t", "blob", "--no-filters", "--stdin"], text.as_bytes(), &[])
                .await?;
            places.push(format!("100644,{},{path}", object.trim()));
        }
        let mut update = vec!["update-index", "--add"];
        for place in &places {
            update.extend(["--cacheinfo", place.as_str()]);
        }
        self.text(&update).await?;
        let tree = self.text(&["write-tree"]).await?.trim().to_owned();
        let before = match &head {
            Some(head) => {
                Some(self.text(&["rev-parse", "--verify", &format!("{head}^{{tree}}")]).await?.trim().to_owned())
            }
            None => None,
        };
        for (path, text) in files {
            disk::write_atomic(&self.root.join(path), text, false)?;
        }
        if before.as_deref() == Some(tree.as_str()) {
            return Ok(false);
        }
        let date = format!("@{at} +0000");
        let who = |of| [(of, "Tutti")];
        let mut more: Vec<(&str, &str)> = Vec::new();
        more.extend(who("GIT_AUTHOR_NAME"));
        more.extend(who("GIT_COMMITTER_NAME"));
        more.extend([("GIT_AUTHOR_EMAIL", "tutti@localhost"), ("GIT_COMMITTER_EMAIL", "tutti@localhost")]);
        more.extend([("GIT_AUTHOR_DATE", date.as_str()), ("GIT_COMMITTER_DATE", date.as_str())]);
        let mut arguments = vec!["commit-tree", tree.as_str()];
        if let Some(head) = &head {
            arguments.extend(["-p", head.as_str()]);
        }
        let commit = self.with_input(&arguments, message.as_bytes(), &more).await?.trim().to_owned();
        // Only if nobody has committed meanwhile.
        let old = head.unwrap_or_else(|| "0".repeat(commit.len()));
        self.text(&["update-ref", "-m", "tutti prompt export", "HEAD", &commit, &old]).await?;
        Ok(true)
    }

    /// What an object holds.
    pub(super) async fn blob(&self, object: &str) -> Result<String> {
        self.text(&["cat-file", "blob", object]).await
    }
}

fn failed(what: &str, complaint: &str) -> Error {
    let error =
        Error::new(Code::PromptRepository, what, "see git's own words; the folder must be a repository of yours");
    let complaint: String =
        complaint.chars().filter(|character| !character.is_control() || *character == '\n').take(2_000).collect();
    if complaint.trim().is_empty() { error } else { error.with_detail(complaint) }
}
