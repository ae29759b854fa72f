//! The process environment, read once at the start and handed to whoever needs it.

use crate::{Error, Result, disk};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Variables by name: those of the process, and those of a `.env` file below them.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    working_directory: PathBuf,
}

/// The largest `.env` file that is read, in bytes.
const DOT_ENV_LIMIT: u64 = 1 << 20;

impl Environment {
    /// The environment of this process and its working directory.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
    pub fn of_process() -> Result<Self> {
        let variables =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        let working_directory = std::env::current_dir().map_err(|error| {
            Error::new(
                crate::Code::Disk,
                format!("there is no working directory: {error}"),
                "change to a folder that exists",
            )
        })?;
        Ok(Self { variables: variables.collect(), working_directory })
    }

    /// An environment made of `variables`, for tests and for one-off commands.
    pub fn from_pairs<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>, working_directory: &Path) -> Self {
        let variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { variables, working_directory: working_directory.to_owned() }
    }

    /// The value of `name`; an empty value counts as one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// The folder that the process was started in.
    pub fn working_directory(&self) -> &Path {
        &self.working_directory
    }

    /// Adds the variables of a `.env` file. What the process already has wins: the shell is nearer to the user than a
    /// file. A file that does not exist adds nothing.
    pub fn with_dot_env(mut self, path: &Path) -> Result<Self> {
        if let Some(text) = disk::read_text_if_exists(path, DOT_ENV_LIMIT)? {
            for (name, value) in dot_env(&text) {
                self.variables.entry(name).or_insert(value);
            }
        }
        Ok(self)
    }

    /// Where state lives: `$TUTTI_HOME`, or the platform's data directory.
    pub fn home(&self) -> PathBuf {
        if let Some(home) = self.get("TUTTI_HOME").filter(|home| !home.is_empty()) {
            return self.working_directory.join(home);
        }
        if let Some(data) = self.get("XDG_DATA_HOME").filter(|data| !data.is_empty()) {
            return Path::new(data).join("tutti");
        }
        let home = self.user_home();
        if cfg!(target_os = "macos") {
            home.join("Library/Application Support/tutti")
        } else if cfg!(windows) {
            self.get("LOCALAPPDATA").map_or(home, PathBuf::from).join("tutti")
        } else {
            home.join(".local/share/tutti")
        }
    }

    /// The user's home folder, or the working directory where there is none.
    pub fn user_home(&self) -> PathBuf {
        let name = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
        self.get(name).filter(|home| !home.is_empty()).map_or_else(|| self.working_directory.clone(), PathBuf::from)
    }

    /// Where the user's configuration lives when the working directory has none.
    pub fn config_directory(&self) -> PathBuf {
        match self.get("XDG_CONFIG_HOME").filter(|folder| !folder.is_empty()) {
            Some(folder) => Path::new(folder).join("tutti"),
            None if cfg!(windows) => self.get("APPDATA").map_or_else(|| self.user_home(), PathBuf::from).join("tutti"),
            None => self.user_home().join(".config/tutti"),
        }
    }
}

/// The assignments of a `.env` file: `NAME=value`, with an optional `export`, `#` comments, and single or double quotes.
/// Within double quotes `\n`, `\t`, `\"` and `\\` are escapes. Lines of any other form are passed over.
pub fn dot_env(text: &str) -> Vec<(String, String)> {
    text.lines().filter_map(dot_env_line).collect()
}

fn dot_env_line(line: &str) -> Option<(String, String)> {
    let line = line.trim();
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=')?;
    let name = name.trim();
    let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !plain || line.starts_with('#') {
        return None;
    }
    let value = value.trim();
    let value = if let Some(quoted) = value.strip_prefix('\'') {
        quoted.split('\'').next().unwrap_or_default().to_owned()
    } else if let Some(quoted) = value.strip_prefix('"') {
        unescape(quoted)
    } else {
        value.split(" #").next().unwrap_or_default().trim().to_owned()
    };
    Some((name.to_owned(), value))
}

fn unescape(quoted: &str) -> String {
    let mut out = String::with_capacity(quoted.len());
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => match characters.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some(other) => out.push(other),
                None => {}
            },
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests;
