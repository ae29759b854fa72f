//! What is measured: a process that stands in front of the mock provider, and how its clients ask it.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use tokio::process::Command;

use super::{
    Case, MODEL, ROUTE,
    load::{Asker, Plan},
};
use crate::{cpu, target::Target};

/// All targets, in their usual order.
pub const ALL: [&str; 5] = ["direct", "nginx", "bare", "tutti", "litellm"];

/// LiteLLM needs half a minute to import on a busy machine; everybody else needs milliseconds.
const START_LIMIT: Duration = Duration::from_secs(120);
/// How often a target that starts is asked.
const RETRY_AFTER: Duration = Duration::from_millis(1);
/// After this a target that has started is at rest.
const REST: Duration = Duration::from_millis(500);

/// Where everything is.
pub struct Programs {
    /// The mock provider and the bare proxy.
    pub binaries: PathBuf,
    pub tutti: Option<PathBuf>,
    pub nginx: Option<PathBuf>,
    /// A Python that has LiteLLM.
    pub python: Option<PathBuf>,
    /// Logs, configurations and states; deleted at the end.
    pub scratch: tempfile::TempDir,
    /// The credential of clients.
    pub key: String,
}

/// A target that answers.
pub struct Running {
    pub target: Target,
    /// From its start until the first model has answered.
    pub first_answer: Duration,
    /// Bytes of memory at rest.
    pub rest: u64,
    model: &'static str,
    key: String,
}

impl Programs {
    /// Whether what `name` needs is there.
    pub fn has(&self, name: &str) -> bool {
        match name {
            "nginx" => self.nginx.is_some(),
            "tutti" => self.tutti.is_some(),
            "litellm" => self.python.is_some(),
            _ => true,
        }
    }

    pub async fn mock(&self) -> Result<Target> {
        Target::start("mock-provider", "", Command::new(self.binaries.join("mock-provider")), self.scratch.path()).await
    }

    /// Starts `name` in front of `mock` and waits for its first answer.
    pub async fn start(&self, name: &str, mock: &Target) -> Result<Running> {
        let (key, plain) = (self.key.clone(), String::from("no-key"));
        let (model, key, command) = match name {
            "direct" => {
                let (first_answer, rest) = (Duration::ZERO, cpu::resident_of_tree(mock.pid)?);
                return Ok(Running { target: mock.alias(name), first_answer, rest, model: MODEL, key: plain });
            }
            "nginx" => (MODEL, plain, self.nginx(mock)?),
            "bare" => {
                let mut command = Command::new(self.binaries.join("bare-model-proxy"));
                command.args(["--upstream", &mock.url]);
                (ROUTE, plain, command)
            }
            "tutti" => (ROUTE, key, self.tutti(mock)?),
            "litellm" => (ROUTE, key, self.litellm(mock)?),
            _ => bail!("no target is called {name}; there are {}", ALL.join(", ")),
        };
        let start = Instant::now();
        let mut target = Target::start(name, "", command, self.scratch.path()).await?;
        target.url = format!("{}/v1/chat/completions", origin(&target.url)?);
        let mut running = Running { target, first_answer: Duration::ZERO, rest: 0, model, key };
        self.wait(&running, start).await?;
        running.first_answer = start.elapsed();
        tokio::time::sleep(REST).await;
        running.rest = cpu::resident_of_tree(running.target.pid)?;
        Ok(running)
    }

    async fn wait(&self, running: &Running, start: Instant) -> Result<()> {
        let plan = running.plan(Case::Json, 1, (1, 0));
        loop {
            let attempt = async { Asker::open(&plan).await?.ask().await };
            let Err(error) = attempt.await else { return Ok(()) };
            if start.elapsed() > START_LIMIT {
                let log = self.scratch.path().join(format!("{}.log", running.target.name));
                let said = fs::read_to_string(log).unwrap_or_default();
                bail!("{} does not answer: {error:#}\non stderr it said:\n{said}", running.target.name);
            }
            tokio::time::sleep(RETRY_AFTER).await;
        }
    }

    /// One process that does all: its worker, without the master that would only wait beside it.
    fn nginx(&self, mock: &Target) -> Result<Command> {
        let program = self.nginx.as_ref().context("nginx needs --nginx PATH")?;
        let (folder, port) = (self.folder("nginx")?, free_port()?);
        let provider = origin(&mock.url)?.trim_start_matches("http://").to_owned();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("  {name}_temp_path {}/{name};\n", folder.display()))
            .concat();
        let config = format!(
            "daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log stderr warn;\n\
             events {{ worker_connections 4096; }}\n\
             http {{\n  access_log off;\n  tcp_nodelay on;\n  keepalive_requests 100000000;\n{temporary}\
             \x20 upstream mock {{ server {provider}; keepalive 512; keepalive_requests 100000000; }}\n\
             \x20 server {{\n    listen 127.0.0.1:{port};\n    location / {{\n      proxy_pass http://mock;\n\
             \x20     proxy_http_version 1.1;\n      proxy_set_header Connection \"\";\n      proxy_buffering off;\n\
             \x20   }}\n  }}\n}}\n",
            folder = folder.display(),
        );
        let path = write(&folder, "nginx.conf", &config)?;
        let words = ["-e", "stderr", "-p"].map(Into::into).into_iter();
        let words = words.chain([folder.into_os_string(), "-c".into(), path.into_os_string()]);
        Ok(announced(port, program, words))
    }

    /// The hub with a key and its budget, a route of two deployments that cost something, and its log as it is.
    fn tutti(&self, mock: &Target) -> Result<Command> {
        let program = self.tutti.as_ref().context("tutti needs --tutti PATH")?;
        let folder = self.folder("tutti")?;
        // What is near costs nothing unless it is said not to be.
        let provider = format!("{{ kind: openai-compatible, url: {}/v1, local: false }}", origin(&mock.url)?);
        let deployment = "{ price: { input: 1, output: 2 } }";
        let config = format!(
            "keys:\n  bench: {{ key: {key}, budget: $1000000/month }}\n\
             models:\n  providers:\n    first: {provider}\n    second: {provider}\n  \
             deployments:\n    first/{MODEL}: {deployment}\n    second/{MODEL}: {deployment}\n  \
             routes:\n    {ROUTE}: {{ use: [first/{MODEL}, second/{MODEL}] }}\n",
            key = self.key,
        );
        let path = write(&folder, "tutti.yaml", &config)?;
        let mut command = Command::new(program);
        command.args(["up", "--listen", "127.0.0.1:0", "--json", "--config"]).arg(path);
        // As every other target has: what several workers cost each other is the machine's affair.
        command.env("TOKIO_WORKER_THREADS", "1");
        command.env("TUTTI_HOME", folder.join("home")).current_dir(folder);
        Ok(command)
    }

    /// One worker, no database, nothing that is called back, nothing tried twice.
    fn litellm(&self, mock: &Target) -> Result<Command> {
        let python = self.python.as_ref().context("litellm needs --python PATH")?;
        let (folder, port) = (self.folder("litellm")?, free_port()?);
        let config = format!(
            "model_list:\n  - model_name: {ROUTE}\n    litellm_params:\n      model: openai/{MODEL}\n      \
             api_base: {}/v1\n      api_key: {key}\n\
             litellm_settings: {{ num_retries: 0, telemetry: false, callbacks: [] }}\n\
             general_settings: {{ master_key: {key} }}\n",
            origin(&mock.url)?,
            key = self.key,
        );
        let path = write(&folder, "litellm.yaml", &config)?;
        let port_text = port.to_string();
        let words =
            ["--host", "127.0.0.1", "--num_workers", "1", "--telemetry", "False", "--port", &port_text, "--config"];
        let words = words.map(Into::into).into_iter().chain([path.into_os_string()]);
        let mut command = announced(port, &python.with_file_name("litellm"), words);
        command.envs([
            ("LITELLM_LOCAL_MODEL_COST_MAP", "True"),
            ("LITELLM_MODE", "PRODUCTION"),
            ("LITELLM_LOG", "ERROR"),
            ("NO_PROXY", "127.0.0.1"),
            ("no_proxy", "127.0.0.1"),
        ]);
        command.current_dir(folder);
        Ok(command)
    }

    /// A folder of its own for a start: the second start of a target finds nothing of the first.
    fn folder(&self, name: &str) -> Result<PathBuf> {
        let folder = tempfile::Builder::new().prefix(name).tempdir_in(self.scratch.path());
        Ok(folder.context("cannot make a folder for a target")?.keep())
    }
}

impl Running {
    /// What its clients do.
    pub fn plan(&self, case: Case, clients: usize, (requests, warm_up): (usize, usize)) -> Plan {
        let (url, key, model) = (self.target.url.clone(), self.key.clone(), self.model.to_owned());
        Plan { url, key, model, case, clients, requests, warm_up }
    }
}

/// A program that says nothing of its address: a shell says it and becomes the program.
fn announced(port: u16, program: &Path, words: impl Iterator<Item = std::ffi::OsString>) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!(r#"echo '{{"url":"http://127.0.0.1:{port}/"}}'; exec "$0" "$@""#)]);
    command.arg(program).args(words);
    command
}

/// A port that is free now. Nobody keeps it: who starts at it fails aloud if another was faster.
fn free_port() -> Result<u16> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").context("no port is free")?;
    Ok(listener.local_addr().context("a port has no number")?.port())
}

fn write(folder: &Path, name: &str, text: &str) -> Result<PathBuf> {
    let path = folder.join(name);
    fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}

/// `http://host:port` of an address.
fn origin(url: &str) -> Result<&str> {
    let rest = url.strip_prefix("http://").with_context(|| format!("{url} is no http:// address"))?;
    let host = rest.split('/').next().unwrap_or_default();
    Ok(&url[.."http://".len() + host.len()])
}

#[cfg(test)]
mod tests {
    use super::origin;

    #[test]
    fn an_origin_has_no_path() {
        assert_eq!(origin("http://127.0.0.1:80/mcp/x").unwrap(), "http://127.0.0.1:80");
        assert_eq!(origin("http://127.0.0.1:80").unwrap(), "http://127.0.0.1:80");
        assert!(origin("127.0.0.1:80").is_err());
    }
}
