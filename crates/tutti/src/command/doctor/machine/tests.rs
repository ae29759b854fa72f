use super::{checks, folder, open_files, room, speed, time};
use crate::command::doctor::check::Status;
use base::disk;
use base::environment::Environment;
use std::path::Path;
use std::time::Duration;

#[test]
fn limits_are_judged() {
    assert_eq!(room(50 << 20).status, Status::Fail);
    assert_eq!(room(500 << 20).status, Status::Warn);
    assert_eq!((room((3 << 30) + 5).status, room((3 << 30) + 5).message.as_str()), (Status::Ok, "3GiB are free"));
    assert_eq!(room((70 << 30) + (5 << 20)).message, "70GiB are free");
    assert_eq!([64, 512, 1024].map(|limit| open_files(limit).status), [Status::Fail, Status::Warn, Status::Ok]);
    assert_eq!(time(Duration::ZERO).status, Status::Fail);
    assert_eq!(time(Duration::from_secs(1_795_000_000)).status, Status::Ok);
    assert_eq!(time(Duration::from_secs(5_000_000_000)).status, Status::Fail);
    let check = speed(Path::new("/h"), Duration::from_micros(1_250));
    assert_eq!((check.status, check.message.as_str()), (Status::Ok, "/h: 4 KiB are safe on the disk after 1.2 ms"));
    assert_eq!(speed(Path::new("/h"), Duration::from_millis(80)).status, Status::Warn);
}

#[test]
fn a_home_that_cannot_be_written_is_red() {
    let base = tempfile::tempdir().unwrap();
    let file = base.path().join("file");
    disk::write_atomic(&file, "", false).unwrap();
    let check = folder(&file.join("home"));
    assert!(check.status == Status::Fail && check.fix.unwrap().contains("TUTTI_HOME"), "{}", check.message);
    assert_eq!(folder(&base.path().join("home")).status, Status::Ok);
    assert_eq!(std::fs::read_dir(base.path().join("home")).unwrap().count(), 0);
}

#[tokio::test]
async fn a_store_that_does_not_open_is_red() {
    let base = tempfile::tempdir().unwrap();
    let home = base.path().display().to_string();
    let environment = Environment::from_pairs([("TUTTI_HOME", home.as_str())], base.path());
    let store = async || checks(&environment).await.into_iter().find(|check| check.name == "store").unwrap();
    assert_eq!(store().await.status, Status::Ok);
    disk::write_atomic(&base.path().join("tutti.db"), &"no database at all".repeat(100), false).unwrap();
    let check = store().await;
    assert!(check.status == Status::Fail && check.message.starts_with("T-0707"), "{}", check.message);
}
