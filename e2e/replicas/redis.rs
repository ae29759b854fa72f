//! A real Redis for one test. `cargo xtask test` finds or fetches the program and says where it is; without that the tests
//! of it are ignored.

use crate::harness::{eventually, send_signal};
use rustix::process::Signal;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// The variable that says where the program is.
const PROGRAM: &str = "TUTTI_E2E_REDIS";

/// The variable with the folder of the libraries that it needs, where the system has them not.
const LIBRARIES: &str = "TUTTI_E2E_REDIS_LIBRARIES";

/// Whether there is none.
pub(super) fn is_missing() -> bool {
    std::env::var_os(PROGRAM).is_none()
}

/// A Redis on a Unix socket, which keeps nothing on disk. Dropping it ends it.
pub(super) struct Redis {
    folder: TempDir,
    words: Vec<String>,
    child: Child,
}

impl Redis {
    pub(super) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// As [`Redis::start`], with more words of its command line.
    pub(super) async fn start_with(words: &[&str]) -> Self {
        let folder = tempfile::Builder::new().prefix("tutti-redis-").tempdir().expect("a folder can be made");
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let child = spawn(&folder, &words);
        let redis = Self { folder, words, child };
        redis.is_there().await;
        redis
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.folder.path().join("redis.sock")
    }

    pub(super) fn url(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    async fn is_there(&self) {
        eventually("the redis listens", || async {
            UnixStream::connect(self.socket()).map(drop).map_err(|error| error.to_string())
        })
        .await;
    }

    pub(super) fn signal(&self, signal: Signal) {
        send_signal(self.child.id(), signal);
    }

    /// Ends it as a crash does: what it held is gone.
    pub(super) fn kill(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
        let _ = std::fs::remove_file(self.socket());
    }

    /// Starts it again after [`Redis::kill`].
    pub(super) async fn again(&mut self) {
        self.child = spawn(&self.folder, &self.words);
        self.is_there().await;
    }

    /// What it answers to one command, line by line and without the framing.
    pub(super) fn ask(&self, words: &[&str]) -> Vec<String> {
        let mut stream = UnixStream::connect(self.socket()).expect("it listens");
        for words in [words, &["QUIT"]] {
            write!(stream, "*{}\r\n", words.len()).expect("it reads");
            words.iter().for_each(|word| write!(stream, "${}\r\n{word}\r\n", word.len()).expect("it reads"));
        }
        let mut said = Vec::new();
        stream.read_to_end(&mut said).expect("it answers");
        let said = String::from_utf8_lossy(&said);
        let said = said.strip_suffix("+OK\r\n").unwrap_or_else(|| panic!("it says good-bye: {said}"));
        said.lines().filter(|line| !line.starts_with(['*', '$'])).map(str::to_owned).collect()
    }

    /// The names of all that it holds.
    pub(super) fn names(&self) -> Vec<String> {
        self.ask(&["KEYS", "*"])
    }
}

fn spawn(folder: &TempDir, words: &[String]) -> Child {
    let mut command = Command::new(std::env::var_os(PROGRAM).expect("it names a program"));
    if let Some(libraries) = std::env::var_os(LIBRARIES) {
        command.env("LD_LIBRARY_PATH", libraries);
    }
    // No port: what a test reaches over TCP goes through a port of its own.
    command.args(["--port", "0", "--save", "", "--appendonly", "no", "--daemonize", "no", "--loglevel", "warning"]);
    command.arg("--dir").arg(folder.path()).arg("--unixsocket").arg(folder.path().join("redis.sock")).args(words);
    command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("it can be started")
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
