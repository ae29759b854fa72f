//! One entry of `views:`.

use crate::mode::{MODES, Mode, THRESHOLD};
use crate::naming;
use base::config::{Entry, Problems, Section};
use base::{Code, Error};
use context::tokens::{FAMILIES, Family};
use globset::{Glob, GlobMatcher};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A selection of what the upstreams have, as configured.
#[derive(Debug, Clone, Default)]
pub struct ViewSettings {
    /// The upstreams that take part; empty means all.
    pub servers: Vec<String>,
    /// Tools that are in, by patterns over `<upstream>__<tool>`; empty means all.
    pub tools: Vec<GlobMatcher>,
    /// Prompts that are in, likewise.
    pub prompts: Vec<GlobMatcher>,
    /// Resources and templates that are in, by patterns over their address; empty means all.
    pub resources: Vec<GlobMatcher>,
    /// What is out, whatever lets it in: tools and prompts by name, resources by address.
    pub deny: Vec<GlobMatcher>,
    /// Other names for tools and prompts.
    pub rename: Vec<Rename>,
    /// Whether the view shows its one upstream under the upstream's own names and addresses.
    pub own_names: bool,
    /// How much of the view its clients see at once.
    pub showing: Showing,
    /// How definitions and results are said in fewer tokens, if they are.
    pub context: Option<Arc<context::config::Settings>>,
    /// Whether its clients may send plans of calls. Where nothing is said, those may that search for tools.
    pub plans: Option<bool>,
}

/// How much of a view its clients see at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Showing {
    /// What they are shown.
    pub mode: Mode,
    /// The tokens of all definitions above which the mode `auto` has them searched.
    pub threshold: usize,
    /// Whose tokens are counted.
    pub family: Family,
}

impl Default for Showing {
    fn default() -> Self {
        Self { mode: Mode::default(), threshold: THRESHOLD, family: Family::default() }
    }
}

/// Another name for one tool or prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rename {
    /// The name it has everywhere else.
    pub from: String,
    /// The name it has in the view.
    pub to: String,
}

impl PartialEq for ViewSettings {
    fn eq(&self, other: &Self) -> bool {
        let globs = |view: &Self| -> Vec<Vec<String>> {
            [&view.tools, &view.prompts, &view.resources, &view.deny]
                .map(|list| list.iter().map(|glob| glob.glob().glob().to_owned()).collect())
                .to_vec()
        };
        let plain = |view: &Self| {
            (view.servers.clone(), view.rename.clone(), view.own_names, view.showing, view.plans, view.context.clone())
        };
        plain(self) == plain(other) && globs(self) == globs(other)
    }
}

/// Reads an entry. `known` are the names of the servers.
pub(super) fn read(problems: &Problems, file: &str, entry: &Entry, known: &[&str]) -> Option<ViewSettings> {
    let path = format!("views.{}", entry.key);
    let mut section = Section::new(problems, file, &path, &entry.node)?;
    let servers = section.texts("servers").unwrap_or_default();
    for name in servers.iter().filter(|name| !known.contains(&name.as_str())) {
        let message = format!("the view `{}` names the server `{name}`, which is not under `servers`", entry.key);
        section.problem("servers", Code::ConfigInvalidValue, message, format!("known servers: {}", known.join(", ")));
    }
    let showing = showing(&mut section);
    let view = ViewSettings {
        tools: globs(&mut section, "tools"),
        prompts: globs(&mut section, "prompts"),
        resources: globs(&mut section, "resources"),
        deny: globs(&mut section, "deny"),
        rename: renames(&mut section),
        own_names: own_names(&mut section, &servers),
        showing,
        context: context::config::read(problems, &mut section, showing.family).map(Arc::new),
        plans: section.boolean("plans"),
        servers,
    };
    section.finish();
    Some(view)
}

/// Reads the entry of the view of everything, which selects nothing.
pub(super) fn read_all(problems: &Problems, file: &str, entry: &Entry) -> Option<ViewSettings> {
    let mut section = Section::new(problems, file, &format!("views.{}", entry.key), &entry.node)?;
    let showing = showing(&mut section);
    let view = ViewSettings {
        showing,
        context: context::config::read(problems, &mut section, showing.family).map(Arc::new),
        plans: section.boolean("plans"),
        ..ViewSettings::default()
    };
    section.finish();
    Some(view)
}

fn showing(section: &mut Section<'_>) -> Showing {
    let usual = Showing::default();
    Showing {
        mode: section.choice("mode", &MODES).unwrap_or(usual.mode),
        threshold: section
            .integer("threshold", 0..=10_000_000)
            .map_or(usual.threshold, |tokens| usize::try_from(tokens).unwrap_or(0)),
        family: section.choice("tokens", &FAMILIES).unwrap_or(usual.family),
    }
}

/// Names without a prefix are unique only where there is one upstream, so several cannot share such a view.
fn own_names(section: &mut Section<'_>, servers: &[String]) -> bool {
    let own = section.choice("names", &[("prefixed", false), ("own", true)]).unwrap_or(false);
    if own && servers.len() != 1 {
        let message = format!("`{}` shows servers under their own names, which works for one server", section.path());
        let next = "name that one server under `servers`, or leave `names` out".to_owned();
        section.problem("names", Code::ConfigNameClash, message, next);
    }
    own
}

fn globs(section: &mut Section<'_>, key: &'static str) -> Vec<GlobMatcher> {
    let mut matchers = Vec::new();
    for pattern in section.texts(key).unwrap_or_default() {
        match Glob::new(&pattern) {
            Ok(glob) => matchers.push(glob.compile_matcher()),
            Err(error) => {
                let message = format!("the pattern `{pattern}` cannot be read: {}", error.kind());
                let next = "use `*` for any characters, `?` for one, `{a,b}` for either".to_owned();
                section.problem(key, Code::ConfigInvalidValue, message, next);
            }
        }
    }
    matchers
}

fn renames(section: &mut Section<'_>) -> Vec<Rename> {
    let pairs = section.text_map("rename").unwrap_or_default();
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    for (from, to) in &pairs {
        if !naming::is_tool_name(to) {
            let message = format!("the name `{to}` for `{from}` is none that clients take");
            let next = "use at most 64 letters, digits, `_` and `-`".to_owned();
            section.problem("rename", Code::ConfigNameInvalid, message, next);
        }
        if let Some(other) = taken.insert(to, from) {
            let message = format!("`{other}` and `{from}` would both be named `{to}`");
            section.problem("rename", Code::ConfigNameClash, message, "give one of them another name".to_owned());
        }
    }
    pairs.into_iter().map(|(from, to)| Rename { from, to }).collect()
}

/// The error for a rename whose new name is another tool's.
pub(crate) fn clash(view: &str, to: &str, from: &str, other: &str) -> Error {
    Error::new(
        Code::ConfigNameClash,
        format!(
            "in the view `{view}`, `{from}` is renamed to `{to}`, which is the name of `{other}`; neither is served"
        ),
        format!("choose another name under `views.{view}.rename`"),
    )
}
