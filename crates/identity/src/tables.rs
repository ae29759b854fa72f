//! Where sealed secrets lie.

use base::{Result, clock};
use store::{Db, Statement};

const STEPS: &[&str] = &["CREATE TABLE credential (
    tenant TEXT NOT NULL,
    principal TEXT NOT NULL,
    upstream TEXT NOT NULL,
    kind TEXT NOT NULL,
    sealed TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, principal, upstream, kind)
)"];

/// Which secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key<'a> {
    pub(crate) tenant: &'a str,
    pub(crate) principal: &'a str,
    pub(crate) upstream: &'a str,
    pub(crate) kind: &'a str,
}

impl Key<'_> {
    fn bind(&self, statement: Statement) -> Statement {
        statement.with(self.tenant).with(self.principal).with(self.upstream).with(self.kind)
    }
}

pub(crate) async fn prepare(db: &Db) -> Result<()> {
    db.migrate("identity", STEPS).await
}

pub(crate) async fn get(db: &Db, key: &Key<'_>) -> Result<Option<String>> {
    const SQL: &str =
        "SELECT sealed FROM credential WHERE tenant = ?1 AND principal = ?2 AND upstream = ?3 AND kind = ?4";
    let rows = db.query(key.bind(Statement::new(SQL))).await?;
    rows.first().map(|row| row.text(0).map(str::to_owned)).transpose()
}

pub(crate) async fn put(db: &Db, key: &Key<'_>, sealed: String) -> Result<()> {
    const SQL: &str = "INSERT INTO credential (tenant, principal, upstream, kind, sealed, updated_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (tenant, principal, upstream, kind)
        DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at";
    let seconds = i64::try_from(clock::wall().as_secs()).unwrap_or_default();
    db.execute(vec![key.bind(Statement::new(SQL)).with(sealed).with(seconds)]).await?.done()?;
    Ok(())
}

pub(crate) async fn delete(db: &Db, key: &Key<'_>) -> Result<bool> {
    const SQL: &str = "DELETE FROM credential WHERE tenant = ?1 AND principal = ?2 AND upstream = ?3 AND kind = ?4";
    Ok(db.execute(vec![key.bind(Statement::new(SQL))]).await?.done()? == [1])
}
