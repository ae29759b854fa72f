//! Keeps the hub as the configuration and the vault say. The configuration is read by files, the vault changed by
//! requests; what comes of both together is applied here, one after the other.

use crate::config::{Loaded, Opened};
use crate::runs::{Planning, Runs};
use crate::wiring::{self, Resolved};
use crate::{entering, prompting};
use base::ports::Wait;
use base::{Code, Error, Result, Secret};
use entrances::Tools;
use identity::Secrets;
use llm::Gateway;
use prompts::{Library, Prompt};
use server::Handle;
use server::secrets::{Changed, Kept, Listed};
use std::sync::{Arc, OnceLock};
use store::Db;
use tools::Hub;
use tools::config::Settings;
use workflow::Definitions;

/// Keeps a hub.
pub struct Keeper {
    hub: Hub,
    models: Gateway,
    secrets: Secrets,
    prompts: Library,
    /// The workflows as tools.
    workflows: Arc<Tools>,
    /// What carries runs out, where this hub does.
    runs: OnceLock<Arc<Runs>>,
    /// The server in front of it; nothing over standard input and output, where no key is shown.
    server: OnceLock<Handle>,
    /// The configuration that is in force. The lock is held while another takes its place, or a secret.
    current: tokio::sync::Mutex<Arc<Loaded>>,
}

impl Keeper {
    /// Keeps `hub` and `models`, which are as `loaded` says.
    pub fn new(
        (hub, models): (Hub, Gateway),
        (secrets, prompts, workflows): (Secrets, Library, Arc<Tools>),
        loaded: Arc<Loaded>,
    ) -> Arc<Self> {
        Arc::new(Self {
            hub,
            models,
            secrets,
            prompts,
            workflows,
            runs: OnceLock::new(),
            server: OnceLock::new(),
            current: tokio::sync::Mutex::new(loaded),
        })
    }

    /// Names the server in front of the hub, which takes other keys with another configuration.
    pub fn serves_by(&self, server: Handle) {
        let _ = self.server.set(server);
    }

    /// Names what carries runs out, which serves other workflows with another configuration.
    pub fn carries_by(&self, runs: Arc<Runs>) {
        let _ = self.runs.set(runs);
    }

    /// What carries runs out, where something does.
    pub fn runs(&self) -> Option<&Arc<Runs>> {
        self.runs.get()
    }

    /// The hub.
    pub fn hub(&self) -> &Hub {
        &self.hub
    }

    /// The configuration that is in force.
    pub async fn current(&self) -> Arc<Loaded> {
        Arc::clone(&*self.current.lock().await)
    }

    /// Makes hub and server what `loaded` says: all of it or nothing. The views come first: a new key may be for a new one,
    /// and none may see more than it should.
    pub async fn take(&self, loaded: Loaded) -> Result<(), Vec<Error>> {
        let mut current = self.current.lock().await;
        let keys = wiring::resolve(&loaded)?.keys;
        if let Some(server) = self.server.get() {
            server.check_keys(&keys).map_err(|error| vec![error])?;
        }
        self.apply(&loaded).await?;
        *current = Arc::new(loaded);
        match self.server.get() {
            Some(server) => server.change_keys(&keys).await.map_err(|error| vec![error]),
            None => Ok(()),
        }
    }

    async fn apply(&self, loaded: &Loaded) -> Result<(), Vec<Error>> {
        let opened = opened(&self.secrets).await.map_err(|error| vec![error])?;
        let resolved = wiring::resolve_with(loaded, &opened)?;
        let planned = self.runs.get().map(|runs| (runs, Planning::of(&resolved)));
        let Resolved { mut settings, models, keys, prompts, .. } = resolved;
        with_prompts(&self.prompts, prompts.as_deref(), &mut settings).await.map_err(|error| vec![error])?;
        entering::hand_in(&self.workflows, &mut settings);
        self.hub.apply(settings).await.map_err(|error| vec![error])?;
        self.models.reconfigure(models);
        self.models.change_budgets(keys.budgets()).await.map_err(|error| vec![error])?;
        match planned {
            Some((runs, planning)) => runs.take(planning).await.map_err(|error| vec![error]),
            None => Ok(()),
        }
    }

    /// Has clients see the prompts as they are by now.
    pub async fn follow_prompts(&self) -> Result<()> {
        let loaded = self.current.lock().await;
        self.again(&loaded).await
    }

    /// Carries out runs for one command, whose hub this keeps: those of the configuration and of `definitions`. Models are served
    /// as the configuration says from then on. Also gives why the runs are only in memory, if so.
    ///
    /// # Errors
    /// All that is wrong with the configuration; those of the stores.
    pub async fn carry_for_command(
        &self,
        store: &Db,
        definitions: Definitions,
    ) -> Result<(Arc<Runs>, Option<Error>), Vec<Error>> {
        let one = |error: Error| vec![error];
        let loaded = self.current().await;
        let resolved = wiring::resolve(&loaded)?;
        let (db, why) = wiring::runs_store(&loaded.environment, true).await.map_err(one)?;
        let (_, models) = settings(&loaded, &self.secrets, &self.prompts, &self.workflows).await?;
        self.models.reconfigure(models);
        self.models.change_budgets(resolved.keys.budgets()).await.map_err(one)?;
        let processes = wiring::processes(&loaded.environment);
        processes.into_iter().for_each(|processes| self.models.run_files_by(processes));
        let planning = Planning::of(&resolved).with(definitions);
        let parts = (&self.hub, &self.models, &self.prompts, &self.workflows);
        Ok((Runs::open((db, store), parts, planning, &loaded.folder).await.map_err(one)?, why))
    }

    /// The prompts.
    pub fn prompts(&self) -> &Library {
        &self.prompts
    }

    /// Has servers and providers use the secrets as they are by now.
    async fn again(&self, loaded: &Loaded) -> Result<()> {
        let first = |errors: Vec<Error>| errors.into_iter().next();
        let applied = self.apply(loaded).await;
        applied.map_err(|errors| {
            first(errors).unwrap_or_else(|| Error::internal("a configuration fails without an error"))
        })
    }
}

/// Takes over the prompts of files, where some are configured, and hands the library in as an upstream.
async fn with_prompts(library: &Library, prompts: Option<&[Prompt]>, settings: &mut Settings) -> Result<()> {
    if let Some(prompts) = prompts {
        library.take(prompts).await?;
    }
    prompting::hand_in(library, settings).await
}

/// What `loaded` says of servers and of models, with the secrets that are set, the prompts that there are, and `workflows`.
pub async fn settings(
    loaded: &Loaded,
    secrets: &Secrets,
    library: &Library,
    workflows: &Arc<Tools>,
) -> Result<(Settings, llm::config::Settings), Vec<Error>> {
    let opened = opened(secrets).await.map_err(|error| vec![error])?;
    let Resolved { mut settings, models, prompts, .. } = wiring::resolve_with(loaded, &opened)?;
    with_prompts(library, prompts.as_deref(), &mut settings).await.map_err(|error| vec![error])?;
    entering::hand_in(workflows, &mut settings);
    Ok((settings, models))
}

/// All secrets.
async fn opened(secrets: &Secrets) -> Result<Opened> {
    Ok(secrets.all().await?.into_iter().map(|kept| (kept.name, kept.value)).collect())
}

/// The secrets that are set, and those that the configuration uses, if there is one that can be read.
pub async fn list(secrets: &Secrets, loaded: Option<&Loaded>) -> Result<Listed> {
    let kept = secrets.all().await?;
    let used = loaded.into_iter().flat_map(|loaded| &loaded.vaulted).flat_map(|vaulted| &vaulted.names);
    let mut missing: Vec<String> = used.filter(|name| !kept.iter().any(|kept| kept.name == **name)).cloned().collect();
    missing.sort_unstable();
    missing.dedup();
    let set = kept.into_iter().map(|kept| {
        let used_by = users(loaded, &kept.name);
        Kept { used_by, name: kept.name, set_at: kept.set_at, error: kept.value.err() }
    });
    let missing = missing.into_iter().map(|name| (name.clone(), users(loaded, &name)));
    Ok(Listed { set: set.collect(), missing: missing.collect() })
}

/// Sets a secret.
pub async fn set(secrets: &Secrets, loaded: Option<&Loaded>, name: String, value: &Secret<String>) -> Result<Changed> {
    let before = secrets.set(&name, value).await?;
    Ok(Changed { used_by: users(loaded, &name), name, before })
}

/// Removes a secret, one that servers use only with `force`.
pub async fn remove(secrets: &Secrets, loaded: Option<&Loaded>, name: String, force: bool) -> Result<Changed> {
    let used_by = users(loaded, &name);
    if !used_by.is_empty() && !force {
        return Err(in_use(&name, &used_by));
    }
    secrets.remove(&name).await?;
    Ok(Changed { name, before: true, used_by })
}

fn users(loaded: Option<&Loaded>, name: &str) -> Vec<String> {
    loaded.map(|loaded| loaded.users_of(name)).unwrap_or_default()
}

fn in_use(name: &str, used_by: &[String]) -> Error {
    let servers: Vec<String> = used_by.iter().map(|server| format!("`{server}`")).collect();
    let verb = if servers.len() == 1 { "uses" } else { "use" };
    Error::new(
        Code::SecretInUse,
        format!("{} {verb} the secret `{name}`", servers.join(", ")),
        format!("take it out of the configuration first, or say `tutti secret remove {name} --force`"),
    )
}

impl server::secrets::Secrets for Keeper {
    fn list(&self) -> Wait<'_, Listed> {
        Box::pin(async move {
            let loaded = self.current().await;
            list(&self.secrets, Some(&loaded)).await
        })
    }

    fn set(&self, name: String, value: Secret<String>) -> Wait<'_, Changed> {
        Box::pin(async move {
            let loaded = self.current.lock().await;
            let changed = set(&self.secrets, Some(&loaded), name, &value).await?;
            tracing::info!(target: "audit", secret = changed.name, replaced = changed.before, "a secret was set");
            self.again(&loaded).await?;
            Ok(changed)
        })
    }

    fn remove(&self, name: String, force: bool) -> Wait<'_, Changed> {
        Box::pin(async move {
            let loaded = self.current.lock().await;
            let changed = remove(&self.secrets, Some(&loaded), name, force).await?;
            tracing::info!(target: "audit", secret = changed.name, "a secret was removed");
            self.again(&loaded).await?;
            Ok(changed)
        })
    }
}
