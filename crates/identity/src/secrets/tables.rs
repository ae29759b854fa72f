//! Where the operator's secrets lie, sealed.

use base::{Result, clock};
use store::{Db, Row, Statement};

const STEPS: &[&str] = &["CREATE TABLE secret (
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    sealed TEXT NOT NULL,
    set_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, name)
)"];

/// A row.
pub(super) struct Sealed {
    pub(super) name: String,
    pub(super) sealed: String,
    /// In seconds since 1970.
    pub(super) set_at: u64,
}

pub(super) async fn prepare(db: &Db) -> Result<()> {
    db.migrate("secret", STEPS).await
}

/// All secrets of a tenant, in no order.
pub(super) async fn all(db: &Db, tenant: &str) -> Result<Vec<Sealed>> {
    const SQL: &str = "SELECT name, sealed, set_at FROM secret WHERE tenant = ?1";
    db.query(Statement::new(SQL).with(tenant)).await?.iter().map(read).collect()
}

/// The one secret of this name.
pub(super) async fn one(db: &Db, tenant: &str, name: &str) -> Result<Option<Sealed>> {
    const SQL: &str = "SELECT name, sealed, set_at FROM secret WHERE tenant = ?1 AND name = ?2";
    db.query(Statement::new(SQL).with(tenant).with(name)).await?.first().map(read).transpose()
}

fn read(row: &Row) -> Result<Sealed> {
    let set_at = u64::try_from(row.integer(2)?).unwrap_or_default();
    Ok(Sealed { name: row.text(0)?.to_owned(), sealed: row.text(1)?.to_owned(), set_at })
}

pub(super) async fn put(db: &Db, tenant: &str, name: &str, sealed: String) -> Result<()> {
    const SQL: &str = "INSERT INTO secret (tenant, name, sealed, set_at) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (tenant, name) DO UPDATE SET sealed = excluded.sealed, set_at = excluded.set_at";
    let seconds = i64::try_from(clock::wall().as_secs()).unwrap_or_default();
    let statement = Statement::new(SQL).with(tenant).with(name).with(sealed).with(seconds);
    db.execute(vec![statement]).await?.done()?;
    Ok(())
}

/// Whether there was one.
pub(super) async fn delete(db: &Db, tenant: &str, name: &str) -> Result<bool> {
    const SQL: &str = "DELETE FROM secret WHERE tenant = ?1 AND name = ?2";
    Ok(db.execute(vec![Statement::new(SQL).with(tenant).with(name)]).await?.done()? == [1])
}
