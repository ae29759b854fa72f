//! Which concrete part stands where: the only file that names them all.

mod notices;

pub use notices::Notice;

use crate::config::{Loaded, Opened, Part, RunSettings};
use crate::entering;
use base::config::{Entry, Node, Place, Problems, Value};
use base::environment::Environment;
use base::ports::ModelProcesses;
use base::seal::Sealer;
use base::{Code, Error, Result};
use identity::{Broker, Secrets, Vault};
use llm::config::File;
use llm::{Gateway, Lessons, Signatures};
use prompts::{Library, Prompt};
use search::MiniLm;
use server::Limits;
use server::keys::Keys;
use spending::Ledger;
use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::redis::{self, Redis};
use store::{Db, KeyValue};
use telemetry::{Telemetry, names};
use tools::Hub;
use tools::config::{Settings, Surroundings, Typed};
use workflow::{Definitions, Gathered};

/// Where the hub listens unless it is told otherwise.
pub const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 4747);

/// What the configuration means.
pub struct Resolved {
    /// Upstreams and views.
    pub settings: Settings,
    /// Providers and routes of models.
    pub models: llm::config::Settings,
    /// How much strangers may ask for.
    pub limits: Limits,
    /// How the views are named and reached in the registry.
    pub registry: server::registry::Settings,
    /// The keys that clients must show.
    pub keys: Keys,
    /// What is told of the hub, and where.
    pub telemetry: telemetry::config::Settings,
    /// How the Redis that replicas share is reached, where there is one.
    pub redis: Option<redis::Settings>,
    /// The prompts of files, where some are configured.
    pub prompts: Option<Vec<Prompt>>,
    /// How runs are kept.
    pub runs: RunSettings,
    /// The workflows, by their names.
    pub workflows: Definitions,
    /// Whether nothing was configured, so that the built-in `files` is served.
    pub nothing_configured: bool,
}

/// Reads every section of the configuration, for those who start nothing: secrets stand as they were typed.
pub fn resolve(loaded: &Loaded) -> Result<Resolved, Vec<Error>> {
    read(loaded, None)
}

/// Reads every section of the configuration, with secrets filled in. A server whose secret is not there, or cannot be
/// opened, keeps only itself from starting; one that is switched off needs none.
pub fn resolve_with(loaded: &Loaded, opened: &Opened) -> Result<Resolved, Vec<Error>> {
    let mut resolved = read(loaded, Some(opened))?;
    if !loaded.vaulted.is_empty() {
        let unread = read(loaded, None)?.settings.servers;
        let uses_secrets =
            |name: &str| loaded.vaulted.iter().any(|vaulted| vaulted.part == Part::Server && vaulted.name == name);
        for server in resolved.settings.servers.iter_mut().filter(|server| uses_secrets(&server.name)) {
            let same = unread.iter().find(|unread| unread.name == server.name);
            server.known_as = same.map(tools::config::Server::fingerprint);
        }
    }
    Ok(resolved)
}

/// What can be read of a configuration, whatever is wrong with it.
pub struct Looked {
    /// What it means, but for its workflows. Where something is wrong this may lack anything.
    pub resolved: Resolved,
    /// Its workflows, as far as they can be read.
    pub workflows: Gathered,
    /// All that is wrong with it, but for its workflows.
    pub errors: Vec<Error>,
}

/// Reads every section of the configuration, for those who tell what is wrong with it.
pub fn look(loaded: &Loaded) -> Looked {
    let problems = Problems::new();
    let resolved = without_workflows(&problems, loaded, None);
    let workflows = Gathered::of(loaded.workflows.as_deref().unwrap_or_default());
    Looked { resolved, workflows, errors: problems.into_result().err().unwrap_or_default() }
}

fn read(loaded: &Loaded, opened: Option<&Opened>) -> Result<Resolved, Vec<Error>> {
    let problems = Problems::new();
    let resolved = without_workflows(&problems, loaded, opened);
    let workflows = workflow::gather(loaded.workflows.as_deref().unwrap_or_default());
    let workflows = told(&problems, workflows).unwrap_or_default();
    problems.into_result()?;
    Ok(Resolved { workflows, ..resolved })
}

fn without_workflows(problems: &Problems, loaded: &Loaded, opened: Option<&Opened>) -> Resolved {
    let filled = |part| -> HashMap<&str, (Node, Option<Error>)> {
        let vaulted = loaded.vaulted.iter().filter(|vaulted| vaulted.part == part);
        let filled = vaulted.filter_map(|one| Some((one.name.as_str(), one.filled(&loaded.environment, opened?))));
        filled.collect()
    };
    let mut models = read_models(problems, loaded, &filled(Part::Provider));
    models.prices.iter_mut().for_each(|prices| prices.resolve(&loaded.folder));
    models.read_files(&loaded.folder);
    models.serve_files(&files(loaded));
    let filled = filled(Part::Server);
    let surroundings = Surroundings {
        environment: loaded.environment.clone(),
        folder: loaded.folder.clone(),
        supervisor: supervisor(),
    };
    let nothing_configured = loaded.servers.is_empty() && loaded.path.is_none();
    let built_in = built_in_of(loaded, nothing_configured);
    let fault = |name: &str| loaded.lacking.iter().find(|(server, _)| server == name).map(|(_, error)| error);
    let servers = loaded.servers.iter().map(|(name, node, file)| match filled.get(name.as_str()) {
        Some((node, lacks)) => Typed { name, node, file, fault: fault(name).or(lacks.as_ref()) },
        None => Typed { name, node, file, fault: fault(name) },
    });
    let typed: Vec<Typed<'_>> = servers.chain(built_in.iter().map(typed_by_nobody)).collect();
    let mut settings = tools::config::read(problems, &typed, of_file(&loaded.views), &surroundings);
    if loaded.require_pinned {
        settings.servers.iter_mut().for_each(tools::config::Server::require_pinned);
    }
    settings.plans = tools::config::read_plans(problems, of_file(&loaded.plans), of_file(&loaded.rules));
    let limits = Limits::read(problems, of_file(&loaded.limits));
    let registry = server::registry::Settings::read(problems, of_file(&loaded.registry));
    let views: Vec<&str> = settings.views.keys().map(String::as_str).chain([tools::config::ALL]).collect();
    let mut keys = server::keys::read(problems, of_file(&loaded.keys), loaded.key.clone(), &views);
    server::keys::read_teams(problems, of_file(&loaded.teams), &mut keys);
    let telemetry = telemetry::config::read(problems, of_file(&loaded.telemetry), &loaded.environment);
    let redis = redis::Settings::read(problems, of_file(&loaded.redis));
    let prompts = loaded.prompts.as_ref().and_then(|files| told(problems, prompts::gather(files)));
    let runs = RunSettings::read(problems, of_file(&loaded.runs));
    Resolved {
        settings,
        models,
        limits,
        registry,
        keys,
        telemetry,
        redis,
        prompts,
        runs,
        workflows: Definitions::new(),
        nothing_configured,
    }
}

/// What was gathered of files, with what is wrong with them among the problems.
fn told<T>(problems: &Problems, gathered: Result<T, Vec<Error>>) -> Option<T> {
    gathered.map_err(|errors| errors.into_iter().for_each(|error| problems.push(error))).ok()
}

/// Reads the section `models`, with the entries of providers whose secrets are `filled` in.
fn read_models(
    problems: &Problems,
    loaded: &Loaded,
    filled: &HashMap<&str, (Node, Option<Error>)>,
) -> llm::config::Settings {
    let mut section = loaded.models.clone();
    let mut lacking = loaded.lacking_providers.clone();
    if let Some((Node { value: Value::Map(parts), .. }, _)) = &mut section
        && let Some(providers) = parts.iter_mut().find(|part| part.key == "providers")
        && let Value::Map(providers) = &mut providers.node.value
    {
        for provider in providers {
            if let Some((node, lacks)) = filled.get(provider.key.as_str()) {
                provider.node = node.clone();
                lacking.extend(lacks.clone().map(|error| (provider.key.clone(), error)));
            }
        }
    }
    llm::config::read(problems, of_file(&section), &lacking)
}

/// The models that this program can run: those in the folder of models, and the one in the binary.
fn files(loaded: &Loaded) -> Vec<File> {
    let found = builtin::files(&builtin::folder(&loaded.environment.home()));
    let file = |found: builtin::File| File { name: found.name, context: found.context, listed: true };
    let mut files: Vec<File> = found.into_iter().map(file).collect();
    if !files.iter().any(|file| file.name == builtin::TINY) {
        let (name, context) = (builtin::TINY.to_owned(), Some(builtin::TINY_CONTEXT));
        files.push(File { name, context, listed: loaded.demo });
    }
    files
}

/// A section and its file.
fn of_file(section: &Option<(Node, String)>) -> Option<(&Node, &str)> {
    section.as_ref().map(|(node, file)| (node, file.as_str()))
}

/// Whether an entry serves what is built in of this kind, under a name of its own.
fn is_of(kind: &str, node: &Node) -> bool {
    node.get("builtin").and_then(|entry| entry.node.scalar_text()).as_deref() == Some(kind)
}

/// The servers that nobody wrote: the files of the working directory, to be read, where nothing is configured, and the
/// prompts and workflows where such are.
fn built_in_of(loaded: &Loaded, nothing_configured: bool) -> Vec<(&'static str, Node)> {
    let has = |kind: &str| loaded.servers.iter().any(|(_, node, _)| is_of(kind, node));
    let kinds = [
        ("files", nothing_configured),
        ("prompts", loaded.prompts.is_some() && !has("prompts")),
        (entering::KIND, loaded.workflows.is_some() && !has(entering::KIND)),
    ];
    kinds.into_iter().filter(|(_, is_there)| *is_there).map(|(kind, _)| (kind, built_in(kind))).collect()
}

fn typed_by_nobody<'a>((name, node): &'a (&'static str, Node)) -> Typed<'a> {
    Typed { name, node, file: "(built in)", fault: None }
}

/// The entry of a server that nobody wrote.
fn built_in(kind: &str) -> Node {
    let place = Place { line: 1, column: 1 };
    let entry = Entry { key: "builtin".to_owned(), key_place: place, node: Node::text(place, kind) };
    Node { place, value: Value::Map(vec![entry]) }
}

/// This program itself, which supervises child processes.
pub fn supervisor() -> Option<PathBuf> {
    // Elsewhere a child is in a process group of its own, and that must do.
    cfg!(target_os = "linux").then(std::env::current_exe).and_then(std::io::Result::ok)
}

/// Where the store lies.
pub fn store_path(environment: &Environment) -> PathBuf {
    environment.home().join("tutti.db")
}

/// Opens the store, in memory where the home folder cannot be written, together with the reason: a laptop with a
/// read-only disk still gets a hub. A store that is damaged, newer or another process's is an error: without logins, pins
/// and sessions a hub would serve something else than the one that kept them.
pub async fn store(environment: &Environment) -> Result<(Db, Option<Error>)> {
    open(&store_path(environment), &[Code::StoreOpen]).await
}

/// Where runs lie, in a store of their own: what is written of them is small and urgent.
pub fn runs_path(environment: &Environment) -> PathBuf {
    environment.home().join("runs.db")
}

/// Opens the store of runs as [`store`] opens that of all else; for a command that can do without it, in memory also while
/// another process has it.
pub async fn runs_store(environment: &Environment, if_free: bool) -> Result<(Db, Option<Error>)> {
    let harmless: &[Code] = if if_free { &[Code::StoreOpen, Code::StoreTaken] } else { &[Code::StoreOpen] };
    open(&runs_path(environment), harmless).await
}

/// Opens the store as [`store`] does, for a command that can do without what a hub keeps: in memory also while another
/// process has it.
pub async fn store_if_free(environment: &Environment) -> Result<(Db, Option<Error>)> {
    open(&store_path(environment), &[Code::StoreOpen, Code::StoreTaken]).await
}

async fn open(path: &Path, harmless: &[Code]) -> Result<(Db, Option<Error>)> {
    match Db::open(path).await {
        Err(error) if harmless.contains(&error.code()) => Ok((Db::memory().await?, Some(error))),
        opened => Ok((opened?, None)),
    }
}

/// What makes and opens sealed texts. Where the home folder cannot be written it is another at every start.
pub fn sealer(environment: &Environment) -> Result<Sealer> {
    match base::master::sealer(environment) {
        Err(error) if error.code() == Code::Disk => Ok(Sealer::new(&base::random::bytes()?)),
        other => other,
    }
}

/// How long what was measured may take to get to its collector when the process ends.
pub const LAST_NUMBERS: std::time::Duration = std::time::Duration::from_secs(5);

/// What measures the process, and sends it where the configuration says.
fn telemetry(export: Option<telemetry::config::Export>, db: &Db) -> Telemetry {
    let telemetry = Telemetry::new(env!("CARGO_PKG_VERSION"));
    let db = db.clone();
    telemetry.watch(Box::new(move |snapshot| {
        let counts = db.counts();
        snapshot.count(&names::STORE_COMMITS, &[], counts.commits);
        snapshot.count(&names::STORE_CHANGES, &[], counts.units);
    }));
    if let Some(export) = export {
        telemetry.export(export);
    }
    telemetry
}

/// The operator's secrets in the store.
pub async fn secrets(db: &Db, sealer: &Sealer) -> Result<Secrets> {
    Secrets::open(db.clone(), sealer).await
}

/// The prompts in the store.
pub async fn prompts(db: &Db) -> Result<Library> {
    Library::open(db.clone()).await
}

/// The Redis that replicas share, where the configuration names one. One that is away is no error: it may come.
pub async fn redis(settings: Option<redis::Settings>, sealer: &Sealer) -> Result<Option<Redis>> {
    match settings {
        Some(settings) => Redis::open(settings, sealer).await.map(Some),
        None => Ok(None),
    }
}

/// What asks models, as `settings` say, with what may be spent by `keys`. Replicas share in `redis` what it keeps.
pub async fn models(
    (db, sealer, redis): (&Db, &Sealer, Option<Redis>),
    settings: llm::config::Settings,
    keys: &Keys,
    hub: &Hub,
) -> Result<Gateway> {
    let signatures = Signatures::open(db.clone(), redis, sealer).await?;
    let lessons = Lessons::open(db.clone()).await?;
    let gateway = Gateway::new(settings, Arc::new(Ledger::open(db).await?), signatures, lessons);
    gateway.change_budgets(keys.budgets()).await?;
    meaning(hub, &gateway);
    Ok(gateway)
}

/// What runs models of files, in processes of this program, where it can be found.
pub fn processes(environment: &Environment) -> Option<Arc<dyn ModelProcesses>> {
    let program = std::env::current_exe().ok()?;
    let processes = builtin::Processes::new(program, builtin::folder(&environment.home()));
    Some(Arc::new(if builtin::USES_CARDS { processes.with_drivers(environment) } else { processes }))
}

/// A hub with these settings, measured.
pub async fn hub(
    db: Db,
    settings: Settings,
    sealer: &Sealer,
    export: Option<telemetry::config::Export>,
    redis: Option<Redis>,
) -> Result<Hub> {
    // Every table that the hub has is looked at before anything is started: those of a newer Tutti are an error.
    KeyValue::new(db.clone()).await?;
    let vault = Vault::open(db.clone(), sealer).await?;
    let broker = Arc::new(Broker::new(vault));
    let telemetry = telemetry(export, &db);
    let embedder = Arc::new(MiniLm::default());
    base::task::spawn("release vocabularies", context::tokens::release_when_idle());
    let hub = Hub::open(db, supervisor(), Some(broker), telemetry, Some(embedder), redis).await?;
    hub.apply(settings).await?;
    Ok(hub)
}

/// Has the gateway of models compare texts as the hub does.
fn meaning(hub: &Hub, models: &Gateway) {
    if let Some(encoding) = hub.encoding() {
        models.compare_by(encoding);
    }
}

#[cfg(test)]
mod tests;
