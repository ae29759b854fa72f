//! The files that patterns name.

use super::Reading;
use base::Code;
use base::config::Section;
use console::output::one_line;
use globset::Glob;
use std::path::{Path, PathBuf};

/// How files are named under a key.
pub(super) struct Named<'a> {
    /// The key.
    pub(super) key: &'static str,
    /// How it is written.
    pub(super) example: &'static str,
    /// How many files there may be.
    pub(super) most: usize,
    /// Whether a file belongs to them, by its name and by whether its name fits the pattern, whose file ending is given too.
    pub(super) belongs: &'a dyn Fn(&Path, bool, &Path) -> bool,
}

impl Reading {
    /// The files of `patterns`: paths whose last part may have `*`, `?` and `[…]`. A path without them is there.
    pub(super) fn files(&self, section: &Section<'_>, patterns: &[String], named: &Named<'_>) -> Vec<PathBuf> {
        let wrong = |message: String, next: String| {
            section.problem(named.key, Code::ConfigInvalidValue, message, next);
        };
        let mut paths = Vec::new();
        for pattern in patterns {
            match self.matching(pattern, named) {
                Ok(found) => paths.extend(found),
                Err(why) => wrong(why, format!("write for example `{}`", named.example)),
            }
        }
        paths.sort();
        paths.dedup();
        if paths.len() > named.most {
            wrong(format!("`{}` names more than {} files", named.key, named.most), "name fewer".to_owned());
            paths.clear();
        }
        paths
    }

    fn matching(&self, pattern: &str, named: &Named<'_>) -> Result<Vec<PathBuf>, String> {
        let whole = self.loaded.folder.join(pattern);
        let (Some(folder), Some(last)) = (whole.parent(), whole.file_name().and_then(|name| name.to_str())) else {
            return Err(format!("`{}` names no file", one_line(pattern, 100)));
        };
        if folder.to_string_lossy().contains(['*', '?', '[']) {
            return Err(format!("only the last part of `{}` may have `*`", one_line(pattern, 100)));
        }
        let glob = Glob::new(last).map_err(|error| format!("`{}`: {error}", one_line(pattern, 100)))?;
        let matcher = glob.compile_matcher();
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let fits = |path: &PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            path.is_file() && (named.belongs)(path, matcher.is_match(name), &whole)
        };
        Ok(entries.map(|entry| entry.path()).filter(fits).take(named.most + 1).collect())
    }
}
