//! Programs that a command of the person at the keyboard runs, such as `git`: no shell, an environment of their own, and
//! limits on what they write and how long they take. Nothing that comes in by HTTP leads here.

use crate::{Code, Error, Result};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

/// A run of a program.
#[derive(Debug, Clone, Copy)]
pub struct Program<'a> {
    /// Its name, which is looked for in `PATH`.
    pub name: &'a str,
    /// Its arguments, each handed over as it is.
    pub arguments: &'a [&'a str],
    /// The folder it runs in.
    pub folder: &'a Path,
    /// Its whole environment.
    pub environment: &'a [(&'a str, &'a str)],
    /// What it reads.
    pub input: &'a [u8],
    /// The most bytes that it may write.
    pub limit: usize,
    /// How long it may take.
    pub time: Duration,
}

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Its exit code; nothing where a signal ended it.
    pub code: Option<i32>,
    /// What it wrote.
    pub output: Vec<u8>,
    /// What it wrote to standard error, or the first 64 KiB of that.
    pub complaint: String,
}

/// The most of standard error that is kept, in bytes.
const COMPLAINT: usize = 64 << 10;

/// Runs a program to its end. Dropped, it ends the program.
///
/// # Errors
/// [`Code::Disk`] where it cannot be started, writes more than it may, or takes too long.
pub async fn run(program: Program<'_>) -> Result<Ended> {
    let failed = |why: String| {
        let message = format!("the program `{}` {why}", program.name);
        Error::new(Code::Disk, message, format!("see whether `{}` is installed and works", program.name))
    };
    let mut command = Command::new(program.name);
    command.args(program.arguments).current_dir(program.folder).env_clear();
    command.envs(program.environment.iter().copied()).kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| failed(format!("cannot be started: {error}")))?;
    let (Some(mut input), Some(output), Some(errors)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(Error::internal("a program was started without its pipes"));
    };
    let write = async {
        // A program that does not read all is its own affair; it says so by its exit code.
        let _ = input.write_all(program.input).await;
        drop(input);
    };
    let work = async {
        let ((), output, complaint) = tokio::join!(write, all(output, program.limit), all(errors, COMPLAINT));
        (output, complaint, child.wait().await)
    };
    let Ok((output, complaint, status)) = tokio::time::timeout(program.time, work).await else {
        return Err(failed(format!("took longer than {:?}", program.time)));
    };
    let output = output.map_err(|error| failed(format!("broke off: {error}")))?;
    if output.len() > program.limit {
        return Err(failed(format!("wrote more than {} bytes", program.limit)));
    }
    let status = status.map_err(|error| failed(format!("broke off: {error}")))?;
    let mut complaint = complaint.unwrap_or_default();
    complaint.truncate(COMPLAINT);
    Ok(Ended { code: status.code(), output, complaint: String::from_utf8_lossy(&complaint).into_owned() })
}

/// All that comes, of which no more than a byte above the limit is kept.
async fn all(mut from: impl AsyncRead + Unpin, limit: usize) -> std::io::Result<Vec<u8>> {
    let (mut kept, mut piece) = (Vec::new(), vec![0; 16 << 10]);
    loop {
        let read = from.read(&mut piece).await?;
        if read == 0 {
            return Ok(kept);
        }
        let room = (limit + 1).saturating_sub(kept.len()).min(read);
        kept.extend_from_slice(piece.get(..room).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests;
