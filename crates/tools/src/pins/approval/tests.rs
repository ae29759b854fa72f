use super::Approval;
use base::seal::Sealer;

#[test]
fn an_approval_opens_with_the_secret_that_sealed_it_and_for_its_server_only() {
    let [ours, theirs] = [[1; 32], [2; 32]].map(|material| Approval::sealer(&Sealer::new(&material)).unwrap());
    let approval = Approval {
        tools: vec![("a".to_owned(), "00".to_owned()), ("b\"c".to_owned(), "01".to_owned())],
        prompts: vec![("a".to_owned(), "02".to_owned())],
    };
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
    assert!(Approval::open(&sealer, "mail", &seal("[9999999999,[[\"a\",\"00\"]],[]]")).is_some());
    for plain in ["[1,[[\"a\",\"00\"]]]", "[9999999999,[[\"a\"]]]", "[9999999999,7]", "{}", "nonsense", ""] {
        assert_eq!(Approval::open(&sealer, "mail", &seal(plain)), None, "{plain}");
    }
    assert_eq!(Approval::open(&sealer, "mail", "AAAA"), None);
}
