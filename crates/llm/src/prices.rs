//! What models cost and hold: the table that the binary has, and a newer one where the operator names one.

mod fetch;
pub(crate) mod keep;

use crate::config::Prices;
use base::{Error, Result, clock};
use model::{Entry, Source, Table};
use std::sync::Arc;
use std::time::Duration;

/// A table that took the place of the one in the binary.
#[derive(Debug)]
pub(crate) struct Refreshed {
    pub(crate) table: Table,
    /// Where it is from, as that is told.
    pub(crate) from: String,
    /// When it was read, since 1970.
    pub(crate) at: Duration,
}

/// The tables in which models are looked up.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tables(pub(crate) Option<Arc<Refreshed>>);

/// What a table says of a model.
pub(crate) struct Found {
    pub(crate) entry: Entry,
    /// Which table.
    pub(crate) source: Source,
}

/// How the table of prices stands.
#[derive(Debug, Clone)]
pub struct Standing {
    /// Whether it is a newer one than the binary's.
    pub refreshed: bool,
    /// Where newer ones come from, where one is configured.
    pub from: Option<String>,
    /// Which it is.
    pub version: String,
    /// When it was read, since 1970, where it is a newer one.
    pub at: Option<Duration>,
    /// Why there is none that is newer still, where it was looked and failed.
    pub failure: Option<Error>,
}

impl Tables {
    /// What is known of a model; see [`Table::find`].
    ///
    /// A newer table that lacks a model, its price, or a part of the price that the binary's table has is not taken at its word:
    /// a model that costs nothing by mistake is worse than one that costs what it did.
    pub(crate) fn find(&self, kind: &str, model: &str) -> Option<Found> {
        let built_in = || model::find(kind, model).map(|entry| Found { entry, source: Source::Table });
        let Some(newer) = self.0.as_ref().and_then(|newer| newer.table.find(kind, model)) else { return built_in() };
        let found = Found { entry: newer, source: Source::Refreshed };
        match built_in() {
            Some(old) if lost(&found.entry, &old.entry) => Some(old),
            _ => Some(found),
        }
    }

    /// Whether it is the very same.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (one, other) => one.is_none() && other.is_none(),
        }
    }

    /// The version of the table that a value is from.
    pub(crate) fn version(&self, source: Source) -> &str {
        match (&self.0, source) {
            (Some(newer), Source::Refreshed) => newer.table.version(),
            _ => Table::embedded().version(),
        }
    }

    /// The one that is asked first.
    pub(crate) fn table(&self) -> &Table {
        self.0.as_ref().map_or(Table::embedded(), |newer| &newer.table)
    }
}

/// Whether a price is gone, or a part of it.
fn lost(new: &Entry, old: &Entry) -> bool {
    let Some(old) = &old.price else { return false };
    let gone = |new: u64, old: u64| new == 0 && old > 0;
    new.price.as_ref().is_none_or(|new| {
        gone(new.rates.input, old.rates.input)
            || gone(new.rates.output, old.rates.output)
            || gone(new.request, old.request)
    })
}

/// Reads a table and holds it against the one before.
pub(crate) async fn read(prices: &Prices, before: &Tables) -> Result<Refreshed> {
    let table = fetch::table(&prices.from).await?;
    let from = prices.from.shown();
    check(&from, &table, before.table())?;
    Ok(Refreshed { table, from, at: clock::wall() })
}

/// Refuses what is left of a table: one that is cut off, or whose prices are gone.
fn check(from: &str, table: &Table, before: &Table) -> Result<(), Error> {
    let ((models, priced), (models_before, priced_before)) = (table.counts(), before.counts());
    if models * 2 >= models_before && priced * 2 >= priced_before {
        return Ok(());
    }
    let why = format!(
        "it has {models} models, {priced} of them with a price, less than half of the {models_before} and {priced_before} before"
    );
    Err(fetch::failed(from, &why))
}

#[cfg(test)]
mod tests;
