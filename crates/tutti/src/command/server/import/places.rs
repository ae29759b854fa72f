//! Where clients keep their MCP servers.

use super::{Found, LIMIT};
use base::environment::Environment;
use base::{Code, Error, disk};
use clients::connect::Client;
use clients::import;
use hubs::{Context, Failures, change};
use std::path::{Path, PathBuf};

/// The clients that are known.
const NAMES: [&str; 9] =
    ["claude-desktop", "claude-code", "cursor", "vscode", "codex", "windsurf", "gemini", "zed", "cline"];

/// The names for the command line.
pub(super) fn names() -> [&'static str; 9] {
    NAMES
}

/// Reads the files of a client.
pub(super) fn read(context: &Context, client: &str) -> Result<Vec<Found>, Failures> {
    let places = places(client, &context.environment);
    let mut found = Vec::new();
    let mut unrecognised = Vec::new();
    for path in places.iter().filter(|path| path.is_file()) {
        let name = change::short(context, path);
        let text = disk::read_text(path, LIMIT)?;
        match import::recognise(&name, &text) {
            Ok(imported) => found.push(Found::of(name, imported)),
            // The settings of a client without any server in them.
            Err(errors) if errors.iter().all(|error| error.code() == Code::ImportUnrecognised) => {
                unrecognised.extend(errors);
            }
            Err(errors) => return Err(errors.into()),
        }
    }
    if !found.is_empty() {
        return Ok(found);
    }
    if !unrecognised.is_empty() {
        return Err(unrecognised.into());
    }
    let looked: Vec<String> = places.iter().map(|path| path.display().to_string()).collect();
    let message = format!("there is no file of {client}; looked for {}", looked.join(" and "));
    Err(Error::new(Code::Disk, message, "name the file: tutti server import FILE").into())
}

/// The files in which a client keeps servers: those of this folder, then those of the user.
fn places(client: &str, environment: &Environment) -> Vec<PathBuf> {
    let here = environment.working_directory();
    let home = environment.user_home();
    let of = |client: Client| client.path(environment);
    match client {
        "claude-desktop" => vec![of(Client::ClaudeDesktop)],
        "claude-code" => vec![of(Client::ClaudeCode), home.join(".claude.json")],
        "cursor" => vec![here.join(".cursor/mcp.json"), of(Client::Cursor)],
        "vscode" => vec![of(Client::VsCode), code_folder(environment, &home).join("mcp.json")],
        "codex" => vec![of(Client::Codex)],
        "windsurf" => vec![home.join(".codeium/windsurf/mcp_config.json")],
        "gemini" => vec![here.join(".gemini/settings.json"), home.join(".gemini/settings.json")],
        "zed" => vec![here.join(".zed/settings.json"), home.join(".config/zed/settings.json")],
        _ => {
            let extension = "globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json";
            vec![code_folder(environment, &home).join(extension)]
        }
    }
}

/// The user folder of VS Code.
fn code_folder(environment: &Environment, home: &Path) -> PathBuf {
    let set = |name: &str| environment.get(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = if cfg!(target_os = "macos") {
        home.join("Library/Application Support")
    } else if cfg!(windows) {
        set("APPDATA").unwrap_or_else(|| home.join("AppData/Roaming"))
    } else {
        set("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config"))
    };
    base.join("Code/User")
}

#[cfg(test)]
mod tests;
