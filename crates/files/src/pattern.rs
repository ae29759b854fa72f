//! Globs over paths.

use super::place::Place;
use super::words::{one_line, wrong};
use base::Result;
use globset::{GlobBuilder, GlobMatcher};

/// A glob that paths are held against.
pub(super) struct Pattern {
    matcher: GlobMatcher,
    /// A glob without a `/` is about the name, wherever the file stands.
    name_only: bool,
}

impl Pattern {
    /// Reads a glob: `*` and `?` stop at `/`, `**` does not.
    pub(super) fn parse(glob: &str) -> Result<Pattern> {
        // Models write `./src/*.rs` and `/src/*.rs`; both mean: from the folder that is searched.
        let trimmed = glob.strip_prefix("./").or_else(|| glob.strip_prefix('/')).unwrap_or(glob);
        let built = GlobBuilder::new(trimmed).literal_separator(true).build();
        let glob = built.map_err(|error| {
            let message = format!("`{}` is not a glob: {}", one_line(glob), error.kind());
            wrong(message, "write it such as `**/*.rs` or `*.{js,ts}`")
        })?;
        Ok(Pattern { matcher: glob.compile_matcher(), name_only: !trimmed.contains('/') })
    }

    /// Whether `place` matches, seen from the folder `from`.
    pub(super) fn matches(&self, place: &Place, from: &Place) -> bool {
        let below = place.below(from);
        let subject = if self.name_only { below.and_then(|path| path.file_name()).map(AsRef::as_ref) } else { below };
        subject.is_some_and(|path| self.matcher.is_match(path))
    }
}

#[cfg(test)]
mod tests;
