//! A child process that serves MCP: started, found by the address that it prints, and killed when dropped.

use std::{
    fs::File,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use serde::Deserialize;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, ChildStdout, Command},
};

use crate::session::{Era, Session};

/// Python peers need seconds to import; everybody else needs milliseconds.
const START_LIMIT: Duration = Duration::from_secs(90);
const END_LIMIT: Duration = Duration::from_secs(2);
const RETRY_AFTER: Duration = Duration::from_millis(100);

pub struct Target {
    pub name: String,
    pub url: String,
    /// What the target calls the upstream's `echo`.
    pub tool: String,
    pub pid: u32,
    /// The process, unless it is another target's: `direct` is the upstream itself.
    child: Option<Child>,
}

#[derive(Deserialize)]
struct Announcement {
    url: String,
}

impl Target {
    /// Starts `command` and waits for its address. What it says on stderr goes to a file in `logs`.
    pub async fn start(name: &str, tool: &str, command: Command, logs: &Path) -> Result<Self> {
        Self::start_with_input(name, tool, command, logs, Stdio::null()).await
    }

    /// The same, with something else as standard input: a pipe ends when this process does, however it does.
    pub async fn start_with_input(
        name: &str,
        tool: &str,
        mut command: Command,
        logs: &Path,
        input: Stdio,
    ) -> Result<Self> {
        let log = logs.join(format!("{name}.log"));
        let file = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        command.stdin(input).stdout(Stdio::piped()).stderr(file);
        command.process_group(0);
        let program = command.as_std().get_program().to_owned();
        let mut child = command.spawn().with_context(|| format!("cannot start {name}, {}", program.display()))?;
        let stdout = child.stdout.take().with_context(|| format!("{name} has no stdout"))?;
        let pid = child.id().with_context(|| format!("{name} ended at once"))?;
        // Made before the address is known, so that a target that fails from here on is killed as well.
        let mut target =
            Self { name: name.to_owned(), url: String::new(), tool: tool.to_owned(), pid, child: Some(child) };
        let url = match tokio::time::timeout(START_LIMIT, address(stdout)).await {
            Ok(url) => url,
            Err(_) => Err(anyhow!("no address on stdout within {} s", START_LIMIT.as_secs())),
        };
        target.url = url.with_context(|| format!("{name} did not start; on stderr it said:\n{}", tail(&log)))?;
        Ok(target)
    }

    /// The same process under another name, to be measured without a proxy in front.
    pub fn alias(&self, name: &str) -> Self {
        let Self { url, tool, pid, .. } = self;
        Self { name: name.to_owned(), url: url.clone(), tool: tool.clone(), pid: *pid, child: None }
    }

    /// Waits until it has ended by itself; whether it did within `limit`.
    pub async fn ended(&mut self, limit: Duration) -> bool {
        let Some(child) = &mut self.child else { return true };
        let ended = tokio::time::timeout(limit, child.wait()).await.is_ok();
        if ended {
            self.child = None;
        }
        ended
    }

    /// Waits until a call through the target works: an address may be printed before the port listens.
    pub async fn wait_until_ready(&self, era: Era, logs: &Path) -> Result<()> {
        let start = Instant::now();
        loop {
            let attempt = async { Session::open(&self.url, era, &self.tool).await?.echo("ready?").await };
            let error = match tokio::time::timeout(START_LIMIT, attempt).await {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(error)) => error,
                Err(_) => anyhow!("no answer"),
            };
            if start.elapsed() > START_LIMIT {
                let said = tail(&logs.join(format!("{}.log", self.name)));
                bail!("{} at {} does not answer a call: {error:#}\non stderr it said:\n{said}", self.name, self.url);
            }
            tokio::time::sleep(RETRY_AFTER).await;
        }
    }
}

impl Drop for Target {
    /// Kills what was started, however the run ends, and waits for it: a process nobody waits for stays as a zombie.
    fn drop(&mut self) {
        let Some(child) = &mut self.child else { return };
        // The child leads a group of its own, so that a wrapper script does not leave the real server behind.
        let group = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        if let Some(Err(error)) = group.map(|group| kill_process_group(group, Signal::KILL)) {
            eprintln!("cannot kill {} (process {}): {error}", self.name, self.pid);
        }
        let deadline = Instant::now() + END_LIMIT;
        while matches!(child.try_wait(), Ok(None)) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

async fn address(stdout: ChildStdout) -> Result<String> {
    let mut lines = BufReader::new(stdout).lines();
    let line = lines.next_line().await.context("cannot read its stdout")?.context("it ended without an address")?;
    let announcement: Announcement = serde_json::from_str(&line)
        .with_context(|| format!("its first line is not a JSON object with `url`: {line}"))?;
    // Someone has to read on, or a target that logs to stdout stops when the pipe is full.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Ok(announcement.url)
}

fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    if lines.is_empty() {
        return "(nothing)".to_owned();
    }
    lines[lines.len().saturating_sub(20)..].join("\n")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use tokio::process::Command;

    use super::Target;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[tokio::test]
    async fn the_address_is_the_first_line_and_the_rest_is_read_away() {
        let logs = tempfile::tempdir().unwrap();
        let script = r#"echo '{"url":"http://127.0.0.1:1/mcp","other":1}'; yes | head -c 300000; sleep 60"#;
        let target = Target::start("shell", "echo", shell(script), logs.path()).await.unwrap();
        assert_eq!(target.url, "http://127.0.0.1:1/mcp");
        let process = format!("/proc/{}", target.pid);
        drop(target);
        assert!(!Path::new(&process).exists());
    }

    #[tokio::test]
    async fn what_a_wrapper_script_starts_is_killed_too() {
        let logs = tempfile::tempdir().unwrap();
        let script = r#"sleep 60 & echo "{\"url\":\"$!\"}"; wait"#;
        let target = Target::start("shell", "echo", shell(script), logs.path()).await.unwrap();
        let status = format!("/proc/{}/stat", target.url);
        assert!(Path::new(&status).exists());
        drop(target);
        // Its new parent may take a moment to notice, or, in a container, never: a zombie is as good as gone.
        let gone = || std::fs::read_to_string(&status).map_or(true, |line| line.contains(") Z "));
        for _ in 0..200 {
            if !gone() {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        }
        assert!(gone(), "still running: {status}");
    }

    #[tokio::test]
    async fn a_target_that_fails_is_quoted() {
        let logs = tempfile::tempdir().unwrap();
        let error = Target::start("shell", "echo", shell("echo no port left >&2"), logs.path()).await.err().unwrap();
        assert!(format!("{error:#}").contains("no port left"), "{error:#}");
        let error = Target::start("shell", "echo", shell("echo hello"), logs.path()).await.err().unwrap();
        assert!(format!("{error:#}").contains("not a JSON object"), "{error:#}");
    }
}
