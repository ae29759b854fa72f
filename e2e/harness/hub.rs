//! The real binary: as a hub that serves, and as a command that ends.

use super::check::{eventually, within};
use super::client::{Client, Era, LATEST_LEGACY};
use super::http::{Answer, Http};
use super::processes::{self, send_signal};
use super::reply::Reply;
use super::setup::{Setup, read_record};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The binary under test.
fn binary() -> PathBuf {
    let built = option_env!("CARGO_BIN_EXE_tutti").map(PathBuf::from);
    std::env::var_os("TUTTI_BINARY").map(PathBuf::from).or(built).expect(
        "the binary under test: declare this test in the package of the binary, or set TUTTI_BINARY to its path",
    )
}

/// A running hub. Dropping it ends it and all its upstreams.
pub(crate) struct Hub {
    child: Child,
    /// `http://127.0.0.1:PORT/mcp`.
    pub(crate) url: String,
    /// The first line of standard output.
    pub(crate) greeting: Value,
    pub(crate) setup: Setup,
    stderr: Arc<Mutex<String>>,
}

impl Hub {
    pub(crate) async fn start(setup: Setup) -> Self {
        setup.write_config();
        let mut command = Command::new(binary());
        command
            .args(["up", "--listen", "127.0.0.1:0", "--json", "--config"])
            .arg(setup.config_path())
            .args(&setup.words);
        command.env_clear().envs(&setup.environment).current_dir(setup.folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary can be started");
        let stderr = Arc::new(Mutex::new(String::new()));
        let errors = child.stderr.take().expect("its standard error is a pipe");
        let collected = Arc::clone(&stderr);
        std::thread::spawn(move || collect(errors, &collected));
        let lines = first_line(child.stdout.take().expect("its standard output is a pipe"));
        // The hub is made before the wait, so that it is ended when the wait fails.
        let mut hub = Self { child, url: String::new(), greeting: Value::Null, setup, stderr };
        let line = eventually("the hub says where it listens", || {
            let line = lines.try_recv().map_err(|error| error.to_string());
            assert!(line.is_ok() || hub.is_running(), "the hub ended before it listened:\n{}", hub.stderr());
            async { line }
        })
        .await;
        hub.greeting = serde_json::from_str(&line).unwrap_or_else(|error| panic!("not JSON ({error}): {line}"));
        let url = hub.greeting["url"].as_str();
        hub.url = url.unwrap_or_else(|| panic!("the first line has `url`: {line}")).to_owned();
        hub
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The address of another path.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url.strip_suffix("/mcp").expect("the address of the hub ends with /mcp"))
    }

    fn key(&self) -> Option<&str> {
        self.setup.config["key"].as_str()
    }

    /// A client that has not said anything yet; it knows the key of the hub.
    pub(crate) fn bare(&self, era: Era) -> Client {
        let client = Client::bare(era, &self.url);
        match self.key() {
            Some(key) => client.with_header("authorization", &format!("Bearer {key}")),
            None => client,
        }
    }

    /// A legacy client with a session.
    pub(crate) async fn client(&self) -> Client {
        self.client_of(Era::Legacy).await
    }

    pub(crate) fn modern(&self) -> Client {
        self.bare(Era::Modern)
    }

    pub(crate) async fn client_of(&self, era: Era) -> Client {
        match era {
            Era::Legacy => self.bare(era).shake_hands(LATEST_LEGACY).await,
            Era::Modern => self.bare(era),
        }
    }

    /// A call of a modern client.
    pub(crate) async fn call(&self, tool: &str, arguments: Value) -> Reply {
        self.modern().call(tool, arguments).await
    }

    /// The healthy upstream answers.
    pub(crate) async fn assert_good(&self) {
        let reply = self.call("good__add", json!({"a": 2, "b": 3})).await;
        assert_eq!(reply.structured()["sum"], 5.0, "the healthy upstream answers: {}", reply.raw);
    }

    /// What the hub says of its servers.
    pub(crate) async fn servers(&self) -> Vec<Value> {
        let mut request = Http::new("GET", &self.at("/api/v1/servers"));
        if let Some(key) = self.key() {
            request = request.header("authorization", &format!("Bearer {key}"));
        }
        let answer: Answer = request.send().await;
        let servers = answer.json()["servers"].as_array().cloned();
        servers.unwrap_or_else(|| panic!("the hub lists its servers, status {}: {}", answer.status, answer.text()))
    }

    pub(crate) async fn server(&self, name: &str) -> Value {
        let servers = self.servers().await;
        find(&servers, name).unwrap_or_else(|| panic!("the server {name} is listed: {servers:?}"))
    }

    /// Waits until the list of servers is as wanted.
    pub(crate) async fn wait_until(&self, what: &str, is_so: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        eventually(what, || async {
            let servers = self.servers().await;
            if is_so(&servers) { Ok(servers) } else { Err(Value::from(servers).to_string()) }
        })
        .await
    }

    /// Waits until one server is as wanted.
    pub(crate) async fn wait_for(&self, name: &str, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let servers = self.wait_until(what, |servers| find(servers, name).is_some_and(|server| is_so(&server))).await;
        find(&servers, name).expect("it was found a moment ago")
    }

    /// Waits until the tool is listed.
    pub(crate) async fn wait_for_tool(&self, tool: &str) {
        let what = format!("the tool {tool} is listed");
        let client = self.modern();
        eventually(&what, || async {
            let names = client.tool_names().await;
            if names.iter().any(|name| name == tool) { Ok(()) } else { Err(names.join(" ")) }
        })
        .await;
    }

    /// Ends the hub as an operator would and gives back what it was started with.
    pub(crate) async fn stop(self) -> Setup {
        self.signal(Signal::TERM);
        self.stopped().await
    }

    /// As [`Hub::stop`], for a hub that has been told already: a second signal would not wait for what is under way.
    pub(crate) async fn stopped(mut self) -> Setup {
        let status = self.end().await;
        assert_eq!(status.code(), Some(0), "SIGTERM ends the hub well");
        std::mem::replace(&mut self.setup, Setup::new())
    }

    /// Calls until the upstream is no longer backing off; any other answer is the caller's.
    pub(crate) async fn call_after_backoff(&self, tool: &str, arguments: Value) -> Reply {
        eventually("the upstream is tried again", || async {
            let reply = self.call(tool, arguments.clone()).await;
            if reply.code() == Some("T-0207") { Err(reply.raw) } else { Ok(reply) }
        })
        .await
    }

    /// What the upstream `name` received, in order.
    pub(crate) fn recorded(&self, name: &str) -> Vec<Value> {
        read_record(&self.setup.record(name))
    }

    /// The messages with this method that the upstream `name` received.
    pub(crate) fn recorded_method(&self, name: &str, method: &str) -> Vec<Value> {
        let all = self.recorded(name).into_iter();
        all.map(|entry| entry["message"].clone()).filter(|message| message["method"] == method).collect()
    }

    /// Waits until the upstream `name` has received a message with this method.
    pub(crate) async fn wait_for_record(&self, name: &str, method: &str) {
        eventually(&format!("{name} receives {method}"), || async {
            let all = self.recorded(name);
            let seen = all.iter().any(|entry| entry["message"]["method"] == method);
            if seen { Ok(()) } else { Err(Value::from(all).to_string()) }
        })
        .await;
    }

    /// Changes the configuration file.
    pub(crate) fn reconfigure(&mut self, change: impl FnOnce(&mut Value)) {
        change(&mut self.setup.config);
        self.setup.write_config();
    }

    pub(crate) fn signal(&self, signal: Signal) {
        send_signal(self.pid(), signal);
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_none())
    }

    /// Waits for the end of the hub.
    pub(crate) async fn end(&mut self) -> ExitStatus {
        let child = &mut self.child;
        eventually("the hub ends", || {
            let status = child.try_wait().map_err(|error| error.to_string());
            async { status?.ok_or_else(|| "it runs".to_owned()) }
        })
        .await
    }

    /// What the hub has written to standard error so far.
    pub(crate) fn stderr(&self) -> String {
        self.stderr.lock().expect("no holder of this lock panics").clone()
    }

    pub(crate) fn resident_bytes(&self) -> u64 {
        processes::resident_bytes(self.pid())
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- standard error of the hub in {}:\n{}---", self.setup.folder.path().display(), self.stderr());
            eprintln!("{}", self.setup.last_received());
        }
        if self.is_running() {
            send_signal(self.pid(), Signal::TERM);
        }
        let patience = Instant::now() + Duration::from_secs(5);
        while self.is_running() {
            if Instant::now() > patience {
                let _ = self.child.kill();
                let _ = self.child.wait();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        processes::sweep(&self.setup.marker_of_all());
    }
}

fn find(servers: &[Value], name: &str) -> Option<Value> {
    servers.iter().find(|server| server["name"] == name).cloned()
}

/// Sends the first line, then reads on so that the hub never waits for a reader.
fn first_line(output: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    receiver
}

fn collect(errors: impl Read, collected: &Mutex<String>) {
    for line in BufReader::new(errors).split(b'\n').map_while(Result::ok) {
        let mut text = collected.lock().expect("no holder of this lock panics");
        text.push_str(&String::from_utf8_lossy(&line));
        text.push('\n');
    }
}

/// How a command ended and what it wrote.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the binary to its end, with no environment but `PATH` and what is given.
pub(crate) async fn tutti(arguments: &[&str], environment: &[(&str, &str)]) -> Run {
    let mut command = tokio::process::Command::new(binary());
    command.args(arguments).env_clear().env("PATH", std::env::var("PATH").expect("there is a PATH"));
    command.envs(environment.iter().copied()).stdin(Stdio::null()).kill_on_drop(true);
    let output = within(&format!("the end of tutti {arguments:?}"), command.output()).await;
    let output = output.expect("the binary can be started");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Run { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
}
