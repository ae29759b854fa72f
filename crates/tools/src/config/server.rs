//! One entry of `servers:`.

use super::{OpenApi, Protection, Typed, auth, openapi, protection};
use crate::machine::Backoff;
use base::config::{Problems, Section};
use base::environment::Environment;
use base::ports::OauthSettings;
use base::{Code, Error, Secret, random};
use mcp::Era;
use mcp::capability::Offers;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What an entry is read against.
pub struct Surroundings {
    /// Variables that children may inherit.
    pub environment: Environment,
    /// The folder that relative paths count from.
    pub folder: PathBuf,
    /// The program that supervises child processes.
    pub supervisor: Option<PathBuf>,
}

/// An upstream, as configured.
#[derive(Debug, Clone, PartialEq)]
pub struct Server {
    /// Its name.
    pub name: String,
    /// How it is reached.
    pub transport: Transport,
    /// What it may ask of clients.
    pub offers: Offers,
    /// How the hub logs in there, if it does.
    pub auth: Option<OauthSettings>,
    /// How it speaks, when the configuration says so; otherwise it is asked.
    pub era: Option<Era>,
    /// Whether it is served.
    pub enabled: bool,
    /// Whether it is started with the hub and kept running.
    pub eager: bool,
    /// After which time without a call it is stopped; nothing means never.
    pub idle_stop: Option<Duration>,
    /// How long things may take.
    pub timeouts: Timeouts,
    /// How much there may be.
    pub limits: Limits,
    /// How long it waits between attempts to start.
    pub backoff: Backoff,
    /// How its calls are protected.
    pub protection: Protection,
    /// Why it cannot be started at all.
    pub fault: Option<Error>,
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
    },
    /// The built-in `files`.
    Files {
        /// The folder that is served.
        root: PathBuf,
        /// Whether it may be changed.
        write: bool,
    },
    /// An HTTP API that an OpenAPI document describes.
    OpenApi(Box<OpenApi>),
}

/// How long things may take.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeouts {
    /// From the start of the process to the end of the handshake and the first lists.
    pub start: Duration,
    /// Until an unanswered `server/discover` counts as "perhaps legacy".
    pub probe: Duration,
    /// From one sign of life of a call to the next.
    pub call: Duration,
    /// How long a client, and the person in front of it, may take to answer what the upstream asks.
    pub ask: Duration,
    /// From the first request to end to the last resort.
    pub stop: Duration,
}

/// How much there may be.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// Bytes of one message.
    pub message: usize,
    /// Calls in flight.
    pub calls: usize,
    /// Items of one list.
    pub items: usize,
}

/// Variables that a child gets besides those of its entry: without them hardly any program starts, and none of them is
/// a secret.
const INHERITED: [&str; 7] = ["PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR"];

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

/// Reads an entry. Nothing when it is too broken to be used.
pub(super) fn read(problems: &Problems, typed: &Typed<'_>, surroundings: &Surroundings) -> Option<Server> {
    let path = format!("servers.{}", typed.name);
    let mut section = Section::new(problems, typed.file, &path, typed.node)?;
    let transport = transport(problems, &mut section, surroundings);
    let auth = match &transport {
        // An API has keys of its own under the same name.
        Some(Transport::OpenApi(_)) | None => None,
        Some(Transport::Address { headers, .. }) => auth::read(&mut section, true, headers),
        Some(_) => auth::read(&mut section, false, &[]),
    };
    let era = section.choice("era", &[("auto", None), ("legacy", Some(Era::Legacy)), ("modern", Some(Era::Modern))]);
    let offers = offers(&mut section);
    let enabled = section.boolean("enabled").unwrap_or(true);
    let eager = section.choice("start", &[("lazy", false), ("eager", true)]).unwrap_or(false);
    let idle_stop = idle_stop(&mut section);
    let timeouts = timeouts(section.section("timeouts"));
    let limits = limits(section.section("limits"));
    let backoff = backoff(section.section("backoff"));
    let protection = protection::read(problems, &mut section);
    section.finish();
    Some(Server {
        name: typed.name.to_owned(),
        transport: transport?,
        offers,
        auth,
        era: era.flatten(),
        enabled,
        eager,
        idle_stop: idle_stop.filter(|_| !eager),
        timeouts,
        limits,
        backoff,
        protection,
        fault: typed.fault.cloned(),
    })
}

fn transport(problems: &Problems, section: &mut Section<'_>, surroundings: &Surroundings) -> Option<Transport> {
    let command = section.text("command");
    let arguments = section.texts("args").unwrap_or_default();
    let named = section.text_map("env").unwrap_or_default();
    let inherit = section.texts("inherit");
    let directory = section.text("cwd");
    let url = section.text("url");
    let headers = section.text_map("headers").unwrap_or_default();
    let builtin = section.choice("builtin", &[("files", ())]);
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
        return openapi::read(problems, section, &document, headers, &surroundings.folder)
            .map(Box::new)
            .map(Transport::OpenApi);
    }
    openapi::know(section);
    match (command, url) {
        (Some(program), _) => Some(Transport::Command {
            program: relative_program(program, &surroundings.folder),
            arguments,
            environment: child_environment(&surroundings.environment, inherit, named),
            directory: folder(directory),
        }),
        (None, Some(url)) => Some(Transport::Address { url, headers: secret(headers) }),
        (None, None) => Some(Transport::Files { root: folder(root), write }),
    }
}

/// Says that an entry is of no kind, or of several.
fn not_one_kind(section: &mut Section<'_>, several: bool) {
    openapi::know(section);
    let path = section.path();
    if several {
        let message = format!("`{path}` says more than one of `command`, `url`, `openapi` and `builtin`");
        section.problem("url", Code::ConfigInvalidValue, message, "keep the one that is meant".to_owned());
    } else {
        let message = format!("`{path}` says neither `command` nor `url` nor `openapi` nor `builtin`");
        let next = "write `command:` and `args:` for a program, `url:` for an address, `openapi:` for the document of an \
                    API, or `builtin: files`";
        section.problem("command", Code::ConfigInvalidValue, message, next.to_owned());
    }
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

/// What the upstream may ask of clients. Their models cost their money, so these only when it is said.
fn offers(section: &mut Section<'_>) -> Offers {
    let known = ["elicitation", "roots", "sampling"];
    let Some(named) = section.texts("offers") else {
        return Offers { elicitation: true, roots: true, sampling: false };
    };
    for other in named.iter().filter(|name| !known.contains(&name.as_str())) {
        let message =
            format!("`{other}` in `{}.offers` is nothing that an upstream can ask of clients", section.path());
        section.problem("offers", Code::ConfigInvalidValue, message, format!("use any of {}", known.join(", ")));
    }
    let has = |name: &str| named.iter().any(|named| named == name);
    Offers { elicitation: has("elicitation"), roots: has("roots"), sampling: has("sampling") }
}

fn idle_stop(section: &mut Section<'_>) -> Option<Duration> {
    if section.node("idle_stop").and_then(base::config::Node::scalar_text).as_deref() == Some("never") {
        return None;
    }
    Some(section.duration("idle_stop", SECOND..=DAY * 30).unwrap_or(HOUR / 2))
}

fn timeouts(section: Option<Section<'_>>) -> Timeouts {
    let mut timeouts =
        Timeouts { start: SECOND * 90, probe: SECOND * 10, call: SECOND * 300, ask: SECOND * 600, stop: SECOND * 2 };
    if let Some(mut section) = section {
        let least = Duration::from_millis(10);
        let mut read = |key, value: &mut Duration| *value = section.duration(key, least..=DAY).unwrap_or(*value);
        read("start", &mut timeouts.start);
        read("probe", &mut timeouts.probe);
        read("call", &mut timeouts.call);
        read("ask", &mut timeouts.ask);
        read("stop", &mut timeouts.stop);
        section.finish();
    }
    timeouts
}

fn limits(section: Option<Section<'_>>) -> Limits {
    let mut limits = Limits { message: 16 << 20, calls: 1024, items: 10_000 };
    if let Some(mut section) = section {
        let whole = |value: i64| usize::try_from(value).unwrap_or(usize::MAX);
        let message = section.size("message", 1024..=1 << 30).and_then(|bytes| usize::try_from(bytes).ok());
        limits.message = message.unwrap_or(limits.message);
        limits.calls = section.integer("calls", 1..=1_000_000).map_or(limits.calls, whole);
        limits.items = section.integer("items", 1..=1_000_000).map_or(limits.items, whole);
        section.finish();
    }
    limits
}

fn backoff(section: Option<Section<'_>>) -> Backoff {
    let mut backoff = Backoff { first: Duration::from_millis(500), max: SECOND * 60 };
    if let Some(mut section) = section {
        let range = Duration::from_millis(1)..=HOUR;
        backoff.first = section.duration("first", range.clone()).unwrap_or(backoff.first);
        backoff.max = section.duration("max", range).unwrap_or(backoff.max).max(backoff.first);
        section.finish();
    }
    backoff
}

impl Server {
    /// A digest of how the upstream is reached. What was learned of it holds as long as this stays the same.
    pub fn fingerprint(&self) -> String {
        let pairs = |pairs: &[(String, Secret<String>)]| -> String {
            pairs.iter().map(|(name, value)| format!("{name}={}\n", value.expose())).collect()
        };
        let text = match &self.transport {
            Transport::Command { program, arguments, environment, directory } => {
                format!("command\n{program}\n{arguments:?}\n{}{}", pairs(environment), directory.display())
            }
            Transport::Address { url, headers } => {
                let client = self.auth.as_ref().map(|auth| (auth.grant, &auth.client_id, &auth.scopes));
                let client = client.map(|client| format!("auth\n{client:?}")).unwrap_or_default();
                format!("url\n{url}\n{}{client}", pairs(headers))
            }
            Transport::Files { root, write } => format!("files\n{}\n{write}", root.display()),
            Transport::OpenApi(api) => api.identity(),
        };
        let text = format!("{text}\n{}", self.offers.to_json());
        random::to_hex(&random::sha256(text.as_bytes()))
    }

    /// One line that says how it is reached, without secrets: arguments may hold them, so only the program is named.
    pub fn summary(&self) -> String {
        match &self.transport {
            Transport::Command { program, arguments, .. } if arguments.is_empty() => program.clone(),
            Transport::Command { program, arguments, .. } => {
                let plural = if arguments.len() == 1 { "" } else { "s" };
                format!("{program} … ({} argument{plural})", arguments.len())
            }
            Transport::Address { url, .. } => url.split('?').next().unwrap_or_default().to_owned(),
            Transport::Files { root, write } => {
                format!("{} ({})", root.display(), if *write { "read and write" } else { "read only" })
            }
            Transport::OpenApi(api) => api.summary(),
        }
    }
}
