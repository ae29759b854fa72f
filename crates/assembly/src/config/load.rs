//! Reading the configuration that a command works with.

mod fill;
mod listen;
mod patterns;
mod prompts;
mod workflows;

use super::vaulted::{Part, Vaulted};
use base::config::{Document, Node, Problems, Section, Value, entries, yaml};
use base::environment::Environment;
use base::{Code, Error, Result, Secret, disk};
use clients::import;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The largest configuration file that is read, in bytes.
const LIMIT: u64 = 4 << 20;

/// The names of the configuration file; the first one wins.
const NAMES: [&str; 2] = ["tutti.yaml", "tutti.yml"];

/// The file of another client that is read too, beside ours.
const FOREIGN: &str = "mcp.json";

/// The variable that holds the key where the file names none.
const KEY_VARIABLE: &str = "TUTTI_KEY";

/// What the configuration says. Servers, views and limits are handed on as they are: whoever runs them reads them.
pub struct Loaded {
    /// The configuration file, where there is one.
    pub path: Option<PathBuf>,
    /// The folder of the configuration file, or the working directory: what relative paths of servers are relative to.
    pub folder: PathBuf,
    /// The address to listen on.
    pub listen: Option<SocketAddr>,
    /// The Unix sockets to listen on too, each with the view that it serves.
    pub sockets: Vec<(String, PathBuf)>,
    /// The bearer key that clients must send.
    pub key: Option<Secret<String>>,
    /// The keys of clients, and the file they stand in.
    pub keys: Option<(Node, String)>,
    /// The files that were read, as they were typed: without the values of variables, and so fit to be shown.
    pub files: Vec<Document>,
    /// Name, entry and file of every server, with variables filled in.
    pub servers: Vec<(String, Node, String)>,
    /// Servers that use a variable which is not set, and the error that says so.
    pub lacking: Vec<(String, Error)>,
    /// Providers of models that use a variable which is not set, and the error that says so.
    pub lacking_providers: Vec<(String, Error)>,
    /// Entries that use secrets of the vault, which stand in `servers` and `models` as they were typed.
    pub vaulted: Vec<Vaulted>,
    /// The views and the file they stand in.
    pub views: Option<(Node, String)>,
    /// What teams may spend on models, and the file it stands in.
    pub teams: Option<(Node, String)>,
    /// What holds for plans of calls, and the file it stands in.
    pub plans: Option<(Node, String)>,
    /// What may stand together in a plan, and the file it stands in.
    pub rules: Option<(Node, String)>,
    /// Providers and routes of models, and the file they stand in.
    pub models: Option<(Node, String)>,
    /// The limits and the file they stand in.
    pub limits: Option<(Node, String)>,
    /// How the views are named and reached in the registry, and the file it stands in.
    pub registry: Option<(Node, String)>,
    /// Whether servers whose program is a package of no fixed version are refused.
    pub require_pinned: bool,
    /// What is told of the hub, and where, and the file it stands in.
    pub telemetry: Option<(Node, String)>,
    /// The Redis that replicas share, and the file it stands in.
    pub redis: Option<(Node, String)>,
    /// How runs are kept, and the file it stands in.
    pub runs: Option<(Node, String)>,
    /// The files of prompts and partials, where some are configured.
    pub prompts: Option<Vec<::prompts::File>>,
    /// The files of workflows, where some are configured.
    pub workflows: Option<Vec<workflow::File>>,
    /// What a person should know, though nothing is wrong.
    pub notices: Vec<String>,
    /// Every path whose change, appearance or disappearance changes the configuration.
    pub watched: Vec<PathBuf>,
    /// The environment, with the variables of `.env`.
    pub environment: Environment,
    /// Whether the model in the binary is shown.
    pub demo: bool,
}

impl Loaded {
    /// The servers that use a secret of the vault, by their names, and the providers of models, by their paths.
    pub fn users_of(&self, secret: &str) -> Vec<String> {
        let users = self.vaulted.iter().filter(|vaulted| vaulted.names.contains(secret));
        let shown = |vaulted: &Vaulted| match vaulted.part {
            Part::Server => vaulted.name.clone(),
            Part::Provider => vaulted.part.path(&vaulted.name),
        };
        users.map(shown).collect()
    }
}

/// The configuration file: the one that was named, or `tutti.yaml` (or `.yml`) in the working directory, or else in the
/// user's configuration folder.
pub fn find(environment: &Environment, explicit: Option<&Path>) -> Option<PathBuf> {
    match explicit {
        Some(path) => Some(environment.working_directory().join(path)),
        None => candidates(environment).into_iter().find(|path| path.is_file()),
    }
}

/// Reads the configuration: `.env`, `tutti.yaml` and `mcp.json` of one folder. All problems come at once.
pub fn load(environment: &Environment, explicit: Option<&Path>) -> Result<Loaded, Vec<Error>> {
    let path = find(environment, explicit);
    let folder = path.as_deref().and_then(Path::parent).unwrap_or(environment.working_directory()).to_owned();
    let with_dot_env =
        environment.clone().with_dot_env(&folder.join(".env")).map_err(|error| vec![unreadable(error)])?;
    let mut reading = Reading {
        problems: Problems::new(),
        loaded: Loaded {
            watched: watched(environment, explicit, path.as_deref(), &folder),
            path,
            ..nothing(with_dot_env, folder)
        },
    };
    reading.own();
    reading.foreign();
    reading.problems.into_result()?;
    let mut loaded = reading.loaded;
    loaded.watched.extend(documents(&loaded));
    loaded.key = loaded.key.take().or_else(|| key(&loaded.environment));
    if loaded.key.is_none() && loaded.keys.is_some() {
        let notice = "`keys` stands without `key`, so no command such as `tutti server list` can reach the hub";
        loaded.notices.push(notice.to_owned());
    }
    Ok(loaded)
}

/// What the files hold: the digest of each, nothing where there is none. For whoever wants to know whether they change.
pub fn fingerprint(paths: &[PathBuf]) -> Vec<Option<[u8; 32]>> {
    let digest = |path: &PathBuf| std::fs::read(path).ok().map(|bytes| base::random::sha256(&bytes));
    paths.iter().map(digest).collect()
}

/// What stands for `models` where there is something to show: the route that commands ask which name no model.
const DEMO: &str = "{ providers: { builtin: {} }, routes: { default: { use: [builtin/tiny] } } }";

/// A workflow that has something to show.
const TOUR: &str = include_str!("load/tour.yaml");

/// What there is to show without a configuration, whatever stands in files: the files of this folder, the model in the binary,
/// and a workflow over both.
pub fn demo(environment: &Environment) -> Loaded {
    let folder = environment.working_directory().to_owned();
    let file = "(built in)";
    let models = yaml(file, DEMO).ok().map(|document| (document.root, file.to_owned()));
    let tour = workflow::File { source: Arc::new(workflow::Source::new(file, TOUR)), part: false };
    Loaded { demo: true, models, workflows: Some(vec![tour]), ..nothing(environment.clone(), folder) }
}

/// No configuration.
fn nothing(environment: Environment, folder: PathBuf) -> Loaded {
    Loaded {
        watched: Vec::new(),
        path: None,
        folder,
        listen: None,
        sockets: Vec::new(),
        key: None,
        keys: None,
        files: Vec::new(),
        servers: Vec::new(),
        lacking: Vec::new(),
        lacking_providers: Vec::new(),
        vaulted: Vec::new(),
        views: None,
        teams: None,
        plans: None,
        rules: None,
        models: None,
        limits: None,
        registry: None,
        require_pinned: false,
        telemetry: None,
        redis: None,
        runs: None,
        prompts: None,
        workflows: None,
        notices: Vec::new(),
        environment,
        demo: false,
    }
}

/// The OpenAPI documents that are files: a changed one changes its server.
fn documents(loaded: &Loaded) -> Vec<PathBuf> {
    let named = loaded.servers.iter().filter_map(|(_, node, _)| node.get("openapi")?.node.scalar_text());
    named.filter(|document| !document.contains("://")).map(|document| loaded.folder.join(document)).collect()
}

/// The key of a hub whose file names none.
fn key(environment: &Environment) -> Option<Secret<String>> {
    let key = environment.get(KEY_VARIABLE).map(str::trim).filter(|key| !key.is_empty());
    key.map(|key| Secret::new(key.to_owned()))
}

fn candidates(environment: &Environment) -> Vec<PathBuf> {
    let folders = [environment.working_directory().to_owned(), environment.config_directory()];
    folders.iter().flat_map(|folder| NAMES.map(|name| folder.join(name))).collect()
}

/// Without an explicit path, a file that appears in a better place takes over, so those places count too.
fn watched(environment: &Environment, explicit: Option<&Path>, path: Option<&Path>, folder: &Path) -> Vec<PathBuf> {
    let mut watched = match (explicit, path) {
        (Some(_), Some(path)) => vec![path.to_owned()],
        (_, path) => {
            let all = candidates(environment);
            let end =
                all.iter().position(|candidate| Some(candidate.as_path()) == path).map_or(all.len(), |end| end + 1);
            all.into_iter().take(end).collect()
        }
    };
    watched.extend([folder.join(".env"), folder.join(FOREIGN)]);
    watched
}

struct Reading {
    problems: Problems,
    loaded: Loaded,
}

impl Reading {
    /// Reads our own file.
    fn own(&mut self) {
        let Some(path) = self.loaded.path.clone() else {
            return;
        };
        if NAMES.iter().filter(|name| path.with_file_name(name).is_file()).count() == 2 && path.ends_with(NAMES[0]) {
            self.loaded.notices.push(format!("{} is not read, because {} is there", NAMES[1], NAMES[0]));
        }
        let file = self.name_of(&path);
        let missing = || {
            let message = format!("there is no configuration file {}", path.display());
            Error::new(Code::ConfigUnreadable, message, "check the path, or write one with `tutti init`")
        };
        let text = disk::read_text_if_exists(&path, LIMIT).map_err(unreadable);
        let text = text.and_then(|text| text.ok_or_else(missing));
        match text.and_then(|text| Ok((yaml(&file, &text)?, text))) {
            Ok((document, text)) => self.document(document, &text),
            Err(error) => self.problems.push(error),
        }
    }

    fn document(&mut self, document: Document, text: &str) {
        let mut filled = document.root.clone();
        self.fill(&document.file, &mut filled);
        let file = document.file.clone();
        self.loaded.files.push(document);
        let Some(mut section) = Section::new(&self.problems, &file, "", &filled) else {
            return;
        };
        self.loaded.listen = listen::address(&mut section);
        self.loaded.key = section.text("key").filter(|key| !key.is_empty()).map(Secret::new);
        self.loaded.require_pinned = section.boolean("require_pinned").unwrap_or(false);
        let of_file = |node: &Node| (node.clone(), file.clone());
        let servers = section.node("servers");
        let filled = |node: &&Node| !matches!(node.value, Value::Null);
        let views = section.node("views").filter(filled);
        self.loaded.sockets = listen::sockets(&mut section, &self.loaded.folder, views);
        self.loaded.views = views.map(of_file);
        self.loaded.keys = section.node("keys").filter(filled).map(of_file);
        self.loaded.teams = section.node("teams").filter(filled).map(of_file);
        self.loaded.plans = section.node("plans").filter(filled).map(of_file);
        self.loaded.rules = section.node("rules").filter(filled).map(of_file);
        self.loaded.models = section.node("models").filter(filled).map(of_file);
        self.loaded.limits = section.node("limits").filter(filled).map(of_file);
        self.loaded.registry = section.node("registry").filter(filled).map(of_file);
        self.loaded.telemetry = section.node("telemetry").filter(filled).map(of_file);
        self.loaded.redis = section.node("redis").filter(filled).map(of_file);
        self.loaded.runs = section.node("runs").filter(filled).map(of_file);
        let patterns = if section.has("prompts") { section.texts("prompts") } else { None };
        let found = patterns.map(|patterns| self.prompts(&section, &patterns));
        let workflows = self.workflows(&mut section, text);
        section.finish();
        if let Some((files, paths)) = found {
            self.loaded.prompts = Some(files);
            self.loaded.watched.extend(paths);
        }
        if let Some((files, paths)) = workflows {
            self.loaded.workflows = Some(files);
            self.loaded.watched.extend(paths);
        }
        for entry in servers.map(|node| entries(&self.problems, &file, "servers", node)).unwrap_or_default() {
            self.loaded.servers.push((entry.key.clone(), entry.node.clone(), file.clone()));
        }
    }

    /// Reads the file of another client beside ours.
    fn foreign(&mut self) {
        let path = self.loaded.folder.join(FOREIGN);
        let file = self.name_of(&path);
        let text = match disk::read_text_if_exists(&path, LIMIT) {
            Ok(Some(text)) if !text.trim().is_empty() => text,
            Ok(_) => return,
            Err(error) => return self.problems.push(unreadable(error)),
        };
        let imported = match import::recognise(&file, &text) {
            Ok(imported) => imported,
            Err(errors) => return errors.into_iter().for_each(|error| self.problems.push(error)),
        };
        self.loaded.notices.extend(imported.notices);
        for (name, mut node) in imported.servers {
            if self.loaded.servers.iter().any(|(ours, _, _)| *ours == name) {
                let place = node.place.in_file(&file);
                self.loaded.notices.push(format!(
                    "{place}: server `{name}` is not read, because the configuration has one of this name"
                ));
                continue;
            }
            self.fill_server(&file, &name, &mut node);
            self.loaded.servers.push((name, node, file.clone()));
        }
        if let Ok(document) = base::config::json(&file, &text) {
            self.loaded.files.push(document);
        }
    }

    /// How messages name a file: short where it lies below the working directory.
    fn name_of(&self, path: &Path) -> String {
        let below = path.strip_prefix(self.loaded.environment.working_directory());
        below.unwrap_or(path).display().to_string()
    }
}

/// A failure of the disk, as a failure of the configuration.
fn unreadable(error: Error) -> Error {
    if error.code() == Code::Disk { Error::new(Code::ConfigUnreadable, error.message(), error.next()) } else { error }
}

#[cfg(test)]
mod tests;
