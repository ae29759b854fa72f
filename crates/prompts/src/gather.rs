//! Prompts and partials out of the files of folders.

use crate::bundle::Bundle;
use crate::fault;
use crate::prompt::Prompt;
use crate::template::included;
use base::{Code, Error, Result};
use std::collections::{BTreeMap, HashMap};

/// A file as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its path as messages name it, with `/`.
    pub path: String,
    /// What it holds.
    pub text: String,
}

/// The most prompts of a library.
const MOST: usize = 1_000;

impl File {
    /// The folder, and the name without its ending.
    fn place(&self) -> (&str, &str) {
        let (folder, name) = self.path.rsplit_once('/').unwrap_or(("", &self.path));
        (folder, name.rsplit_once('.').map_or(name, |(stem, _)| stem))
    }
}

/// The prompts that `files` are, in the order of their names. A file whose name begins with `_` is a partial for those of its
/// folder.
pub fn gather(files: &[File]) -> Result<Vec<Prompt>, Vec<Error>> {
    let mut partials: HashMap<&str, BTreeMap<String, String>> = HashMap::new();
    for file in files {
        let (folder, name) = file.place();
        if let Some(name) = name.strip_prefix('_') {
            partials.entry(folder).or_default().insert(name.to_owned(), file.text.clone());
        }
    }
    let nothing = BTreeMap::new();
    let mut prompts: BTreeMap<String, Prompt> = BTreeMap::new();
    let mut errors = Vec::new();
    for file in files.iter().filter(|file| !file.place().1.starts_with('_')) {
        let (folder, name) = file.place();
        let bundle = bundle(&file.text, partials.get(folder).unwrap_or(&nothing));
        match Prompt::read(&file.path, name, bundle) {
            Err(found) => errors.extend(found),
            Ok(prompt) if prompts.contains_key(&prompt.name) => {
                let message = format!("another file has a prompt `{}` too", prompt.name);
                let error = fault::at_line(&file.path, 1, message, "give one of them another `name`");
                errors.push(error);
            }
            Ok(prompt) => {
                prompts.insert(prompt.name.clone(), prompt);
            }
        }
    }
    if prompts.len() > MOST {
        let message = format!("there are more than {MOST} prompts");
        errors.push(Error::new(Code::PromptFile, message, "name fewer files in `prompts:`"));
    }
    if errors.is_empty() { Ok(prompts.into_values().collect()) } else { Err(errors) }
}

/// `text` with those of `partials` that it includes, directly or over others.
pub fn bundle(text: &str, partials: &BTreeMap<String, String>) -> Bundle {
    let mut bundle = Bundle { text: text.to_owned(), partials: BTreeMap::new() };
    let mut open: Vec<&str> = vec![text];
    while let Some(source) = open.pop() {
        for name in included(source).into_iter().filter_map(|(_, name)| name) {
            if let Some(partial) = partials.get(name).filter(|_| !bundle.partials.contains_key(name)) {
                bundle.partials.insert(name.to_owned(), partial.clone());
                open.push(partial);
            }
        }
    }
    bundle
}

#[cfg(test)]
mod tests;
