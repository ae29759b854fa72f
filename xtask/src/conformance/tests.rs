use super::{Era, USAGE, plan};
use crate::arguments::Arguments;

fn planned(words: &[&str]) -> Option<(Vec<(Era, Era)>, bool)> {
    let words: Vec<_> = words.iter().map(|&word| word.to_owned()).collect();
    let arguments = Arguments::parse(&words, &["--client"], &["--pair"], USAGE).unwrap();
    plan(&arguments).ok().map(|plan| (plan.pairs, plan.clients))
}

#[test]
fn without_a_wish_everything_is_run() {
    let (pairs, clients) = planned(&[]).unwrap();
    assert_eq!((pairs.len(), clients), (4, true));
}

#[test]
fn pairs_and_clients_can_be_run_alone() {
    let mixed = vec![(Era::Legacy, Era::Modern), (Era::Modern, Era::Legacy)];
    assert_eq!(planned(&["--pair", "legacy-modern,modern-legacy"]), Some((mixed, false)));
    assert_eq!(planned(&["--client"]), Some((Vec::new(), true)));
    assert_eq!(planned(&["--pair", "modern-modern", "--client"]), Some((vec![(Era::Modern, Era::Modern)], true)));
    assert!(planned(&["--pair", "modern"]).is_none());
}
