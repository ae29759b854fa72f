//! Commands that run whatever version of a package is the latest on the day.

mod image;

use std::path::Path;

/// The package or image that a command fetches in a version which it does not name; nothing for other commands, and for
/// packages that are named with a version. What is in a folder or at an address is the user's matter.
pub fn package<'a>(program: &'a str, arguments: &'a [String]) -> Option<&'a str> {
    let words: Vec<&str> = std::iter::once(program).chain(arguments.iter().map(String::as_str)).collect();
    let (kind, rest) = match (name(words[0])?, &words[1..]) {
        // Other programs are named behind these.
        ("sh" | "bash" | "zsh" | "dash", ["-c" | "-lc" | "-ic", text, ..]) => return within(text.split_whitespace()),
        ("cmd" | "env" | "nice" | "nohup", rest) => return within(rest.iter().copied()),
        words => runner(words)?,
    };
    unpinned(kind, rest)
}

/// The package of the first program among these words that fetches one.
fn within<'a>(words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let words: Vec<&str> = words.map(|word| word.trim_matches(['"', '\''])).collect();
    let found = (0..words.len()).find_map(|index| runner((name(words[index])?, &words[index + 1..])));
    found.and_then(|(kind, rest)| unpinned(kind, rest))
}

/// A program without its folder, and without the ending that it has on Windows.
fn name(program: &str) -> Option<&str> {
    let name = Path::new(program).file_name()?.to_str()?;
    Some([".cmd", ".exe"].iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name))
}

/// What kind of packages a program fetches, and the words that say which.
fn runner<'a, 'w>((program, words): (&str, &'w [&'a str])) -> Option<(Kind, &'w [&'a str])> {
    match (program, words) {
        ("npx" | "bunx" | "pnpx", rest) => Some((Kind::Npm, rest)),
        ("npm", ["exec" | "x", rest @ ..]) | ("pnpm" | "yarn", ["dlx", rest @ ..]) | ("bun", ["x", rest @ ..]) => {
            Some((Kind::Npm, rest))
        }
        ("uvx", rest) | ("uv", ["tool", "run", rest @ ..]) | ("pipx", ["run", rest @ ..]) => Some((Kind::Python, rest)),
        ("docker" | "podman" | "nerdctl", rest) => image::run(rest).map(|rest| (Kind::Image, rest)),
        _ => None,
    }
}

fn unpinned<'a>(kind: Kind, words: &[&'a str]) -> Option<&'a str> {
    let named = match kind {
        Kind::Npm | Kind::Python => named(words),
        Kind::Image => image::named(words),
    };
    named.filter(|package| !kind.is_pinned(package))
}

#[derive(Clone, Copy)]
enum Kind {
    Npm,
    Python,
    Image,
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
        // To npm `1.2` is every `1.2.…`, so that three numbers are one version.
        let (version, parts) = match self {
            // The first `@` of `@scope/name@1.2.3` is part of the name.
            Kind::Npm => (package.get(1..).and_then(|rest| rest.split_once('@')).map(|(_, version)| version), 3),
            Kind::Python => {
                let named = package.split_once("==").or_else(|| package.split_once('@'));
                (named.map(|(_, version)| version.trim()), 2)
            }
            Kind::Image => return image::is_pinned(package),
        };
        // A tag such as `latest` moves, and so does a range.
        let exact = version.is_some_and(|version| {
            version.starts_with(|first: char| first.is_ascii_digit())
                && version.split('.').count() >= parts
                && !version.contains(['*', '>', '<', '|', ' '])
                && !version.split('.').any(|part| part == "x")
        });
        elsewhere || exact
    }
}

#[cfg(test)]
mod tests;
