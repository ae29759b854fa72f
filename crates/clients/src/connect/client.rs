//! What each client reads, and where.

use super::{KEY_VARIABLE, NAME, Target};
use base::config::nearest;
use base::environment::Environment;
use base::{Code, Error, Result};
use jsonc_parser::cst::{CstInputValue, CstRootNode};
use std::path::PathBuf;

/// The id under which VS Code keeps the key.
const INPUT: &str = "tutti-key";

/// A transport that has an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Streamable HTTP.
    Http,
    /// The HTTP transport of version 2024-11-05.
    Sse,
    /// A WebSocket.
    WebSocket,
}

impl Transport {
    /// Every one.
    pub const ALL: [Transport; 3] = [Transport::Http, Transport::Sse, Transport::WebSocket];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Transport::Http => "http",
            Transport::Sse => "sse",
            Transport::WebSocket => "websocket",
        }
    }
}

/// A client that can be connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    /// Claude Code, by the `.mcp.json` of the project.
    ClaudeCode,
    /// Claude Desktop, through the stdio bridge.
    ClaudeDesktop,
    /// Cursor, for all projects of the user.
    Cursor,
    /// VS Code, by the `.vscode/mcp.json` of the project.
    VsCode,
    /// Codex, for all projects of the user.
    Codex,
}

impl Client {
    /// Every client.
    pub const ALL: [Client; 5] =
        [Client::ClaudeCode, Client::ClaudeDesktop, Client::Cursor, Client::VsCode, Client::Codex];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Client::ClaudeCode => "claude-code",
            Client::ClaudeDesktop => "claude-desktop",
            Client::Cursor => "cursor",
            Client::VsCode => "vscode",
            Client::Codex => "codex",
        }
    }

    /// The client of this name.
    pub fn find(name: &str) -> Result<Client> {
        if let Some(client) = Client::ALL.into_iter().find(|client| client.name() == name) {
            return Ok(client);
        }
        let names = Client::ALL.map(Client::name);
        let next = match nearest(name, names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the clients are {}", names.join(", ")),
        };
        Err(Error::new(Code::ClientUnknown, format!("there is no client `{name}` that Tutti can connect"), next))
    }

    /// Whether the client connects to an address over `transport`. Claude Desktop starts programs only.
    pub const fn takes(self, transport: Transport) -> bool {
        match transport {
            Transport::Http => !matches!(self, Client::ClaudeDesktop),
            Transport::Sse => matches!(self, Client::ClaudeCode | Client::Cursor | Client::VsCode),
            Transport::WebSocket => matches!(self, Client::ClaudeCode),
        }
    }

    /// The file of the client.
    pub fn path(self, environment: &Environment) -> PathBuf {
        let home = environment.user_home();
        let set = |name: &str| environment.get(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        match self {
            Client::ClaudeCode => environment.working_directory().join(".mcp.json"),
            Client::VsCode => environment.working_directory().join(".vscode/mcp.json"),
            Client::Cursor => home.join(".cursor/mcp.json"),
            Client::Codex => set("CODEX_HOME").unwrap_or_else(|| home.join(".codex")).join("config.toml"),
            Client::ClaudeDesktop => {
                let folder = if cfg!(target_os = "macos") {
                    home.join("Library/Application Support")
                } else if cfg!(windows) {
                    set("APPDATA").unwrap_or_else(|| home.join("AppData/Roaming"))
                } else {
                    set("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config"))
                };
                folder.join("Claude").join("claude_desktop_config.json")
            }
        }
    }

    /// The key of a JSON file under which servers stand.
    pub(super) const fn top_key(self) -> &'static str {
        match self {
            Client::VsCode => "servers",
            _ => "mcpServers",
        }
    }

    /// The entry of the hub in a JSON file.
    pub(super) fn json_entry(self, target: &Target) -> CstInputValue {
        let header = match self {
            // Claude Code fills in `${NAME}`, Cursor `${env:NAME}`; VS Code asks once and keeps the answer safe.
            Client::ClaudeCode => Some(format!("${{{KEY_VARIABLE}}}")),
            Client::Cursor => Some(format!("${{env:{KEY_VARIABLE}}}")),
            Client::VsCode => Some(format!("${{input:{INPUT}}}")),
            Client::ClaudeDesktop | Client::Codex => None,
        };
        if let Client::ClaudeDesktop = self {
            let (command, arguments) = match target.bridge.split_first() {
                Some((command, arguments)) => (command.as_str(), arguments),
                None => (NAME, [].as_slice()),
            };
            let arguments = arguments.iter().map(|argument| text(argument)).collect();
            return object([("command", text(command)), ("args", CstInputValue::Array(arguments))]);
        }
        let mut entry = Vec::new();
        // Cursor finds out what is spoken at an address.
        if !matches!(self, Client::Cursor) {
            let kind = if target.transport == Transport::WebSocket { "ws" } else { target.transport.name() };
            entry.push(("type", text(kind)));
        }
        entry.push(("url", text(&target.url)));
        if let Some(header) = header.filter(|_| target.with_key) {
            entry.push(("headers", object([("Authorization", text(&format!("Bearer {header}")))])));
        }
        object(entry)
    }

    /// What VS Code asks the user for, with its id.
    pub(super) fn input(self, target: &Target) -> Option<(&'static str, CstInputValue)> {
        let asks = matches!(self, Client::VsCode) && target.with_key;
        asks.then(|| {
            let input = [
                ("type", text("promptString")),
                ("id", text(INPUT)),
                ("description", text("The key of the Tutti hub")),
                ("password", CstInputValue::Bool(true)),
            ];
            (INPUT, object(input))
        })
    }

    /// The table of the hub in a TOML file.
    pub(super) fn toml_table(self, target: &Target) -> Vec<String> {
        let mut lines = vec![format!("[mcp_servers.{NAME}]"), format!("url = {}", toml_text(&target.url))];
        if target.with_key {
            lines.push(format!("bearer_token_env_var = {}", toml_text(KEY_VARIABLE)));
        }
        lines
    }

    /// What a person can paste into the client's file.
    pub fn snippet(self, target: &Target) -> String {
        if let Client::Codex = self {
            return self.toml_table(target).join("\n") + "\n";
        }
        let Ok(root) = CstRootNode::parse("{}\n", &jsonc_parser::ParseOptions::default()) else {
            return String::new();
        };
        let object = root.object_value_or_set();
        if let Some((_, input)) = self.input(target) {
            object.append("inputs", CstInputValue::Array(vec![input]));
        }
        object.object_value_or_set(self.top_key()).append(NAME, self.json_entry(target));
        root.to_string()
    }

    /// What a person does after the file was written.
    pub(super) fn hint(self, target: &Target) -> String {
        let start = match self {
            Client::ClaudeCode => "start `claude` in this folder and approve the server `tutti`; `/mcp` shows it",
            Client::ClaudeDesktop => "quit Claude Desktop and start it again",
            Client::Cursor => "open Settings > MCP in Cursor and switch `tutti` on",
            Client::VsCode => "open .vscode/mcp.json in VS Code and press Start above `tutti`",
            Client::Codex => "start `codex`; `/mcp` shows `tutti`",
        };
        if !target.with_key {
            return start.to_owned();
        }
        let key = match self {
            Client::VsCode => "VS Code asks for the key when it starts the server".to_owned(),
            Client::ClaudeDesktop => {
                format!(
                    "Claude Desktop fills in no variables: its bridge takes the key from tutti.yaml or {KEY_VARIABLE}"
                )
            }
            _ => format!("set {KEY_VARIABLE} where the client is started"),
        };
        format!("{start}; {key}")
    }
}

fn text(text: &str) -> CstInputValue {
    CstInputValue::String(text.to_owned())
}

fn object<'k>(entries: impl IntoIterator<Item = (&'k str, CstInputValue)>) -> CstInputValue {
    CstInputValue::Object(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// A basic string of TOML.
fn toml_text(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            character if character.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(character))),
            character => out.push(character),
        }
    }
    out.push('"');
    out
}
