//! Texts that only the hub can make: what it sealed it reads, and nothing else.

use super::input;
use base::seal::Sealer;
use std::sync::LazyLock;
use tools::cursor::Cursors;
use tools::pins::Approval;

static SEALER: LazyLock<Sealer> = LazyLock::new(|| Sealer::new(&[7; 32]));
static CURSORS: LazyLock<Option<Cursors>> = LazyLock::new(|| Cursors::new().ok());

pub(crate) fn feed(data: &[u8]) {
    let (at, data) = input::choice(data);
    let [plain, bound] = input::parts(data);
    if let Ok(text) = std::str::from_utf8(plain) {
        assert_eq!(SEALER.open(text, bound), None, "nobody sealed this");
        server::mcp::parse_sealed(&SEALER, text, "local");
        assert_eq!(Approval::open(&SEALER, "files", text), None, "nobody approved this");
        if let Some(cursors) = &*CURSORS {
            assert!(cursors.open("tools/list", text).is_err(), "nobody gave out this cursor");
            cursor(cursors, text, at);
        }
    }
    for sealed in [SEALER.seal(plain, bound), SEALER.seal_stable(plain, bound)] {
        let Ok(sealed) = sealed else { panic!("it cannot be sealed") };
        assert_eq!(SEALER.open(&sealed, bound).as_deref(), Some(plain), "what was sealed");
        assert_eq!(
            SEALER.open(&sealed, b"somebody else"),
            None.or((bound == b"somebody else").then(|| plain.to_vec()))
        );
        assert_eq!(SEALER.open(&changed(&sealed, at), bound), None, "a changed text");
        // Read as what it is not: a session, a task, a state.
        let bound = std::str::from_utf8(bound).unwrap_or_default();
        server::mcp::parse_sealed(&SEALER, &sealed, bound);
        server::mcp::parse_sealed(&SEALER, &format!("{sealed}.{at}"), bound);
        if let Some(approval) = Approval::open(&SEALER, bound, &sealed) {
            assert!(plain.starts_with(b"["), "an approval of nothing: {approval:?}");
        }
    }
}

fn cursor(cursors: &Cursors, key: &str, index: usize) {
    let sealed = cursors.seal("tools/list", index, key);
    let open = |list, text: &str| cursors.open(list, text).ok();
    assert_eq!(open("tools/list", &sealed), Some((index, key.to_owned())), "what was given out");
    assert_eq!(open("prompts/list", &sealed), None, "the cursor of another list");
    assert_eq!(open("tools/list", &changed(&sealed, index)), None, "a changed cursor");
}

/// `sealed` with another character in one place.
fn changed(sealed: &str, at: usize) -> String {
    let mut bytes = sealed.as_bytes().to_vec();
    if let Some(byte) = bytes.get_mut(at % sealed.len().max(1)) {
        *byte = if *byte == b'A' { b'B' } else { b'A' };
    }
    String::from_utf8(bytes).unwrap_or_default()
}
