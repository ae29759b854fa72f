use super::{Digest, IdempotencyKey, RunId};
use crate::StepPath;

const AT: u64 = 1_763_804_400_123;

#[test]
fn a_run_is_named_by_a_uuid_of_version_7() {
    let run = RunId::new(AT, [0xff; 10]);
    assert_eq!(run.to_string(), "019aaaef-49fb-7fff-bfff-ffffffffffff");
    assert_eq!(RunId::parse(&run.to_string()), Some(run));
    assert_eq!(RunId::parse(&run.to_string().replace('-', "").to_uppercase()), Some(run));
    assert_eq!(RunId::from_bytes(run.bytes()), Some(run));
    assert!(RunId::new(AT + 1, [0; 10]) > run, "later runs sort later");
    for text in ["", "019aaaef", "019aaaef-49fb-7fff-bfff-fffffffffffg", "019aaaef-49fb-7fff-bfff-ffffffffffffff", "é"]
    {
        assert_eq!(RunId::parse(text), None, "{text}");
    }
}

#[test]
fn a_digest_is_read_as_it_is_written() {
    let digest = Digest::of(b"abc");
    assert_eq!(digest.to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!(Digest::parse(&digest.to_string()), Some(digest));
    assert_eq!(Digest::from_bytes(digest.bytes()), Some(digest));
    assert_eq!(Digest::from_bytes(b"abc"), None);
}

/// The keys of this release: another one for the same effect would let it happen twice after an upgrade.
#[test]
fn an_idempotency_key_never_changes() {
    let run = RunId::new(AT, [7; 10]);
    let key = |step: &str, group| IdempotencyKey::new(run, &StepPath::parse(step).unwrap(), group).to_string();
    assert_eq!(key("save", 0), KEYS[0]);
    assert_eq!(key("save[3]#2", 1), KEYS[1]);
    let other = IdempotencyKey::new(RunId::new(AT, [8; 10]), &StepPath::parse("save").unwrap(), 0);
    assert_ne!(other.to_string(), KEYS[0]);
    assert_eq!(IdempotencyKey::parse(KEYS[0]).unwrap().to_string(), KEYS[0]);
    let part = |part: &str| IdempotencyKey::parse(KEYS[0]).unwrap().of_part(part).to_string();
    assert_eq!(part("0.0"), PART);
    assert_ne!(part("0.1"), PART);
}

const PART: &str = "1b4f44a93229d9dde75c90506b65a5fa";
const KEYS: [&str; 2] = ["44b52ebb9148e4d19256a5adec573894", "9d3ab0237cb3bd51f84909310b457968"];
