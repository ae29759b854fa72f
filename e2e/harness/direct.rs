//! The faulty upstream without a hub in front of it: over its pipes, or over HTTP.

use super::check::within;
use serde_json::{Value, json};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

fn command(flags: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this executable has a path"));
    command.arg("--upstream").args(flags).env_clear().env("FIXTURE_VARIABLE", "its value");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// The upstream over standard input and output, message by message.
pub(crate) struct Direct {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Direct {
    pub(crate) fn start(flags: &[&str]) -> Self {
        let mut child = command(flags).spawn().expect("this executable can be started");
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("its output is a pipe"));
        Self { child, input, output }
    }

    /// Starts it and shakes hands.
    pub(crate) async fn legacy(flags: &[&str]) -> Self {
        let mut direct = Self::start(flags);
        direct.shake_hands().await.get("result").expect("initialize has a result");
        direct
    }

    pub(crate) async fn shake_hands(&mut self) -> Value {
        let params =
            json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "e", "version": "1"}});
        let answer = self.request(0, "initialize", params).await;
        self.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).await;
        answer
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id().expect("it has not been waited for")
    }

    pub(crate) async fn send(&mut self, message: &Value) {
        self.send_raw(message.to_string().as_bytes()).await;
    }

    pub(crate) async fn send_raw(&mut self, line: &[u8]) {
        let input = self.input.as_mut().expect("its input is open");
        let written = async { input.write_all(&[line, b"\n"].concat()).await.and(input.flush().await) };
        within("the upstream to read", written).await.expect("the upstream reads");
    }

    /// The next line without its end; nothing when there are no more.
    pub(crate) async fn line(&mut self) -> Option<Vec<u8>> {
        let mut line = Vec::new();
        let read = self.output.read_until(b'\n', &mut line);
        within("a line of the upstream", read).await.expect("its output can be read");
        (!line.is_empty()).then(|| line.trim_ascii_end().to_vec())
    }

    /// The next line if it comes within `patience`, to show that none comes.
    pub(crate) async fn try_line(&mut self, patience: Duration) -> Option<Vec<u8>> {
        let mut line = Vec::new();
        let read = self.output.read_until(b'\n', &mut line);
        tokio::time::timeout(patience, read).await.ok().map(|_| line)
    }

    pub(crate) async fn message(&mut self) -> Value {
        let line = self.line().await.expect("the upstream writes a message");
        serde_json::from_slice(&line)
            .unwrap_or_else(|error| panic!("not JSON ({error}): {}", String::from_utf8_lossy(&line)))
    }

    pub(crate) async fn request(&mut self, id: i64, method: &str, params: Value) -> Value {
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})).await;
        self.message().await
    }

    /// A request with what the modern era wants in it.
    pub(crate) async fn modern(&mut self, id: i64, method: &str, params: Value) -> Value {
        let client = super::Client::modern("http://nowhere/");
        self.send(&client.message(&json!(id), method, params)).await;
        self.message().await
    }

    pub(crate) async fn call(&mut self, id: i64, tool: &str, arguments: Value) -> Value {
        self.request(id, "tools/call", json!({"name": tool, "arguments": arguments})).await
    }

    /// Closes its input.
    pub(crate) fn close_input(&mut self) {
        self.input = None;
    }

    /// Waits for its end.
    pub(crate) async fn wait(&mut self) -> ExitStatus {
        within("the end of the upstream", self.child.wait()).await.expect("it can be waited for")
    }

    /// Waits for its end; gives what it wrote to standard error too.
    pub(crate) async fn end(&mut self) -> (ExitStatus, String) {
        let status = self.wait().await;
        let mut errors = String::new();
        if let Some(mut pipe) = self.child.stderr.take() {
            within("its standard error", pipe.read_to_string(&mut errors)).await.expect("it wrote text");
        }
        (status, errors)
    }
}

/// The upstream over HTTP. It is killed when this is dropped.
pub(crate) struct HttpUpstream {
    child: Child,
    pub(crate) url: String,
}

impl HttpUpstream {
    pub(crate) async fn start(flags: &[&str]) -> Self {
        Self::over(&["--http"], flags).await
    }

    /// Starts it on the transport that the first flags name.
    pub(crate) async fn over(transport: &[&str], flags: &[&str]) -> Self {
        let all = [transport, flags].concat();
        let mut child = command(&all).stderr(Stdio::inherit()).spawn().expect("this executable can be started");
        let mut output = BufReader::new(child.stdout.take().expect("its output is a pipe"));
        let mut url = String::new();
        within("the address of the upstream", output.read_line(&mut url)).await.expect("it writes its address");
        Self { child, url: url.trim().to_owned() }
    }

    /// Ends it at once; its port is free afterwards.
    pub(crate) async fn kill(&mut self) {
        within("the end of the upstream", self.child.kill()).await.expect("it can be killed");
    }
}
