use super::{Approval, Approved};
use crate::catalogue::Kind;
use base::seal::Sealer;

#[test]
fn an_approval_opens_with_the_secret_that_sealed_it_and_for_its_server_only() {
    let [ours, theirs] = [[1; 32], [2; 32]].map(|material| Approval::sealer(&Sealer::new(&material)).unwrap());
    let one =
        |kind: Kind, name: &str, digest: &str| Approved { kind, name: name.to_owned(), digest: digest.to_owned() };
    let approval =
        Approval(vec![one(Kind::Tool, "a", "00"), one(Kind::Prompt, "a", "02"), one(Kind::Resource, "b\"c", "01")]);
    let sealed = approval.seal(&ours, "mail").unwrap();
    assert_eq!(Approval::open(&ours, "mail", &sealed), Some(approval.clone()));
    assert_eq!(Approval::open(&ours, "other", &sealed), None);
    assert_eq!(Approval::open(&theirs, "mail", &sealed), None);
    // What was sealed for something else is no approval.
    let other = Sealer::new(&[1; 32]).for_purpose("session").unwrap();
    assert_eq!(Approval::open(&ours, "mail", &approval.seal(&other, "mail").unwrap()), None);
}

#[test]
fn an_old_approval_and_nonsense_are_none() {
    let sealer = Approval::sealer(&Sealer::new(&[1; 32])).unwrap();
    let seal = |plain: &str| sealer.seal(plain.as_bytes(), b"mail").unwrap();
    assert!(Approval::open(&sealer, "mail", &seal("[9999999999,[[\"tool\",\"a\",\"00\"]]]")).is_some());
    for plain in [
        "[1,[[\"tool\",\"a\",\"00\"]]]",
        "[9999999999,[[\"tool\",\"a\"]]]",
        "[9999999999,[[\"none\",\"a\",\"00\"]]]",
        "[9999999999,[[\"a\",\"00\"]],[]]",
        "[9999999999,7]",
        "{}",
        "nonsense",
        "",
    ] {
        assert_eq!(Approval::open(&sealer, "mail", &seal(plain)), None, "{plain}");
    }
    assert_eq!(Approval::open(&sealer, "mail", "AAAA"), None);
}
