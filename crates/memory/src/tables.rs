//! Fragments in the store: a row for each version, and the texts by their hashes, each once.

use crate::limits;
use crate::{Fragment, NewFragment, Owner, Provenance, Pruning, Scope, Scopes, SummaryKey, Trust};
use base::{Error, Result};
use context::tokens::{Count, Family};
use journal::Digest;
use store::{Db, Expect, Row, Statement};

const STEPS: &[&str] = &["
CREATE TABLE memory_content (
    digest BYTEA NOT NULL PRIMARY KEY,
    body TEXT NOT NULL
);
CREATE TABLE memory_fragment (
    sequence BIGINT NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL,
    scope TEXT NOT NULL,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    digest BYTEA NOT NULL REFERENCES memory_content (digest),
    bytes BIGINT NOT NULL,
    mime TEXT NOT NULL,
    class TEXT,
    run TEXT NOT NULL,
    step TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    trust TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    latest BIGINT NOT NULL
);
CREATE UNIQUE INDEX memory_fragment_version ON memory_fragment (tenant, scope, owner, name, version);
CREATE INDEX memory_fragment_digest ON memory_fragment (digest);
CREATE INDEX memory_fragment_expires ON memory_fragment (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX memory_fragment_class ON memory_fragment (tenant, class) WHERE class IS NOT NULL;
CREATE TABLE memory_size (
    tenant TEXT NOT NULL,
    scope TEXT NOT NULL,
    owner TEXT NOT NULL,
    fragments BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    PRIMARY KEY (tenant, scope, owner)
);
CREATE TABLE memory_tokens (
    digest BYTEA NOT NULL REFERENCES memory_content (digest),
    family TEXT NOT NULL,
    tokens BIGINT NOT NULL,
    exact BIGINT NOT NULL,
    PRIMARY KEY (digest, family)
);
CREATE TABLE memory_summary (
    digest BYTEA NOT NULL,
    tokens BIGINT NOT NULL,
    model TEXT NOT NULL,
    prompt BYTEA NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (digest, tokens, model, prompt)
)"];

/// The media type of a turn of a transcript. Turns are read in their order, and never searched.
pub(crate) const TURN: &str = "application/vnd.tutti.turn+json";

/// Makes the tables, or brings them up to date.
pub(crate) async fn open(db: &Db) -> Result<()> {
    db.migrate("memory", STEPS).await
}

/// A number as the store has it.
pub(crate) fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A number of the store as it was given.
pub(crate) fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or_default()
}

fn of_scope(sql: &'static str, scope: &Scope) -> Statement {
    Statement::new(sql).with(scope.tenant.as_str()).with(scope.name.as_str()).with(scope.of.as_str())
}

macro_rules! fragments {
    ($rest:literal) => {
        concat!(
            "SELECT tenant, scope, owner, name, version, digest, bytes, mime, class, run, step, attempt, trust,
            created_at, expires_at, sequence FROM memory_fragment ",
            $rest
        )
    };
}

/// The newest version under a key, also one that has expired.
pub(crate) fn newest(scope: &Scope, key: &str) -> Statement {
    const SQL: &str = fragments!("WHERE tenant = ?1 AND scope = ?2 AND owner = ?3 AND name = ?4 AND latest = 1");
    of_scope(SQL, scope).with(key)
}

/// The version under a key that was written last, whether or not a newer one was pruned.
pub(crate) fn last(scope: &Scope, key: &str) -> Statement {
    const SQL: &str =
        fragments!("WHERE tenant = ?1 AND scope = ?2 AND owner = ?3 AND name = ?4 ORDER BY version DESC LIMIT 1");
    of_scope(SQL, scope).with(key)
}

/// One version under a key.
pub(crate) fn version(scope: &Scope, key: &str, version: u64) -> Statement {
    const SQL: &str = fragments!("WHERE tenant = ?1 AND scope = ?2 AND owner = ?3 AND name = ?4 AND version = ?5");
    of_scope(SQL, scope).with(key).with(number(version))
}

/// The versions under a key from `from` on, the oldest first.
pub(crate) fn versions(scope: &Scope, key: &str, from: u64, most: usize) -> Statement {
    const SQL: &str = fragments!(
        "WHERE tenant = ?1 AND scope = ?2 AND owner = ?3 AND name = ?4 AND version >= ?5 ORDER BY version LIMIT ?6"
    );
    of_scope(SQL, scope).with(key).with(number(from)).with(number(most as u64))
}

/// A version whose text has this hash, in this scope: the newest of several.
pub(crate) fn by_handle(scope: &Scope, digest: Digest) -> Statement {
    const SQL: &str =
        fragments!("WHERE tenant = ?1 AND scope = ?2 AND owner = ?3 AND digest = ?4 ORDER BY sequence DESC LIMIT 1");
    of_scope(SQL, scope).with(digest.bytes().as_slice())
}

/// A version whose text has this hash, in any scope of a tenant: the newest of several.
pub(crate) fn original(tenant: &str, digest: Digest) -> Statement {
    const SQL: &str = fragments!("WHERE tenant = ?1 AND digest = ?2 ORDER BY sequence DESC LIMIT 1");
    Statement::new(SQL).with(tenant).with(digest.bytes().as_slice())
}

/// The newest versions of a class that are not over at `now`, of the tenant's scopes and the owner's own.
pub(crate) fn of_class(owner: &Owner, class: &str, now: u64, most: usize) -> Statement {
    const SQL: &str = fragments!(
        "WHERE tenant = ?1 AND class = ?5 AND latest = 1 AND (expires_at IS NULL OR expires_at > ?6)
        AND (owner = '' OR (scope = 'run' AND owner = ?2) OR (scope = 'workflow' AND owner = ?3)
            OR (scope = 'user' AND owner = ?4))
        ORDER BY scope, owner, name LIMIT ?7"
    );
    let own = [&owner.tenant, &owner.run, &owner.workflow, &owner.user].map(String::as_str);
    own.into_iter().fold(Statement::new(SQL), Statement::with).with(class).with(number(now)).with(number(most as u64))
}

/// The newest versions of a tenant that are not over at `now`, behind `after` in the order of scope, owner and key; of these
/// scopes.
pub(crate) fn page(tenant: &str, of: &Scopes, after: [&str; 3], now: u64, most: usize) -> Statement {
    const SQL: &str = fragments!(
        "WHERE tenant = ?1 AND latest = 1 AND (expires_at IS NULL OR expires_at > ?5)
        AND (scope > ?2 OR (scope = ?2 AND (owner > ?3 OR (owner = ?3 AND name > ?4))))
        AND (?7 = '' OR scope = ?7) AND (?8 = '' OR owner = ?8)
        ORDER BY scope, owner, name LIMIT ?6"
    );
    let statement = after.into_iter().fold(Statement::new(SQL).with(tenant), Statement::with);
    statement.with(number(now)).with(number(most as u64)).with(of.name.as_str()).with(of.of.as_str())
}

/// The newest versions of a tenant that were written after `sequence` and are no turns, in the order in which they were.
pub(crate) fn since(tenant: &str, sequence: i64, most: usize) -> Statement {
    const SQL: &str =
        fragments!("WHERE tenant = ?1 AND sequence > ?2 AND latest = 1 AND mime <> ?3 ORDER BY sequence LIMIT ?4");
    Statement::new(SQL).with(tenant).with(sequence).with(TURN).with(number(most as u64))
}

/// Behind which row the last `most` rows of [`since`] stand: one column, the number of that row, if there are more.
pub(crate) fn behind(tenant: &str, most: usize) -> Statement {
    const SQL: &str = "SELECT sequence FROM memory_fragment WHERE tenant = ?1 AND latest = 1 AND mime <> ?2
        ORDER BY sequence DESC LIMIT 1 OFFSET ?3";
    Statement::new(SQL).with(tenant).with(TURN).with(number(most as u64))
}

/// What a row of the statements above says.
pub(crate) fn fragment(row: &Row) -> Result<Fragment> {
    let text = |column| row.text(column).map(str::to_owned);
    let digest =
        Digest::from_bytes(row.blob(5)?).ok_or_else(|| Error::internal("a digest in the store is too short"))?;
    Ok(Fragment {
        scope: Scope { tenant: text(0)?, name: text(1)?, of: text(2)? },
        key: text(3)?,
        version: unsigned(row.integer(4)?),
        sha256: digest,
        bytes: unsigned(row.integer(6)?),
        mime: text(7)?,
        classification: row.optional_text(8)?.map(str::to_owned),
        provenance: Provenance {
            run: text(9)?,
            step: text(10)?,
            attempt: u32::try_from(row.integer(11)?).unwrap_or_default(),
            trust: Trust::read(row.text(12)?),
        },
        created: unsigned(row.integer(13)?),
        expires: row.optional_integer(14)?.map(unsigned),
    })
}

/// Where a row of the statements above stands among all.
pub(crate) fn sequence(row: &Row) -> Result<i64> {
    row.integer(15)
}

/// What writes `version` of a fragment, if nobody else has and there is room: the third statement tells of a full scope,
/// the fourth of a full tenant, the last of somebody who was faster.
pub(crate) fn write(new: &NewFragment, digest: Digest, version: u64) -> Vec<Statement> {
    const CONTENT: &str = "INSERT INTO memory_content (digest, body) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    const OLD: &str = "UPDATE memory_fragment SET latest = 0
        WHERE tenant = ?1 AND scope = ?2 AND owner = ?3 AND name = ?4 AND latest = 1";
    const SIZE: &str = "INSERT INTO memory_size (tenant, scope, owner, fragments, bytes) VALUES (?1, ?2, ?3, 1, ?4)
        ON CONFLICT (tenant, scope, owner) DO UPDATE SET fragments = memory_size.fragments + 1,
            bytes = memory_size.bytes + excluded.bytes WHERE memory_size.fragments < ?5";
    const TENANT: &str = "SELECT tenant FROM memory_size WHERE tenant = ?1 GROUP BY tenant
        HAVING SUM(fragments) <= ?2 AND SUM(bytes) <= ?3";
    const ROW: &str = "INSERT INTO memory_fragment (sequence, tenant, scope, owner, name, version, digest, bytes, mime,
            class, run, step, attempt, trust, created_at, expires_at, latest)
        VALUES ((SELECT COALESCE(MAX(sequence), 0) + 1 FROM memory_fragment), ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,
            ?11, ?12, ?13, ?14, ?15, 1) ON CONFLICT DO NOTHING";
    let scope = &new.scope;
    let bytes = number(new.text.len() as u64);
    let Provenance { run, step, attempt, trust } = &new.provenance;
    let row = of_scope(ROW, scope).with(new.key.as_str()).with(number(version));
    let row = row.with(digest.bytes().as_slice()).with(bytes).with(new.mime.as_str()).with(new.classification.clone());
    let row = row.with(run.as_str()).with(step.as_str()).with(*attempt).with(trust.word()).with(number(new.at));
    let row = row.with(new.ttl.map(|ttl| number(new.at.saturating_add(ttl))));
    vec![
        Statement::new(CONTENT).with(digest.bytes().as_slice()).with(new.text.as_str()),
        of_scope(OLD, scope).with(new.key.as_str()),
        of_scope(SIZE, scope).with(bytes).with(number(limits::OF_SCOPE)).expecting(Expect::Rows(1)),
        Statement::new(TENANT)
            .with(scope.tenant.as_str())
            .with(number(limits::OF_TENANT))
            .with(number(limits::BYTES))
            .expecting(Expect::Rows(1)),
        row.expecting(Expect::Rows(1)),
    ]
}

/// Lets a version that was written a second time live as long as it would if it were new.
pub(crate) fn renew(scope: &Scope, key: &str, version: u64, expires: Option<u64>) -> Statement {
    const SQL: &str = "UPDATE memory_fragment SET expires_at = ?6
        WHERE tenant = ?1 AND scope = ?2 AND owner = ?3 AND name = ?4 AND version = ?5";
    of_scope(SQL, scope).with(key).with(number(version)).with(expires.map(number))
}

/// The text of a hash.
pub(crate) fn content(digest: Digest) -> Statement {
    Statement::new("SELECT body FROM memory_content WHERE digest = ?1").with(digest.bytes().as_slice())
}

/// How many tokens a text was counted to be.
pub(crate) fn tokens(digest: Digest, family: Family) -> Statement {
    const SQL: &str = "SELECT tokens, exact FROM memory_tokens WHERE digest = ?1 AND family = ?2";
    Statement::new(SQL).with(digest.bytes().as_slice()).with(family.name())
}

/// What a row of [`tokens`] says.
pub(crate) fn count(row: &Row) -> Result<Count> {
    Ok(Count { tokens: usize::try_from(row.integer(0)?).unwrap_or_default(), exact: row.integer(1)? != 0 })
}

/// Keeps how many tokens a text is.
pub(crate) fn counted(digest: Digest, family: Family, count: Count) -> Statement {
    const SQL: &str = "INSERT INTO memory_tokens (digest, family, tokens, exact)
        SELECT digest, ?2, ?3, ?4 FROM memory_content WHERE digest = ?1 ON CONFLICT DO NOTHING";
    let statement = Statement::new(SQL).with(digest.bytes().as_slice()).with(family.name());
    statement.with(number(count.tokens as u64)).with(count.exact)
}

/// Rows that may go: what is over at `now`, and versions written before `old` that are not the newest, but for turns. The last row of
/// all stays, so that no number is given twice.
pub(crate) fn over(now: u64, old: u64, most: usize) -> Statement {
    const SQL: &str = "SELECT sequence, tenant, scope, owner, bytes, digest FROM memory_fragment
        WHERE (expires_at <= ?1 OR (latest = 0 AND created_at < ?2 AND mime <> ?4))
            AND sequence < (SELECT MAX(sequence) FROM memory_fragment) ORDER BY sequence LIMIT ?3";
    Statement::new(SQL).with(number(now)).with(number(old)).with(number(most as u64)).with(TURN)
}

/// All of a scope is over at `now`.
pub(crate) fn forget(scope: &Scope, now: u64) -> Statement {
    const SQL: &str = "UPDATE memory_fragment SET expires_at = ?4 WHERE tenant = ?1 AND scope = ?2 AND owner = ?3
        AND (expires_at IS NULL OR expires_at > ?4)";
    of_scope(SQL, scope).with(number(now))
}

/// A summary that was made.
pub(crate) fn summary(key: &SummaryKey) -> Statement {
    const SQL: &str =
        "SELECT body FROM memory_summary WHERE digest = ?1 AND tokens = ?2 AND model = ?3 AND prompt = ?4";
    of_summary(SQL, key)
}

/// Keeps a summary; the first that was made stays.
pub(crate) fn keep_summary(key: &SummaryKey, body: &str, now: u64) -> Statement {
    const SQL: &str = "INSERT INTO memory_summary (digest, tokens, model, prompt, body, created_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING";
    of_summary(SQL, key).with(body).with(number(now))
}

fn of_summary(sql: &'static str, key: &SummaryKey) -> Statement {
    let statement = Statement::new(sql).with(key.sha256.bytes().as_slice()).with(number(key.tokens));
    statement.with(key.model.as_str()).with(key.prompt.bytes().as_slice())
}

/// Takes summaries away that were made before `old`.
pub(crate) fn forget_summaries(old: u64) -> Statement {
    Statement::new("DELETE FROM memory_summary WHERE created_at < ?1").with(number(old))
}

/// How many statements [`remove`] has.
pub(crate) const REMOVAL: usize = 5;

/// Takes a row of [`over`] away, and its text and counts where no other has it, unless it was renewed since it was found at `now`.
pub(crate) fn remove(row: &Row, now: u64) -> Result<[Statement; REMOVAL]> {
    const ROW: &str =
        "DELETE FROM memory_fragment WHERE sequence = ?1 AND (expires_at <= ?2 OR (latest = 0 AND mime <> ?3))";
    const SIZE: &str = "UPDATE memory_size SET fragments = fragments - 1, bytes = bytes - ?4
        WHERE tenant = ?1 AND scope = ?2 AND owner = ?3 AND EXISTS (SELECT 1 FROM memory_fragment
            WHERE sequence = ?5 AND (expires_at <= ?6 OR (latest = 0 AND mime <> ?7)))";
    const EMPTY: &str = "DELETE FROM memory_size WHERE tenant = ?1 AND scope = ?2 AND owner = ?3 AND fragments <= 0";
    const TOKENS: &str = "DELETE FROM memory_tokens WHERE digest = ?1
        AND NOT EXISTS (SELECT 1 FROM memory_fragment WHERE digest = ?1)";
    const CONTENT: &str = "DELETE FROM memory_content WHERE digest = ?1
        AND NOT EXISTS (SELECT 1 FROM memory_fragment WHERE digest = ?1)";
    let scope = Scope { tenant: row.text(1)?.into(), name: row.text(2)?.into(), of: row.text(3)?.into() };
    let (sequence, digest) = (row.integer(0)?, row.blob(5)?);
    Ok([
        of_scope(SIZE, &scope).with(row.integer(4)?).with(sequence).with(number(now)).with(TURN),
        Statement::new(ROW).with(sequence).with(number(now)).with(TURN),
        of_scope(EMPTY, &scope),
        Statement::new(TOKENS).with(digest),
        Statement::new(CONTENT).with(digest),
    ])
}

/// Whether the statements of [`remove`], which changed so many rows, took the fragment away.
pub(crate) const fn is_removed(changed: &[usize; REMOVAL]) -> bool {
    let [_, row, ..] = changed;
    *row > 0
}

/// What may go of a tenant and of these scopes, as [`over`] says; but nothing that has a newer version only since now.
macro_rules! over_of {
    ($columns:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM memory_fragment AS one WHERE tenant = ?4 AND (?5 = '' OR scope = ?5) AND (?6 = '' OR owner = ?6)
            AND (expires_at <= ?1 OR (latest = 0 AND created_at < ?2 AND mime <> ?3 AND ?1 > COALESCE(
                (SELECT MIN(created_at) FROM memory_fragment AS newer WHERE newer.tenant = one.tenant
                    AND newer.scope = one.scope AND newer.owner = one.owner AND newer.name = one.name
                    AND newer.version > one.version), 0)))
            AND sequence < (SELECT MAX(sequence) FROM memory_fragment)",
            $rest
        )
    };
}

/// The rows that may go as [`Pruning`] says.
pub(crate) fn over_of(wanted: &Pruning, most: usize) -> Statement {
    const SQL: &str = over_of!("sequence, tenant, scope, owner, bytes, digest", " ORDER BY sequence LIMIT ?7");
    of_pruning(SQL, wanted).with(number(most as u64))
}

/// How many rows [`over_of`] would have without a limit, and the bytes of their texts.
pub(crate) fn count_over(wanted: &Pruning) -> Statement {
    const SQL: &str = over_of!("COUNT(*), COALESCE(SUM(bytes), 0)", "");
    of_pruning(SQL, wanted)
}

fn of_pruning(sql: &'static str, wanted: &Pruning) -> Statement {
    let Pruning { tenant, scopes, now, old } = wanted;
    let statement = Statement::new(sql).with(number(*now)).with(number(*old)).with(TURN).with(tenant.as_str());
    statement.with(scopes.name.as_str()).with(scopes.of.as_str())
}

/// How much each scope of a tenant holds: fragments, bytes, and tokens. What nobody has counted is taken for four bytes each.
pub(crate) fn sizes(tenant: &str, most: usize) -> Statement {
    const SQL: &str = "SELECT scope, owner, COUNT(*), SUM(bytes), SUM(COALESCE((SELECT MAX(tokens) FROM memory_tokens
            WHERE memory_tokens.digest = memory_fragment.digest), (bytes + 3) / 4))
        FROM memory_fragment WHERE tenant = ?1 GROUP BY scope, owner ORDER BY 4 DESC, scope, owner LIMIT ?2";
    Statement::new(SQL).with(tenant).with(number(most as u64))
}

/// What a tenant holds, fragments and bytes, and how many fragments are of this scope.
pub(crate) fn held(scope: &Scope) -> Statement {
    const SQL: &str = "SELECT COALESCE(SUM(fragments), 0), COALESCE(SUM(bytes), 0), COALESCE(SUM(CASE
        WHEN scope = ?2 AND owner = ?3 THEN fragments ELSE 0 END), 0) FROM memory_size WHERE tenant = ?1";
    of_scope(SQL, scope)
}

/// How much a tenant holds in all, as [`sizes`] counts.
pub(crate) fn total(tenant: &str) -> Statement {
    const SQL: &str =
        "SELECT COUNT(*), COALESCE(SUM(bytes), 0), COALESCE(SUM(COALESCE((SELECT MAX(tokens) FROM memory_tokens
            WHERE memory_tokens.digest = memory_fragment.digest), (bytes + 3) / 4)), 0),
            (SELECT COUNT(*) FROM memory_size WHERE tenant = ?1)
        FROM memory_fragment WHERE tenant = ?1";
    Statement::new(SQL).with(tenant)
}
