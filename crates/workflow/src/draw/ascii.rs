//! A plan as text: stages from the top to the bottom; what stands in one stage may run at once.

use super::layers;
use crate::plan::Plan;
use crate::words;
use std::fmt::Write;

/// A plan as text, for terminals.
pub fn ascii(plan: &Plan) -> String {
    let mut rows = Vec::new();
    let roots: Vec<usize> = plan.roots().collect();
    list(plan, &roots, "", &mut rows);
    let width = |column: fn(&Row) -> &str| rows.iter().map(|row| column(row).chars().count()).max().unwrap_or(0);
    let (names, whats) = (width(|row| &row.name), width(|row| &row.what));
    let mut text = format!("{}\n", plan.name());
    for row in &rows {
        let line = match row.effect {
            Some(effect) => format!("{:names$}  {:whats$}  {effect:<10}  {}", row.name, row.what, row.after),
            None => row.name.clone(),
        };
        // Writing to a text does not fail.
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

struct Row {
    name: String,
    what: String,
    effect: Option<&'static str>,
    after: String,
}

fn list(plan: &Plan, steps: &[usize], margin: &str, rows: &mut Vec<Row>) {
    let layers = layers::of(plan, steps);
    for (number, layer) in layers.layers.iter().enumerate() {
        let last = layer.len().saturating_sub(1);
        for (index, place) in layer.iter().enumerate() {
            let Some(planned) = plan.steps().get(*place) else { continue };
            let mark = match (index, last) {
                (_, 0) => "─",
                (0, _) => "┬",
                (at, last) if at == last => "└",
                _ => "├",
            };
            let stage = if index == 0 { format!("{:>2}", number + 1) } else { "  ".to_owned() };
            let named = |place: &usize| plan.steps().get(*place).map_or("", |planned| planned.step.name.as_str());
            let waits: Vec<&str> = layers.waits.get(place).into_iter().flatten().map(named).collect();
            let failure = layers.waits.get(place).into_iter().flatten().any(|on| layers::is_failure(plan, *place, *on));
            let after = match (waits.is_empty(), failure) {
                (true, _) => String::new(),
                (false, true) => format!("if failed: {}", waits.join(", ")),
                (false, false) => format!("after {}", waits.join(", ")),
            };
            let marks = words::marks(planned);
            let marks = if marks.is_empty() { String::new() } else { format!(" [{}]", marks.join(", ")) };
            rows.push(Row {
                name: format!("{margin}{stage} {mark} {}", planned.step.name),
                what: words::cut(&format!("{}{marks}", words::action(&planned.step)), 60),
                effect: Some(planned.effect.word()),
                after,
            });
            for branch in &planned.branches {
                let inner = format!("{margin}   │ ");
                if let Some(case) = words::case(&branch.case) {
                    rows.push(Row {
                        name: format!("{margin}   │ {case}:"),
                        what: String::new(),
                        effect: None,
                        after: String::new(),
                    });
                }
                list(plan, &branch.steps, &inner, rows);
            }
        }
    }
}
