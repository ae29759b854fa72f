//! The last good table, in a file of the hub's home: a restart needs no network to know what it knew.

use super::Refreshed;
use crate::config::PricesFrom;
use base::random::{sha256, to_hex};
use base::{Result, disk};
use model::Table;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The name of the file.
const FILE: &str = "prices.tsv";

/// The most bytes of it.
const LARGEST: u64 = 17 << 20;

fn path(home: &Path) -> PathBuf {
    home.join(FILE)
}

/// What tells one source from another, without telling which it is: an address may hold a secret.
fn mark(from: &PricesFrom) -> String {
    to_hex(&sha256(format!("{from:?}").as_bytes()))
}

/// The table that was kept of this source, if there is one that is whole.
///
/// # Errors
/// The file cannot be read.
pub(crate) fn load(home: &Path, from: &PricesFrom) -> Result<Option<Refreshed>> {
    let Some(text) = disk::read_text_if_exists(&path(home), LARGEST)? else { return Ok(None) };
    Ok(parse(&text, from))
}

fn parse(text: &str, from: &PricesFrom) -> Option<Refreshed> {
    let (head, text) = text.split_once('\n')?;
    let (marked, at) = head.strip_prefix("# ")?.split_once(' ')?;
    if marked != mark(from) {
        return None;
    }
    let at = Duration::from_secs(at.parse().ok()?);
    Some(Refreshed { table: Table::of_text(text.to_owned()).ok()?, from: from.shown(), at })
}

/// Keeps a table.
///
/// # Errors
/// The file cannot be written.
pub(crate) fn save(home: &Path, from: &PricesFrom, refreshed: &Refreshed) -> Result<()> {
    let text = format!("# {} {}\n{}", mark(from), refreshed.at.as_secs(), refreshed.table.as_text());
    disk::write_atomic(&path(home), &text, true)
}
