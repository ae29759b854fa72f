use super::Failure;

#[test]
fn several_failures_become_one() {
    assert_eq!(Failure::all(&[]), Ok(()));
    let both = Failure::all(&[Failure::new("a", "mend a"), Failure::new("b", "mend b")]);
    assert_eq!(both, Err(Failure::new("a\nb", "mend a\nmend b")));
}
