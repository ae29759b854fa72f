//! Calls about the process itself and its children.

use super::{Call, Outcome, file_appears, structured, version_of};
use crate::harness::group_and_session;
use crate::upstream::say;
use crate::upstream::server::Refusal;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Stdio};

/// The grandchild: deaf to polite signals, it says its id once it is so, and keeps the standard output that it got.
const STUBBORN: &str = r#"trap "" TERM HUP INT QUIT; echo $$ > "$1.new"; mv "$1.new" "$1"; exec sleep 3600"#;

/// Starts [`STUBBORN`] in a session of its own, as the child of nobody: the shell in between ends at once.
const DAEMONISE: &str = r#"setsid sh -c "$2" sh "$1" & exit 0"#;

impl Call {
    pub(super) async fn fork(&self) -> Outcome {
        let file = self.text("file").to_owned();
        let script = if self.flag("daemonise") { DAEMONISE } else { STUBBORN };
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script, "sh", &file, STUBBORN]).stdin(Stdio::null());
        command.env("PATH", "/usr/local/bin:/usr/bin:/bin");
        if let Some(marker) = &self.server.options.marker {
            command.env("TUTTI_E2E_MARKER", marker);
        }
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => return Some(Err(Refusal::new(-32603, format!("no grandchild: {error}")))),
        };
        // The shell in between is reaped here; a plain grandchild is left to whoever ends this process.
        let reaped = std::thread::spawn(move || child.wait().is_ok());
        file_appears(Path::new(&file)).await;
        if self.flag("daemonise") {
            reaped.join().expect("the waiting thread does not panic");
        }
        let pid = std::fs::read_to_string(&file).unwrap_or_default();
        Some(Ok(structured(&json!({"pid": pid.trim().parse::<u32>().unwrap_or_default()}))))
    }

    pub(super) fn environment(&self) -> Outcome {
        let all = std::env::vars_os().map(|(name, value)| {
            (name.to_string_lossy().into_owned(), Value::from(value.to_string_lossy().into_owned()))
        });
        Some(Ok(structured(&Value::Object(all.collect()))))
    }

    pub(super) fn whoami(&self) -> Outcome {
        let (group, session) = group_and_session(std::process::id()).unzip();
        let folder = std::env::current_dir().unwrap_or_default();
        Some(Ok(structured(&json!({
            "name": self.server.options.name, "version": version_of(&self.params),
            "pid": std::process::id(), "ppid": std::os::unix::process::parent_id(),
            "pgid": group, "sid": session,
            "cwd": folder, "args": std::env::args().collect::<Vec<_>>(),
        }))))
    }

    pub(super) fn stderr(&self) -> Outcome {
        for _ in 0..self.count("times", 1) {
            say(self.text("text"));
        }
        self.said("written")
    }
}
