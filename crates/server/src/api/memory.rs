//! What runs remember, for whoever runs the hub: lists, single notes, search, sizes, and what may go.

use super::input::Asked;
use super::operation::{Parameter, Shape};
use super::runs::{Carried, carried};
use crate::answer::{Refusal, plain_json};
use axum::Extension;
use axum::extract::Path;
use axum::response::Response;
use base::ports::Principal;
use base::{Code, Error, clock};
use context::tokens::Family;
use journal::Filter as OfRuns;
use memory::{Filter, Fragment, Memory, Pruning, Scope, Scopes, Size, limits};
use runner::Runner;
use serde_json::{Value, json};

/// Of so many runs, the newest, it is told what their steps were spared.
const RUNS: usize = 50;
/// Characters of a note that a search shows.
const BEGINNING: usize = 300;
/// The longest query, in bytes.
const QUERY_BYTES: usize = 2_000;
/// Seconds of a hundred years.
const LONGEST: u64 = 3_155_760_000;

/// The scopes that are told of.
pub(crate) const SCOPE: Parameter = Parameter {
    name: "scope",
    about: "Only this scope, as `project` or `user:ann`, or all scopes of this name, as `run:`.",
    shape: Shape::Pattern("^[^:]"),
};

/// Behind which fragment a list begins.
pub(crate) const AFTER: Parameter =
    Parameter { name: "after", about: "What `next` said of the page before.", shape: Shape::Text };

/// How many fragments are told of.
pub(crate) const LIMIT: Parameter = Parameter {
    name: "limit",
    about: "The most fragments of the answer; 100 unless said.",
    shape: Shape::Whole(limits::PAGE as u64),
};

/// How many notes are found.
pub(crate) const FOUND: Parameter = Parameter {
    name: "limit",
    about: "The most notes of the answer; 10 unless said.",
    shape: Shape::Whole(limits::FOUND as u64),
};

/// What is searched.
pub(crate) const QUERY: Parameter = Parameter {
    name: "query",
    about: "What the notes are to be about; of more than 2000 bytes, the beginning.",
    shape: Shape::Text,
};

/// Which version is told.
pub(crate) const VERSION: Parameter =
    Parameter { name: "version", about: "The version; the newest unless said.", shape: Shape::Whole((1 << 53) - 1) };

/// In which run an original is looked for besides.
pub(crate) const RUN: Parameter =
    Parameter { name: "run", about: "The id of a run: what it was given and its steps gave too.", shape: Shape::Text };

/// How old versions are that go.
pub(crate) const OLDER_THAN: Parameter = Parameter {
    name: "older_than",
    about: "Versions that are not the newest go if they were written so many seconds ago; unless said, all of them.",
    shape: Shape::Whole(LONGEST),
};

/// Whether it is only told what would go.
pub(crate) const DRY_RUN: Parameter =
    Parameter { name: "dry_run", about: "Whether it is only counted what would go.", shape: Shape::Flag };

/// The moment that somebody was told what would go.
pub(crate) const AT: Parameter = Parameter {
    name: "at",
    about: "What `at` said when it was counted, in milliseconds since 1970: only what was over then goes.",
    shape: Shape::Whole((1 << 53) - 1),
};

/// Fragments in the order of their scopes and keys, the newest version of each.
pub(crate) async fn list(Extension(runs): Carried, asked: Asked) -> Result<Response, Refusal> {
    // No key has an `@`, and no name of a scope a `:`.
    let after = asked.text(&AFTER)?.map(|after| {
        let (key, address) = after.split_once('@').unwrap_or((after, ""));
        let (name, of) = address.split_once(':').unwrap_or((address, ""));
        [name, of, key].map(str::to_owned)
    });
    let most = number(asked.whole(&LIMIT)?, 100);
    let filter = Filter { tenant: tenant(), scopes: scopes(&asked)?, after, most };
    let fragments = carried(&runs)?.runner().memory().list(&filter, now()).await?;
    let last = fragments.last().filter(|_| fragments.len() == most);
    let next = last.map(|last| format!("{}@{}", last.key, last.scope.address()));
    let shown: Vec<Value> = fragments.iter().map(Fragment::to_json).collect();
    Ok(plain_json(json!({"fragments": shown, "next": next}).to_string()))
}

/// A fragment with its text.
pub(crate) async fn show(
    Extension(runs): Carried,
    Path((scope, key)): Path<(String, String)>,
    asked: Asked,
) -> Result<Response, Refusal> {
    let version = asked.whole(&VERSION)?;
    let memory = carried(&runs)?.runner().memory();
    // Where there can be nothing, there is nothing.
    let nothing = |error: Error| Error::new(Code::MemoryUnknown, error.message(), error.next());
    let scope = Scope::at(&tenant(), &scope).map_err(nothing)?;
    let fragment = match version {
        Some(version) => memory.version(&scope, &key, version).await?,
        None => memory.latest(&scope, &key, now()).await?.ok_or_else(|| unknown(&scope, &key))?,
    };
    let text = memory.text(&fragment).await?;
    let tokens = memory.tokens(&fragment, &text, Family::default()).await?;
    let versions = memory.versions(&scope, &key, 1, limits::PAGE).await?;
    let mut said = fragment.to_json();
    said["text"] = text.into();
    said["tokens"] = tokens.tokens.into();
    said["versions"] = versions.iter().map(|fragment| fragment.version).collect();
    Ok(plain_json(said.to_string()))
}

/// What has a handle, whole.
pub(crate) async fn original(
    Extension(runs): Carried,
    Path(handle): Path<String>,
    asked: Asked,
) -> Result<Response, Refusal> {
    let said = runner::original(carried(&runs)?.runner(), &tenant(), &handle, asked.text(&RUN)?).await?;
    Ok(plain_json(said.to_string()))
}

/// The notes that are most about something.
pub(crate) async fn search(Extension(runs): Carried, asked: Asked) -> Result<Response, Refusal> {
    let query = asked.text(&QUERY)?.unwrap_or_default();
    let query = query.get(..query.floor_char_boundary(QUERY_BYTES)).unwrap_or_default();
    let (scopes, most) = (scopes(&asked)?, number(asked.whole(&FOUND)?, 10));
    let memory = carried(&runs)?.runner().memory();
    let mut notes = Vec::new();
    for fragment in memory.find(&tenant(), &scopes, query, most, now()).await? {
        let text = memory.text(&fragment).await?;
        let mut said = fragment.to_json();
        said["beginning"] = text.chars().take(BEGINNING).collect::<String>().into();
        notes.push(said);
    }
    Ok(plain_json(json!({"fragments": notes}).to_string()))
}

/// How much there is, and what the steps of the last runs were spared.
pub(crate) async fn stats(Extension(runs): Carried) -> Result<Response, Refusal> {
    let runner = carried(&runs)?.runner();
    let stats = runner.memory().stats(&tenant()).await?;
    let scopes = stats.largest.iter().map(|(address, size)| {
        let mut said = of_size(*size);
        said["scope"] = address.as_str().into();
        said
    });
    let mut said = of_size(stats.all);
    said["scopes"] = stats.scopes.into();
    said["largest"] = scopes.collect();
    said["context"] = spared(runner).await?;
    Ok(plain_json(said.to_string()))
}

/// Removes what is over and old versions.
pub(crate) async fn prune(Extension(runs): Carried, asked: Asked) -> Result<Response, Refusal> {
    let (dry_run, at) = (asked.flag(&DRY_RUN)?, asked.whole(&AT)?);
    let now = at.map_or_else(now, |at| at.min(now()));
    let seconds = asked.whole(&OLDER_THAN)?.unwrap_or_default();
    let old = now.saturating_sub(seconds.saturating_mul(1_000));
    let wanted = Pruning { tenant: tenant(), scopes: scopes(&asked)?, now, old };
    let memory: &Memory = carried(&runs)?.runner().memory();
    let (fragments, bytes) = if dry_run { memory.prunable(&wanted).await? } else { memory.prune_all(&wanted).await? };
    Ok(plain_json(json!({"fragments": fragments, "bytes": bytes, "pruned": !dry_run, "at": now}).to_string()))
}

/// What the steps of the last runs read of all that they could have read.
async fn spared(runner: &dyn Runner) -> Result<Value, Error> {
    let filter = OfRuns { tenant: Some(tenant()), ..OfRuns::default() };
    let runs = runner.list(filter, None, RUNS).await?.runs;
    let (mut given, mut all) = (0_usize, 0_usize);
    for run in &runs {
        let about = match runner.inspect(run.id).await {
            Ok(about) => about,
            // It was forgotten meanwhile.
            Err(error) if error.code() == Code::RunUnknown => continue,
            Err(error) => return Err(error),
        };
        for tokens in about.steps.iter().filter_map(|step| step.context.as_ref()) {
            given = given.saturating_add(tokens.given);
            all = all.saturating_add(tokens.full_context);
        }
    }
    Ok(json!({"runs": runs.len(), "given": given, "full": all, "saved": all.saturating_sub(given)}))
}

fn of_size(size: Size) -> Value {
    json!({"fragments": size.fragments, "bytes": size.bytes, "tokens": size.tokens})
}

fn number(asked: Option<u64>, usual: usize) -> usize {
    asked.map_or(usual, |number| usize::try_from(number).unwrap_or(usual).max(1))
}

fn tenant() -> String {
    Principal::local().tenant
}

/// The scopes that are meant: all where none is said, and not where a name was left out.
fn scopes(asked: &Asked) -> Result<Scopes, Error> {
    match asked.text(&SCOPE)? {
        None => Ok(Scopes::default()),
        Some(text) if text.is_empty() || text.starts_with(':') => {
            let next = "say one as `project` or `user:ann`, or all of a name as `run:`; leave it out for all there are";
            Err(Error::new(Code::InvalidParams, "`scope` has no name", next))
        }
        Some(text) => Ok(Scopes::of(text)),
    }
}

fn now() -> u64 {
    u64::try_from(clock::wall().as_millis()).unwrap_or(u64::MAX)
}

fn unknown(scope: &Scope, key: &str) -> Error {
    let shown: String = key.chars().filter(|one| !one.is_control()).take(64).collect();
    let message = format!("nothing is remembered as `{}/{shown}`, or not any more", scope.address());
    Error::new(Code::MemoryUnknown, message, "`tutti memory list` tells what there is")
}
