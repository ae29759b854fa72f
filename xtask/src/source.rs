//! Rust source as the checks want it: code, comments and literals told apart without a parser.
//!
//! Each view has the length and the line breaks of the text, with spaces in place of what does not belong to it, so
//! that an offset means the same place in all of them.

/// The views of one file.
#[derive(Debug, Default, Clone)]
pub(crate) struct Source {
    /// The code: no comments, no contents of strings and characters.
    pub(crate) code: String,
    /// The string and character literals.
    pub(crate) literals: String,
    /// The code without what stands under `#[cfg(test)]`.
    pub(crate) production: String,
}

/// A function and how long it is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// The line of `fn`, from 1.
    pub(crate) line: usize,
    /// The lines from `fn` to the closing brace.
    pub(crate) lines: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Code,
    Comment,
    Literal,
}

impl Source {
    /// Takes `text` apart.
    pub(crate) fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut code = blank(bytes);
        let mut literals = blank(bytes);
        let mut at = 0;
        while at < bytes.len() {
            let (kind, end) = piece(text, at);
            match kind {
                Kind::Code => code[at..end].copy_from_slice(&bytes[at..end]),
                Kind::Literal => literals[at..end].copy_from_slice(&bytes[at..end]),
                Kind::Comment => {}
            }
            at = end;
        }
        let code = String::from_utf8_lossy(&code).into_owned();
        let production = without_tests(&code);
        Self { literals: String::from_utf8_lossy(&literals).into_owned(), production, code }
    }
}

/// Spaces, with the line breaks of `bytes`.
fn blank(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|&byte| if byte == b'\n' { b'\n' } else { b' ' }).collect()
}

/// What begins at `at`, and where it ends.
fn piece(text: &str, at: usize) -> (Kind, usize) {
    let rest = &text.as_bytes()[at..];
    match rest {
        [b'/', b'/', ..] => (Kind::Comment, at + text[at..].find('\n').unwrap_or(rest.len())),
        [b'/', b'*', ..] => (Kind::Comment, at + block_comment(rest)),
        [b'"', ..] => (Kind::Literal, at + quoted(rest, b'"')),
        [b'\'', ..] => match character(&text[at..]) {
            Some(length) => (Kind::Literal, at + length),
            None => (Kind::Code, at + 1),
        },
        [b'r', ..] => match raw_string(rest) {
            Some(length) if !text[..at].ends_with(is_part_of_name_before_raw) => (Kind::Literal, at + length),
            _ => (Kind::Code, at + 1),
        },
        _ => (Kind::Code, at + text[at..].chars().next().map_or(1, char::len_utf8)),
    }
}

/// In `br"…"` and `cr"…"` a letter before the `r` belongs to the literal; any other one makes it the end of a name.
fn is_part_of_name_before_raw(character: char) -> bool {
    is_name(character) && !matches!(character, 'b' | 'c')
}

/// Whether `character` can be part of a name.
pub(crate) fn is_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// The length of a block comment, which may hold others.
fn block_comment(bytes: &[u8]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < bytes.len() {
        match &bytes[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    at
}

/// The length of a literal between two of `quote`, in which a backslash escapes.
fn quoted(bytes: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// The length of a character literal; nothing if this is a lifetime.
fn character(text: &str) -> Option<usize> {
    let mut characters = text.chars().skip(1);
    let first = characters.next()?;
    if first == '\\' {
        return Some(quoted(text.as_bytes(), b'\''));
    }
    (characters.next() == Some('\'')).then(|| first.len_utf8() + 2)
}

/// The length of a raw string; nothing if this is a name or a raw name.
fn raw_string(bytes: &[u8]) -> Option<usize> {
    let hashes = bytes[1..].iter().take_while(|&&byte| byte == b'#').count();
    if bytes.get(1 + hashes) != Some(&b'"') {
        return None;
    }
    let mut end = vec![b'"'];
    end.resize(1 + hashes, b'#');
    let content = 2 + hashes;
    let found = bytes[content..].windows(end.len()).position(|window| window == end);
    Some(found.map_or(bytes.len(), |position| content + position + end.len()))
}

/// `code` with spaces in place of each item under `#[cfg(test)]`.
fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut out = code.as_bytes().to_vec();
    for (start, _) in code.match_indices(MARK) {
        let end = item_end(code, start + MARK.len());
        let blanked = blank(&out[start..end]);
        out[start..end].copy_from_slice(&blanked);
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Where the item that begins at `at` ends: after its body, or after its semicolon.
fn item_end(code: &str, at: usize) -> usize {
    match body_start(code, at) {
        Some(open) => closing(code, open),
        None => code[at..].find(';').map_or(code.len(), |semicolon| at + semicolon + 1),
    }
}

/// The offset of the brace that opens the body of the item at `at`; nothing if a semicolon comes first.
pub(crate) fn body_start(code: &str, at: usize) -> Option<usize> {
    let mut depth = 0_i32;
    for (offset, byte) in code.bytes().enumerate().skip(at) {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth -= 1,
            b'{' if depth == 0 => return Some(offset),
            b';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// The offset after the brace that closes the one at `open`.
pub(crate) fn closing(code: &str, open: usize) -> usize {
    let mut depth = 0_i32;
    for (offset, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return offset + 1;
        }
    }
    code.len()
}

/// The offsets at which `word` stands in `code` by itself, not as part of a longer name.
pub(crate) fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    code.match_indices(word)
        .map(|(at, _)| at)
        .filter(move |&at| !code[..at].ends_with(is_name) && !code[at + word.len()..].starts_with(is_name))
}

/// The line of the byte at `offset`, from 1.
pub(crate) fn line_of(text: &str, offset: usize) -> usize {
    1 + text.as_bytes()[..offset].iter().filter(|&&byte| byte == b'\n').count()
}

/// The name at the beginning of `code`, after spaces.
pub(crate) fn leading_name(code: &str) -> &str {
    let code = code.trim_start();
    &code[..code.find(|character| !is_name(character)).unwrap_or(code.len())]
}

/// The functions that have a body. A type such as `fn(u8) -> u8` has no name and is none.
pub(crate) fn functions(code: &str) -> Vec<Function> {
    words(code, "fn")
        .filter_map(|at| {
            let name = leading_name(&code[at + 2..]);
            let open = body_start(code, at)?;
            let lines = 1 + code[at..closing(code, open)].matches('\n').count();
            (!name.is_empty()).then(|| Function { name: name.to_owned(), line: line_of(code, at), lines })
        })
        .collect()
}

#[cfg(test)]
mod tests;
