//! The memory: fragments in versions, by key, class and handle.

use crate::finding::Finding;
use crate::fragment::{Fragment, NewFragment, Owner, Scope, Written, short};
use crate::summary::SummaryKey;
use crate::{Scopes, limits, tables};
use base::{Code, Error, Result};
use context::tokens::{Count, Family};
use journal::Digest;
use search::Encoding;
use std::sync::Arc;
use store::{Db, Outcome, Row, Statement};

/// How often somebody else may be faster before writing is given up.
const TRIES: usize = 16;

/// What is remembered, in the store. Cheap to clone.
#[derive(Clone)]
pub struct Memory {
    pub(crate) db: Db,
    pub(crate) finding: Arc<Finding>,
}

/// Which fragments are listed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// The tenant.
    pub tenant: String,
    /// Only those of these scopes.
    pub scopes: Scopes,
    /// The last fragment of the page before: its scope's name, whose it is, and its key.
    pub after: Option<[String; 3]>,
    /// How many.
    pub most: usize,
}

/// What pruning has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pruned {
    /// Fragments that went.
    pub fragments: u64,
    /// Bytes of their texts.
    pub bytes: u64,
    /// Whether there may be more.
    pub more: bool,
}

impl Memory {
    /// The memory that `db` keeps.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn open(db: Db) -> Result<Self> {
        tables::open(&db).await?;
        Ok(Self { db, finding: Arc::default() })
    }

    /// The same memory, which also finds notes by what they mean, by the vectors that `encoding` gives.
    #[must_use]
    pub fn with_meaning(self, encoding: Arc<Encoding>) -> Self {
        Self { finding: Arc::new(Finding::by_meaning(encoding)), ..self }
    }

    /// The notes that are most about `query`, best first, of those that `owner` may read: of the scope of this name, or of
    /// all. Words and meaning count together, as `search` joins them; without an embedder words alone.
    ///
    /// # Errors
    /// [`Code::MemoryInvalid`]: there is no such scope; those of the store and the embedder.
    pub async fn search(
        &self,
        owner: &Owner,
        scope: Option<&str>,
        query: &str,
        most: usize,
        now: u64,
    ) -> Result<Vec<Fragment>> {
        let scope = scope.map(|name| Scope::new(name, owner)).transpose()?;
        let readable = |found: &Scope| match &scope {
            Some(scope) => found == scope,
            None => Scope::new(found.name(), owner).is_ok_and(|own| own == *found),
        };
        self.among(&owner.tenant, &readable, query, most, now).await
    }

    /// The notes of a tenant that are most about `query`, best first, of the scopes that `readable` lets through.
    pub(crate) async fn among(
        &self,
        tenant: &str,
        readable: &(dyn Fn(&Scope) -> bool + Sync),
        query: &str,
        most: usize,
        now: u64,
    ) -> Result<Vec<Fragment>> {
        let most = most.clamp(1, limits::FOUND);
        let found = self.finding.find(&self.db, tenant, readable, query, most).await?;
        let mut notes = Vec::new();
        for (scope, key) in found {
            // What was pruned, or is over, is still in the index.
            notes.extend(self.latest(&scope, &key, now).await?);
            if notes.len() == most {
                break;
            }
        }
        Ok(notes)
    }

    /// Remembers something as the next version under its key. What the last version says in the same words, by the same
    /// step, is not written again, so that a step may be done twice; it lives as long as if it were.
    ///
    /// # Errors
    /// [`Code::MemoryInvalid`] and [`Code::MemoryFull`]; those of the store.
    pub async fn write(&self, new: &NewFragment) -> Result<Written> {
        new.check()?;
        let digest = Digest::of(new.text.as_bytes());
        for _ in 0..TRIES {
            let last = self.one(tables::last(&new.scope, &new.key)).await?;
            if let Some(last) = last.as_ref().filter(|last| is_same(last, new, digest)) {
                let expires = new.ttl.map(|ttl| new.at.saturating_add(ttl));
                self.db.execute(vec![tables::renew(&new.scope, &new.key, last.version, expires)]).await?.done()?;
                return Ok(Written::Known(last.version));
            }
            let version = last.map_or(1, |last| last.version.saturating_add(1));
            match self.db.execute(tables::write(new, digest, version)).await? {
                Outcome::Done { .. } => return Ok(Written::New(version)),
                Outcome::Mismatch { statement: 2, .. } => return Err(full(&new.scope, "its scope")),
                Outcome::Mismatch { statement: 3, .. } => return Err(full(&new.scope, "its tenant")),
                Outcome::Mismatch { .. } => {}
            }
        }
        let message = format!("`{}` is written by so many at once that this one did not come through", new.key);
        Err(Error::new(Code::MemoryFull, message, "write under a key of its own, or less often"))
    }

    /// What is remembered under a key at `now`, in milliseconds since 1970: the newest version, if it is not over.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn latest(&self, scope: &Scope, key: &str, now: u64) -> Result<Option<Fragment>> {
        let newest = self.one(tables::newest(scope, key)).await?;
        Ok(newest.filter(|fragment| is_alive(fragment, now)))
    }

    /// One version under a key, however old.
    ///
    /// # Errors
    /// [`Code::MemoryUnknown`]; those of the store.
    pub async fn version(&self, scope: &Scope, key: &str, version: u64) -> Result<Fragment> {
        let found = self.one(tables::version(scope, key, version)).await?;
        found.ok_or_else(|| unknown(format!("version {version} of `{}` is not in the memory", short(key))))
    }

    /// Versions under a key from `from` on, the oldest first, at most [`limits::PAGE`].
    ///
    /// # Errors
    /// Those of the store.
    pub async fn versions(&self, scope: &Scope, key: &str, from: u64, most: usize) -> Result<Vec<Fragment>> {
        self.all(tables::versions(scope, key, from, most.clamp(1, limits::PAGE))).await
    }

    /// What a scope has under a handle, with its text: also an old version, also one that is cut or left out elsewhere.
    ///
    /// # Errors
    /// [`Code::MemoryUnknown`]; those of the store.
    pub async fn recall(&self, scope: &Scope, handle: Digest) -> Result<(Fragment, String)> {
        let found = self.one(tables::by_handle(scope, handle)).await?;
        let fragment = found.ok_or_else(|| unknown(format!("nothing in this memory has the handle {handle}")))?;
        let text = self.text(&fragment).await?;
        Ok((fragment, text))
    }

    /// The newest notes of a class that `owner` may read, by scope and key, at most [`limits::FOUND`].
    ///
    /// # Errors
    /// Those of the store.
    pub async fn classified(&self, owner: &Owner, class: &str, now: u64) -> Result<Vec<Fragment>> {
        self.all(tables::of_class(owner, class, now, limits::FOUND)).await
    }

    /// The newest versions, in the order of scopes and keys, at most [`limits::PAGE`].
    ///
    /// # Errors
    /// Those of the store.
    pub async fn list(&self, filter: &Filter, now: u64) -> Result<Vec<Fragment>> {
        let after = filter.after.as_ref().map_or(["", "", ""], |after| after.each_ref().map(String::as_str));
        let most = filter.most.clamp(1, limits::PAGE);
        self.all(tables::page(&filter.tenant, &filter.scopes, after, now, most)).await
    }

    /// What a fragment says.
    ///
    /// # Errors
    /// [`Code::MemoryUnknown`]: it was pruned meanwhile; those of the store.
    pub async fn text(&self, fragment: &Fragment) -> Result<String> {
        let rows = self.db.query(tables::content(fragment.sha256)).await?;
        let row = rows.first().ok_or_else(|| unknown(format!("`{}` is not in the memory any more", fragment.key)))?;
        row.text(0).map(str::to_owned)
    }

    /// How many tokens `text`, the text of `fragment`, is to a family of models: counted once, and kept.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn tokens(&self, fragment: &Fragment, text: &str, family: Family) -> Result<Count> {
        if let Some(row) = self.db.query(tables::tokens(fragment.sha256, family)).await?.first() {
            return tables::count(row);
        }
        let count = family.count(text);
        self.db.execute(vec![tables::counted(fragment.sha256, family, count)]).await?.done()?;
        Ok(count)
    }

    /// A summary that was made before.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn kept_summary(&self, key: &SummaryKey) -> Result<Option<String>> {
        let rows = self.db.query(tables::summary(key)).await?;
        rows.first().map(|row| row.text(0).map(str::to_owned)).transpose()
    }

    /// Keeps a summary, so that the same text is not made shorter twice.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn keep_summary(&self, key: &SummaryKey, made: &str, now: u64) -> Result<()> {
        self.db.execute(vec![tables::keep_summary(key, made, now)]).await?.done()?;
        Ok(())
    }

    /// Forgets all of a scope at `now`, such as that of a run that is removed. Its handles lead to it until it is pruned.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn forget(&self, scope: &Scope, now: u64) -> Result<()> {
        self.db.execute(vec![tables::forget(scope, now)]).await?.done()?;
        Ok(())
    }

    /// Removes what is over at `now`, and versions written before `old` that are not the newest, but for turns
    /// of transcripts: at most [`limits::PAGE`] at once.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn prune(&self, now: u64, old: u64) -> Result<Pruned> {
        let rows = self.db.query(tables::over(now, old, limits::PAGE)).await?;
        self.remove(&rows, now, vec![tables::forget_summaries(old)]).await
    }

    /// Takes away what of these rows may still go at `now`, together with `before`.
    pub(crate) async fn remove(&self, rows: &[Row], now: u64, before: Vec<Statement>) -> Result<Pruned> {
        let mut pruned = Pruned { fragments: 0, bytes: 0, more: rows.len() == limits::PAGE };
        let (first, mut unit) = (before.len(), before);
        for row in rows {
            unit.extend(tables::remove(row, now)?);
        }
        if unit.is_empty() {
            return Ok(pruned);
        }
        let changed = self.db.execute(unit).await?.done()?;
        let removals = changed.get(first..).unwrap_or_default().as_chunks::<{ tables::REMOVAL }>().0;
        for (row, _) in rows.iter().zip(removals).filter(|(_, removal)| tables::is_removed(removal)) {
            pruned.fragments += 1;
            pruned.bytes = pruned.bytes.saturating_add(tables::unsigned(row.integer(4)?));
        }
        Ok(pruned)
    }

    async fn one(&self, statement: Statement) -> Result<Option<Fragment>> {
        self.db.query(statement).await?.first().map(tables::fragment).transpose()
    }

    async fn all(&self, statement: Statement) -> Result<Vec<Fragment>> {
        self.db.query(statement).await?.iter().map(tables::fragment).collect()
    }
}

/// Whether a fragment is not over at `now`.
pub(crate) fn is_alive(fragment: &Fragment, now: u64) -> bool {
    fragment.expires.is_none_or(|end| end > now)
}

fn is_same(last: &Fragment, new: &NewFragment, digest: Digest) -> bool {
    let same =
        (&last.provenance, &last.classification, &last.mime) == (&new.provenance, &new.classification, &new.mime);
    same && last.sha256 == digest && is_alive(last, new.at)
}

fn full(scope: &Scope, whose: &str) -> Error {
    let message = format!("the memory `{}` takes no more: {whose} holds as much as it may", scope.name());
    Error::new(Code::MemoryFull, message, "prune what is over and old versions, and give what is written a `ttl`")
}

fn unknown(message: String) -> Error {
    Error::new(
        Code::MemoryUnknown,
        message,
        "list what the memory holds; what is over or was pruned does not come back",
    )
}

#[cfg(test)]
mod tests;
