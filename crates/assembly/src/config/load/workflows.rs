//! The files that `workflows:` names, or the workflows in the older form that stand there themselves.

use super::Reading;
use super::patterns::Named;
use base::config::{Section, Value};
use base::{Code, Error, disk};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use workflow::{File, Source, limits};

/// The most files of workflows.
const MOST: usize = 1_000;

/// The most bytes of all of them together.
const BYTES: usize = 32 << 20;

impl Reading {
    /// Reads what `workflows` says in the configuration with this text: the files, and the paths that are watched.
    pub(super) fn workflows(&self, section: &mut Section<'_>, text: &str) -> Option<(Vec<File>, Vec<PathBuf>)> {
        let node = section.node("workflows")?;
        match node.value {
            Value::Null => None,
            Value::Map(_) => {
                // Whoever reads the workflows reads this too.
                section.node("main_llm");
                let source = Arc::new(Source::new(section.file(), text));
                Some((vec![File { source, part: true }], Vec::new()))
            }
            _ => {
                let patterns = section.texts("workflows")?;
                Some(self.workflow_files(section, &patterns))
            }
        }
    }

    fn workflow_files(&self, section: &Section<'_>, patterns: &[String]) -> (Vec<File>, Vec<PathBuf>) {
        let own = self.loaded.path.as_deref();
        let belongs = |path: &Path, matches: bool, _: &Path| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            matches && own != Some(path) && !File::is_of_tests(name)
        };
        let (key, example) = ("workflows", "workflows: [\"workflows/*.yaml\"]");
        let paths = self.files(section, patterns, &Named { key, example, most: MOST, belongs: &belongs });
        for pattern in patterns.iter().filter(|pattern| !pattern.contains(['*', '?', '['])) {
            if !paths.contains(&self.loaded.folder.join(pattern)) {
                let message = format!("there is no workflow file {}", console::output::one_line(pattern, 200));
                let next = "correct the path, which is relative to the configuration file".to_owned();
                section.problem(key, Code::ConfigInvalidValue, message, next);
            }
        }
        let mut files = Vec::new();
        let mut bytes = 0;
        for path in &paths {
            match disk::read_text(path, 4 * limits::FILE as u64) {
                Ok(text) => {
                    bytes += text.len();
                    let source = Arc::new(Source::new(&self.name_of(path).replace('\\', "/"), &text));
                    files.push(File { source, part: false });
                }
                Err(error) => self.problems.push(super::unreadable(error)),
            }
            if bytes > BYTES {
                let message = format!("the files of `workflows` are larger than {} MiB together", BYTES >> 20);
                let place = section.place_of(key).in_file(section.file());
                self.problems.push(Error::new(Code::ConfigTooLarge, message, "name fewer").at(place));
                break;
            }
        }
        (files, paths)
    }
}
