//! Where state lives.
//!
//! One small, non-generic [`Db`]: a unit of work is a list of [`Statement`]s with what each must match. It is data and
//! not a closure, so that units which wait at the same time share one commit. Today the engine is SQLite; PostgreSQL
//! comes behind the same interface, so domains write their SQL once, in what both take:
//!
//! - parameters are `?1`, `?2`, …, never literals glued into the text;
//! - columns are `BIGINT` (also for booleans, as 0 and 1), `DOUBLE PRECISION`, `TEXT` and `BYTEA`: SQLite gives each the
//!   affinity that its values need;
//! - "only if" is a `WHERE` or `ON CONFLICT … DO NOTHING` with [`Expect::Rows`], not a constraint that fails;
//! - tables are made by [`Db::migrate`], and units hold only `SELECT`, `INSERT`, `UPDATE` and `DELETE` (or `WITH`).
//!
//! What needs no table of its own goes into [`KeyValue`].
//!
//! [`redis`] is beside it: what replicas of a hub share, and can do without.

mod counts;
mod db;
mod key_value;
pub mod redis;
mod row;
mod sqlite;
mod statement;
mod value;

pub use counts::Counts;
pub use db::Db;
pub use key_value::{Entry, KeyValue};
pub use row::Row;
pub use statement::{Expect, Outcome, Statement};
pub use value::Value;
