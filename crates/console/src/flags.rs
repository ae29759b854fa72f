//! The words behind the address of a tool, as arguments of the tool.
//!
//! Flags of the tool come first: a tool may have a `--url` or a `--json` of its own. What it does not have is looked for
//! among the few options of the command that can stand behind the address.

use super::schema::{Kind, Parameter};
use super::value;
use crate::output::one_line;
use base::config::nearest;
use base::{Code, Error};
use serde_json::{Map, Value};

/// What the words say.
#[derive(Debug, Default, PartialEq)]
pub struct Words {
    /// The arguments that were given as flags.
    pub arguments: Map<String, Value>,
    /// `--args`.
    pub args: Option<String>,
    /// `--timeout`.
    pub timeout: Option<String>,
    /// `--help`.
    pub help: bool,
    /// `--json`.
    pub json: bool,
    /// `--quiet`.
    pub quiet: bool,
}

/// Options that decide which hub is asked, and so are needed before the flags of the tool are known.
const BEFORE: [&str; 4] = ["config", "url", "color", "view"];

/// Options of the command that can stand behind the address.
const OWN: [&str; 5] = ["args", "timeout", "help", "json", "quiet"];

/// Reads `words` as flags for `parameters`. All faults come at once.
pub fn read(tool: &str, parameters: &[Parameter], words: &[String]) -> Result<Words, Vec<Error>> {
    let mut reader = Reader { tool, parameters, given: Vec::new(), read: Words::default(), errors: Vec::new() };
    let mut rest = words.iter().map(String::as_str).peekable();
    while let Some(word) = rest.next() {
        match word.strip_prefix("--").filter(|name| !name.is_empty()) {
            Some(flag) => {
                let (name, inline) = flag.split_once('=').map_or((flag, None), |(name, value)| (name, Some(value)));
                reader.flag(name, inline, &mut rest);
            }
            None if word == "-h" => reader.read.help = true,
            None if word == "-q" => reader.read.quiet = true,
            None => reader.stray(word),
        }
    }
    reader.finish()
}

struct Reader<'a> {
    tool: &'a str,
    parameters: &'a [Parameter],
    given: Vec<(&'a Parameter, Vec<String>)>,
    read: Words,
    errors: Vec<Error>,
}

impl<'a> Reader<'a> {
    fn flag<'w>(
        &mut self,
        name: &str,
        inline: Option<&str>,
        rest: &mut std::iter::Peekable<impl Iterator<Item = &'w str>>,
    ) {
        if let Some(parameter) = find(self.parameters, name) {
            return self.argument(parameter, inline, rest);
        }
        if let Some(parameter) = name.strip_prefix("no-").and_then(|name| find(self.parameters, name))
            && parameter.shape.is_switch()
        {
            if inline.is_some() {
                self.usage(
                    format!("--no-{} takes no value", parameter.flag),
                    format!("write --{}=false", parameter.flag),
                );
            }
            return self.give(parameter, "false");
        }
        match name {
            "help" => self.read.help = true,
            "json" => self.read.json = true,
            "quiet" => self.read.quiet = true,
            "args" => self.read.args = self.value_of(name, inline, rest).or(self.read.args.take()),
            "timeout" => self.read.timeout = self.value_of(name, inline, rest).or(self.read.timeout.take()),
            _ => {
                self.unknown(name);
                // What follows belongs to the flag, most likely; to complain about it too would be noise.
                rest.next_if(|next| inline.is_none() && !next.starts_with("--"));
            }
        }
    }

    fn argument<'w>(
        &mut self,
        parameter: &'a Parameter,
        inline: Option<&str>,
        rest: &mut std::iter::Peekable<impl Iterator<Item = &'w str>>,
    ) {
        if parameter.shape.kind == Kind::Boolean {
            let value = inline.or_else(|| rest.next_if(|next| matches!(*next, "true" | "false")));
            return self.give(parameter, value.unwrap_or("true"));
        }
        let stands_alone = inline.is_none() && rest.peek().is_none_or(|next| next.starts_with("--"));
        if stands_alone && parameter.shape.is_switch() {
            return self.give(parameter, "true");
        }
        if let Some(value) = self.value_of(&parameter.flag, inline, rest) {
            self.give(parameter, &value);
        }
    }

    /// The value behind a flag. One that looks like a flag is none, unless it is glued to the flag with `=`.
    fn value_of<'w>(
        &mut self,
        flag: &str,
        inline: Option<&str>,
        rest: &mut std::iter::Peekable<impl Iterator<Item = &'w str>>,
    ) -> Option<String> {
        let value = inline.or_else(|| rest.next_if(|next| !next.starts_with("--") || *next == "--"));
        if value.is_none() {
            self.usage(format!("--{flag} needs a value"), format!("write --{flag} VALUE, or --{flag}=VALUE"));
        }
        value.map(str::to_owned)
    }

    fn give(&mut self, parameter: &'a Parameter, text: &str) {
        match self.given.iter_mut().find(|(other, _)| std::ptr::eq(*other, parameter)) {
            Some((_, texts)) => texts.push(text.to_owned()),
            None => self.given.push((parameter, vec![text.to_owned()])),
        }
    }

    fn unknown(&mut self, name: &str) {
        let shown = one_line(name, 60);
        let message = format!("{} has no flag --{shown}", self.tool);
        let flags = self.parameters.iter().map(|parameter| parameter.flag.as_str());
        let next = match nearest(name, flags.clone().chain(OWN)) {
            _ if BEFORE.contains(&name) => {
                format!("the option --{name} of tutti stands before the address: tutti tool call --{name} …")
            }
            Some(near) => format!("did you mean --{near}?"),
            None if self.parameters.is_empty() => "it takes no arguments; others can be given with --args".to_owned(),
            None => format!("it has: {}", flags.map(|flag| format!("--{flag}")).collect::<Vec<_>>().join(", ")),
        };
        self.usage(message, next);
    }

    fn stray(&mut self, word: &str) {
        let message = format!("`{}` belongs to no flag", one_line(word, 60));
        let example = self.parameters.iter().find(|parameter| parameter.shape.kind != Kind::Boolean);
        let next = match example {
            Some(parameter) => format!("arguments are flags: --{} {}", parameter.flag, parameter.shape.word()),
            None => "arguments are flags, as `tutti tool describe` shows them".to_owned(),
        };
        self.usage(message, next);
    }

    fn usage(&mut self, message: String, next: String) {
        self.errors.push(Error::new(Code::Usage, message, next));
    }

    fn finish(mut self) -> Result<Words, Vec<Error>> {
        for (parameter, texts) in &self.given {
            match value::read(&parameter.flag, &parameter.shape, texts) {
                Ok(value) => drop(self.read.arguments.insert(parameter.name.clone(), value)),
                Err(error) => self.errors.push(error),
            }
        }
        // Whoever asks for help may have written anything else wrong.
        if self.errors.is_empty() || self.read.help { Ok(self.read) } else { Err(self.errors) }
    }
}

/// The parameter that a flag means: by its own name, by its flag, or by either without regard to case and dashes.
fn find<'a>(parameters: &'a [Parameter], flag: &str) -> Option<&'a Parameter> {
    let by_name = parameters.iter().find(|parameter| parameter.name == flag);
    let exact = by_name.or_else(|| parameters.iter().find(|parameter| parameter.flag == flag));
    if exact.is_some() {
        return exact;
    }
    let mut alike = parameters.iter().filter(|parameter| fold(&parameter.name) == fold(flag));
    let first = alike.next()?;
    if alike.next().is_some() { None } else { Some(first) }
}

fn fold(name: &str) -> String {
    name.chars().filter(|character| !matches!(character, '-' | '_')).flat_map(char::to_lowercase).collect()
}

/// The required arguments that `arguments` lack, in one error.
pub fn missing(tool: &str, parameters: &[Parameter], arguments: &Map<String, Value>) -> Option<Error> {
    let lacking: Vec<String> = parameters
        .iter()
        .filter(|parameter| parameter.required && !arguments.contains_key(&parameter.name))
        .map(|parameter| format!("--{} {}", parameter.flag, parameter.shape.word()).trim_end().to_owned())
        .collect();
    if lacking.is_empty() {
        return None;
    }
    let message = format!("{tool} needs {}", lacking.join(" and "));
    Some(Error::new(Code::Usage, message, format!("`tutti tool call {tool} --help` tells what its flags mean")))
}

#[cfg(test)]
mod tests;
