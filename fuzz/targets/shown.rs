//! Text of strangers on its way to a terminal or a log: nothing in it moves the cursor, whatever is around it.

use super::input;
use base::markdown;
use console::output::{clean, one_line};
use hubs::client::coded;
use mcp::client::tail::{Source, Tail};

pub(crate) fn feed(data: &[u8]) {
    let tail = Tail::default();
    tail.push(Source::Error, data);
    for entry in tail.since(0) {
        assert!(!entry.text.contains(|character: char| character.is_control() && character != '\t'));
        assert!(entry.text.chars().count() <= 2000);
    }
    let (limit, data) = input::choice(data);
    let Ok(text) = std::str::from_utf8(data) else { return };
    let cleaned = clean(text);
    plain(&cleaned);
    assert_eq!(clean(&cleaned), cleaned, "cleaned again it is another");
    let line = one_line(text, limit.max(1));
    assert!(line.chars().count() <= limit.max(1) && !line.contains(char::is_control), "{line:?}");
    let harmless = |character: char| character.is_ascii_graphic() || matches!(character, ' ' | '\n' | '\t');
    assert!(!text.chars().all(harmless) || cleaned == text, "plain text was changed");
    documented(text);
    if let Ok(data) = base::json::from_text(text)
        && let Some(error) = coded(&data)
    {
        plain(error.message());
        plain(error.next());
        error.detail().into_iter().for_each(plain);
    }
}

/// On a page, text stays text: on its line, and within the fence that was put round it.
fn documented(text: &str) {
    for line in [markdown::text(text), markdown::code(text)] {
        assert!(!line.contains(char::is_control), "{line:?}");
    }
    let marks: Vec<_> = markdown::text(text).match_indices(['<', '`', '[', '|']).map(|(at, _)| at).collect();
    assert!(marks.iter().all(|at| markdown::text(text)[..*at].ends_with('\\')), "{text:?} has markup");
    let code = markdown::code(text);
    let fence: String = code.chars().take_while(|character| *character == '`').collect();
    let inside = &code[fence.len()..code.len() - fence.len()];
    assert!(code.ends_with(&fence) && !inside.contains(&fence), "{code:?} ends its fence");
    let block = markdown::block(text);
    let fence = block.split_once("json\n").map_or("", |(fence, _)| fence);
    let lines = block.lines().filter(|line| line.trim_start().starts_with(fence)).count();
    assert!(fence.len() >= 3 && lines == 2, "{block:?} ends its fence");
    assert!(!markdown::paragraphs(text).contains(|character: char| character.is_control() && character != '\n'));
}

fn plain(text: &str) {
    assert!(!text.contains(|character: char| character.is_control() && !"\n\t".contains(character)), "{text:?}");
    assert!(!text.contains(['\u{202e}', '\u{2066}', '\u{200f}']), "{text:?}");
}
