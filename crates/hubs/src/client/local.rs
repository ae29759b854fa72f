//! A hub in this process, for one command.

use super::Wanted;
use super::address::Address;
use super::exchange::Endpoint;
use crate::context::{Context, Failures};
use assembly::keeper::{self, Keeper};
use assembly::runs::Runs;
use assembly::wiring::{self, Resolved};
use base::config::nearest;
use base::{Code, Error, Secret};
use llm::Gateway;
use server::keys::Keys;
use server::{Limits, Server};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use store::Db;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tools::Hub;
use tools::config::Settings;

/// How long requests may take to end once the command is over: there are none but its own.
const DRAIN: Duration = Duration::from_secs(1);

/// A hub in this process.
pub(super) struct Local {
    hub: Hub,
    db: Db,
    /// What carries runs out, where it does.
    runs: Option<Arc<Runs>>,
    models: Gateway,
    stop: CancellationToken,
    serving: JoinHandle<()>,
    forgets: Option<Error>,
}

/// The servers of a configuration, started in this process, without an address.
pub struct Started {
    /// The hub in front of them.
    pub hub: Hub,
    /// What keeps it as the configuration says.
    pub keeper: Arc<Keeper>,
    /// The fingerprint of the files of the configuration when they were read.
    pub read: Vec<Option<[u8; 32]>>,
    /// What asks models: none.
    pub models: Gateway,
    /// Where it remembers things.
    pub db: Db,
    /// How much its clients may ask for.
    pub limits: Limits,
    /// Whether there is no configuration, so that the built-in `files` is served.
    pub nothing_configured: bool,
    /// Why nothing is remembered, if so.
    pub forgets: Option<Error>,
}

/// Starts the servers of the configuration, or only the one that is named.
pub async fn servers(context: &Context, only: Option<&str>) -> Result<Started, Failures> {
    let loaded = Arc::new(context.load()?);
    let read = assembly::config::fingerprint(&loaded.watched);
    let Resolved { settings, limits, telemetry, nothing_configured, .. } = wiring::resolve(&loaded)?;
    context.output.set_log(&telemetry.log);
    restrict(settings, only)?;
    let (db, forgets) = wiring::store_if_free(&context.environment).await?;
    if let Some(error) = &forgets {
        tracing::info!(%error, "the store is in memory");
    }
    let sealer = wiring::sealer(&context.environment)?;
    let secrets = wiring::secrets(&db, &sealer).await?;
    let prompts = wiring::prompts(&db).await?;
    let workflows = Arc::default();
    let settings = restrict(keeper::settings(&loaded, &secrets, &prompts, &workflows).await?.0, only)?;
    let hub = wiring::hub(db.clone(), settings, &sealer, telemetry.export, None).await?;
    // These servers have their own hub and serve no models, whatever is configured, unless runs ask them.
    let models = wiring::models((&db, &sealer, None), llm::config::Settings::default(), &Keys::default(), &hub).await?;
    let keeper = Keeper::new((hub.clone(), models.clone()), (secrets, prompts, workflows), loaded);
    Ok(Started { hub, models, keeper, read, db, limits, nothing_configured, forgets })
}

/// Starts servers as [`servers`] does, behind a free port and a key that nobody else knows.
pub(super) async fn start(context: &Context, wanted: &Wanted) -> Result<(Local, Arc<Endpoint>), Failures> {
    let key = Secret::new(base::random::hex::<32>()?);
    let sealer = wiring::sealer(&context.environment)?;
    let started = servers(context, wanted.server.as_deref()).await?;
    context.output.message("no hub is running; starting the servers for this command");
    let runs = match &wanted.runs {
        Some(definitions) => {
            let (runs, why) = started.keeper.carry_for_command(&started.db, definitions.clone()).await?;
            if let Some(why) = why {
                context.output.message(&format!("note: {why}. The run is kept in memory, and gone with this command"));
            }
            Some(runs)
        }
        None => None,
    };
    let Started { hub, models, keeper, db, limits, forgets, .. } = started;
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let limits = Limits { drain: DRAIN, ..limits };
    let stop = CancellationToken::new();
    let options = server::Options {
        listen,
        metrics: None,
        sockets: Vec::new(),
        keys: Keys::of_operator(Some(key.clone())),
        limits,
        sealer,
        db: db.clone(),
        prompts: keeper.prompts().clone(),
        secrets: keeper,
        redis: None,
        registry: server::registry::Settings::default(),
        models: models.clone(),
        runs: runs.clone().map(|runs| runs as Arc<dyn server::runs::Runs>),
        webhooks: None,
    };
    let endpoint = match Server::build(options, hub.clone()).await {
        Ok(server) => {
            let address = Address::parse(&server.address().to_string());
            let handle = server.handle();
            let serving = base::task::spawn("hub of this command", server.run(stop.clone()));
            if let Some(runs) = &runs {
                runs.work(handle).await?;
            }
            let local = Local { hub: hub.clone(), db, runs, models, stop, serving, forgets };
            address.and_then(|address| Endpoint::new(address, Some(&key))).map(|endpoint| (local, endpoint))
        }
        Err(error) => Err(error),
    };
    if endpoint.is_err() {
        hub.stop().await;
    }
    Ok(endpoint?)
}

/// Only the server that is named, if one is: the others need not be started.
fn restrict(mut settings: Settings, only: Option<&str>) -> Result<Settings, Error> {
    let Some(name) = only else { return Ok(settings) };
    if !settings.servers.iter().any(|server| server.name == name) {
        return Err(unknown(name, settings.servers.iter().map(|server| server.name.as_str())));
    }
    settings.servers.retain(|server| server.name == name);
    Ok(settings)
}

/// The error for a server that is not there.
pub fn unknown<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Error {
    let known: Vec<&str> = known.collect();
    let next = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "there are no servers; add one with `tutti server add`".to_owned(),
        None => format!("servers: {}", known.join(", ")),
    };
    let name = console::output::one_line(name, 64);
    Error::new(Code::ServerUnknown, format!("there is no server `{name}`"), next)
}

impl Local {
    /// Why nothing is remembered, if so.
    pub(super) fn forgets(&self) -> Option<&Error> {
        self.forgets.as_ref()
    }

    /// Stops the servers and waits until nothing of them is left.
    pub(super) async fn stop(self) {
        self.stop.cancel();
        if let Some(runs) = &self.runs {
            runs.close().await;
        }
        // The servers first: requests that still wait for one of them end with it.
        self.hub.stop().await;
        let _ = self.serving.await;
        self.hub.telemetry().close(wiring::LAST_NUMBERS).await;
        self.models.close().await;
        self.db.close().await;
    }
}
