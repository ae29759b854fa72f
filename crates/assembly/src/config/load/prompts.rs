//! The files that `prompts:` names.

use super::Reading;
use super::patterns::Named;
use ::prompts::File;
use ::prompts::prompt::LARGEST;
use base::config::Section;
use base::disk;
use std::path::{Path, PathBuf};

/// The most files of prompts and partials.
const MOST: usize = 2_000;

impl Reading {
    /// Reads the files of `patterns`. Partials beside them belong to them.
    pub(super) fn prompts(&self, section: &Section<'_>, patterns: &[String]) -> (Vec<File>, Vec<PathBuf>) {
        let belongs = |path: &Path, matches: bool, pattern: &Path| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            matches || (name.starts_with('_') && path.extension() == pattern.extension())
        };
        let (key, example) = ("prompts", "prompts: [\"prompts/*.md\"]");
        let paths = self.files(section, patterns, &Named { key, example, most: MOST, belongs: &belongs });
        let mut files = Vec::new();
        for path in &paths {
            match disk::read_text(path, LARGEST as u64) {
                Ok(text) => files.push(File { path: self.name_of(path).replace('\\', "/"), text }),
                Err(error) => self.problems.push(super::unreadable(error)),
            }
        }
        (files, paths)
    }
}
