//! Texts of strangers as Markdown (CommonMark and GitHub's tables and links) that means nothing but the text itself.

use crate::visible::escaped;

/// The most characters of one text.
const LONGEST: usize = 20_000;

/// A text without markup: on one line.
pub fn text(text: &str) -> String {
    let mut out = String::new();
    for character in escaped(&flat(text)).chars() {
        // Every ASCII sign can be escaped; these mean something, as `:` and `@` do within links that nobody marked.
        if matches!(
            character,
            '\\' | '`'
                | '*'
                | '_'
                | '{'
                | '}'
                | '['
                | ']'
                | '<'
                | '>'
                | '#'
                | '|'
                | '!'
                | '~'
                | '&'
                | '$'
                | ':'
                | '@'
                | '^'
                | '='
        ) {
            out.push('\\');
        }
        out.push(character);
    }
    // A link may also begin like this.
    let out = out.replace("www.", "www\\.").replace("WWW.", "WWW\\.");
    first(&out)
}

/// Escapes what would begin a list or a line at the beginning of a line.
fn first(line: &str) -> String {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    match line.as_bytes().get(digits) {
        Some(b'-' | b'+') if digits == 0 => format!("\\{line}"),
        Some(b'.' | b')') if digits > 0 => format!("{}\\{}", &line[..digits], &line[digits..]),
        _ => line.to_owned(),
    }
}

/// A text of several lines as paragraphs. What stands alone on a line stays so.
pub fn paragraphs(all: &str) -> String {
    let shortened: String = all.chars().take(LONGEST).collect();
    let lines: Vec<String> = shortened.trim().lines().map(text).collect();
    lines.join("\n")
}

/// A text as code within a line, or in a cell of a table.
pub fn code(text: &str) -> String {
    let text = escaped(&flat(text));
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.is_empty() || text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    // A table sees its own sign even in code.
    format!("{fence}{pad}{}{pad}{fence}", text.replace('|', "\\|"))
}

/// JSON as a block of code.
pub fn block(json: &str) -> String {
    let json: String = json.lines().map(|line| escaped(line) + "\n").collect();
    let longest = json.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}json\n{json}{fence}\n")
}

/// All white space as single spaces.
fn flat(text: &str) -> String {
    let shortened: String = text.chars().take(LONGEST).collect();
    shortened.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
