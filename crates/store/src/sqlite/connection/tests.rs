use super::{Place, check, check_durable, is_sound, open_memory};
use crate::db::tests::{in_memory, insert, numbers, on_disk, program_for, rename};
use crate::{Db, Statement};
use base::environment::Environment;
use base::{Code, Error, disk};
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

async fn open_error(path: &Path) -> Error {
    let Err(error) = Db::open(path).await else { panic!("{} was opened", path.display()) };
    error
}

#[test]
fn the_sqlite_inside_has_a_sound_log() {
    assert!(is_sound(rusqlite::version_number()));
    let sound = [3_051_003, 3_051_999, 3_053_000, 3_054_001];
    let unsound = [3_040_001, 3_051_002, 3_052_000, 3_052_001];
    assert!(sound.into_iter().all(is_sound) && !unsound.into_iter().any(is_sound));
}

#[tokio::test]
async fn every_connection_has_its_settings() {
    let (_folder, _path, db) = on_disk().await;
    let (sender, receiver) = tokio::sync::oneshot::channel();
    db.sqlite()
        .inspect(|writer| {
            let ask = |pragma: &str| {
                let sql = format!("PRAGMA {pragma}");
                writer.connection.query_row(&sql, [], |row| row.get::<_, rusqlite::types::Value>(0)).unwrap()
            };
            sender.send(["journal_mode", "synchronous", "foreign_keys", "busy_timeout"].map(ask)).unwrap();
        })
        .await;
    let expected: [rusqlite::types::Value; 4] = ["wal".to_owned().into(), 2.into(), 1.into(), 5000.into()];
    assert_eq!(receiver.await.unwrap(), expected);
}

#[test]
fn a_connection_that_does_not_wait_for_the_disk_is_refused() {
    let connection = open_memory(&Place::memory()).unwrap();
    check_durable(&connection, &Place::memory()).unwrap();
    // Two that SQLite knows, and one that it takes for another without a word.
    for setting in ["OFF", "NORMAL", "WAL"] {
        connection.execute_batch(&format!("PRAGMA synchronous = {setting}")).unwrap();
        let error = check_durable(&connection, &Place::memory()).unwrap_err();
        assert_eq!(error.code(), Code::StoreOpen, "{setting}");
        assert!(error.message().contains("wait for the disk"), "{error}");
    }
}

#[test]
fn a_statement_is_not_planned_anew_for_other_values() {
    let connection = open_memory(&Place::memory()).unwrap();
    let tables = "CREATE TABLE line (part BIGINT, number BIGINT, mark TEXT, PRIMARY KEY (part, number));
        CREATE UNIQUE INDEX line_mark ON line (part, mark) WHERE mark IS NOT NULL";
    connection.execute_batch(tables).unwrap();
    let mut statement = connection.prepare("SELECT max(number) FROM line WHERE part = ?1").unwrap();
    for part in 0..3 {
        statement.query_row([part], |_| Ok(())).unwrap();
    }
    assert_eq!(statement.get_status(rusqlite::StatementStatus::RePrepare), 0);
}

#[tokio::test]
async fn only_statements_about_rows_get_into_a_unit() {
    let (_folder, _path, file) = on_disk().await;
    for db in [file, in_memory().await] {
        for sql in
            ["COMMIT", " rollback", "PRAGMA synchronous = OFF", "DROP TABLE numbers", "SAVEPOINT x", "", "VACUUM"]
        {
            assert!(db.execute(vec![Statement::new(sql)]).await.is_err(), "{sql}");
        }
        let two = Statement::new("INSERT INTO numbers (number) VALUES (1); INSERT INTO numbers (number) VALUES (2)");
        assert!(db.execute(vec![two]).await.is_err());
        let write = Statement::new("INSERT INTO numbers (number) VALUES (1)");
        assert!(db.query(write).await.is_err(), "a query must not write");
        let sql = "INSERT INTO numbers (number, name) VALUES (?1, ?2)";
        assert!(db.execute(vec![Statement::new(sql).with(1_i64)]).await.is_err(), "a value is missing");
        assert!(db.execute(vec![Statement::new("SELECT 1").with(1_i64)]).await.is_err(), "a value is too many");
        assert_eq!(numbers(&db).await, [0_i64; 0]);
    }
    for sql in ["\n  with x AS (SELECT 1) DELETE FROM numbers", "select\n1"] {
        check(&Statement::new(sql)).unwrap();
    }
}

#[tokio::test]
async fn an_answer_has_a_largest_size() {
    let db = in_memory().await;
    let many =
        "WITH RECURSIVE many(text) AS (SELECT ?1 UNION ALL SELECT text FROM many LIMIT ?2) SELECT text FROM many";
    let ask = |rows: i64| db.query(Statement::new(many).with("x".repeat(1 << 20)).with(rows));
    assert_eq!(ask(60).await.unwrap().len(), 60);
    let error = ask(70).await.unwrap_err();
    assert!(error.message().contains("more than"), "{error}");
}

#[tokio::test]
async fn a114_a_file_of_another_program_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tutti.db");
    let text = "These are my notes, and no database.\n".repeat(100);
    disk::write_atomic(&path, &text, false).unwrap();
    let error = open_error(&path).await;
    assert_eq!(error.code(), Code::StoreDamaged);
    assert!(error.message().contains("not a database") && error.message().contains("tutti.db"), "{error}");
    assert_eq!(disk::read_text(&path, 1 << 20).unwrap(), text);
}

/// Puts bytes into a file in place of what is there.
fn overwrite(path: &Path, bytes: &[u8]) {
    File::create(path).and_then(|mut file| file.write_all(bytes)).unwrap();
}

/// A store of some hundred pages that was closed, and its bytes.
async fn store_of_many_pages() -> (tempfile::TempDir, PathBuf, Vec<u8>) {
    let (folder, path, db) = on_disk().await;
    let unit = (0..300).flat_map(|number| [insert(number), rename(number, &"x".repeat(2000))]).collect();
    db.execute(unit).await.unwrap().done().unwrap();
    db.close().await;
    let bytes = std::fs::read(&path).unwrap();
    assert!(bytes.len() > 400_000, "{}", bytes.len());
    (folder, path, bytes)
}

#[tokio::test]
async fn a114_a_damaged_store_is_refused_and_not_made_anew() {
    let (_folder, path, sound) = store_of_many_pages().await;
    let overwritten = |from: usize, length: usize| {
        let mut bytes = sound.clone();
        bytes[from..from + length].fill(0xff);
        bytes
    };
    let half = sound.len() / 2;
    let damages = [
        ("the list of tables", overwritten(100, 3000)),
        ("pages in the middle", overwritten(half, 40_000)),
        ("cut off at a page", sound[..half - half % 4096].to_vec()),
        ("cut off within a page", sound[..half - half % 4096 + 100].to_vec()),
        ("cut off in the first page", sound[..1000].to_vec()),
        ("the header", overwritten(0, 100)),
    ];
    for (what, bytes) in damages {
        overwrite(&path, &bytes);
        let error = open_error(&path).await;
        assert_eq!(error.code(), Code::StoreDamaged, "{what}: {error}");
        assert!(error.next().contains("restore a backup"), "{what}: {error}");
        assert!(std::fs::read(&path).unwrap() == bytes, "{what}: the file is left as it was");
    }
    overwrite(&path, &sound);
    Db::open(&path).await.unwrap();
}

/// SQLite would delete a log that belongs to an empty file, with all that was not folded into the file yet.
#[tokio::test]
async fn a114_a_log_without_its_store_is_kept() {
    let (_folder, path, sound) = store_of_many_pages().await;
    let log = path.with_extension("db-wal");
    for is_missing in [false, true] {
        if is_missing {
            std::fs::remove_file(&path).unwrap();
        } else {
            overwrite(&path, b"");
        }
        overwrite(&log, &sound[..8192]);
        let error = open_error(&path).await;
        assert_eq!(error.code(), Code::StoreDamaged);
        assert!(error.message().contains("-wal"), "{error}");
        assert!(std::fs::read(&log).unwrap() == sound[..8192]);
        assert_eq!(path.exists(), !is_missing);
    }
}

/// A process that was killed leaves what it did in the log, and that is no damage.
#[tokio::test]
async fn a_log_that_was_not_folded_in_is_read() {
    let (_folder, path, db) = on_disk().await;
    db.execute(vec![insert(1)]).await.unwrap().done().unwrap();
    let copies = ["", "-wal"].map(|end| {
        let mut name = path.clone().into_os_string();
        name.push(end);
        (end, std::fs::read(name).unwrap())
    });
    db.close().await;
    let folder = tempfile::tempdir().unwrap();
    for (end, bytes) in copies {
        assert!(!bytes.is_empty(), "{end}");
        overwrite(&folder.path().join(format!("tutti.db{end}")), &bytes);
    }
    let db = Db::open(&folder.path().join("tutti.db")).await.unwrap();
    assert_eq!(numbers(&db).await, [1]);
}

#[tokio::test]
async fn a120_a_store_that_is_in_use_is_refused() {
    let (_folder, path, db) = on_disk().await;
    let error = open_error(&path).await;
    assert_eq!(error.code(), Code::StoreTaken);
    let holder = format!("in use by another process ({})", std::process::id());
    assert!(error.message().contains(&holder) && error.next().contains("stop"), "{error}");
    assert_eq!(Db::holder(&path), Some(std::process::id()));
    db.close().await;
    Db::open(&path).await.unwrap();
    assert_eq!(Db::holder(&path.with_file_name("other.db")), None);
}

#[tokio::test]
async fn a_path_that_cannot_be_a_file_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    File::create(folder.path().join("file")).unwrap();
    std::fs::create_dir(folder.path().join("folder")).unwrap();
    assert!(open_error(Path::new("")).await.next().contains("TUTTI_HOME"));
    for name in ["file/tutti.db", "folder"] {
        let path = folder.path().join(name);
        let error = open_error(&path).await;
        assert_eq!(error.code(), Code::StoreOpen);
        assert!(error.message().contains(folder.path().to_str().unwrap()), "{error}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_but_the_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let (folder, path, db) = on_disk().await;
    for entry in std::fs::read_dir(path.parent().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    db.close().await;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let db = Db::open(&path).await.unwrap();
    assert_eq!(mode(&path), 0o600);
    db.close().await;
    drop(folder);
}

/// Set in the process that tries to open a store where it may not: the path of that store.
#[cfg(unix)]
const STRANGER: &str = "TUTTI_TEST_STORE_STRANGER";

#[cfg(unix)]
#[tokio::test]
async fn a_folder_that_may_not_be_written_is_an_error_that_says_so() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    /// The user `nobody` of most systems.
    const NOBODY: u32 = 65534;
    let check = async |path: &Path| {
        let error = open_error(path).await;
        assert_eq!(error.code(), Code::StoreOpen);
        assert!(error.message().contains("tutti.db") && error.next().contains("TUTTI_HOME"), "{error}");
    };
    if let Some(path) = Environment::of_process().unwrap().get(STRANGER) {
        return check(Path::new(path)).await;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o555)).unwrap();
    let path = folder.path().join("tutti.db");
    if File::create(folder.path().join("probe")).is_err() {
        return check(&path).await;
    }
    // Root may write anywhere, so somebody else has to try.
    let test = concat!(module_path!(), "::a_folder_that_may_not_be_written_is_an_error_that_says_so");
    let mut stranger = program_for(test);
    stranger.env(STRANGER, &path).current_dir("/").uid(NOBODY).gid(NOBODY);
    match stranger.output() {
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success() && text.contains("1 passed"), "{text}");
        }
        Err(error) => eprintln!("SKIPPED: this is root, and nobody else may run the test: {error}"),
    }
}
