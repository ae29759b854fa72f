//! Golden files: what a command printed when somebody last looked at it.
//!
//! `TUTTI_UPDATE_SNAPSHOTS=1` writes them anew; look at the difference before it is committed.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// How many lines around a difference are shown.
const CONTEXT: usize = 3;

/// Golden files that are compared one by one; all differences are told at the end.
pub(super) struct Snapshots {
    update: bool,
    problems: Vec<String>,
}

/// The folder of the golden files.
pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../e2e/snapshots")
}

impl Snapshots {
    pub(super) fn open() -> Self {
        let update = std::env::var_os("TUTTI_UPDATE_SNAPSHOTS").is_some_and(|value| value == "1");
        Self { update, problems: Vec::new() }
    }

    /// Compares `text` with the golden file `name`, which is a path below the folder.
    pub(super) fn compare(&mut self, name: &str, text: &str) {
        let path = folder().join(name);
        let text = format!("{}\n", text.trim_end());
        let golden = std::fs::read_to_string(&path).unwrap_or_default();
        if golden == text {
            return;
        }
        if self.update {
            std::fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("a folder can be made");
            std::fs::write(&path, text).expect("a golden file can be written");
            return;
        }
        self.problems.push(format!("{name} is not what it was:\n{}", difference(&golden, &text)));
    }

    /// Tells all differences.
    #[track_caller]
    pub(super) fn finish(self) {
        let all = self.problems.join("\n");
        assert!(
            all.is_empty(),
            "\n{all}\nIf this is meant: TUTTI_UPDATE_SNAPSHOTS=1 cargo test -p tutti --test e2e commands"
        );
    }
}

/// The lines that differ, with some around them: `-` is the golden file, `+` what was printed now.
fn difference(old: &str, new: &str) -> String {
    let lines = marked(&old.lines().collect::<Vec<_>>(), &new.lines().collect::<Vec<_>>());
    let near = |index: usize| {
        let around = index.saturating_sub(CONTEXT)..lines.len().min(index + CONTEXT + 1);
        lines[around].iter().any(|(mark, _)| *mark != ' ')
    };
    let mut out = String::new();
    let mut skipped = false;
    for (index, (mark, line)) in lines.iter().enumerate() {
        if !near(index) {
            skipped = true;
            continue;
        }
        if std::mem::take(&mut skipped) {
            out.push_str("  …\n");
        }
        let _ = writeln!(out, "  {mark}{line}");
    }
    out
}

/// All lines of both texts, with `-`, `+` or a space in front, by their longest common part.
fn marked<'l>(old: &[&'l str], new: &[&'l str]) -> Vec<(char, &'l str)> {
    let mut common = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for (row, left) in old.iter().enumerate().rev() {
        for (column, right) in new.iter().enumerate().rev() {
            common[row][column] = if left == right {
                common[row + 1][column + 1] + 1
            } else {
                common[row + 1][column].max(common[row][column + 1])
            };
        }
    }
    let (mut row, mut column, mut lines) = (0, 0, Vec::new());
    while row < old.len() || column < new.len() {
        if row < old.len() && column < new.len() && old[row] == new[column] {
            lines.push((' ', old[row]));
            (row, column) = (row + 1, column + 1);
        } else if column == new.len() || (row < old.len() && common[row + 1][column] >= common[row][column + 1]) {
            lines.push(('-', old[row]));
            row += 1;
        } else {
            lines.push(('+', new[column]));
            column += 1;
        }
    }
    lines
}
