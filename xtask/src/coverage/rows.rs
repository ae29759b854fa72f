//! The tables of what there is to cover.

/// A table.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Rows {
    /// Where it stands.
    pub(crate) file: String,
    pub(crate) rows: Vec<Row>,
    /// The lines that are no rows, from 1.
    pub(crate) unreadable: Vec<usize>,
}

/// Something to cover.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// As tests have it in their names: `h07`, `a112`.
    pub(crate) number: String,
    pub(crate) state: State,
    pub(crate) title: String,
    /// From 1.
    pub(crate) line: usize,
}

/// Whether a row must have a test.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum State {
    Required,
    /// It is being written.
    Expected,
    /// Not yet, for this reason.
    Later(String),
}

impl Rows {
    /// Reads a table: lines of `number | state | title`; empty lines and those after `#` say nothing.
    pub(crate) fn parse(file: &str, text: &str) -> Self {
        let mut table = Self { file: file.to_owned(), ..Self::default() };
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
        for (index, line) in lines {
            match row(line, index + 1) {
                Some(row) => table.rows.push(row),
                None => table.unreadable.push(index + 1),
            }
        }
        table
    }
}

fn row(text: &str, line: usize) -> Option<Row> {
    let [number, state, title] = text.split(" | ").map(str::trim).collect::<Vec<_>>().try_into().ok()?;
    let state = match state.strip_prefix("later: ") {
        Some(reason) => State::Later(reason.to_owned()),
        None if state == "required" => State::Required,
        None if state == "expected" => State::Expected,
        None => return None,
    };
    Some(Row { number: number.to_owned(), state, title: title.to_owned(), line })
}
