//! Lists of like objects as tables: their names are said once, and not in each row.
//!
//! A table has a line of names and a line for each object, and commas between the cells. A cell is JSON: a text stands
//! without quotes where nothing else could be meant, and else as a JSON string, so that a number, `true`, `null` and a text
//! that looks like one of them stay apart. (So quotes within are JSON's, not those of CSV.)

use mcp::raw;
use std::borrow::Cow;

/// The fewest rows that are worth a table.
const ROWS: usize = 3;

/// The most columns of one.
const COLUMNS: usize = 64;

/// `value`, raw JSON, with its lists of like objects as tables; nothing where it has none. Only the list that the value
/// is, or those that are its members, are looked at.
pub fn of(value: &str) -> Option<String> {
    match value.as_bytes().first() {
        Some(b'[') => rows(value).map(|(count, table)| format!("{count} rows:\n{table}")),
        Some(b'{') => {
            let mut tables = String::new();
            let mut rest = Vec::new();
            for member in raw::members(value) {
                match rows(member.value) {
                    Some((count, table)) => {
                        tables.push_str(&format!("{}, {count} rows:\n{table}", cell(member.key)));
                    }
                    None => rest.push(format!("{}:{}", member.key, member.value)),
                }
            }
            let rest = if rest.is_empty() { String::new() } else { format!("{{{}}}\n", rest.join(",")) };
            (!tables.is_empty()).then(|| rest + &tables)
        }
        _ => None,
    }
}

/// The table of a list, and how many rows it has.
fn rows(list: &str) -> Option<(usize, String)> {
    if !list.starts_with('[') {
        return None;
    }
    let first = raw::elements(list).next()?;
    let keys: Vec<Cow<'_, str>> = raw::members(first).map(|member| raw::text(member.key)).collect::<Option<_>>()?;
    if keys.is_empty() || keys.len() > COLUMNS || raw::duplicate(first).is_some() {
        return None;
    }
    let heads: Vec<Cow<'_, str>> = raw::members(first).map(|member| cell(member.key)).collect();
    let mut table = heads.join(",") + "\n";
    let mut count = 0;
    for row in raw::elements(list) {
        let mut cells: Vec<Option<&str>> = vec![None; keys.len()];
        for member in raw::members(row) {
            let place = keys.iter().position(|key| member.is(key))?;
            let is_plain = !member.value.starts_with(['{', '[']);
            if !is_plain || cells[place].replace(member.value).is_some() {
                return None;
            }
        }
        let cells: Vec<Cow<'_, str>> = cells.into_iter().map(|value| value.map(cell)).collect::<Option<_>>()?;
        table.push_str(&cells.join(","));
        table.push('\n');
        count += 1;
    }
    (count >= ROWS).then_some((count, table))
}

/// A value without members, as it stands in a table.
fn cell(value: &str) -> Cow<'_, str> {
    let Some(text) = raw::text(value) else { return Cow::Borrowed(value) };
    let plain = |character: char| !character.is_control() && !matches!(character, ',' | '"' | '\\');
    let clear = text.chars().all(plain) && text.trim() == text && !text.is_empty();
    let other = base::json::from_text(&text).is_ok();
    if clear && !other { text } else { Cow::Borrowed(value) }
}

#[cfg(test)]
mod tests;
