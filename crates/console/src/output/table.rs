//! Columns for people.

use super::{Output, Style};

/// Rows of cells that are printed in columns as wide as their widest cell.
#[derive(Default)]
pub struct Table {
    rows: Vec<Vec<(Style, String)>>,
}

impl Table {
    /// A table with a heading.
    pub fn new(heading: &[&str]) -> Self {
        let heading = heading.iter().map(|cell| (Style::Faint, cell.to_uppercase())).collect();
        Self { rows: vec![heading] }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<(Style, String)>) {
        self.rows.push(cells);
    }

    /// The lines of the table. Control characters are taken out: cells come from servers.
    pub fn lines(&self, output: &Output) -> Vec<String> {
        let clean = |text: &str| -> String { text.chars().filter(|character| !character.is_control()).collect() };
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|(_, text)| clean(text).chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let line = |row: &Vec<(Style, String)>| {
            let mut out = String::new();
            for (column, (style, text)) in row.iter().enumerate() {
                let text = clean(text);
                let last = column + 1 == row.len();
                let pad = if last { 0 } else { widths[column].saturating_sub(text.chars().count()) + 2 };
                out.push_str(&output.paint(*style, &text));
                out.push_str(&" ".repeat(pad));
            }
            out
        };
        self.rows.iter().map(line).collect()
    }

    /// Prints the table.
    pub fn print(&self, output: &Output) {
        self.lines(output).iter().for_each(|line| output.line(line));
    }
}
