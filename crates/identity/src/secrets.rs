//! Secrets that the operator puts into the store, so that no file and no environment holds them: keys of APIs, tokens,
//! passwords. The configuration names them.
//!
//! Each is sealed, and bound to its name: a row that is moved to another name opens nothing there.

mod tables;

use base::config::is_secret_name;
use base::ports::Principal;
use base::seal::Sealer;
use base::{Code, Error, Result, Secret};
use std::time::Duration;
use store::Db;

/// The most bytes of one secret: a private key with its chain of certificates fits.
pub const LARGEST: usize = 64 << 10;

/// The most secrets that are kept.
const MOST: usize = 1000;

/// The secrets; clones are cheap and share them.
#[derive(Clone)]
pub struct Secrets {
    db: Db,
    sealer: Sealer,
    tenant: String,
}

/// A secret that is kept.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its name.
    pub name: String,
    /// When it was set, since 1970.
    pub set_at: Duration,
    /// What it is.
    ///
    /// # Errors
    /// [`Code::VaultSealed`] when it was sealed with another master secret.
    pub value: Result<Secret<String>>,
}

impl Secrets {
    /// The secrets in `db`, whose table is created if it is not there.
    pub async fn open(db: Db, sealer: &Sealer) -> Result<Self> {
        tables::prepare(&db).await?;
        Ok(Self { db, sealer: sealer.for_purpose("secret")?, tenant: Principal::local().tenant })
    }

    /// All of them, by their names.
    pub async fn all(&self) -> Result<Vec<Kept>> {
        let rows = tables::all(&self.db, &self.tenant).await?;
        let mut all: Vec<Kept> = rows.into_iter().map(|row| self.opened(row)).collect();
        // Sorted here, because the order of text in SQL depends on the engine's locale.
        all.sort_unstable_by(|left, right| left.name.cmp(&right.name));
        Ok(all)
    }

    /// The one of this name, if there is one. No other is read.
    ///
    /// # Errors
    /// Those of the store; [`Code::VaultSealed`].
    pub async fn one(&self, name: &str) -> Result<Option<Secret<String>>> {
        let row = tables::one(&self.db, &self.tenant, name).await?;
        row.map(|row| self.opened(row).value).transpose()
    }

    fn opened(&self, row: tables::Sealed) -> Kept {
        let text = self.sealer.open(&row.sealed, &self.bound(&row.name));
        let value = text.and_then(|text| String::from_utf8(text).ok()).map(Secret::new);
        let value = value.ok_or_else(|| {
            let name = &row.name;
            Error::new(
                Code::VaultSealed,
                format!("the secret `{name}` in the store was sealed with another master secret"),
                format!("bring the old TUTTI_SECRET or secret.key back, or run `tutti secret set {name}`"),
            )
        });
        Kept { name: row.name, set_at: Duration::from_secs(row.set_at), value }
    }

    /// Keeps `value` under `name`, in place of what was there, and says whether something was.
    ///
    /// # Errors
    /// [`Code::InvalidParams`] when either is none that can be kept, or there are too many.
    pub async fn set(&self, name: &str, value: &Secret<String>) -> Result<bool> {
        check(name, value)?;
        let rows = tables::all(&self.db, &self.tenant).await?;
        let there = rows.iter().any(|row| row.name == name);
        if !there && rows.len() >= MOST {
            let message = format!("there are {MOST} secrets, as many as are kept");
            return Err(Error::new(
                Code::InvalidParams,
                message,
                "remove some: `tutti secret list` says where each is used",
            ));
        }
        let sealed = self.sealer.seal(value.expose().as_bytes(), &self.bound(name))?;
        tables::put(&self.db, &self.tenant, name, sealed).await?;
        Ok(there)
    }

    /// Forgets a secret.
    ///
    /// # Errors
    /// [`Code::SecretUnknown`] when there is none of this name.
    pub async fn remove(&self, name: &str) -> Result<()> {
        if is_secret_name(name) && tables::delete(&self.db, &self.tenant, name).await? {
            return Ok(());
        }
        let name: String = name.chars().filter(|character| !character.is_control()).take(64).collect();
        Err(Error::new(
            Code::SecretUnknown,
            format!("there is no secret `{name}` in the vault"),
            "`tutti secret list` names those that there are",
        ))
    }

    /// The parts with their lengths, so that no two secrets are bound to the same bytes.
    fn bound(&self, name: &str) -> Vec<u8> {
        let parts = [self.tenant.as_str(), name];
        parts.iter().flat_map(|part| [&(part.len() as u64).to_be_bytes()[..], part.as_bytes()].concat()).collect()
    }
}

/// Refuses what cannot be kept, or used by nobody.
///
/// # Errors
/// [`Code::InvalidParams`], without the value.
pub fn check(name: &str, value: &Secret<String>) -> Result<()> {
    let value = value.expose();
    let refused = |message: String, next: &str| Err(Error::new(Code::InvalidParams, message, next));
    if !is_secret_name(name) {
        let next = "use at most 64 letters, digits, `_`, `-` and `.`, with a letter, a digit or `_` first";
        return refused("a secret cannot have this name".to_owned(), next);
    }
    if value.is_empty() {
        return refused(format!("the value of `{name}` is empty"), "give the value on standard input");
    }
    if value.len() > LARGEST {
        return refused(format!("the value of `{name}` is larger than {LARGEST} bytes"), "keep it in a file");
    }
    if value.contains('\0') {
        let message = format!("the value of `{name}` has a NUL character, which no header and no variable can have");
        return refused(message, "give it as text, such as base64");
    }
    Ok(())
}

#[cfg(test)]
mod tests;
