//! Connections, with what each must have set, and how a statement runs on one.

use super::failure::Place;
use super::lock::{self, Lock};
use crate::{Row, Statement, Value};
use base::{Code, Error, Result, disk};
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, OpenFlags};
use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

/// How long a connection waits for another program's lock, such as that of a database browser.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How many prepared statements each connection keeps.
const STATEMENTS: usize = 128;

/// The largest answer of a query, in bytes. Who needs more asks page by page.
const ANSWER_LIMIT: usize = 64 << 20;

/// What every connection has set. `FULL` is what makes an acknowledged unit survive a power cut; the `fullfsync` pair
/// does so on macOS, where an ordinary fsync leaves the data in the disk's cache; elsewhere it means nothing. The log is taken
/// over into the file every 16 MB, for what is written again and again is then written there once.
const SETTINGS: &str = "
    PRAGMA synchronous = FULL;
    PRAGMA fullfsync = ON;
    PRAGMA checkpoint_fullfsync = ON;
    PRAGMA foreign_keys = ON;
    PRAGMA trusted_schema = OFF;
    PRAGMA temp_store = MEMORY;
    PRAGMA journal_size_limit = 67108864;
    PRAGMA wal_autocheckpoint = 4096;
";

/// Refuses an SQLite that can damage its own write-ahead log: all before 3.51.3, and 3.52, which was withdrawn.
pub(super) fn check_version(place: &Place) -> Result<()> {
    if is_sound(rusqlite::version_number()) {
        return Ok(());
    }
    Err(Error::new(
        Code::StoreOpen,
        format!("{place} is not opened with SQLite {}, which can damage it", rusqlite::version()),
        "use the released binary of Tutti, or build it with the SQLite that it brings along",
    ))
}

const fn is_sound(version: i32) -> bool {
    matches!(version, 3_051_003..=3_051_999 | 3_053_000..)
}

/// The largest store that is looked through whenever it is opened, in bytes: that takes well under half a second.
const LOOKED_THROUGH: u64 = 64 << 20;

/// Creates the folder and the file where they are missing, and takes the store's lock.
pub(super) fn prepare_file(path: &Path, place: &Place) -> Result<Lock> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        disk::create_folder(folder).map_err(|error| Error::new(Code::StoreOpen, error.message(), error.next()))?;
    }
    let lock = Lock::take(path, place)?;
    check_log(path, place)?;
    let mut options = OpenOptions::new();
    options.create_new(true).write(true);
    lock::private(&mut options);
    match options.open(path) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => narrow(path, place),
        Err(error) => return Err(place.cannot_open_file(&error)),
    }
    Ok(lock)
}

/// Refuses a write-ahead log whose store is gone or empty: SQLite would throw away what is in it.
fn check_log(path: &Path, place: &Place) -> Result<()> {
    let length = |path: &Path| std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    if length(path) == 0 && length(Path::new(&log)) > 0 {
        return Err(place.damaged("the file is missing or empty, and its log (-wal) is not"));
    }
    Ok(())
}

/// Shuts others out of a file that was there, for instance one that was copied back from a backup. SQLite gives the files
/// beside it the same mode. A file that belongs to somebody else stays as it is: whoever gave it to us decides.
#[cfg(unix)]
fn narrow(path: &Path, place: &Place) {
    use std::os::unix::fs::PermissionsExt;
    let Ok(metadata) = std::fs::metadata(path) else { return };
    if metadata.is_file()
        && metadata.permissions().mode() & 0o077 != 0
        && let Err(error) = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
    {
        tracing::warn!(%place, %error, "others than the owner may read the store, and that cannot be changed");
    }
}

#[cfg(not(unix))]
fn narrow(_path: &Path, _place: &Place) {}

/// The connection that writes.
pub(super) fn open_writer(path: &Path, place: &Place) -> Result<Connection> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE, place)?;
    let cannot_open = |error| place.cannot_open(&error);
    // Until it is known to be sound nothing is written to it, also when the connection closes.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(cannot_open)?;
    check_sound(&connection, path, place)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false).map_err(cannot_open)?;
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(cannot_open)?;
    if mode != "wal" {
        return Err(Error::new(
            Code::StoreOpen,
            format!("{place} is on a file system without shared memory, so it cannot have a write-ahead log"),
            "choose a folder on a local disk with TUTTI_HOME",
        ));
    }
    Ok(connection)
}

/// Finds a file that is cut short, damaged or no database, now and not at the first use. Of a very large one only the
/// size and the list of tables are looked at.
fn check_sound(connection: &Connection, path: &Path, place: &Place) -> Result<()> {
    let cannot_open = |error| place.cannot_open(&error);
    connection.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(())).map_err(cannot_open)?;
    if std::fs::metadata(path).is_ok_and(|metadata| metadata.len() > LOOKED_THROUGH) {
        return Ok(());
    }
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(cannot_open)?;
    if found == "ok" { Ok(()) } else { Err(place.damaged(&found)) }
}

/// A connection that only reads.
pub(super) fn open_reader(path: &Path, place: &Place) -> Result<Connection> {
    open(path, OpenFlags::SQLITE_OPEN_READ_ONLY, place)
}

/// The one connection of a store in memory.
pub(super) fn open_memory(place: &Place) -> Result<Connection> {
    let connection = Connection::open_in_memory().map_err(|error| place.cannot_open(&error))?;
    set_up(&connection, place)?;
    Ok(connection)
}

fn open(path: &Path, access: OpenFlags, place: &Place) -> Result<Connection> {
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(|error| place.cannot_open(&error))?;
    set_up(&connection, place)?;
    Ok(connection)
}

fn set_up(connection: &Connection, place: &Place) -> Result<()> {
    let cannot_open = |error| place.cannot_open(&error);
    connection.busy_timeout(BUSY_TIMEOUT).map_err(cannot_open)?;
    connection.execute_batch(SETTINGS).map_err(cannot_open)?;
    // Otherwise SQLite plans many statements anew each time that they get other values: half of what the writer does.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(cannot_open)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    check_durable(connection, place)
}

/// What SQLite answers when it waits for the disk at each commit (`FULL`).
const FULL: i64 = 2;

/// Refuses a connection that does not wait for the disk. SQLite says nothing to a setting that it does not take, so only
/// reading it back tells.
fn check_durable(connection: &Connection, place: &Place) -> Result<()> {
    let found: i64 =
        connection.query_row("PRAGMA synchronous", [], |row| row.get(0)).map_err(|error| place.cannot_open(&error))?;
    if found == FULL {
        return Ok(());
    }
    Err(Error::new(
        Code::StoreOpen,
        format!(
            "{place} is not opened, because SQLite would not wait for the disk (synchronous is {found}, not {FULL})"
        ),
        "use the released binary of Tutti, or build it with the SQLite that it brings along",
    ))
}

/// Runs a statement of our own, such as `COMMIT`.
pub(super) fn run(connection: &Connection, sql: &'static str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.raw_execute().map(drop)
}

/// Runs a statement of a unit and says how many rows it changed, or found if it answers with rows.
pub(super) fn execute(connection: &Connection, statement: &Statement) -> rusqlite::Result<usize> {
    let mut prepared = prepare(connection, statement)?;
    if prepared.column_count() == 0 {
        return prepared.raw_execute();
    }
    let mut rows = prepared.raw_query();
    let mut count = 0;
    while rows.next()?.is_some() {
        count += 1;
    }
    Ok(count)
}

/// The rows that a statement finds; it must not change any.
pub(super) fn query(connection: &Connection, place: &Place, statement: &Statement) -> Result<Vec<Row>> {
    let failed = |error| place.failed(&error);
    let mut prepared = prepare(connection, statement).map_err(failed)?;
    if !prepared.readonly() {
        return Err(Error::internal(format!("a query must only read, and this one writes: {}", statement.sql)));
    }
    let mut rows = prepared.raw_query();
    let (mut answer, mut size) = (Vec::new(), 0);
    while let Some(row) = rows.next().map_err(failed)? {
        // Asked of each row: a migration may have changed the table since the statement was prepared.
        let columns = row.as_ref().column_count();
        let values = (0..columns).map(|column| value(row, column)).collect::<rusqlite::Result<Vec<_>>>();
        let values = values.map_err(failed)?;
        size += values.iter().map(Value::size).sum::<usize>();
        if size > ANSWER_LIMIT {
            return Err(too_large(place, statement));
        }
        answer.push(Row::new(values));
    }
    Ok(answer)
}

fn too_large(place: &Place, statement: &Statement) -> Error {
    let message = format!("a query of {place} found more than {ANSWER_LIMIT} bytes: {}", statement.sql);
    Error::new(Code::StoreFailed, message, "ask for less at a time; where Tutti chose how much, please report it")
}

fn prepare<'a>(connection: &'a Connection, statement: &Statement) -> rusqlite::Result<CachedStatement<'a>> {
    let mut prepared = connection.prepare_cached(statement.sql)?;
    let (given, wanted) = (statement.values.len(), prepared.parameter_count());
    if given != wanted {
        return Err(rusqlite::Error::InvalidParameterCount(given, wanted));
    }
    for (index, value) in statement.values.iter().enumerate() {
        prepared.raw_bind_parameter(index + 1, Bound(value))?;
    }
    Ok(prepared)
}

/// Refuses a statement that neither reads nor changes rows, such as `COMMIT`, `PRAGMA` or `DROP`: it would break out of
/// the unit that it is in.
pub(super) fn check(statement: &Statement) -> Result<()> {
    let word = statement.sql.split_ascii_whitespace().next().unwrap_or_default();
    if ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"].iter().any(|known| word.eq_ignore_ascii_case(known)) {
        return Ok(());
    }
    Err(Error::internal(format!("a unit only reads and changes rows, and this statement does not: {}", statement.sql)))
}

struct Bound<'a>(&'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Integer(number) => ValueRef::Integer(*number),
            Value::Real(number) => ValueRef::Real(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn value(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Value> {
    Ok(match row.get_ref(column)? {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(bytes) => {
            Value::Text(str::from_utf8(bytes).map_err(|error| rusqlite::Error::Utf8Error(column, error))?.to_owned())
        }
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_owned()),
    })
}

#[cfg(test)]
mod tests;
