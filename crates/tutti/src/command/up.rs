//! `tutti up`: serves.

use super::{Command, Context, Failures};
use crate::{reload, status};
use assembly::keeper::{self, Keeper};
use assembly::runs::{Planning, Runs};
use assembly::{config, wiring};
use base::{Code, Error, Result};
use clap::{Arg, ArgMatches};
use console::output::{Output, Style};
use hubs::running::{self, Running};
use hubs::signals::Signals;
use llm::Gateway;
use prompts::Library;
use serde_json::json;
use server::Server;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use store::Db;
use tokio_util::sync::CancellationToken;
use tools::Hub;
use work::model;

/// The command.
pub const COMMAND: Command = Command { arguments, run };

fn arguments() -> clap::Command {
    clap::Command::new("up")
        .about("Serve every MCP server that you have behind one endpoint")
        .long_about(
            "Serves every MCP server of tutti.yaml (and of mcp.json beside it) behind one endpoint.\n\
             Without a configuration it serves the files of this folder, read only.",
        )
        .arg(
            Arg::new("listen")
                .long("listen")
                .value_name("ADDRESS")
                .value_parser(clap::value_parser!(SocketAddr))
                .help("Where to listen [default: 127.0.0.1:4747; port 0 takes a free one]"),
        )
        .arg(
            Arg::new("socket")
                .long("socket")
                .value_name("PATH")
                .value_parser(clap::value_parser!(PathBuf))
                .help("A Unix socket to listen on too, one message a line; only you may connect"),
        )
        .arg(
            Arg::new("state")
                .long("state")
                .value_name("WHERE")
                .value_parser(["disk", "memory"])
                .default_value("disk")
                .help("Where state is kept: on disk in TUTTI_HOME, or in memory, gone when the hub ends"),
        )
        .arg(
            Arg::new("demo").long("demo").action(clap::ArgAction::SetTrue).conflicts_with("state").help(
                "Show what it does without a configuration, a key or a network: with a tiny model, all in memory",
            ),
        )
}

/// What was asked for on the command line.
struct Asked {
    listen: Option<SocketAddr>,
    socket: Option<PathBuf>,
    in_memory: bool,
    demo: bool,
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let socket = matches.get_one::<PathBuf>("socket");
    let demo = matches.get_flag("demo");
    let asked = Asked {
        listen: matches.get_one::<SocketAddr>("listen").copied(),
        socket: socket.map(|path| context.environment.working_directory().join(path)),
        in_memory: demo || matches.get_one::<String>("state").is_some_and(|state| state == "memory"),
        demo,
    };
    context.block_on(serve(context, asked))
}

async fn serve(context: &Context, asked: Asked) -> Result<u8, Failures> {
    let loaded = Arc::new(if asked.demo { config::demo(&context.environment) } else { context.load()? });
    let read = config::fingerprint(&loaded.watched);
    let resolved = wiring::resolve(&loaded)?;
    context.output.set_log(&resolved.telemetry.log);
    let everything = |path| vec![(tools::config::ALL.to_owned(), path)];
    let sockets = asked.socket.map_or_else(|| loaded.sockets.clone(), everything);
    let listen = asked.listen.or(loaded.listen).unwrap_or(wiring::DEFAULT_LISTEN);
    check_free(context, listen).await?;
    let (sealer, planning) = (wiring::sealer(&context.environment)?, Planning::of(&resolved));
    let (db, notice) = store(context, asked.in_memory).await?;
    tell(context, &resolved, loaded.notices.iter().cloned().chain(notice));
    let secrets = wiring::secrets(&db, &sealer).await?;
    let (prompts, workflows) = (wiring::prompts(&db).await?, Arc::default());
    let (settings, models) = keeper::settings(&loaded, &secrets, &prompts, &workflows).await?;
    let redis = wiring::redis(resolved.redis, &sealer).await?;
    let hub = wiring::hub(db.clone(), settings, &sealer, resolved.telemetry.export, redis.clone()).await?;
    let models = wiring::models((&db, &sealer, redis.clone()), models, &resolved.keys, &hub).await?;
    wiring::processes(&context.environment).into_iter().for_each(|processes| models.run_files_by(processes));
    let followed = follow(&models, (!asked.in_memory).then(|| context.environment.home())).await;
    let known = (secrets.clone(), prompts.clone(), Arc::clone(&workflows));
    let keeper = Keeper::new((hub.clone(), models.clone()), known, Arc::clone(&loaded));
    let stores = (runs_store(context, asked.in_memory).await?, &db);
    let runs = Runs::open(stores, (&hub, &models, &prompts, &workflows), planning, &loaded.folder).await?;
    keeper.carries_by(Arc::clone(&runs));
    let (shown, vault) = (sockets.clone(), Arc::clone(&keeper));
    let options = server::Options {
        listen,
        metrics: resolved.telemetry.listen,
        sockets,
        keys: resolved.keys,
        limits: resolved.limits,
        sealer,
        db: db.clone(),
        secrets: vault,
        redis,
        registry: resolved.registry,
        models: models.clone(),
        prompts: prompts.clone(),
        runs: Some(Arc::clone(&runs) as Arc<dyn server::runs::Runs>),
        webhooks: Some(runs.webhooks(&secrets)),
    };
    let server = build(options, &hub).await?;
    let url = format!("http://{}/mcp", server.address());
    let announcement = announce(context, &url, &loaded);
    let metrics = server.metrics_address().map(|address| format!("http://{address}/metrics"));
    greet(context, &url, metrics.as_deref(), &shown, (&hub, &models), (resolved.nothing_configured, loaded.demo));
    let (stop, cut) = (CancellationToken::new(), CancellationToken::new());
    let end = stop_on_signal(context, stop.clone(), cut.clone())?;
    hint(context, &resolved.models);
    keeper.serves_by(server.handle());
    work(context, &hub, &runs, server.handle()).await?;
    let ended = serve_until(context, &keeper, read, server, (&stop, &cut)).await;
    end.abort();
    followed.iter().for_each(tokio::task::JoinHandle::abort);
    drop(announcement);
    runs.close().await;
    close(&hub, (&models, &prompts), db).await;
    Ok(ended.map(|()| 0)?)
}

/// Serves until `stop`, and follows the configuration; `cut` ends it at once.
async fn serve_until(
    context: &Context,
    keeper: &Arc<Keeper>,
    read: Vec<Option<[u8; 32]>>,
    server: Server,
    (stop, cut): (&CancellationToken, &CancellationToken),
) -> Result<()> {
    let serving =
        async { tokio::join!(Box::pin(reload::follow(context, keeper, read, stop)), server.run(stop.clone())) };
    tokio::select! {
        (followed, ()) = serving => followed,
        () = cut.cancelled() => {
            Err(Error::new(Code::Interrupted, "what was under way was cut off", "nothing: it was told to stop twice"))
        }
    }
}

/// Lets commands find the hub, as long as what is given stays.
fn announce(context: &Context, url: &str, loaded: &config::Loaded) -> Result<running::Announcement> {
    let entry = Running { url: url.to_owned(), folder: loaded.folder.clone(), pid: std::process::id() };
    running::announce(&context.environment, &entry)
}

/// Tells a person what they should know.
fn tell(context: &Context, resolved: &wiring::Resolved, others: impl Iterator<Item = String>) {
    let of_keys = resolved.notices().into_iter().map(|notice| format!("{}; {}", notice.message, notice.next));
    let notices = others.chain(of_keys).chain(resolved.telemetry.notices.iter().cloned());
    notices.for_each(|notice| context.output.message(&format!("note: {notice}")));
}

/// Looks whether the address is free before anything else, so that a hub that runs already is the first thing that is told.
async fn check_free(context: &Context, listen: SocketAddr) -> Result<()> {
    if listen.port() != 0 {
        base::network::listen(listen).await.map_err(|error| taken(context, listen, error))?;
    }
    Ok(())
}

/// Tells a person of servers of models on this machine that are not configured, when and if they answer.
fn hint(context: &Context, models: &llm::config::Settings) {
    let (output, environment) = (context.output.clone(), &context.environment);
    let is_set = |name| environment.get(name).is_some_and(|value| !value.is_empty());
    if output.json || !output.can_ask() || is_set("CI") || environment.get("TUTTI_HINTS") == Some("off") {
        return;
    }
    let ports: Vec<u16> = models.providers.values().map(|provider| provider.address.port).collect();
    base::task::spawn("hint", async move {
        if let Some(line) = model::hint(&ports).await {
            output.message(&output.paint_message(Style::Faint, &line));
        }
    });
}

/// Has prices of models read anew, beginning with those that were kept in `home`, and looks whether providers answer.
async fn follow(models: &Gateway, home: Option<PathBuf>) -> [tokio::task::JoinHandle<()>; 2] {
    if let Some(home) = home.clone() {
        models.recall_prices(home).await;
    }
    [models.follow_prices(home), models.follow_probes()]
}

/// Ends what was begun, the store last.
async fn close(hub: &Hub, (models, prompts): (&Gateway, &Library), db: Db) {
    hub.stop().await;
    hub.telemetry().close(wiring::LAST_NUMBERS).await;
    models.close().await;
    if let Err(error) = prompts.flush().await {
        tracing::warn!(%error, "what requests came to cannot be booked to the arms of experiments");
    }
    db.close().await;
}

/// The server in front of `hub`, which is stopped where there can be none.
async fn build(options: server::Options, hub: &Hub) -> Result<Server> {
    let server = Server::build(options, hub.clone()).await;
    if server.is_err() {
        hub.stop().await;
    }
    server
}

/// The error for an address that is taken, with the name of the hub that has it, if it is one.
fn taken(context: &Context, listen: SocketAddr, error: Error) -> Error {
    let url = format!("http://{listen}/mcp");
    let Some(hub) = running::all(&context.environment).into_iter().find(|hub| hub.url == url) else { return error };
    Error::new(
        Code::AddressInUse,
        format!("{listen} is taken by the hub of {} (process {})", hub.folder.display(), hub.pid),
        "use that hub (`tutti server list`), or choose another address with --listen 127.0.0.1:0 (any free port)",
    )
}

/// The store, and what to tell of it. It is one hub's: two would carry on the same sessions and renew the same tokens.
async fn store(context: &Context, in_memory: bool) -> Result<(Db, Option<String>)> {
    const MEANS: &str = "Nothing will be remembered over a restart";
    if in_memory {
        return Ok((Db::memory().await?, Some(format!("state is kept in memory. {MEANS}"))));
    }
    let (db, why) = wiring::store(&context.environment).await.map_err(|error| match error.code() {
        Code::StoreTaken => store_taken(context, error),
        _ => error,
    })?;
    Ok((db, why.map(|error| format!("{error}. {MEANS}"))))
}

/// The store of runs. Where it can only be in memory, so is the other, and that was told.
async fn runs_store(context: &Context, in_memory: bool) -> Result<Db> {
    if in_memory {
        return Db::memory().await;
    }
    Ok(wiring::runs_store(&context.environment, false).await?.0)
}

/// The error for a store that another process has, with what is known of that one.
fn store_taken(context: &Context, error: Error) -> Error {
    let path = wiring::store_path(&context.environment);
    let Some(holder) = Db::holder(&path) else { return error };
    let hub = running::all(&context.environment).into_iter().find(|hub| hub.pid == holder);
    let (who, first) = match hub {
        Some(hub) => {
            let who = format!("the hub of {} at {} (process {holder})", hub.folder.display(), hub.url);
            (who, "use that hub or stop it")
        }
        None => {
            let who = format!("process {holder}, which is no hub; often a client has started `tutti mcp`");
            (who, "end it")
        }
    };
    let next = format!("{first}, or give this one a folder of its own: `TUTTI_HOME=DIR tutti up`");
    Error::new(Code::StoreTaken, format!("the store {} is in use by {who}", path.display()), next)
}

/// Stops at SIGTERM and Ctrl-C; a second one does not wait for what is under way.
fn stop_on_signal(
    context: &Context,
    stop: CancellationToken,
    cut: CancellationToken,
) -> Result<tokio::task::JoinHandle<()>> {
    let mut signals = Signals::take()?;
    let output = context.output.clone();
    Ok(base::task::spawn("signals", async move {
        signals.next().await;
        output.message("stopping; what is under way may end (Ctrl-C again cuts it off)");
        stop.cancel();
        signals.next().await;
        cut.cancel();
    }))
}

/// Says where the hub is, what it serves, and what to try next.
fn greet(
    context: &Context,
    url: &str,
    metrics: Option<&str>,
    sockets: &[(String, PathBuf)],
    (hub, models): (&Hub, &Gateway),
    (nothing_configured, demo): (bool, bool),
) {
    let output = &context.output;
    for (name, error) in models.faults() {
        output.message(&format!("note: the provider `{name}` of models is not asked: {error}"));
    }
    let upstreams = hub.upstreams();
    if output.json {
        let names: Vec<&str> = upstreams.iter().map(|upstream| upstream.settings.name.as_str()).collect();
        let (pid, views) = (std::process::id(), hub.view_names());
        // A path may be no Unicode, and is shown as well as it can be.
        let shown = |(view, path): &(String, PathBuf)| (view.clone(), json!(path.display().to_string()));
        let by_view: serde_json::Map<_, _> = sockets.iter().map(shown).collect();
        let socket = by_view.get(tools::config::ALL);
        output.value(&json!({
            "url": url, "socket": socket, "sockets": by_view, "servers": names, "views": views, "pid": pid,
            "metrics": metrics,
        }));
        return;
    }
    output.line(&format!("{} {url}", output.paint(Style::Strong, "Tutti serves")));
    for (view, path) in sockets {
        let of_view = if view == tools::config::ALL { String::new() } else { format!(" of view {view}") };
        output.line(&format!("  socket{of_view}  {}", path.display()));
    }
    for view in hub.view_names().iter().filter(|view| *view != tools::config::ALL) {
        output.line(&format!("  view {view}  {url}/{view}"));
    }
    if let (names, Some(origin)) = (models.names(), url.strip_suffix("/mcp"))
        && !names.is_empty()
    {
        output.line(&format!("  models  {origin}/v1  {}", names.join(", ")));
    }
    if let Some(metrics) = metrics {
        output.line(&format!("  metrics  {metrics}"));
    }
    output.line("");
    for upstream in &upstreams {
        let name = output.paint(Style::Strong, &upstream.settings.name);
        output.line(&format!("  {name}  {}", upstream.settings.summary()));
    }
    suggest(output, url, (nothing_configured, demo));
}

/// Carries runs out, and tells of each server when it is ready or not, now that it is known which workflows there are.
async fn work(context: &Context, hub: &Hub, runs: &Arc<Runs>, handle: server::Handle) -> Result<()> {
    runs.work(handle).await?;
    for upstream in hub.upstreams().into_iter().filter(|_| !context.output.json) {
        let told = status::tell(context.output.clone(), upstream, Some(Arc::clone(runs)));
        base::task::spawn("status line", told);
    }
    Ok(())
}

/// Says what to try next.
fn suggest(output: &Output, url: &str, (nothing_configured, demo): (bool, bool)) {
    if nothing_configured && !demo {
        output
            .line("\nNothing is configured, so this folder is served, read only. `tutti init` writes a configuration.");
    }
    output.line("\nTry in another terminal:");
    if let (true, Some(origin)) = (demo, url.strip_suffix("/mcp")) {
        let body = |more: &str| {
            format!(r#"{{{more}"model":"tiny","messages":[{{"role":"user","content":"What is 2 plus 3?"}}]}}"#)
        };
        output.line(
            "  tutti ask 'What is 2 plus 3?'\n  tutti tool call mcp://files/list_directory\n  tutti workflow run tour",
        );
        output.line(&format!("  curl {origin}/v1/chat/completions --json '{}'", body("")));
        output.line(&format!("  curl {origin}/v1/messages --json '{}'\n", body(r#""max_tokens":50,"#)));
        return;
    }
    let example = if nothing_configured { "tutti tool call mcp://files/list_directory" } else { "tutti server list" };
    output.line(&format!("  tutti tool list\n  {example}\n  tutti connect claude-code\n"));
}
