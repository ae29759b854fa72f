use super::*;

fn sealer() -> Sealer {
    Sealer::new(&[3; 32])
}

fn ticket() -> Ticket {
    Ticket::new("all", "2025-06-18", r#"{"roots":{}}"#, "p1").expect("randomness")
}

#[test]
fn h02_a_session_id_says_all_and_survives() {
    let ticket = ticket();
    let id = ticket.seal(&sealer(), "alice").expect("sealed");
    assert_eq!(Ticket::open(&id, &sealer(), "alice"), Some(ticket));
    assert!(id.len() < 400 && id.bytes().all(|byte| byte.is_ascii_graphic()), "fits a header: {}", id.len());
}

#[test]
fn a26_h27_an_id_is_bound_and_cannot_be_made() {
    let id = ticket().seal(&sealer(), "alice").expect("sealed");
    assert_eq!(Ticket::open(&id, &sealer(), "bob"), None);
    assert_eq!(Ticket::open(&id, &Sealer::new(&[4; 32]), "alice"), None);
    assert_eq!(Ticket::open(&id[1..], &sealer(), "alice"), None);
    for made in ["", "a", "0123456789abcdef0123456789abcdef", "../../etc/passwd"] {
        assert_eq!(Ticket::open(made, &sealer(), "alice"), None);
    }
}

#[test]
fn an_old_id_is_none() {
    let mut old = ticket();
    old.opened_at -= LIFETIME.as_secs() + 1;
    let id = old.seal(&sealer(), "alice").expect("sealed");
    assert_eq!(Ticket::open(&id, &sealer(), "alice"), None);
}
