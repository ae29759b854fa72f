//! Where a server is put into the text and where one is cut out.
//!
//! Each function gives the texts that may be right, the likeliest first; the caller reads them and takes the first that
//! is. So nothing here needs to understand every corner of YAML.

use super::write;
use base::config::{Entry, Node, Place, Value};

/// A text by lines and places.
pub(super) struct Text<'t> {
    text: &'t str,
    /// Byte offsets of the lines, and of the end.
    starts: Vec<usize>,
    newline: &'static str,
}

impl<'t> Text<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(index, _)| index + 1);
        let mut starts: Vec<usize> = std::iter::once(0).chain(breaks).collect();
        if starts.last() != Some(&text.len()) {
            starts.push(text.len());
        }
        let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
        Self { text, starts, newline }
    }

    /// How many lines there are; one that begins at the very end does not count.
    fn lines(&self) -> usize {
        self.starts.len() - 1
    }

    /// Where line `line` (from 0) begins, or the end of the text.
    fn start(&self, line: usize) -> usize {
        self.starts.get(line).copied().unwrap_or(self.text.len())
    }

    fn line(&self, line: usize) -> &'t str {
        self.text[self.start(line)..self.start(line + 1)].trim_end_matches(['\n', '\r'])
    }

    fn offset(&self, place: Place) -> usize {
        // The reader skips a byte order mark, so the places do not count it.
        let mark = usize::from(place.line == 1 && self.text.starts_with('\u{feff}'));
        let start = self.start(place.line - 1);
        let column = place.column - 1 + mark;
        self.text[start..].char_indices().nth(column).map_or(self.text.len(), |(index, _)| start + index)
    }

    /// The text with `cut` replaced by `put`.
    fn replaced(&self, cut: std::ops::Range<usize>, put: &str) -> String {
        format!("{}{put}{}", &self.text[..cut.start], &self.text[cut.end..])
    }

    /// The text with whole lines put in before line `line`.
    fn inserted(&self, line: usize, lines: &[String]) -> String {
        let at = self.start(line);
        let mut put = String::new();
        if at > 0 && !self.text[..at].ends_with('\n') {
            put.push_str(self.newline);
        }
        for line in lines {
            put.push_str(line);
            put.push_str(self.newline);
        }
        self.replaced(at..at, &put)
    }

    /// The end of the lines from `first` up to `limit` that say something: neither blank nor a comment that stands no
    /// further in than `column` (from 1), which belongs to what follows.
    fn end_of_content(&self, first: usize, limit: usize, column: usize) -> usize {
        let says_nothing = |line: &str| {
            let trimmed = line.trim_start();
            trimmed.is_empty() || (trimmed.starts_with('#') && line.len() - trimmed.len() < column)
        };
        let mut end = limit;
        while end > first + 1 && says_nothing(self.line(end - 1)) {
            end -= 1;
        }
        end
    }
}

/// The texts that may be right for one more server.
pub(super) fn additions(text: &Text<'_>, root: &Node, name: &str, server: &Node) -> Vec<String> {
    let Some(servers) = root.get("servers") else {
        return without_servers(text, root, name, server);
    };
    let column = servers.key_place.column;
    let first = servers.key_place.line - 1;
    let limit = next_line(root, first).unwrap_or(text.lines());
    let at = text.offset(servers.node.place);
    match &servers.node.value {
        Value::Map(_) if text.text[at..].starts_with('{') => in_braces(text, servers, name, server),
        Value::Map(entries) => {
            let indent = entries.first().map_or(column + 1, |entry| entry.key_place.column - 1);
            let lines = write::block(name, server, indent);
            let end = text.end_of_content(first, limit, column);
            vec![text.inserted(end, &lines), text.inserted(limit, &lines)]
        }
        Value::Null => {
            let lines = write::block(name, server, column + 1);
            let bare = without_word(text, at);
            // Comments below an empty `servers:` are about the servers to come: the first candidate leaves them there.
            let end = bare.of_text().end_of_content(first, limit, column);
            vec![bare.of_text().inserted(end, &lines), bare.of_text().inserted(first + 1, &lines)]
        }
        _ => Vec::new(),
    }
}

fn without_servers(text: &Text<'_>, root: &Node, name: &str, server: &Node) -> Vec<String> {
    let mut lines = vec!["servers:".to_owned()];
    lines.extend(write::block(name, server, 2));
    let end = text.lines();
    let separated = |lines: &[String]| {
        let blank = if end > 0 && text.line(end - 1).trim().is_empty() { vec![] } else { vec![String::new()] };
        text.inserted(end, &[blank, lines.to_vec()].concat())
    };
    match &root.value {
        // A file of comments, or nothing: `...` or `---` may still stand in it, so both ends are tried.
        Value::Null if text.text.trim().is_empty() => vec![text.inserted(0, &lines), text.inserted(end, &lines)],
        Value::Null => vec![separated(&lines), text.inserted(0, &lines)],
        Value::Map(entries) => {
            let at = text.offset(root.place);
            if text.text[at..].starts_with('{') {
                let flow = format!("servers: {{ {} }}", write::flow(name, server));
                let comma = if entries.is_empty() { " " } else { ", " };
                return vec![text.replaced(at + 1..at + 1, &format!(" {flow}{comma}"))];
            }
            vec![separated(&lines), text.inserted(first_line(root), &lines)]
        }
        _ => Vec::new(),
    }
}

/// Into `{ … }`: in front, because the tree says where it begins and not where it ends. Empty braces make way for
/// lines.
fn in_braces(text: &Text<'_>, servers: &Entry, name: &str, server: &Node) -> Vec<String> {
    let at = text.offset(servers.node.place);
    let flow = write::flow(name, server);
    if !matches!(&servers.node.value, Value::Map(entries) if entries.is_empty()) {
        return vec![text.replaced(at + 1..at + 1, &format!(" {flow},"))];
    }
    let within = text.replaced(at + 1..at + 1, &format!(" {flow} "));
    let Some(close) = text.text[at..].find('}').map(|close| at + close + 1) else {
        return vec![within];
    };
    let bare = Owned(text.replaced(trimmed(text, at)..close, ""));
    let lines = write::block(name, server, servers.key_place.column + 1);
    vec![bare.of_text().inserted(servers.node.place.line, &lines), within]
}

/// A text of its own, for edits in two steps.
struct Owned(String);

impl Owned {
    fn of_text(&self) -> Text<'_> {
        Text::of(&self.0)
    }
}

/// The text without the `null` or `~` that stands at `at`.
fn without_word(text: &Text<'_>, at: usize) -> Owned {
    let rest = &text.text[at..];
    let word = ["null", "Null", "NULL", "~"].into_iter().find(|word| rest.starts_with(word));
    Owned(word.map_or_else(|| text.text.to_owned(), |word| text.replaced(trimmed(text, at)..at + word.len(), "")))
}

/// `at`, moved back over blanks.
fn trimmed(text: &Text<'_>, at: usize) -> usize {
    text.text[..at].trim_end_matches([' ', '\t']).len()
}

/// The texts that may be right for one server less.
pub(super) fn removals(text: &Text<'_>, root: &Node, index: usize) -> Vec<String> {
    let Some(servers) = root.get("servers") else {
        return Vec::new();
    };
    let Value::Map(entries) = &servers.node.value else {
        return Vec::new();
    };
    let at = text.offset(servers.node.place);
    if text.text[at..].starts_with('{') {
        return out_of_braces(text, entries, index);
    }
    let first = entries[index].key_place.line - 1;
    let after = entries.iter().map(|entry| entry.key_place.line - 1).filter(|line| *line > first).min();
    let limit = after.or_else(|| next_line(root, servers.key_place.line - 1)).unwrap_or(text.lines());
    let end = text.end_of_content(first, limit, entries[index].key_place.column);
    let cut = |end: usize| text.replaced(text.start(first)..text.start(end), "");
    let mut edits = Vec::new();
    // Blank lines on both sides would become two in a row.
    let blank = |line: usize| text.line(line).trim().is_empty();
    if end < text.lines() && blank(end) && first > 0 && blank(first - 1) {
        edits.push(cut(end + 1));
    }
    edits.extend([cut(end), cut(limit)]);
    edits
}

fn out_of_braces(text: &Text<'_>, entries: &[Entry], index: usize) -> Vec<String> {
    let start = text.offset(entries[index].key_place);
    if let Some(next) = entries.get(index + 1) {
        return vec![text.replaced(start..text.offset(next.key_place), "")];
    }
    // The last one: back to the comma before it, and on to each `}` that may be the end of the map.
    let before = text.text[..start].trim_end();
    let from = before.strip_suffix(',').map_or(before.len(), str::len);
    let from = if index == 0 { start } else { from };
    let closes = text.text[start..].match_indices('}').map(|(close, _)| start + close).take(64);
    closes.map(|close| text.replaced(trimmed(text, from)..trimmed(text, close).max(start), "")).collect()
}

/// The line of the next key of the file below line `line`.
fn next_line(root: &Node, line: usize) -> Option<usize> {
    let Value::Map(entries) = &root.value else {
        return None;
    };
    entries.iter().map(|entry| entry.key_place.line - 1).filter(|other| *other > line).min()
}

fn first_line(root: &Node) -> usize {
    match &root.value {
        Value::Map(entries) => entries.iter().map(|entry| entry.key_place.line - 1).min().unwrap_or(0),
        _ => 0,
    }
}
