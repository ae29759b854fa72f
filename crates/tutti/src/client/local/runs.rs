//! Runs that a hub of one command carries out.

use super::Started;
use crate::context::{Context, Failures};
use assembly::keeper;
use assembly::runs::{Planning, Runs};
use assembly::wiring;
use std::sync::Arc;
use workflow::Definitions;

/// What carries out the runs of the configuration and of `definitions`, by servers that were started. The models of the
/// configuration are served for them.
pub(super) async fn of(context: &Context, started: &Started, definitions: Definitions) -> Result<Arc<Runs>, Failures> {
    let loaded = started.keeper.current().await;
    let resolved = wiring::resolve(&loaded)?;
    let (db, why) = wiring::runs_store(&context.environment, true).await?;
    if let Some(why) = why {
        context.output.message(&format!("note: {why}. The run is kept in memory, and gone with this command"));
    }
    let sealer = wiring::sealer(&context.environment)?;
    let secrets = wiring::secrets(&started.db, &sealer).await?;
    let prompts = started.keeper.prompts();
    let (_, models) = keeper::settings(&loaded, &secrets, prompts).await?;
    started.models.reconfigure(models);
    started.models.change_budgets(resolved.keys.budgets()).await?;
    wiring::processes(&context.environment).into_iter().for_each(|processes| started.models.run_files_by(processes));
    let planning = Planning::of(&resolved).with(definitions);
    let parts = (&started.hub, &started.models, prompts);
    Ok(Runs::open((db, &started.db), parts, planning, &loaded.folder).await?)
}
