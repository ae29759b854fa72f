//! Model files that are fetched from a hub, an address or this machine, over a network that does what it wants.

use super::post;
use super::provider::{Asked, Provider, Step, head, json, whole};
use crate::harness::{Run, Setup, trials, tutti};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

pub(super) fn tests() -> Vec<Trial> {
    trials!("models::pull":
        what_was_pulled_answers,
        what_breaks_off_is_gone_on_with,
        the_next_command_goes_on_too,
        a_server_without_ranges_begins_anew,
        wrong_bytes_are_thrown_away,
        what_is_no_model_is_refused,
        what_is_too_large_is_refused,
        hubs_lead_to_files_and_not_in_circles,
        nobody_but_the_hub_sees_the_credential,
        files_are_removed_and_described,
    )
}

const TINY: &[u8] = include_bytes!("../../tiny/data/tiny.gguf");

fn digest() -> String {
    ring::digest::digest(&ring::digest::SHA256, TINY).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn model(setup: &Setup, words: &[&str]) -> Run {
    let words: Vec<&str> = ["model"].iter().chain(words).copied().collect();
    let environment: Vec<(&str, &str)> =
        setup.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    tutti(&words, &environment).await
}

/// The answer of a command that was asked for JSON.
#[track_caller]
fn said(run: &Run) -> Value {
    assert_eq!(run.code, Some(0), "{run:?}");
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"))
}

#[track_caller]
fn assert_refused(run: &Run, code: &str, why: &str) {
    assert_ne!(run.code, Some(0), "{run:?}");
    assert!(run.stderr.contains(code) && run.stderr.contains(why), "{code} {why}: {run:?}");
}

/// What lies in the folder of models.
fn left(setup: &Setup) -> Vec<String> {
    let entries = std::fs::read_dir(setup.path("models")).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Where a request for a part begins.
fn start_of(asked: &Asked) -> usize {
    let range = asked.header("range").and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
    range.unwrap_or(0)
}

/// The file from where it was asked for, `most` bytes of it before the connection ends.
fn part(asked: &Asked, file: &[u8], most: usize) -> Vec<Step> {
    let start = start_of(asked);
    let range = format!("bytes {start}-{}/{}", file.len() - 1, file.len());
    let length = (file.len() - start).to_string();
    let headers = [("content-length", length.as_str()), ("etag", "\"one\""), ("content-range", &range)];
    let headers = if start > 0 { &headers[..] } else { &headers[..2] };
    let end = (start + most).min(file.len());
    let mut steps = vec![head(if start > 0 { 206 } else { 200 }, headers), Step::Send(file[start..end].to_vec())];
    if end < file.len() {
        steps.push(Step::Close);
    }
    steps
}

/// All of the file, with more headers.
fn all(file: &[u8], more: &[(&str, &str)]) -> Vec<Step> {
    let length = file.len().to_string();
    vec![head(200, &[&[("content-length", length.as_str())][..], more].concat()), Step::Send(file.to_vec())]
}

async fn what_was_pulled_answers() {
    let setup = Setup::new();
    std::fs::write(setup.path("from.gguf"), TINY).expect("a file");
    let from = setup.path_text("from.gguf");
    let pulled = said(&model(&setup, &["pull", &from, "--name", "mine", "--sha256", &digest(), "--json"]).await);
    assert_eq!((&pulled["model"], &pulled["bytes"]), (&json!("builtin/mine"), &json!(TINY.len())), "{pulled}");
    assert_eq!(pulled["sha256"], digest());
    assert_refused(&model(&setup, &["pull", &from, "--name", "mine"]).await, "T-0508", "already");
    said(&model(&setup, &["pull", &from, "--name", "mine", "--replace", "--json"]).await);
    for name in ["../mine", ".mine", "a/b", ""] {
        assert_refused(&model(&setup, &["pull", &from, "--name", name]).await, "T-0901", "no model");
    }
    assert_eq!(left(&setup), ["mine.gguf"]);
    let hub = setup.start().await;
    let mut body = json!({"model": "builtin/mine", "messages": [{"role": "user", "content": "What is 2 plus 3?"}]});
    (body["temperature"], body["max_tokens"]) = (json!(0), json!(50));
    let answer = post(&hub, "/v1/chat/completions", body.to_string()).send().await;
    assert_eq!(answer.json()["choices"][0]["message"]["content"], "2 plus 3 is 5.", "{}", answer.text());
    let answer = post(&hub, "/v1/messages", body.to_string()).send().await;
    assert_eq!(answer.json()["content"][0]["text"], "2 plus 3 is 5.", "{}", answer.text());
}

async fn what_breaks_off_is_gone_on_with() {
    let setup = Setup::new();
    let server = Provider::start(|asked| part(asked, TINY, 70_000)).await;
    let url = format!("{}/files/mine%20one.gguf?x=1", server.url);
    let pulled = said(&model(&setup, &["pull", &url, "--sha256", &digest(), "--json"]).await);
    assert_eq!(pulled["model"], "builtin/mine-one");
    assert_eq!(pulled["fetched"], TINY.len(), "nothing comes twice");
    assert_eq!(left(&setup), ["mine-one.gguf"]);
    let asked = server.asked();
    assert_eq!(asked.iter().map(start_of).collect::<Vec<_>>(), [0, 70_000, 140_000]);
    assert_eq!(asked[1].header("if-range"), Some("\"one\""));
    assert!(std::fs::read(setup.path("models/mine-one.gguf")).is_ok_and(|file| file == TINY));
}

async fn the_next_command_goes_on_too() {
    let setup = Setup::new();
    let tries = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&tries);
    let server = Provider::start(move |asked| match counted.fetch_add(1, Ordering::SeqCst) {
        0 => part(asked, TINY, 70_000),
        1 => whole(503, "text/plain", &[], "not now"),
        _ => part(asked, TINY, TINY.len()),
    })
    .await;
    let url = format!("{}/mine.gguf", server.url);
    let run = model(&setup, &["pull", &url]).await;
    assert_refused(&run, "T-0919", "503");
    assert!(run.stderr.contains("goes on from there"), "{run:?}");
    assert_eq!(left(&setup), ["mine.gguf.part", "mine.gguf.part.json"]);
    let pulled = said(&model(&setup, &["pull", &url, "--json"]).await);
    assert_eq!(pulled["fetched"], TINY.len() - 70_000);
    assert_eq!(start_of(&server.last()), 70_000);
    assert_eq!(left(&setup), ["mine.gguf"]);
}

async fn a_server_without_ranges_begins_anew() {
    let setup = Setup::new();
    let tries = Arc::new(AtomicUsize::new(0));
    let server = Provider::start(move |_| {
        let mut steps = all(TINY, &[("etag", "\"one\"")]);
        if tries.fetch_add(1, Ordering::SeqCst) == 0 {
            steps.truncate(1);
            steps.extend([Step::Send(TINY[..5_000].to_vec()), Step::Close]);
        }
        steps
    })
    .await;
    let pulled = said(&model(&setup, &["pull", &format!("{}/mine.gguf", server.url), "--json"]).await);
    assert_eq!(pulled["fetched"], TINY.len() + 5_000);
    assert_eq!(start_of(&server.last()), 5_000);
    assert!(std::fs::read(setup.path("models/mine.gguf")).is_ok_and(|file| file == TINY));
}

async fn wrong_bytes_are_thrown_away() {
    let setup = Setup::new();
    let mut wrong = TINY.to_vec();
    *wrong.last_mut().expect("the file has bytes") ^= 1;
    let tag = format!("\"{}\"", digest());
    let server = Provider::start(move |asked| match asked.target.as_str() {
        "/linked.gguf" => all(&wrong, &[("x-linked-etag", &tag)]),
        _ => all(&wrong, &[]),
    })
    .await;
    let url = format!("{}/mine.gguf", server.url);
    assert_refused(&model(&setup, &["pull", &url, "--sha256", &digest()]).await, "T-0919", &digest());
    assert_eq!(left(&setup), [""; 0]);
    let linked = format!("{}/linked.gguf", server.url);
    assert_refused(&model(&setup, &["pull", &linked]).await, "T-0919", &digest());
    let other = "0".repeat(64);
    assert_refused(&model(&setup, &["pull", &linked, "--sha256", &other]).await, "T-0919", "another SHA-256");
    assert_eq!(left(&setup), [""; 0]);
}

async fn what_is_no_model_is_refused() {
    let setup = Setup::new();
    let server = Provider::start(|asked| match asked.target.as_str() {
        "/page.gguf" => whole(200, "text/html", &[], "<html>a page</html>"),
        "/cut.gguf" => all(&TINY[..200], &[]),
        "/zipped.gguf" => all(TINY, &[("content-encoding", "gzip")]),
        "/secret.gguf" => whole(401, "text/plain", &[], "who are you?"),
        _ => whole(404, "text/plain", &[], "nothing"),
    })
    .await;
    let cases = [
        ("page", "T-0918", "no GGUF file"),
        ("cut", "T-0918", ""),
        ("zipped", "T-0919", "compressed"),
        ("secret", "T-0919", "HF_TOKEN"),
        ("none", "T-0919", "no such file"),
    ];
    for (name, code, why) in cases {
        assert_refused(&model(&setup, &["pull", &format!("{}/{name}.gguf", server.url)]).await, code, why);
        assert_eq!(left(&setup), [""; 0], "{name}");
    }
    std::fs::write(setup.path("text.gguf"), "some text").expect("a file");
    assert_refused(&model(&setup, &["pull", &setup.path_text("text.gguf")]).await, "T-0918", "");
    assert_refused(&model(&setup, &["pull", "http://example.com/m.gguf"]).await, "T-0501", "not encrypted");
    assert_eq!(left(&setup), [""; 0]);
}

async fn what_is_too_large_is_refused() {
    let setup = Setup::new();
    let server = Provider::start(|asked| match asked.target.as_str() {
        "/announced.gguf" => all(TINY, &[]),
        _ => vec![head(200, &[("connection", "close")]), Step::Send(TINY.to_vec()), Step::Close],
    })
    .await;
    for name in ["announced", "silent"] {
        let run = model(&setup, &["pull", &format!("{}/{name}.gguf", server.url), "--limit", "100KiB"]).await;
        assert_refused(&run, "T-0919", "--limit");
        assert_eq!(left(&setup), [""; 0], "{name}");
    }
}

/// A hub with one repository, whose files are at `elsewhere`.
fn of_hub(asked: &Asked, elsewhere: &str) -> Vec<Step> {
    let (tag, size) = (format!("\"{}\"", digest()), TINY.len().to_string());
    match asked.target.as_str() {
        "/api/models/owner/repo/tree/main?recursive=true" => {
            let file = |path: &str| json!({"type": "file", "path": path, "size": TINY.len(), "lfs": {"oid": digest(), "size": TINY.len()}});
            json(
                &json!([file("m-Q8_0.gguf"), file("m-Q4_K_M.gguf"), {"type": "file", "path": "README.md", "size": 3}])
                    .to_string(),
            )
        }
        "/owner/repo/resolve/main/m-Q4_K_M.gguf" | "/owner/repo/resolve/main/m-Q8_0.gguf" => {
            let to = format!("{elsewhere}/blob?signature=1");
            let headers = [("location", to.as_str()), ("x-linked-etag", &tag), ("x-linked-size", &size)];
            whole(302, "text/plain", &headers, "")
        }
        "/owner/repo/resolve/main/loop.gguf" => {
            whole(302, "text/plain", &[("location", "/owner/repo/resolve/main/loop.gguf")], "")
        }
        "/owner/repo/resolve/main/away.gguf" => {
            whole(302, "text/plain", &[("location", "http://198.51.100.7/m.gguf")], "")
        }
        _ => whole(404, "text/plain", &[], ""),
    }
}

async fn hubs_lead_to_files_and_not_in_circles() {
    let setup = Setup::new();
    let store = Provider::start(|asked| part(asked, TINY, 100_000)).await;
    let elsewhere = store.url.clone();
    let hub = Provider::start(move |asked| of_hub(asked, &elsewhere)).await;
    for (source, name) in [("owner/repo", "m-Q4_K_M"), ("owner/repo:q8_0", "m-Q8_0")] {
        let pulled = said(&model(&setup, &["pull", source, "--hub", &hub.url, "--json"]).await);
        assert_eq!((&pulled["name"], &pulled["sha256"]), (&json!(name), &json!(digest())));
    }
    let words = ["pull", "hf:owner/repo/m-Q8_0.gguf", "--name", "again", "--hub", &hub.url, "--json"];
    said(&model(&setup, &words).await);
    let all = ["again.gguf", "m-Q4_K_M.gguf", "m-Q8_0.gguf"];
    assert_eq!(left(&setup), all);
    let cases = [
        ("owner/repo/loop.gguf", "on and on"),
        ("owner/repo/away.gguf", "not encrypted"),
        ("owner/repo:Q5_K_M", "m-Q8_0.gguf"),
        ("owner/none", "no such file"),
    ];
    for (source, why) in cases {
        assert_refused(&model(&setup, &["pull", source, "--hub", &hub.url]).await, "T-0919", why);
        assert_eq!(left(&setup), all, "{source}");
    }
}

async fn nobody_but_the_hub_sees_the_credential() {
    let setup = Setup::new().environment("HF_TOKEN", "hf_secret");
    let store = Provider::start(|asked| part(asked, TINY, TINY.len())).await;
    let elsewhere = store.url.clone();
    let hub = Provider::start(move |asked| of_hub(asked, &elsewhere)).await;
    said(&model(&setup, &["pull", "owner/repo", "--hub", &hub.url, "--json"]).await);
    assert!(hub.asked().iter().all(|asked| asked.header("authorization") == Some("Bearer hf_secret")));
    assert!(store.asked().iter().all(|asked| asked.header("authorization").is_none()));
    said(&model(&setup, &["pull", &format!("{}/mine.gguf", store.url), "--hub", &hub.url, "--json"]).await);
    assert!(store.asked().iter().all(|asked| asked.header("authorization").is_none()));
}

async fn files_are_removed_and_described() {
    let setup = Setup::new();
    let from = setup.path_text("from.gguf");
    std::fs::write(Path::new(&from), TINY).expect("a file");
    said(&model(&setup, &["pull", &from, "--name", "mine", "--json"]).await);
    let listed = said(&model(&setup, &["list", "--json"]).await);
    let expected = json!([{"name": "mine", "model": "builtin/mine", "bytes": TINY.len(), "context": 256}]);
    assert_eq!(listed["files"], expected, "{listed}");
    let lines = model(&setup, &["list"]).await;
    assert!(lines.stdout.contains("builtin/mine"), "{lines:?}");
    for name in ["builtin/mine", "builtin/tiny"] {
        let described = said(&model(&setup, &["describe", name, "--json"]).await);
        assert_eq!(described["context"]["identification"]["family"]["value"], "llama", "{described}");
    }
    assert_refused(&model(&setup, &["describe", "builtin/none"]).await, "T-0901", "none.gguf");
    assert_refused(&model(&setup, &["remove", "mine"]).await, "T-0501", "--yes");
    assert_refused(&model(&setup, &["remove", "../mine", "--yes"]).await, "T-0901", "no model");
    assert_eq!(said(&model(&setup, &["remove", "builtin/mine", "--yes", "--json"]).await)["removed"], true);
    assert_eq!(left(&setup), [""; 0]);
    assert_refused(&model(&setup, &["remove", "mine", "--yes"]).await, "T-0901", "no model file");
}
