//! Which modules of its crate a module's code refers to.

use crate::repository::{File, Repository};
use crate::source::{body_start, closing, is_name, leading_name, words};
use std::collections::{BTreeMap, BTreeSet};

/// A module, from the root of its crate; the root is empty.
pub(super) type Path = Vec<String>;

/// The modules of one crate and what their `use` lines bring into them.
pub(super) struct Modules<'a> {
    files: BTreeMap<Path, &'a File>,
    /// What a name in a module stands for: by `use crate::a::B` in `c`, the name `B` in `c` is `a::B`.
    names: BTreeMap<(Path, String), Path>,
}

/// A path as it was written, whose first part may be `crate`, `self` or `super`.
struct Written {
    parts: Path,
    /// The name it has in the module, by `as` or as its last part.
    name: String,
    offset: usize,
}

/// `pub use` can lead from module to module; nobody goes further than this.
const MOST_STEPS: usize = 8;

impl<'a> Modules<'a> {
    /// The modules of the crate in `folder`: one for each file that is no test and no binary of its own.
    pub(super) fn of_crate(repository: &'a Repository, folder: &str) -> Self {
        let source = format!("{folder}/src/");
        let files = repository.rust().filter(|file| !file.path.ends_with("tests.rs") && !file.path.contains("/tests/"));
        let files = files.filter_map(|file| Some((module_of(file.path.strip_prefix(&source)?)?, file)));
        let mut modules = Self { files: files.collect(), names: BTreeMap::new() };
        modules.names = modules.names_of_all();
        modules
    }

    /// Each module with its file.
    pub(super) fn files(&self) -> impl Iterator<Item = (&Path, &File)> {
        self.files.iter().map(|(path, file)| (path, *file))
    }

    /// The modules that `code` of the module `from` refers to, each with the offset of the path.
    pub(super) fn references(&self, from: &Path, code: &str) -> Vec<(Path, usize)> {
        let uses = use_lines(code);
        let in_use = |offset: usize| uses.iter().any(|(start, end)| (*start..*end).contains(&offset));
        let mut written: Vec<_> = uses.iter().flat_map(|&(start, end)| tree(code, start, end)).collect();
        for head in ["crate", "super", "self"] {
            for at in words(code, head).filter(|&at| !in_use(at) && is_head(code, at, head)) {
                written.extend(tree(code, at, code.len()).into_iter().next());
            }
        }
        let inner = inner_modules(code);
        let absolute = written.iter().filter_map(|path| {
            let home = home_of(from, &inner, path.offset);
            Some((self.absolute(&home, &path.parts)?, path.offset))
        });
        absolute.map(|(path, offset)| (self.module_at(&path), offset)).collect()
    }

    fn names_of_all(&self) -> BTreeMap<(Path, String), Path> {
        let mut names = BTreeMap::new();
        for (module, file) in &self.files {
            let code = &file.source.production;
            for written in use_lines(code).into_iter().flat_map(|(start, end)| tree(code, start, end)) {
                if let Some(path) = self.absolute(module, &written.parts) {
                    names.insert((module.clone(), written.name), path);
                }
            }
        }
        names
    }

    /// The path from the root of the crate; nothing if it leads to another crate.
    fn absolute(&self, home: &[String], parts: &[String]) -> Option<Path> {
        let (first, rest) = parts.split_first()?;
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" => self.absolute_below(home, rest),
            "super" => self.absolute_below(home.split_last()?.1, rest),
            name => {
                let child: Path = home.iter().cloned().chain([name.to_owned()]).collect();
                self.files.contains_key(&child).then(|| child.iter().chain(rest).cloned().collect())
            }
        }
    }

    /// Goes on after `self` or `super`: another `super` leads one further up.
    fn absolute_below(&self, home: &[String], rest: &[String]) -> Option<Path> {
        match rest.first().map(String::as_str) {
            Some("super") => self.absolute(home, rest),
            _ => Some(home.iter().chain(rest).cloned().collect()),
        }
    }

    /// The module in which the thing at `path` stands. A name that a `use` line brought to a module is followed to
    /// where it came from: who takes `crate::Error` needs the module that defines it, not the root.
    fn module_at(&self, path: &[String]) -> Path {
        let mut path = path.to_vec();
        for _ in 0..MOST_STEPS {
            let depth = (0..=path.len()).rev().find(|&depth| self.files.contains_key(&path[..depth])).unwrap_or(0);
            let module = path[..depth].to_vec();
            let Some(name) = path.get(depth) else { return module };
            match self.names.get(&(module.clone(), name.clone())) {
                Some(origin) => path = origin.iter().chain(&path[depth + 1..]).cloned().collect(),
                None => return module,
            }
        }
        path
    }
}

/// The module of a file below `src/`; nothing for a binary of its own.
fn module_of(path: &str) -> Option<Path> {
    let path = path.strip_suffix(".rs")?;
    match path {
        "lib" | "main" => Some(Vec::new()),
        _ if path.starts_with("bin/") => None,
        _ => Some(path.split('/').map(str::to_owned).collect()),
    }
}

/// The paths of all `use` lines, as offsets from after `use` to the semicolon.
fn use_lines(code: &str) -> Vec<(usize, usize)> {
    let starts = words(code, "use").map(|at| at + "use".len());
    // In `impl Trait + use<'a>` it is no import.
    let starts = starts.filter(|&start| !code[start..].trim_start().starts_with('<'));
    starts.filter_map(|start| Some((start, start + code[start..].find(';')?))).collect()
}

/// Whether a path begins with the word at `at`. `pub(in crate::a)` says who may see something, and `a::self` is no head.
fn is_head(code: &str, at: usize, head: &str) -> bool {
    let before = code[..at].trim_end();
    code[at + head.len()..].starts_with("::") && !before.ends_with("(in") && !before.ends_with("::")
}

/// The paths of the import tree that begins at `start`: `a::{b, c::D as E}` has `a::b` and `a::c::D`.
fn tree(code: &str, start: usize, end: usize) -> Vec<Written> {
    let mut found = Vec::new();
    branch(code, start, end, &Vec::new(), &mut found);
    found
}

/// Reads one branch and gives the offset after it.
fn branch(code: &str, start: usize, end: usize, above: &Path, found: &mut Vec<Written>) -> usize {
    let mut parts = above.clone();
    let mut at = start;
    loop {
        at = skip_spaces(code, at, end);
        if code[at..end].starts_with('{') {
            return branches(code, at + 1, end, &parts, found);
        }
        let name = leading_name(&code[at..end]);
        // `a::{self}` is `a` itself; at the head, `self` is a part like others.
        if !name.is_empty() && (name != "self" || above.is_empty()) {
            parts.push(name.to_owned());
        }
        at = skip_spaces(code, at + name.len(), end);
        if !code[at..end].starts_with("::") {
            break;
        }
        at += 2;
    }
    let alias = code[at..end].strip_prefix("as ").map(leading_name);
    let name = alias.or(parts.last().map(String::as_str)).unwrap_or_default().to_owned();
    found.push(Written { parts, name, offset: skip_spaces(code, start, end) });
    at + code[at..end].find([',', '}']).unwrap_or(end - at)
}

/// Reads the branches between braces and gives the offset after the closing one.
fn branches(code: &str, start: usize, end: usize, above: &Path, found: &mut Vec<Written>) -> usize {
    let mut at = skip_spaces(code, start, end);
    while at < end && !code[at..end].starts_with('}') {
        at = skip_spaces(code, branch(code, at, end, above, found), end);
        if code[at..end].starts_with(',') {
            at = skip_spaces(code, at + 1, end);
        }
    }
    (at + 1).min(end)
}

fn skip_spaces(code: &str, at: usize, end: usize) -> usize {
    at + code[at..end].len() - code[at..end].trim_start().len()
}

/// The modules that stand within the file, each with where its body begins and ends.
fn inner_modules(code: &str) -> BTreeSet<(usize, usize, String)> {
    let declared = words(code, "mod").filter_map(|at| {
        let name = leading_name(&code[at + "mod".len()..]);
        let open = body_start(code, at)?;
        // `mod` in front of something else than a name and a brace is part of a macro.
        let between = code[at + "mod".len()..open].trim();
        (between == name && between.chars().all(is_name)).then(|| (open, closing(code, open), name.to_owned()))
    });
    declared.collect()
}

/// The module of the code at `offset`: that of the file, or one within it.
fn home_of(file: &Path, inner: &BTreeSet<(usize, usize, String)>, offset: usize) -> Path {
    let around = inner.iter().filter(|(start, end, _)| (*start..*end).contains(&offset));
    file.iter().cloned().chain(around.map(|(_, _, name)| name.clone())).collect()
}
