use super::Repository;
use crate::gather::{File, gather};
use crate::library::{LATEST, Library};
use base::Code;
use base::program::{Program, run};
use std::path::Path;
use std::time::Duration;
use store::Db;

fn path() -> String {
    base::environment::Environment::of_process().unwrap().get("PATH").unwrap_or_default().to_owned()
}

/// git as a person runs it.
async fn git(folder: &Path, arguments: &[&str]) -> String {
    let path = path();
    let environment = [
        ("PATH", path.as_str()),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("HOME", "/nonexistent"),
        ("GIT_AUTHOR_NAME", "a"),
        ("GIT_AUTHOR_EMAIL", "a@b"),
        ("GIT_COMMITTER_NAME", "a"),
        ("GIT_COMMITTER_EMAIL", "a@b"),
    ];
    let time = Duration::from_secs(60);
    let ended =
        run(Program { name: "git", arguments, folder, environment: &environment, input: b"", limit: 1 << 20, time })
            .await
            .unwrap();
    assert_eq!(ended.code, Some(0), "git {arguments:?}: {}", ended.complaint);
    String::from_utf8(ended.output).unwrap()
}

async fn library() -> Library {
    Library::open(Db::memory().await.unwrap()).await.unwrap()
}

async fn take(library: &Library, body: &str, partial: &str) {
    let files = [
        File { path: "p/a.md".to_owned(), text: format!("---\n---\n{body} {{% include 'tone' %}}\n") },
        File { path: "p/_tone.md".to_owned(), text: partial.to_owned() },
    ];
    library.take(&gather(&files).unwrap()).await.unwrap();
}

async fn digests(library: &Library) -> Vec<String> {
    library.versions("a").await.unwrap().into_iter().map(|version| version.digest).collect()
}

async fn import(into: &Library, folder: &Path) -> usize {
    let (found, commits) = Repository::open(folder.to_owned(), "prompts", &path()).await.unwrap().read().await.unwrap();
    for (name, versions) in found {
        into.keep(&name, versions, LATEST).await.unwrap();
    }
    commits
}

async fn text(library: &Library) -> String {
    library.serve("a", None, None).await.unwrap().prompt.render(&Default::default()).unwrap()[0].text.clone()
}

#[tokio::test]
async fn versions_history_and_rollback_go_through_a_repository_and_back() {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["init", "-q"]).await;
    let first = library().await;
    take(&first, "one", "kind").await;
    take(&first, "two", "kind").await;
    take(&first, "two", "brief").await;
    let repository = Repository::open(folder.path().to_owned(), "prompts", &path()).await.unwrap();
    let moved = repository.write(&first).await.unwrap();
    assert_eq!((moved.commits, moved.prompts["a"]), (3, 3));
    assert_eq!(repository.write(&first).await.unwrap().commits, 0, "nothing new, no commit");
    first.roll_back("a", Some("v1")).await.unwrap();
    assert_eq!(repository.write(&first).await.unwrap().commits, 1);
    assert_eq!(git(folder.path(), &["status", "--porcelain"]).await, "", "files and index are as the commit says");
    assert!(git(folder.path(), &["show", "HEAD:prompts/a.md"]).await.contains("one"));

    let second = library().await;
    assert_eq!(import(&second, folder.path()).await, 4);
    assert_eq!(digests(&second).await, digests(&first).await);
    assert_eq!((text(&second).await, text(&first).await), ("one kind".to_owned(), "one kind".to_owned()));

    // What people do with git itself counts just so.
    git(folder.path(), &["revert", "--no-edit", "HEAD"]).await;
    import(&second, folder.path()).await;
    assert_eq!(text(&second).await, "two brief");
    assert_eq!(digests(&second).await.len(), 3, "a version that comes again is the same one");
    let changed = repository.read().await.unwrap().0["a"].len();
    assert_eq!(changed, 5);
}

#[tokio::test]
async fn what_a_repository_says_runs_no_program() {
    let folder = tempfile::tempdir().unwrap();
    let (root, mark) = (folder.path(), folder.path().join("ran"));
    git(root, &["init", "-q"]).await;
    let script = format!("#!/bin/sh\ntouch {}\n", mark.display());
    let program = root.join("evil.sh");
    base::disk::write_atomic(&program, &script, false).unwrap();
    let call = format!("sh {}", program.display());
    for hook in
        ["post-commit", "pre-commit", "reference-transaction", "post-index-change", "post-checkout", "commit-msg"]
    {
        base::disk::write_atomic(&root.join(".git/hooks").join(hook), &script, false).unwrap();
        git(root, &["update-index", "--refresh"]).await;
        let _ = run(Program {
            name: "chmod",
            arguments: &["+x", &format!(".git/hooks/{hook}")],
            folder: root,
            environment: &[("PATH", &path())],
            input: b"",
            limit: 9,
            time: Duration::from_secs(9),
        })
        .await;
    }
    for key in [
        "core.fsmonitor",
        "filter.x.clean",
        "filter.x.smudge",
        "diff.x.textconv",
        "diff.external",
        "core.pager",
        "core.editor",
        "gpg.program",
        "core.sshCommand",
    ] {
        git(root, &["config", key, &call]).await;
    }
    git(root, &["config", "commit.gpgSign", "true"]).await;
    base::disk::write_atomic(&root.join(".git/info/attributes"), "* filter=x diff=x\n", false).unwrap();
    base::disk::remove_file(&mark).unwrap();
    let library = library().await;
    take(&library, "one", "kind").await;
    let repository = Repository::open(root.to_owned(), "prompts", &path()).await.unwrap();
    assert_eq!(repository.write(&library).await.unwrap().commits, 1);
    assert_eq!(repository.read().await.unwrap().1, 1);
    assert!(!mark.exists(), "a program of the repository ran");
}

#[tokio::test]
async fn what_is_no_repository_staged_or_no_prompt_is_told() {
    let folder = tempfile::tempdir().unwrap();
    for wrong in ["", "..", "a/../b", "/etc", "-x", "a//b"] {
        let opened = Repository::open(folder.path().to_owned(), wrong, &path()).await;
        assert_eq!(opened.err().map(|error| error.code()), Some(Code::PromptRepository), "{wrong}");
    }
    assert_eq!(
        Repository::open(folder.path().to_owned(), "prompts", &path()).await.err().map(|error| error.code()),
        Some(Code::PromptRepository)
    );
    git(folder.path(), &["init", "-q"]).await;
    let repository = Repository::open(folder.path().to_owned(), "prompts", &path()).await.unwrap();
    assert_eq!(repository.read().await.unwrap().1, 0);
    base::disk::write_atomic(&folder.path().join("prompts/a.md"), "nothing", false).unwrap();
    git(folder.path(), &["add", "."]).await;
    let library = library().await;
    take(&library, "one", "kind").await;
    assert!(repository.write(&library).await.unwrap_err().message().contains("staged"));
    git(folder.path(), &["commit", "-q", "-m", "bad"]).await;
    assert_eq!(repository.read().await.unwrap_err().code(), Code::PromptFile);
    base::disk::write_atomic(&folder.path().join("prompts/a.md"), "---\n---\ngood", false).unwrap();
    git(folder.path(), &["commit", "-q", "-a", "-m", "mended"]).await;
    assert_eq!(repository.read().await.unwrap().0["a"].len(), 1);
}
