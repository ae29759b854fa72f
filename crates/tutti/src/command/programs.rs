//! Where the program of a server is, looked for as a start looks for it.

use std::path::{Path, PathBuf};

/// The folders that a child without a PATH is given.
const DEFAULT_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// The program, which is a path from `folder` or a name on `path`.
pub(super) fn find(program: &str, folder: &Path, path: &str) -> Option<PathBuf> {
    if Path::new(program).components().count() > 1 {
        return Some(folder.join(program)).filter(|path| path.is_file());
    }
    let path = if path.is_empty() { DEFAULT_PATH } else { path };
    let names =
        if cfg!(windows) { vec![format!("{program}.exe"), format!("{program}.cmd")] } else { vec![program.to_owned()] };
    std::env::split_paths(path)
        .flat_map(|folder| names.iter().map(move |name| folder.join(name)).collect::<Vec<_>>())
        .find(|path| path.is_file())
}

/// What to say of a program that is not there.
pub(super) fn missing(program: &str) -> String {
    let next = match program {
        "npx" | "node" | "npm" => "install Node.js".to_owned(),
        "uvx" | "uv" => "install uv (`pip install uv`)".to_owned(),
        "docker" => "install Docker".to_owned(),
        _ => format!("install {program}, or name it by its full path"),
    };
    let place = if Path::new(program).components().count() > 1 { "is not there" } else { "is not on the PATH" };
    format!("`{program}` {place}: {next}")
}

#[cfg(test)]
mod tests;
