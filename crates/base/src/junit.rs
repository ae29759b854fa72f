//! Reports of tests as JUnit's XML, which test reporters read.

use std::fmt::Write as _;

/// Tests that were tried together.
#[derive(Debug, Clone, PartialEq)]
pub struct Suite<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its cases, in their order.
    pub cases: Vec<Case<'a>>,
}

/// A test.
#[derive(Debug, Clone, PartialEq)]
pub struct Case<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it is a test of.
    pub class: &'a str,
    /// How long it took, in milliseconds.
    pub took: u64,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It passed.
    Passed,
    /// It was tried, and came to something else: in one line, and in full.
    Failed(String, String),
    /// It could not be tried: in one line, and in full.
    Broken(String, String),
}

/// The report of several suites: one `testsuite` for each, with one `testcase` for each case.
pub fn to_xml(suites: &[Suite<'_>]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let name = if let [one] = suites { escaped(one.name) } else { "tutti".to_owned() };
    let all = suites.iter().flat_map(|suite| &suite.cases);
    // Writing to a text does not fail.
    let _ = writeln!(out, "<testsuites name=\"{name}\" {}>", counts(all));
    for suite in suites {
        let _ = writeln!(out, "  <testsuite name=\"{}\" {}>", escaped(suite.name), counts(suite.cases.iter()));
        suite.cases.iter().for_each(|case| case.write(&mut out));
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

/// How many cases there are, how many of them did not pass, and how long all took.
fn counts<'a>(cases: impl Iterator<Item = &'a Case<'a>>) -> String {
    let (mut tests, mut failed, mut broken, mut took) = (0, 0, 0, 0);
    for case in cases {
        tests += 1;
        took += case.took;
        failed += u32::from(matches!(case.outcome, Outcome::Failed(..)));
        broken += u32::from(matches!(case.outcome, Outcome::Broken(..)));
    }
    format!("tests=\"{tests}\" failures=\"{failed}\" errors=\"{broken}\" time=\"{:.3}\"", seconds(took))
}

fn seconds(milliseconds: u64) -> f64 {
    milliseconds as f64 / 1000.0
}

impl Case<'_> {
    fn write(&self, out: &mut String) {
        let (name, class, time) = (escaped(self.name), escaped(self.class), seconds(self.took));
        let _ = write!(out, "    <testcase name=\"{name}\" classname=\"{class}\" time=\"{time:.3}\"");
        let (element, message, text) = match &self.outcome {
            Outcome::Passed => return out.push_str("/>\n"),
            Outcome::Failed(message, text) => ("failure", message, text),
            Outcome::Broken(message, text) => ("error", message, text),
        };
        let (message, text) = (escaped(message), escaped(text));
        let _ = writeln!(out, ">\n      <{element} message=\"{message}\">{text}</{element}>\n    </testcase>");
    }
}

/// A text as XML 1.0 may hold it (section 2.2 of the specification), also within quotes.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push(' '),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            other if other.is_control() => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests;
