//! What the hub remembers of its upstreams over restarts: how each speaks and what it had.

use crate::catalogue::{Catalogue, Item, Kind, LISTS};
use crate::pins::{Definition, Pins};
use base::{Result, clock, random};
use mcp::Era;
use protection::guard::Kept;
use resilience::breaker::Snapshot;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use store::{Db, Row, Statement};

const STEPS: &[&str] = &[
    "CREATE TABLE upstream_memory (
    name TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    era TEXT NOT NULL,
    catalogue TEXT NOT NULL,
    learned_at BIGINT NOT NULL
)",
    "CREATE TABLE upstream_health (
    name TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    health TEXT NOT NULL,
    kept_at BIGINT NOT NULL
)",
    "CREATE TABLE tool_pin (
    server TEXT NOT NULL,
    place TEXT NOT NULL,
    tool TEXT NOT NULL,
    digest TEXT NOT NULL,
    definition TEXT NOT NULL,
    pinned_at BIGINT NOT NULL,
    PRIMARY KEY (server, place, tool)
)",
    "ALTER TABLE tool_pin ADD COLUMN body TEXT NOT NULL DEFAULT ''",
    "CREATE TABLE tool_vector (
    digest BYTEA PRIMARY KEY,
    vector BYTEA NOT NULL,
    kept_at BIGINT NOT NULL
)",
    // As `tool_pin`, with the names of prompts under `tool`.
    "CREATE TABLE prompt_pin (
    server TEXT NOT NULL,
    place TEXT NOT NULL,
    tool TEXT NOT NULL,
    digest TEXT NOT NULL,
    body TEXT NOT NULL,
    definition TEXT NOT NULL,
    pinned_at BIGINT NOT NULL,
    PRIMARY KEY (server, place, tool)
)",
    // In place of both: the pins of all kinds.
    "CREATE TABLE pin (
    server TEXT NOT NULL,
    place TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    digest TEXT NOT NULL,
    body TEXT NOT NULL,
    definition TEXT NOT NULL,
    pinned_at BIGINT NOT NULL,
    PRIMARY KEY (server, place, kind, name)
)",
    "INSERT INTO pin (server, place, kind, name, digest, body, definition, pinned_at)
    SELECT server, place, 'tool', tool, digest, body, definition, pinned_at FROM tool_pin",
    "INSERT INTO pin (server, place, kind, name, digest, body, definition, pinned_at)
    SELECT server, place, 'prompt', tool, digest, body, definition, pinned_at FROM prompt_pin",
    "DROP TABLE tool_pin",
    "DROP TABLE prompt_pin",
];

/// What is remembered of one upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Memory {
    /// How it speaks.
    pub era: Era,
    /// What it had.
    pub catalogue: Catalogue,
    /// When that was learned, in seconds since 1970.
    pub learned_at: u64,
}

/// Creates the tables.
pub async fn prepare(db: &Db) -> Result<()> {
    db.migrate("tools", STEPS).await
}

/// What is remembered of `name`, if it was configured like this then.
pub async fn recall(db: &Db, name: &str, fingerprint: &str) -> Result<Option<Memory>> {
    const SQL: &str = "SELECT era, catalogue, learned_at FROM upstream_memory WHERE name = ?1 AND fingerprint = ?2";
    let rows = db.query(Statement::new(SQL).with(name).with(fingerprint)).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let era = Era::from_word(row.text(0)?);
    let catalogue = base::json::from_text(row.text(1)?).ok().map(|json: Value| from_json(&json));
    let learned_at = u64::try_from(row.integer(2)?).unwrap_or_default();
    Ok(era.zip(catalogue).map(|(era, catalogue)| Memory { era, catalogue, learned_at }))
}

/// Remembers an upstream in place of what was remembered of it before.
pub async fn remember(db: &Db, name: &str, fingerprint: &str, era: Era, catalogue: &Catalogue) -> Result<()> {
    const SQL: &str = "INSERT INTO upstream_memory (name, fingerprint, era, catalogue, learned_at)
        VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (name) DO UPDATE SET fingerprint = excluded.fingerprint, era = excluded.era,
            catalogue = excluded.catalogue, learned_at = excluded.learned_at";
    let seconds = i64::try_from(clock::wall().as_secs()).unwrap_or_default();
    let statement = Statement::new(SQL).with(name).with(fingerprint).with(era.word());
    let statement = statement.with(to_json(catalogue).to_string()).with(seconds);
    db.execute(vec![statement]).await?.done()?;
    Ok(())
}

/// How the breakers of `name` stood, if it was configured like this then. What cannot be read any more is forgotten: it is
/// learned again.
pub async fn recall_health(db: &Db, name: &str, fingerprint: &str) -> Result<Option<Kept>> {
    const SQL: &str = "SELECT health FROM upstream_health WHERE name = ?1 AND fingerprint = ?2";
    let rows = db.query(Statement::new(SQL).with(name).with(fingerprint)).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let parts = serde_json::from_str::<(Snapshot, Vec<(String, Snapshot)>)>(row.text(0)?).ok();
    Ok(parts.map(|(whole, tools)| Kept { whole, tools }))
}

/// Keeps how the breakers of some upstreams stand: names, fingerprints and what is kept.
pub async fn keep_health(db: &Db, all: &[(String, String, Kept)]) -> Result<()> {
    const SQL: &str = "INSERT INTO upstream_health (name, fingerprint, health, kept_at) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (name) DO UPDATE SET fingerprint = excluded.fingerprint, health = excluded.health,
            kept_at = excluded.kept_at";
    let seconds = i64::try_from(clock::wall().as_secs()).unwrap_or_default();
    let statement = |(name, fingerprint, kept): &(String, String, Kept)| {
        let health = json!([kept.whole, kept.tools]).to_string();
        Statement::new(SQL).with(name.as_str()).with(fingerprint.as_str()).with(health).with(seconds)
    };
    db.execute(all.iter().map(statement).collect()).await?.done()?;
    Ok(())
}

/// A definition that is pinned, for a person who compares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pinned {
    /// The definition, raw JSON.
    pub definition: String,
    /// When it was pinned, in seconds since 1970.
    pub at: u64,
}

/// What is pinned of the server `name` at `place`.
pub async fn recall_pins(db: &Db, kind: Kind, name: &str, place: &str) -> Result<Pins> {
    const SQL: &str = "SELECT name, digest, body, length(definition) FROM pin
        WHERE server = ?1 AND place = ?2 AND kind = ?3";
    let mut pins = Pins::of(kind);
    for row in db.query(Statement::new(SQL).with(name).with(place).with(kind.word())).await? {
        let bytes = usize::try_from(row.integer(3)?).unwrap_or_default();
        // A digest that cannot be read is nobody's, so that what it stands for waits for an approval.
        let [digest, body] = [1, 2].map(|column| row.text(column).map(from_hex));
        pins.recall(row.text(0)?, digest?.unwrap_or_default(), body?, bytes);
    }
    Ok(pins)
}

/// The definitions of a kind that are pinned of the server `name` at `place`, by name.
pub async fn pinned(db: &Db, kind: Kind, name: &str, place: &str) -> Result<HashMap<String, Pinned>> {
    const SQL: &str = "SELECT name, definition, pinned_at FROM pin WHERE server = ?1 AND place = ?2 AND kind = ?3";
    let rows = db.query(Statement::new(SQL).with(name).with(place).with(kind.word())).await?;
    let read = |row: &Row| {
        let at = u64::try_from(row.integer(2)?).unwrap_or_default();
        Ok((row.text(0)?.to_owned(), Pinned { definition: row.text(1)?.to_owned(), at }))
    };
    rows.iter().map(read).collect()
}

/// Pins definitions of a kind, and forgets those in `gone`.
pub async fn pin(
    db: &Db,
    kind: Kind,
    name: &str,
    place: &str,
    some: &[(String, Definition)],
    gone: &[String],
) -> Result<()> {
    const FORGET: &str = "DELETE FROM pin WHERE server = ?1 AND place = ?2 AND kind = ?3 AND name = ?4";
    const PIN: &str = "INSERT INTO pin (server, place, kind, name, digest, body, definition, pinned_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        ON CONFLICT (server, place, kind, name) DO UPDATE SET digest = excluded.digest, body = excluded.body,
            definition = excluded.definition, pinned_at = excluded.pinned_at";
    let seconds = i64::try_from(clock::wall().as_secs()).unwrap_or_default();
    let about = |sql: &'static str, item: &str| Statement::new(sql).with(name).with(place).with(kind.word()).with(item);
    let forgotten = gone.iter().map(|item| about(FORGET, item));
    let pinned = some.iter().map(|(item, definition)| {
        let digest = random::to_hex(&definition.digest());
        let body = definition.body().map(|body| random::to_hex(&body)).unwrap_or_default();
        about(PIN, item).with(digest).with(body).with(definition.text()).with(seconds)
    });
    db.execute(forgotten.chain(pinned).collect()).await?.done()?;
    Ok(())
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let mut out = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (index, byte) in out.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(index * 2..index * 2 + 2)?, 16).ok()?;
    }
    Some(out)
}

fn to_json(catalogue: &Catalogue) -> Value {
    // What waits for an approval is judged anew when it is read.
    let mut copy = catalogue.clone().whole();
    let mut out = Map::new();
    for (index, (_, member, ..)) in LISTS.iter().enumerate() {
        let items: Vec<Value> = copy.list_mut(index).drain(..).map(|item| json!([item.key, item.json])).collect();
        out.insert((*member).to_owned(), items.into());
    }
    out.insert("instructions".to_owned(), copy.instructions().map(std::borrow::Cow::into_owned).into());
    out.insert("capabilities".to_owned(), catalogue.capabilities.clone().into());
    out.insert("serverInfo".to_owned(), catalogue.server_info.clone().into());
    Value::Object(out)
}

fn from_json(json: &Value) -> Catalogue {
    let text = |key: &str| json[key].as_str().map(str::to_owned);
    let mut catalogue = Catalogue {
        instructions: text("instructions").iter().map(|text| Item::instructions(text)).collect(),
        capabilities: text("capabilities").unwrap_or_default(),
        server_info: text("serverInfo").unwrap_or_default(),
        ..Catalogue::default()
    };
    for (index, (_, member, ..)) in LISTS.iter().enumerate() {
        let items = json[*member].as_array().into_iter().flatten();
        let read = |item: &Value| Some(Item { key: item[0].as_str()?.to_owned(), json: item[1].as_str()?.to_owned() });
        *catalogue.list_mut(index) = items.filter_map(read).collect();
    }
    catalogue.checked()
}

#[cfg(test)]
mod tests;
