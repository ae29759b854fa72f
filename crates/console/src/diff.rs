//! What differs between two texts, line by line, in the unified form that `diff -u` and git print.

/// Lines around a difference that are shown.
pub const CONTEXT: usize = 3;

/// Above this many pairs of lines the middle is shown as removed and added whole: the table would take too long.
const PAIRS: usize = 4 << 20;

/// One line of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// `+`, `-`, a space, `@` before a group, or `\` for a note.
    pub mark: char,
    /// The line itself, or what the mark says.
    pub text: String,
}

/// The difference, with `context` unchanged lines around each change. Nothing where there is none.
pub fn unified(before: &str, after: &str, context: usize) -> Vec<Line> {
    let (old, new) = (lines(before), lines(after));
    let steps = steps(&old, &new);
    let mut out = Vec::new();
    let mut index = 0;
    while let Some(first) = steps[index..].iter().position(|step| step.mark != ' ').map(|found| found + index) {
        let end = end_of_group(&steps, first, context);
        let start = first.saturating_sub(context).max(index);
        let group = &steps[start..end];
        out.push(Line { mark: '@', text: heading(&steps[..start], group) });
        for step in group {
            out.push(Line { mark: step.mark, text: step.line.trim_end_matches('\n').to_owned() });
            if !step.line.ends_with('\n') {
                out.push(Line { mark: '\\', text: " No newline at end of file".to_owned() });
            }
        }
        index = end;
    }
    out
}

/// A line that is kept, removed or added.
struct Step<'t> {
    mark: char,
    line: &'t str,
}

/// Lines with their ends, so that a missing last end counts.
fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// Where the group ends that begins at `first`: changes that are nearer than twice the context belong together.
fn end_of_group(steps: &[Step<'_>], first: usize, context: usize) -> usize {
    let mut last = first;
    for (index, step) in steps.iter().enumerate().skip(first) {
        if step.mark != ' ' {
            last = index;
        } else if index - last > 2 * context {
            break;
        }
    }
    (last + 1 + context).min(steps.len())
}

fn heading(passed: &[Step<'_>], group: &[Step<'_>]) -> String {
    let count = |steps: &[Step<'_>], other: char| steps.iter().filter(|step| step.mark != other).count();
    let range = |other: char| {
        let length = count(group, other);
        // A range without lines names the line before it.
        let start = count(passed, other) + usize::from(length > 0);
        if length == 1 { start.to_string() } else { format!("{start},{length}") }
    };
    format!("@@ -{} +{} @@", range('+'), range('-'))
}

fn steps<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<Step<'t>> {
    let same = |(left, right): &(&&str, &&str)| left == right;
    let head = old.iter().zip(new).take_while(same).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(same).count();
    let mut steps: Vec<Step<'t>> = old[..head].iter().map(|&line| Step { mark: ' ', line }).collect();
    middle(&old[head..old.len() - tail], &new[head..new.len() - tail], &mut steps);
    steps.extend(old[old.len() - tail..].iter().map(|&line| Step { mark: ' ', line }));
    steps
}

/// The longest common subsequence of lines stays; the rest is removed or added.
fn middle<'t>(old: &[&'t str], new: &[&'t str], steps: &mut Vec<Step<'t>>) {
    let remove = |line: &&'t str| Step { mark: '-', line };
    let add = |line: &&'t str| Step { mark: '+', line };
    if old.len().saturating_mul(new.len()) > PAIRS {
        steps.extend(old.iter().map(remove));
        steps.extend(new.iter().map(add));
        return;
    }
    // `common[left][right]` is the length of the longest subsequence that old[left..] and new[right..] share.
    let mut common = vec![vec![0_u32; new.len() + 1]; old.len() + 1];
    for left in (0..old.len()).rev() {
        for right in (0..new.len()).rev() {
            common[left][right] = if old[left] == new[right] {
                common[left + 1][right + 1] + 1
            } else {
                common[left + 1][right].max(common[left][right + 1])
            };
        }
    }
    let (mut left, mut right) = (0, 0);
    while left < old.len() || right < new.len() {
        if left < old.len() && right < new.len() && old[left] == new[right] {
            steps.push(Step { mark: ' ', line: old[left] });
            (left, right) = (left + 1, right + 1);
        } else if right == new.len() || (left < old.len() && common[left + 1][right] >= common[left][right + 1]) {
            steps.push(remove(&old[left]));
            left += 1;
        } else {
            steps.push(add(&new[right]));
            right += 1;
        }
    }
}

#[cfg(test)]
mod tests;
