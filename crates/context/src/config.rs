//! The section `context` of a view.

use crate::definition::{FORMS, Form};
use crate::path::Path;
use crate::tokens::Family;
use base::Code;
use base::config::{Entry, Problems, Section, entries};
use globset::{Glob, GlobMatcher};
use std::sync::Arc;
use std::time::Duration;

/// How definitions and results are said in fewer tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// About how many tokens of a result are shown.
    pub limit: usize,
    /// Whose tokens these are.
    pub family: Family,
    /// For how long the whole is kept.
    pub keep: Duration,
    /// Whether lists of like objects are shown as tables.
    pub tables: bool,
    /// Images, sounds and other bytes of more than so many characters (base64) are shown as links.
    pub links: Option<usize>,
    /// How definitions are listed.
    pub form: Form,
    /// What is left out of the results of which tools.
    pub prune: Arc<[Prune]>,
}

/// How long a whole result is kept unless something else is said.
pub const KEEP: Duration = Duration::from_secs(600);

impl Default for Settings {
    fn default() -> Self {
        Self {
            limit: 5000,
            family: Family::Any,
            keep: KEEP,
            tables: false,
            links: None,
            form: Form::Whole,
            prune: Arc::new([]),
        }
    }
}

impl Settings {
    /// Whether results are edited that are below the limit.
    pub fn edits(&self) -> bool {
        self.tables || self.links.is_some() || !self.prune.is_empty()
    }
}

/// What is left out of the results of some tools.
#[derive(Debug, Clone)]
pub struct Prune {
    /// Their names, whatever a view calls them.
    pub tools: GlobMatcher,
    /// All that is kept; empty means everything.
    pub only: Vec<Path>,
    /// What is left out of that.
    pub drop: Vec<Path>,
}

impl PartialEq for Prune {
    fn eq(&self, other: &Self) -> bool {
        let parts = |of: &Self| (of.tools.glob().glob().to_owned(), of.only.clone(), of.drop.clone());
        parts(self) == parts(other)
    }
}

/// Reads the section, if it is there, for a view whose clients count in the tokens of `family`.
pub fn read(problems: &Problems, section: &mut Section<'_>, family: Family) -> Option<Settings> {
    let mut inner = section.section("context")?;
    let usual = Settings::default();
    let limit = inner.integer("limit", 100..=1_000_000).and_then(|limit| usize::try_from(limit).ok());
    let keep = inner.duration("keep", Duration::from_secs(10)..=Duration::from_secs(86_400));
    let links = inner.size("links", 1024..=64 << 20).and_then(|size| usize::try_from(size).ok());
    let (file, path) = (inner.file(), format!("{}.prune", inner.path()));
    let prune = inner.node("prune").map(|node| {
        let all = entries(problems, file, &path, node).into_iter();
        all.filter_map(|entry| one(problems, file, &path, entry)).collect()
    });
    let settings = Settings {
        limit: limit.unwrap_or(usual.limit),
        family,
        keep: keep.unwrap_or(usual.keep),
        tables: inner.boolean("tables").unwrap_or(false),
        links,
        form: inner.choice("definitions", &FORMS).unwrap_or_default(),
        prune: prune.unwrap_or(usual.prune),
    };
    inner.finish();
    Some(settings)
}

fn one(problems: &Problems, file: &str, path: &str, entry: &Entry) -> Option<Prune> {
    let mut section = Section::new(problems, file, &format!("{path}.{}", entry.key), &entry.node)?;
    let only = paths(&mut section, "only");
    let drop = paths(&mut section, "drop");
    if !section.has("only") && !section.has("drop") {
        let message = format!("`{}` says nothing of the results", section.path());
        let next = "add `only: [\"$.items[*].title\"]` or `drop: [\"$..html\"]`".to_owned();
        section.problem("only", Code::ConfigInvalidValue, message, next);
    }
    let tools = match Glob::new(&entry.key) {
        Ok(glob) => Some(glob.compile_matcher()),
        Err(error) => {
            let message = format!("the pattern `{}` cannot be read: {}", entry.key, error.kind());
            let next = "use `*` for any characters, `?` for one, `{a,b}` for either".to_owned();
            section.problem("only", Code::ConfigInvalidValue, message, next);
            None
        }
    };
    section.finish();
    tools.map(|tools| Prune { tools, only, drop })
}

fn paths(section: &mut Section<'_>, key: &'static str) -> Vec<Path> {
    let mut paths = Vec::new();
    for text in section.texts(key).unwrap_or_default() {
        match Path::read(&text) {
            Ok(path) => paths.push(path),
            Err(why) => {
                let shown: String = text.chars().take(80).collect();
                let next = "write for example `$.items[*].body`, or `$..body` for any depth".to_owned();
                section.problem(key, Code::ConfigInvalidValue, format!("the path `{shown}`: {why}"), next);
            }
        }
    }
    paths
}
