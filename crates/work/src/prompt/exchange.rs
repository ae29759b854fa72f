//! `tutti prompt import` and `export`: prompts and a git repository. Only a command does this, never a request.

use super::shelf::Shelf;
use super::text;
use assembly::wiring;
use base::{Code, Error, Result};
use clap::{Arg, ArgMatches};
use console::output::Output;
use hubs::{Context, Failures};
use prompts::library::{Kept, Library};
use prompts::repository::{Moved, Repository};
use prompts::requests::Change;
use serde_json::{Value, json};
use store::Db;

/// The most versions of one request to a hub, and the most of their bytes.
const AT_ONCE: usize = 50;

pub(super) fn arguments() -> [clap::Command; 2] {
    let of = |name: &'static str, about: &'static str, example: &'static str| {
        clap::Command::new(name)
            .about(about)
            .arg(Arg::new("repository").value_name("FOLDER").required(true).help("The root of a git repository"))
            .arg(
                Arg::new("path")
                    .long("path")
                    .value_name("PATH")
                    .default_value("prompts")
                    .help("Where prompts lie in it"),
            )
            .after_help(example)
    };
    [
        of(
            "import",
            "Keep the versions that the history of a git repository holds",
            "Example:\n  tutti prompt import ../prompts-of-the-team",
        ),
        of(
            "export",
            "Write versions into a git repository, a commit for each, and last what is served",
            "Example:\n  git init team && tutti prompt export team\n\nNo hook, filter or other program of the repository is run, and nothing is pushed.",
        ),
    ]
}

async fn open(context: &Context, matches: &ArgMatches) -> Result<Repository> {
    let root = context.environment.working_directory().join(text(matches, "repository").unwrap_or_default());
    let path = context.environment.get("PATH").unwrap_or_default().to_owned();
    Repository::open(root, text(matches, "path").unwrap_or("prompts"), &path).await
}

pub(super) async fn import(context: &Context, matches: &ArgMatches) -> Result<(), Failures> {
    let (found, commits) = open(context, matches).await?.read().await?;
    let mut moved = Moved { commits, ..Moved::default() };
    Shelf::with(context, async |shelf| {
        for (name, versions) in &found {
            for some in versions.chunks(AT_ONCE) {
                let some: Vec<Value> = some.iter().map(version).collect();
                shelf.change(name, Change::Keep, &json!({"versions": some})).await?;
            }
            moved.prompts.insert(name.clone(), versions.len());
        }
        Ok(())
    })
    .await?;
    tell(&context.output, &moved, "read");
    Ok(())
}

fn version(kept: &Kept) -> Value {
    let bundle = &kept.bundle;
    json!({"text": bundle.text, "partials": bundle.partials, "created_at": kept.created_at, "origin": kept.origin})
}

pub(super) async fn export(context: &Context, matches: &ArgMatches) -> Result<(), Failures> {
    let repository = open(context, matches).await?;
    let moved = Shelf::with(context, async |shelf| match shelf {
        Shelf::Store(library) => repository.write(library).await,
        Shelf::Hub(_) => {
            // What the hub has, for as long as this takes: the repository is written here and not there.
            let db = Db::memory().await?;
            let copy = copied(shelf, wiring::prompts(&db).await?).await?;
            let moved = repository.write(&copy).await;
            db.close().await;
            moved
        }
    });
    tell(&context.output, &moved.await?, "written");
    Ok(())
}

/// The prompts of a hub with all of their versions.
async fn copied(shelf: &Shelf, into: Library) -> Result<Library> {
    let odd =
        || Error::new(Code::HubAnswer, "the hub tells of a prompt in a way that cannot be read", "check its version");
    let list = shelf.list().await?;
    for prompt in list["prompts"].as_array().into_iter().flatten() {
        let name = prompt["name"].as_str().ok_or_else(odd)?;
        let history = shelf.show(name, None).await?["history"].clone();
        for version in history.as_array().into_iter().flatten() {
            let digest = version["version"].as_str().ok_or_else(odd)?;
            let shown = shelf.show(name, Some(digest)).await?;
            let seconds = version["created_at"].as_str().and_then(milliseconds);
            let kept = json!({"text": shown["text"], "partials": shown["partials"], "created_at": seconds, "origin": version["origin"]});
            prompts::requests::change(&into, name, Change::Keep, &json!({"versions": [kept]})).await?;
        }
        if let Some(production) = prompt["labels"]["production"].as_str() {
            into.label(name, "production", Some(production)).await?;
        }
    }
    Ok(into)
}

/// Milliseconds since 1970 of a moment as the hub writes it: the days by Howard Hinnant's `days_from_civil`.
fn milliseconds(text: &str) -> Option<i64> {
    let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
    let (year, month, day) = (part(0..4)?, part(5..7)?, part(8..10)?);
    let (hour, minute, second) = (part(11..13)?, part(14..16)?, part(17..19)?);
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    Some((((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000)
}

fn tell(output: &Output, moved: &Moved, done: &str) {
    let prompts: serde_json::Map<_, _> =
        moved.prompts.iter().map(|(name, count)| (name.clone(), json!(count))).collect();
    if output.json {
        return output.value(&json!({"commits": moved.commits, "prompts": prompts}));
    }
    output.line(&format!("{} commits {done}", moved.commits));
    for (name, count) in &moved.prompts {
        output.line(&format!("  {name}  {count} versions"));
    }
}

#[cfg(test)]
mod tests {
    use super::milliseconds;
    use std::time::Duration;

    #[test]
    fn moments_are_read_as_they_are_written() {
        for seconds in [0, 951_782_400, 1_709_164_800, 1_795_000_000, 4_102_444_799] {
            let written = base::clock::rfc3339(Duration::from_secs(seconds));
            assert_eq!(milliseconds(&written), Some(seconds as i64 * 1_000), "{written}");
        }
        assert_eq!(milliseconds("tomorrow"), None);
    }
}
