//! Measures how well the product finds what is asked for, on data with known answers.
//!
//! `cargo xtask eval` builds and starts it. The first word is what is measured, `tools` or `cache`; `--data DIR` names a
//! folder of sets and may come several times, `--json` asks for one line of JSON in place of a table. `cargo xtask bench
//! discovery` starts it with `--speed`, which measures what finding costs in place of how well it is done. Data go to stdout,
//! messages to stderr.

mod cache;
mod data;
mod embedding;
mod measure;
mod report;
mod speed;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match run(&words) {
        Ok(text) => {
            // A reader that went away has all that it wanted.
            let _ = writeln!(std::io::stdout(), "{text}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            let _ = writeln!(std::io::stderr(), "error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[String]) -> Result<String, String> {
    let named = words.iter().zip(words.iter().skip(1)).filter(|(word, _)| *word == "--data");
    let folders: Vec<_> = named.map(|(_, folder)| PathBuf::from(folder)).collect();
    if words.iter().any(|word| word == "--speed") {
        return Ok(speed::of(&speed::set(&folders)?)?.to_string());
    }
    let in_json = words.iter().any(|word| word == "--json");
    let (rows, columns) = match words.first().map(String::as_str) {
        Some("tools") => (report::of(&folders)?, report::COLUMNS),
        Some("cache") => (cache::of(&folders)?, cache::COLUMNS),
        _ => return Err("say first what to measure: tools or cache".to_owned()),
    };
    if in_json {
        return Ok(report::json(&rows));
    }
    let (table, verdicts) = (report::table(columns, &rows), report::verdicts(&rows));
    Ok(if verdicts.is_empty() { table } else { format!("{table}\n\n{verdicts}") })
}
