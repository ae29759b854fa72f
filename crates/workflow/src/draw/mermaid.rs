//! A plan in Mermaid's language, which documents and issue trackers draw.

use super::layers;
use crate::definition::Action;
use crate::plan::Plan;
use crate::words;
use std::fmt::Write;

/// A plan as a Mermaid flowchart.
pub fn mermaid(plan: &Plan) -> String {
    let mut text = String::from("flowchart TD\n");
    let roots: Vec<usize> = plan.roots().collect();
    list(plan, &roots, 1, &mut text);
    text
}

/// Steps within each other are few levels deep, so this may recurse. Writing to a text does not fail.
fn list(plan: &Plan, steps: &[usize], depth: usize, text: &mut String) {
    let margin = "  ".repeat(depth);
    let layers = layers::of(plan, steps);
    for place in layers.layers.iter().flatten() {
        let Some(planned) = plan.steps().get(*place) else { continue };
        let marks = words::marks(planned);
        let marks = if marks.is_empty() { String::new() } else { format!("<br/>{}", safe(&marks.join(", "))) };
        let label = format!("{}<br/>{}{marks}", safe(&planned.step.name), safe(&words::action(&planned.step)));
        if planned.branches.is_empty() {
            let (open, close) = match planned.step.action {
                Action::Gate(_) => ("{{\"", "\"}}"),
                Action::Wait(_) => ("([\"", "\"])"),
                _ => ("[\"", "\"]"),
            };
            let _ = writeln!(text, "{margin}s{place}{open}{label}{close}");
            continue;
        }
        let _ = writeln!(text, "{margin}subgraph s{place}[\"{label}\"]");
        for (number, branch) in planned.branches.iter().enumerate() {
            match words::case(&branch.case) {
                Some(case) => {
                    let _ = writeln!(text, "{margin}  subgraph s{place}b{number}[\"{}\"]", safe(&case));
                    list(plan, &branch.steps, depth + 2, text);
                    let _ = writeln!(text, "{margin}  end");
                }
                None => list(plan, &branch.steps, depth + 1, text),
            }
        }
        let _ = writeln!(text, "{margin}end");
    }
    for (place, waits) in &layers.waits {
        for on in waits {
            let arrow = if layers::is_failure(plan, *place, *on) { "-. on error .->" } else { "-->" };
            let _ = writeln!(text, "{margin}s{on} {arrow} s{place}");
        }
    }
}

/// A text that ends no label: Mermaid writes such characters as `#code;`.
fn safe(text: &str) -> String {
    let mut safe = String::new();
    for one in words::cut(text, 60).chars() {
        match one {
            '"' | '<' | '>' | '&' | '#' | ';' | '`' | '{' | '}' | '[' | ']' | '|' | '\\' => {
                let _ = write!(safe, "#{};", u32::from(one));
            }
            other => safe.push(other),
        }
    }
    safe
}
