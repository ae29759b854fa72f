use super::Cursors;
use base::Code;

#[test]
fn a29_cursors_that_were_changed_are_refused() {
    let cursors = Cursors::new().unwrap();
    let cursor = cursors.seal("all/tools", 7, "u__echo");
    assert_eq!(cursors.open("all/tools", &cursor).unwrap(), (7, "u__echo".to_owned()));
    let other_hub = Cursors::new().unwrap().seal("all/tools", 7, "u__echo");
    let flipped = cursor.replacen(&cursor[30..31], if &cursor[30..31] == "A" { "B" } else { "A" }, 1);
    for wrong in ["", "x", "7", &cursor[..20], &other_hub, &flipped] {
        assert_eq!(cursors.open("all/tools", wrong).unwrap_err().code(), Code::InvalidCursor, "{wrong}");
    }
    assert!(cursors.open("view/tools", &cursor).is_err(), "a cursor belongs to one list");
}
