//! The prompts that are served, with all of their versions.
//!
//! A version is named by its digest. Labels are put on versions: `latest` is on the one that the file, or the last import,
//! has; `production`, where somebody put it, is on the one that is served. Moving it back is how one rolls back.

mod booking;
mod experiments;

use crate::bundle::Bundle;
use crate::experiment::refused;
use crate::fault::short;
use crate::made::Made;
use crate::prompt::Prompt;
use crate::sequential::Scores;
use crate::tables;
pub use crate::tables::{Feedback, Version};
use base::config::nearest;
use base::{Code, Error, Result, clock};
pub use booking::Came;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use store::{Db, Statement};
use tokio::sync::watch;

/// The label of what the file has, or the last import.
pub const LATEST: &str = "latest";

/// The label of what is served, where somebody put it.
pub const PRODUCTION: &str = "production";

/// So many compiled versions are kept at hand.
const READY: usize = 256;

/// The longest key of a unit, in bytes.
const KEY: usize = 1_024;

/// The prompts that are served.
#[derive(Clone)]
pub struct Library(Arc<Inner>);

struct Inner {
    db: Db,
    ready: Mutex<HashMap<String, Arc<Prompt>>>,
    /// The scores of running experiments, and how many of those in the store they are.
    scores: tokio::sync::Mutex<HashMap<String, (Scores, i64)>>,
    /// Requests that are not booked to their arms yet.
    waiting: booking::Waiting,
    changes: watch::Sender<u64>,
}

/// What somebody gets.
#[derive(Debug, Clone)]
pub struct Served {
    /// The prompt.
    pub prompt: Arc<Prompt>,
    /// Its version.
    pub version: String,
    /// The experiment and the name of its arm, where that chose.
    pub arm: Option<(String, String)>,
    /// What requests that are made with it say of that, where an experiment chose.
    pub made: Option<Made>,
}

/// What the versions of a prompt are known by.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    /// All of them.
    pub versions: &'a [Version],
    /// The digests of those that labels are on.
    pub labels: &'a BTreeMap<String, String>,
}

impl<'a> Names<'a> {
    /// The version that `named` means: a label, a number such as `3` or `v3`, or at least four characters of a digest. Nothing where
    /// there is none, or several.
    pub fn meant(self, named: &str) -> Option<&'a Version> {
        let number = named.strip_prefix('v').unwrap_or(named).parse::<i64>().ok().filter(|_| named.len() < 7);
        let fits = |version: &&Version| match self.labels.get(named) {
            Some(digest) => version.digest == *digest,
            None if number.is_some() => Some(version.number) == number,
            None => named.len() >= 4 && version.digest.starts_with(named),
        };
        let mut found = self.versions.iter().filter(fits);
        found.next().filter(|_| found.next().is_none())
    }
}

/// A version to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What it holds.
    pub bundle: Bundle,
    /// When it was written, in milliseconds since 1970; now, unless that is known.
    pub created_at: Option<i64>,
    /// Where it comes from.
    pub origin: String,
}

/// Milliseconds since 1970.
fn now() -> i64 {
    i64::try_from(clock::wall().as_millis()).unwrap_or(i64::MAX)
}

impl Library {
    /// The library in the store.
    pub async fn open(db: Db) -> Result<Self> {
        tables::prepare(&db).await?;
        let inner = Inner {
            db,
            ready: Mutex::default(),
            scores: tokio::sync::Mutex::default(),
            waiting: booking::Waiting::default(),
            changes: watch::Sender::new(0),
        };
        Ok(Self(Arc::new(inner)))
    }

    /// Changes whenever something else is served than before.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    async fn write(&self, unit: Vec<Statement>) -> Result<()> {
        self.0.db.execute(unit).await?.done()?;
        self.0.changes.send_modify(|count| *count += 1);
        Ok(())
    }

    /// Takes over the prompts of the files: new texts become versions with the label `latest`, and prompts whose file is gone
    /// are not served any more. Their versions stay.
    /// Whoever takes them over knows that they change, so that [`Library::changes`] says nothing.
    pub async fn take(&self, prompts: &[Prompt]) -> Result<()> {
        let mut unit = vec![tables::retire()];
        let now = now();
        for prompt in prompts {
            unit.push(tables::keep(&prompt.name, &prompt.bundle, now, "file")?);
            unit.push(tables::serve(&prompt.name, true));
            unit.push(tables::label(&prompt.name, LATEST, &prompt.bundle.digest(), now));
        }
        self.0.db.execute(unit).await?.done().map(drop)
    }

    /// Keeps versions of `name`, in this order, and puts `label` on the last of them.
    ///
    /// # Errors
    /// One that is no prompt, or calls itself otherwise.
    pub async fn keep(&self, name: &str, versions: Vec<Kept>, label: &str) -> Result<String> {
        check_label(label)?;
        let mut unit = Vec::new();
        let mut last = None;
        for Kept { bundle, created_at, origin } in versions {
            let read = Prompt::read(name, name, bundle.clone());
            let prompt = read.map_err(|errors| first(errors, Code::PromptFile))?;
            if prompt.name != name {
                let message =
                    format!("the version calls itself `{}`, and was to be kept as `{}`", prompt.name, short(name));
                return Err(Error::new(Code::PromptFile, message, "use the name of its front matter"));
            }
            let origin: String = origin.chars().filter(|character| !character.is_control()).take(2_000).collect();
            unit.push(tables::keep(name, &bundle, created_at.unwrap_or_else(now), &origin)?);
            last = Some(bundle.digest());
        }
        let Some(last) = last else {
            return Err(Error::new(Code::PromptFile, "there is no version to keep", "give at least one"));
        };
        if !tables::names(&self.0.db).await?.iter().any(|(known, served)| known == name && *served) {
            unit.push(tables::serve(name, false));
        }
        unit.push(tables::label(name, label, &last, now()));
        self.write(unit).await?;
        Ok(last)
    }

    /// The names of the prompts that are served.
    pub async fn names(&self) -> Result<Vec<String>> {
        let all = tables::names(&self.0.db).await?;
        Ok(all.into_iter().filter_map(|(name, served)| served.then_some(name)).collect())
    }

    /// The versions of a prompt, the oldest first, also of one that is not served any more.
    pub async fn versions(&self, name: &str) -> Result<Vec<Version>> {
        let versions = tables::versions(&self.0.db, name).await?;
        if !versions.is_empty() {
            return Ok(versions);
        }
        let names = self.names().await?;
        let next = match nearest(name, names.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "see `tutti prompt list`".to_owned(),
        };
        Err(Error::new(Code::PromptMissing, format!("there is no prompt `{}`", short(name)), next))
    }

    /// The version that `named` means: a label, a number such as `3` or `v3`, or at least four characters of a digest.
    pub async fn version(&self, name: &str, named: &str) -> Result<Version> {
        let versions = self.versions(name).await?;
        let labels = tables::labels(&self.0.db, name).await?;
        match (Names { versions: &versions, labels: &labels }).meant(named) {
            Some(one) => Ok(one.clone()),
            None => {
                let message = format!("the prompt `{name}` has no version `{}`, or several", short(named));
                let known: Vec<&str> = labels.keys().map(String::as_str).collect();
                let next = format!("versions: v1 to v{}; labels: {}", versions.len(), known.join(", "));
                Err(Error::new(Code::PromptVersion, message, next))
            }
        }
    }

    /// A version, to be rendered.
    pub async fn prompt(&self, name: &str, digest: &str) -> Result<Arc<Prompt>> {
        let key = format!("{name}\n{digest}");
        let ready = || self.0.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(prompt) = ready().get(&key) {
            return Ok(Arc::clone(prompt));
        }
        let bundle = tables::bundle(&self.0.db, name, digest).await?;
        let none = || {
            Error::new(
                Code::PromptVersion,
                format!("the prompt `{}` has no such version", short(name)),
                "see `tutti prompt show`",
            )
        };
        let prompt = Prompt::read(name, name, bundle.ok_or_else(none)?);
        let prompt = Arc::new(prompt.map_err(|errors| first(errors, Code::PromptFile))?);
        let mut ready = ready();
        if ready.len() >= READY {
            ready.clear();
        }
        ready.insert(key, Arc::clone(&prompt));
        Ok(prompt)
    }

    /// What somebody gets: the version that is named; else, with a key, the arm of a running experiment; else what is in
    /// production; else the latest.
    pub async fn serve(&self, name: &str, version: Option<&str>, key: Option<&str>) -> Result<Served> {
        if let Some(version) = version {
            let version = self.version(name, version).await?.digest;
            return Ok(Served { prompt: self.prompt(name, &version).await?, version, arm: None, made: None });
        }
        if let (Some(key), Some(experiment)) = (key, self.running(name).await?) {
            check_key(key)?;
            let index = experiment.arm_of(key);
            let Some(arm) = experiment.arms.get(index) else {
                return Err(Error::internal("an experiment without arms"));
            };
            let most = experiment.rule.most.saturating_mul(20);
            let (unit, version) = (experiment.digest_of(key), arm.version.clone());
            let noted = tables::served(&experiment.id, &unit, index, most)?;
            self.0.db.execute(vec![noted]).await?.done()?;
            let prompt = self.prompt(name, &version).await?;
            let made = Made { prompt: name.to_owned(), version: version.clone(), unit: Some(unit) };
            let arm = Some((experiment.id, arm.name.clone()));
            return Ok(Served { prompt, version, arm, made: Some(made) });
        }
        let version = self.current(name).await?;
        Ok(Served { prompt: self.prompt(name, &version).await?, version, arm: None, made: None })
    }

    /// The version that is served where no experiment chooses.
    async fn current(&self, name: &str) -> Result<String> {
        let known = tables::names(&self.0.db).await?;
        if !known.iter().any(|(known, served)| known == name && *served) {
            // Its versions may be there still; as a prompt it is not.
            let names: Vec<&str> = known.iter().filter(|(_, served)| *served).map(|(name, _)| name.as_str()).collect();
            let next = match nearest(name, names.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "see `tutti prompt list`".to_owned(),
            };
            return Err(Error::new(Code::PromptMissing, format!("there is no prompt `{}`", short(name)), next));
        }
        let labels = tables::labels(&self.0.db, name).await?;
        let digest = labels.get(PRODUCTION).or_else(|| labels.get(LATEST)).cloned();
        digest.ok_or_else(|| {
            Error::new(Code::PromptVersion, format!("the prompt `{name}` has no version"), "import it anew")
        })
    }

    /// All prompts that are served, as they are served where no experiment chooses, in the order of their names.
    pub async fn served(&self) -> Result<Vec<Served>> {
        let mut all = Vec::new();
        for name in self.names().await? {
            all.push(self.serve(&name, None, None).await?);
        }
        Ok(all)
    }

    /// The labels of a prompt, each with the digest of its version.
    pub async fn labels(&self, name: &str) -> Result<BTreeMap<String, String>> {
        tables::labels(&self.0.db, name).await
    }

    /// Puts a label on a version, or takes it away.
    pub async fn label(&self, name: &str, label: &str, version: Option<&str>) -> Result<Option<String>> {
        check_label(label)?;
        if label == LATEST {
            let next = "`latest` follows the file; use `production` or a label of your own";
            return Err(Error::new(Code::PromptVersion, "`latest` cannot be put on a version", next));
        }
        let digest = match version {
            Some(version) => Some(self.version(name, version).await?.digest),
            None => self.versions(name).await.map(|_| None)?,
        };
        self.write(vec![tables::label(name, label, digest.as_deref().unwrap_or_default(), now())]).await?;
        Ok(digest)
    }

    /// Serves the version that was served before, or the one that is named.
    pub async fn roll_back(&self, name: &str, version: Option<&str>) -> Result<String> {
        let version = match version {
            Some(version) => version.to_owned(),
            None => self.before(name).await?,
        };
        let digest = self.label(name, PRODUCTION, Some(&version)).await?;
        digest.ok_or_else(|| Error::internal("a label was put on nothing"))
    }

    /// The version that was served before the present one.
    async fn before(&self, name: &str) -> Result<String> {
        let current = self.current(name).await?;
        let mut places = tables::places(&self.0.db, name, PRODUCTION).await?;
        places.extend(tables::places(&self.0.db, name, LATEST).await?);
        let before = places.into_iter().find(|digest| !digest.is_empty() && *digest != current);
        let none = || {
            Error::new(
                Code::PromptVersion,
                format!("`{name}` has no version before this one"),
                "see `tutti prompt show`",
            )
        };
        before.ok_or_else(none)
    }
}

/// The first of several errors, with the others as its detail.
pub(crate) fn first(errors: Vec<Error>, code: Code) -> Error {
    let mut errors = errors.into_iter();
    let Some(error) = errors.next() else { return Error::internal(format!("{code} without an error")) };
    let rest: Vec<String> = errors.map(|error| error.to_string()).collect();
    if rest.is_empty() { error } else { error.with_detail(rest.join("\n")) }
}

fn check_key(key: &str) -> Result<()> {
    if (1..=KEY).contains(&key.len()) {
        return Ok(());
    }
    Err(refused("the key is empty or longer than 1 KiB", "give what names the user, the session or the request"))
}

/// A label is a word that is no number and no digest.
fn check_label(label: &str) -> Result<()> {
    let is_hexadecimal = label.len() >= 4 && label.bytes().all(|byte| byte.is_ascii_hexdigit());
    let digits = label.strip_prefix('v').unwrap_or(label);
    if crate::prompt::is_name(label) && !is_hexadecimal && digits.parse::<u64>().is_err() {
        return Ok(());
    }
    let next = "use a word of letters, digits, `_`, `-` and `.` that is no number and no digest";
    Err(Error::new(Code::PromptVersion, format!("`{}` is no label", short(label)), next))
}

#[cfg(test)]
mod tests;
