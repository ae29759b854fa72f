//! Commands that run whatever version of a package is the latest on the day.

use std::path::Path;

/// The package that a command fetches in a version which it does not name; nothing for other commands, and for packages
/// that are named with a version. What is in a folder or at an address is the user's matter.
pub(super) fn package<'a>(program: &str, arguments: &'a [String]) -> Option<&'a str> {
    let program = Path::new(program).file_name()?.to_str()?;
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (kind, rest) = match (program, arguments.as_slice()) {
        ("npx" | "bunx" | "pnpx", rest) => (Kind::Npm, rest),
        ("npm", ["exec" | "x", rest @ ..]) | ("pnpm" | "yarn", ["dlx", rest @ ..]) | ("bun", ["x", rest @ ..]) => {
            (Kind::Npm, rest)
        }
        ("uvx", rest) | ("uv", ["tool", "run", rest @ ..]) | ("pipx", ["run", rest @ ..]) => (Kind::Python, rest),
        _ => return None,
    };
    let package = named(rest)?;
    (!kind.is_pinned(package)).then_some(package)
}

#[derive(Clone, Copy)]
enum Kind {
    Npm,
    Python,
}

/// Options of these programs that take the word behind them.
const WITH_VALUE: [&str; 9] =
    ["--python", "--index", "--index-url", "--default-index", "--with", "--cache", "--registry", "--prefix", "-w"];

/// Options that name the package, in place of the first word that is no option.
const PACKAGE: [&str; 4] = ["--package", "-p", "--from", "--spec"];

fn named<'a>(arguments: &[&'a str]) -> Option<&'a str> {
    let mut arguments = arguments.iter();
    // `uvx -p 3.12` names a Python, which looks like no package.
    let is_package = |word: &&str| word.chars().any(|letter| letter.is_ascii_alphabetic());
    while let Some(argument) = arguments.next() {
        if let Some((name, value)) = argument.split_once('=').filter(|_| argument.starts_with('-')) {
            if PACKAGE.contains(&name) {
                return Some(value);
            }
        } else if PACKAGE.contains(argument) {
            if let Some(value) = arguments.next().copied().filter(is_package) {
                return Some(value);
            }
        } else if WITH_VALUE.contains(argument) {
            arguments.next();
        } else if !argument.starts_with('-') {
            return Some(argument);
        }
    }
    None
}

impl Kind {
    fn is_pinned(self, package: &str) -> bool {
        let elsewhere = package.starts_with(['.', '/', '~']) || package.contains(':');
        let version = match self {
            // The first `@` of `@scope/name@1.2.3` is part of the name.
            Kind::Npm => package.get(1..).and_then(|rest| rest.split_once('@')).map(|(_, version)| version),
            Kind::Python => {
                package.split_once("==").or_else(|| package.split_once('@')).map(|(_, version)| version.trim())
            }
        };
        // A tag such as `latest` moves, and so does a range.
        let exact = version.is_some_and(|version| {
            version.starts_with(|first: char| first.is_ascii_digit())
                && version.contains('.')
                && !version.contains(['*', '>', '<', '|', ' ', 'x'])
        });
        elsewhere || exact
    }
}

#[cfg(test)]
mod tests;
