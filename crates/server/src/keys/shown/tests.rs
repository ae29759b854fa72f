use super::{LONGEST, Shown};
use base::secret::Digest;

#[test]
fn the_digest_is_that_of_what_is_shown_now() {
    let shown = Shown::default();
    let long = "x".repeat(LONGEST + 1);
    for text in ["one", "one", "two", "one", "onf", "", "on", &long, &long, "one", ""] {
        assert!(shown.digest(text.as_bytes()).is(&Digest::of(text.as_bytes())), "{text}");
    }
}

#[test]
fn what_is_too_long_is_not_remembered() {
    let shown = Shown::default();
    let remembered = || shown.0.lock().unwrap().as_ref().map(|(text, _)| text.expose().len());
    for (length, kept) in [(LONGEST, Some(LONGEST)), (LONGEST + 1, None), (1, Some(1))] {
        shown.digest(&vec![b'x'; length]);
        assert_eq!(remembered(), kept);
    }
}

#[test]
fn a_host_is_checked_again_unless_it_passed_as_the_first() {
    let shown = Shown::default();
    let long = "x".repeat(LONGEST + 1);
    let asked = |host: &str| {
        let mut asked = false;
        let checked = shown.host(host, |host| {
            asked = true;
            if host == "wrong" { Err(()) } else { Ok(()) }
        });
        (checked, asked)
    };
    let hosts =
        [("wrong", true), (&long, true), ("one", true), ("one", false), ("two", true), ("two", true), ("wrong", true)];
    for (host, again) in hosts {
        let expected = if host == "wrong" { Err(()) } else { Ok(()) };
        assert_eq!(asked(host), (expected, again), "{host}");
    }
}
