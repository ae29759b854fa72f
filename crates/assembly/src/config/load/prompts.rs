//! The files that `prompts:` names.

use super::Reading;
use ::prompts::File;
use ::prompts::prompt::LARGEST;
use base::config::Section;
use base::{Code, disk};
use globset::Glob;
use std::path::{Path, PathBuf};

/// The most files of prompts and partials.
const MOST: usize = 2_000;

impl Reading {
    /// Reads the files of `patterns`: paths whose last part may have `*`, `?` and `[…]`. Partials beside them belong to them.
    pub(super) fn prompts(&self, section: &Section<'_>, patterns: &[String]) -> (Vec<File>, Vec<PathBuf>) {
        let wrong = |message: String, next: &str| {
            section.problem("prompts", Code::ConfigInvalidValue, message, next.to_owned());
        };
        let mut paths = Vec::new();
        for pattern in patterns {
            match self.matching(pattern) {
                Ok(found) => paths.extend(found),
                Err(why) => wrong(why, "write for example `prompts: [\"prompts/*.md\"]`"),
            }
        }
        paths.sort();
        paths.dedup();
        if paths.len() > MOST {
            wrong(format!("`prompts` names more than {MOST} files"), "name fewer");
            paths.clear();
        }
        let mut files = Vec::new();
        for path in &paths {
            match disk::read_text(path, LARGEST as u64) {
                Ok(text) => files.push(File { path: self.name_of(path).replace('\\', "/"), text }),
                Err(error) => self.problems.push(super::unreadable(error)),
            }
        }
        (files, paths)
    }

    fn matching(&self, pattern: &str) -> Result<Vec<PathBuf>, String> {
        let whole = self.loaded.folder.join(pattern);
        let (Some(folder), Some(last)) = (whole.parent(), whole.file_name().and_then(|name| name.to_str())) else {
            return Err(format!("`{}` names no file", console::output::one_line(pattern, 100)));
        };
        if folder.to_string_lossy().contains(['*', '?', '[']) {
            return Err(format!("only the last part of `{}` may have `*`", console::output::one_line(pattern, 100)));
        }
        let glob =
            Glob::new(last).map_err(|error| format!("`{}`: {error}", console::output::one_line(pattern, 100)))?;
        let matcher = glob.compile_matcher();
        let ending = Path::new(last).extension().map(ToOwned::to_owned);
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let fits = |path: &PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let is_partial = name.starts_with('_') && path.extension().map(ToOwned::to_owned) == ending;
            path.is_file() && (is_partial || matcher.is_match(name))
        };
        Ok(entries.map(|entry| entry.path()).filter(fits).take(MOST + 1).collect())
    }
}
