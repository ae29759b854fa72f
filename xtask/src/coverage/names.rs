//! Tests by their names: which numbers each stands for.

use crate::repository::{File, Repository};
use crate::source::{is_name, leading_name, line_of, words};

/// A test that stands for something.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Test {
    pub(crate) name: String,
    pub(crate) file: String,
    /// From 1.
    pub(crate) line: usize,
    /// As the tables have them.
    pub(crate) numbers: Vec<String>,
}

/// The macros whose words are the functions that are run.
const LISTS: [&str; 2] = ["trials", "trials_of_both_eras"];

/// All tests with a number in their name, in the order of files and lines.
pub(crate) fn tests(repository: &Repository) -> Vec<Test> {
    repository.rust().flat_map(in_file).collect()
}

fn in_file(file: &File) -> Vec<Test> {
    let code = &file.source.code;
    let listed = listed(code);
    let functions = words(code, "fn").filter_map(|at| {
        let name = leading_name(&code[at + 2..]);
        let numbers = numbers(name);
        let runs = is_marked(code, at) || listed.contains(&name);
        let test = || Test { name: name.to_owned(), file: file.path.clone(), line: line_of(code, at), numbers };
        (runs && !name.is_empty()).then(test)
    });
    functions.filter(|test| !test.numbers.is_empty()).collect()
}

/// Whether the function at `at` has an attribute that makes it a test.
fn is_marked(code: &str, at: usize) -> bool {
    let before = code[..at].rfind([';', '{', '}']).map_or(0, |end| end + 1);
    code[before..at].split("#[").skip(1).any(|attribute| words(attribute, "test").next().is_some())
}

/// The names in the lists of tests.
fn listed(code: &str) -> Vec<&str> {
    let starts = LISTS.iter().flat_map(|name| words(code, name).map(|at| at + name.len()));
    let lists = starts.filter_map(|at| code[at..].strip_prefix("!("));
    let lists = lists.filter_map(|list| list.split_once(')').map(|(names, _)| names));
    lists.flat_map(|names| names.split(|character| !is_name(character))).filter(|name| !name.is_empty()).collect()
}

/// The numbers at the beginning of a name: `a03_a04_…` has two, `a11_to_a15_…` five. They are as written, so that
/// one that is written in another way is in no table.
fn numbers(name: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut parts = name.split('_').peekable();
    while let Some(part) = parts.next() {
        let ends = found.last().and_then(|last| number(last)).zip(parts.peek().and_then(|next| number(next)));
        match ends {
            Some(((letter, first), (_, last))) if part == "to" => {
                found.extend((first + 1..last).map(|number| format!("{letter}{number:02}")));
            }
            _ if number(part).is_some() => found.push(part.to_owned()),
            _ => break,
        }
    }
    found
}

/// The letter and the number, if `part` is nothing else.
fn number(part: &str) -> Option<(char, u16)> {
    let letter = part.chars().next().filter(|letter| matches!(letter, 'a' | 'h'))?;
    Some((letter, part[1..].parse().ok()?))
}

#[cfg(test)]
mod tests;
