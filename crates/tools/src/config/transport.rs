//! How an upstream is reached.

use super::{OpenApi, Within};
use base::config::{Problems, Section};
use base::environment::Environment;
use base::{Code, Secret, disk, random};
use std::path::{Path, PathBuf};

/// The largest OpenAPI document that is read, in bytes.
pub(crate) const DOCUMENT_LIMIT: u64 = 32 << 20;

/// What an entry is read against.
pub struct Surroundings {
    /// Variables that children may inherit.
    pub environment: Environment,
    /// The folder that relative paths count from.
    pub folder: PathBuf,
    /// The program that supervises child processes.
    pub supervisor: Option<PathBuf>,
}

/// How an upstream is reached.
#[derive(Debug, Clone, PartialEq)]
pub enum Transport {
    /// A child process.
    Command {
        /// The program.
        program: String,
        /// Its arguments.
        arguments: Vec<String>,
        /// Its whole environment. Values are secrets.
        environment: Vec<(String, Secret<String>)>,
        /// The folder it runs in.
        directory: PathBuf,
    },
    /// A server at an address.
    Address {
        /// The endpoint.
        url: String,
        /// Headers of every request. Values are secrets.
        headers: Vec<(String, Secret<String>)>,
        /// What carries the messages.
        carrier: Carrier,
    },
    /// A server at a Unix socket.
    Socket {
        /// The socket.
        path: PathBuf,
    },
    /// The built-in `files`.
    Files {
        /// The folder that is served.
        root: PathBuf,
        /// Whether it may be changed.
        write: bool,
    },
    /// Something else within this process.
    Within(Within),
    /// An HTTP API that an OpenAPI document describes.
    OpenApi(Box<OpenApi>),
}

/// What carries messages to and from an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// Streamable HTTP, or where the server does not know that, the HTTP transport of version 2024-11-05.
    Web,
    /// Streamable HTTP.
    Http,
    /// The HTTP transport of version 2024-11-05.
    Sse,
    /// A WebSocket.
    WebSocket,
}

/// Variables that a child gets besides those of its entry: without them hardly any program starts, and none of them is
/// a secret.
const INHERITED: [&str; 7] = ["PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR"];

/// Reads how an upstream is reached.
pub(super) fn transport(
    problems: &Problems,
    section: &mut Section<'_>,
    surroundings: &Surroundings,
) -> Option<Transport> {
    let command = section.text("command");
    let arguments = section.texts("args").unwrap_or_default();
    let named = section.text_map("env").unwrap_or_default();
    let inherit = section.texts("inherit");
    let directory = section.text("cwd");
    let url = section.text("url");
    let headers = section.text_map("headers").unwrap_or_default();
    let carrier = section.choice("transport", &CARRIERS).flatten();
    let builtin =
        section.choice("builtin", &[("files", None), ("prompts", Some("prompts")), ("workflows", Some("workflows"))]);
    let root = section.text("root");
    let write = section.boolean("write").unwrap_or(false);
    let folder =
        |path: Option<String>| path.map_or_else(|| surroundings.folder.clone(), |path| surroundings.folder.join(path));
    let api = section.text("openapi");
    let kinds = [command.is_some(), url.is_some(), builtin.is_some(), api.is_some()];
    if kinds.iter().filter(|kind| **kind).count() != 1 {
        not_one_kind(section, kinds.contains(&true));
        return None;
    }
    if let Some(document) = api {
        return openapi::config::read(problems, section, &document, headers, &surroundings.folder, digest)
            .map(Box::new)
            .map(Transport::OpenApi);
    }
    openapi::config::know(section);
    if let Some(Some(kind)) = builtin {
        return Some(Transport::Within(Within { kind, digest: String::new(), local: None }));
    }
    match (command, url) {
        (Some(program), _) => Some(Transport::Command {
            program: relative_program(program, &surroundings.folder),
            arguments,
            environment: child_environment(&surroundings.environment, inherit, named),
            directory: folder(directory),
        }),
        (None, Some(url)) => address(section, url, headers, carrier, surroundings),
        (None, None) => Some(Transport::Files { root: folder(root), write }),
    }
}

/// Says that an entry is of no kind, or of several.
/// A digest of the OpenAPI document in a file, if it can be read.
fn digest(path: &Path) -> Option<[u8; 32]> {
    disk::read_text(path, DOCUMENT_LIMIT).ok().map(|text| random::sha256(text.as_bytes()))
}

fn not_one_kind(section: &mut Section<'_>, several: bool) {
    openapi::config::know(section);
    let path = section.path();
    if several {
        let message = format!("`{path}` says more than one of `command`, `url`, `openapi` and `builtin`");
        section.problem("url", Code::ConfigInvalidValue, message, "keep the one that is meant".to_owned());
    } else {
        let message = format!("`{path}` says neither `command` nor `url` nor `openapi` nor `builtin`");
        let next = "write `command:` and `args:` for a program, `url:` for an address, `openapi:` for the document of an \
                    API, `builtin: files`, `builtin: prompts` or `builtin: workflows`";
        section.problem("command", Code::ConfigInvalidValue, message, next.to_owned());
    }
}

/// The words of `transport`.
const CARRIERS: [(&str, Option<Carrier>); 4] = [
    ("auto", None),
    ("http", Some(Carrier::Http)),
    ("sse", Some(Carrier::Sse)),
    ("websocket", Some(Carrier::WebSocket)),
];

/// What an address leads to, by its beginning and by `transport`.
fn address(
    section: &mut Section<'_>,
    url: String,
    headers: Vec<(String, String)>,
    carrier: Option<Carrier>,
    surroundings: &Surroundings,
) -> Option<Transport> {
    if let Some(path) = url.strip_prefix("unix:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || !headers.is_empty() || carrier.is_some() {
            let message = format!("`{}` is a Unix socket, which has a path and nothing else", section.path());
            let next = "write `url: unix:///path/to.sock` without `headers` and `transport`";
            section.problem("url", Code::ConfigInvalidValue, message, next.to_owned());
            return None;
        }
        return Some(Transport::Socket { path: surroundings.folder.join(path) });
    }
    let web_socket = url.starts_with("ws://") || url.starts_with("wss://");
    let carrier = match carrier {
        None if web_socket => Carrier::WebSocket,
        None => Carrier::Web,
        Some(carrier) if web_socket == (carrier == Carrier::WebSocket) => carrier,
        Some(_) => {
            let message = format!("the `url` and the `transport` of `{}` contradict each other", section.path());
            let next = "ws:// and wss:// are WebSockets, http:// and https:// are not; leave `transport` out";
            section.problem("transport", Code::ConfigInvalidValue, message, next.to_owned());
            return None;
        }
    };
    Some(Transport::Address { url, headers: secret(headers), carrier })
}

/// A program that is written as a path counts from the configuration's folder, not from the child's.
fn relative_program(program: String, folder: &Path) -> String {
    let is_path = Path::new(&program).components().count() > 1;
    if is_path { folder.join(&program).to_string_lossy().into_owned() } else { program }
}

fn child_environment(
    environment: &Environment,
    inherit: Option<Vec<String>>,
    named: Vec<(String, String)>,
) -> Vec<(String, Secret<String>)> {
    let inherit = inherit.unwrap_or_else(|| INHERITED.map(str::to_owned).to_vec());
    let mut variables: Vec<(String, String)> = inherit
        .into_iter()
        .filter(|name| named.iter().all(|(own, _)| own != name))
        .filter_map(|name| environment.get(&name).map(str::to_owned).map(|value| (name, value)))
        .collect();
    variables.extend(named);
    secret(variables)
}

fn secret(pairs: Vec<(String, String)>) -> Vec<(String, Secret<String>)> {
    pairs.into_iter().map(|(name, value)| (name, Secret::new(value))).collect()
}

impl Transport {
    /// All that says what is reached, in one text, secrets in clear.
    pub(super) fn identity(&self) -> String {
        let pairs = |pairs: &[(String, Secret<String>)]| -> String {
            pairs.iter().map(|(name, value)| format!("{name}={}\n", value.expose())).collect()
        };
        match self {
            Transport::Command { program, arguments, environment, directory } => {
                format!("command\n{program}\n{arguments:?}\n{}{}", pairs(environment), directory.display())
            }
            // What carries the messages is no part of it: a server has the same tools whatever does.
            Transport::Address { url, headers, .. } => format!("url\n{url}\n{}", pairs(headers)),
            Transport::Socket { path } => format!("socket\n{}", path.display()),
            Transport::Files { root, write } => format!("files\n{}\n{write}", root.display()),
            Transport::Within(within) => format!("within\n{}", within.kind),
            Transport::OpenApi(api) => api.identity(),
        }
    }

    /// What is reached: the program with its arguments, the address, or the document.
    pub(super) fn place(&self) -> String {
        match self {
            Transport::Command { program, arguments, directory, .. } => {
                format!("command\n{program}\n{arguments:?}\n{}", directory.display())
            }
            Transport::Address { url, .. } => format!("url\n{url}"),
            Transport::Socket { .. } | Transport::Files { .. } | Transport::Within(_) => self.identity(),
            Transport::OpenApi(api) => api.documented(),
        }
    }

    /// One line that says what is reached, without secrets: arguments may hold them, so only the program is named.
    pub fn summary(&self) -> String {
        match self {
            Transport::Command { program, arguments, .. } if arguments.is_empty() => program.clone(),
            Transport::Command { program, arguments, .. } => {
                let plural = if arguments.len() == 1 { "" } else { "s" };
                format!("{program} … ({} argument{plural})", arguments.len())
            }
            Transport::Socket { path } => path.display().to_string(),
            Transport::Address { url, .. } => url.split('?').next().unwrap_or_default().to_owned(),
            Transport::Files { root, write } => {
                format!("{} ({})", root.display(), if *write { "read and write" } else { "read only" })
            }
            Transport::Within(within) => format!("{} (built in)", within.kind),
            Transport::OpenApi(api) => api.summary(),
        }
    }

    /// The word for what carries the messages.
    pub fn carrier(&self) -> &'static str {
        match self {
            Transport::Command { .. } => "stdio",
            Transport::Address { carrier: Carrier::Web | Carrier::Http, .. } => "http",
            Transport::Address { carrier: Carrier::Sse, .. } => "sse",
            Transport::Address { carrier: Carrier::WebSocket, .. } => "websocket",
            Transport::Socket { .. } => "unix",
            Transport::Files { .. } | Transport::Within(_) => "builtin",
            Transport::OpenApi(_) => "openapi",
        }
    }
}
