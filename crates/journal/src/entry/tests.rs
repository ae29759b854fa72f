use super::{Entry, Kind};
use crate::conformance::one_of_each;
use crate::{Digest, JournalError, Payload, RunId, StepPath};
use conversation::Raw;
use proptest::prelude::*;

/// A journal of each released version, which every later one must read. A line is an entry; none is ever changed.
const GOLDEN: &[(&str, &str)] = &[("0.1.0", include_str!("../../golden/0.1.0.jsonl"))];

/// The entries that the golden file of this version has.
fn of_this_version() -> Vec<Entry> {
    let run = RunId::new(1_800_000_000_001, [1; 10]);
    let parent = Some(RunId::new(1_800_000_000_000, [2; 10]));
    let started = Entry::of_run(1_800_000_000_001, Kind::Started { definition: Digest::of(b"report"), parent });
    let stored = Payload::Stored { digest: Digest::of(b"large"), bytes: 9000 };
    let large = Entry::of_step(1_800_000_000_000, StepPath::new("a").unwrap(), 1, Kind::Succeeded).with(stored);
    let mut all = vec![started.with(Payload::new("{\"topic\":\"tides\"}").unwrap()), large];
    all.extend(one_of_each(run).unwrap());
    all
}

#[test]
fn journals_of_all_versions_are_read_and_written_as_they_were() {
    for (version, golden) in GOLDEN {
        for line in golden.lines() {
            let entry = Entry::decode(line).unwrap_or_else(|error| panic!("{version}: {error}: {line}"));
            assert_eq!(entry.encode(), line, "{version}");
        }
    }
}

#[test]
fn the_golden_journal_of_this_version_has_every_kind() {
    let lines: Vec<String> = of_this_version().iter().map(Entry::encode).collect();
    let (version, golden) = GOLDEN.last().unwrap();
    assert_eq!(*version, env!("CARGO_PKG_VERSION"), "a released version adds the journal that it writes");
    assert_eq!(golden.lines().collect::<Vec<_>>(), lines);
}

#[test]
fn kinds_and_members_of_later_releases_are_kept() {
    let line = r#"{"v":1,"kind":"teleported","at":5,"step":"a","to":{"x":[1.50,null]},"payload":{"big":1e400}}"#;
    let entry = Entry::decode(line).unwrap();
    assert_eq!(entry.kind, Kind::Other("teleported".to_owned()));
    assert_eq!(entry.more, [("to".to_owned(), Raw::of_valid(r#"{"x":[1.50,null]}"#))]);
    assert_eq!(entry.encode(), line);
    let known = r#"{"v":1,"kind":"succeeded","at":5,"step":"a","attempt":1,"took":null,"payload":null}"#;
    let entry = Entry::decode(known).unwrap();
    assert_eq!((entry.encode().as_str(), entry.payload), (known, Some(Payload::new("null").unwrap())));
}

#[test]
fn what_is_no_entry_is_refused() {
    for (line, part) in [
        ("", "JSON object"),
        ("[]", "JSON object"),
        (r#"{"v":1,"v":1}"#, "twice"),
        (r#"{"kind":"scheduled","at":1}"#, "`v` is missing"),
        (r#"{"v":2,"kind":"scheduled","at":1}"#, "newer Tutti"),
        (r#"{"v":1,"at":1}"#, "`kind` is missing"),
        (r#"{"v":1,"kind":"scheduled"}"#, "`at` is missing"),
        (r#"{"v":1,"kind":"scheduled","at":-1}"#, "`at`"),
        (r#"{"v":1,"kind":"scheduled","at":1,"step":"a["}"#, "`step` is malformed"),
        (r#"{"v":1,"kind":"scheduled","at":1,"attempt":4294967296}"#, "`attempt` is too large"),
        (r#"{"v":1,"kind":"attempted","at":1,"effect":"odd","key":""}"#, "`effect`"),
        (r#"{"v":1,"kind":"attempted","at":1,"effect":"pure","key":"12"}"#, "`key` is malformed"),
        (r#"{"v":1,"kind":"reserved","at":1}"#, "`reserved` is missing"),
        (r#"{"v":1,"kind":"finished","at":1,"end":"maybe"}"#, "`end`"),
        (r#"{"v":1,"kind":"succeeded","at":1,"payload_sha256":"00"}"#, "`payload_sha256` is malformed"),
    ] {
        match Entry::decode(line) {
            Err(JournalError::Unreadable(cause)) => assert!(cause.contains(part), "{line}: {cause}"),
            other => panic!("{line}: {other:?}"),
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_as_the_same(at in any::<u64>(), message in any::<String>(), json in "[a-z0-9 \"\\\\]{0,20}") {
        let code = "T-0001".to_owned();
        let step = StepPath::new("a").unwrap();
        let payload = Payload::new(&serde_json::to_string(&json).unwrap()).unwrap();
        let entry = Entry::of_step(at, step, 1, Kind::Failed { code, message }).with(payload);
        prop_assert_eq!(Entry::decode(&entry.encode()), Ok(entry));
    }

    #[test]
    fn no_text_makes_reading_panic(text in any::<String>()) {
        let _ = Entry::decode(&text);
    }
}
