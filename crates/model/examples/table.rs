//! Reads LiteLLM's table from standard input and writes ours to standard output; the word after its name is the release.
//! `cargo xtask generate models` runs it.

use std::io::{Error, Read, Result, Write, stdin, stdout};

fn main() -> Result<()> {
    let mut json = String::new();
    stdin().read_to_string(&mut json)?;
    let release = std::env::args().nth(1).unwrap_or_default();
    let table = model::Table::read(&json, &release).map_err(|fault| Error::other(format!("the table {fault}")))?;
    stdout().write_all(table.as_text().as_bytes())
}
