//! A plan as SVG. No script, no style sheet, no address: it can be put into any page.

use super::layers;
use super::layout::{self, Block, Placed, TITLE, WORD};
use crate::definition::Action;
use crate::effect::Effect;
use crate::plan::Plan;
use std::fmt::Write;

/// Around the whole picture.
const MARGIN: f64 = 24.0;
const FONT: &str = "font-family=\"ui-sans-serif, system-ui, sans-serif\"";

/// A plan as an SVG picture.
pub fn svg(plan: &Plan) -> String {
    let roots: Vec<usize> = plan.roots().collect();
    let block = layout::block(plan, &roots);
    let (width, height) = (block.width + 2.0 * MARGIN, block.height + 2.0 * MARGIN);
    let mut text = String::new();
    // Writing to a text does not fail.
    let _ = writeln!(
        text,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\" {FONT} font-size=\"13\">"
    );
    let _ = writeln!(text, "<title>{}</title>", safe(plan.name()));
    let _ = writeln!(
        text,
        "<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#64748b\"/></marker></defs>"
    );
    draw(plan, &block, MARGIN, MARGIN, 0, &mut text);
    text.push_str("</svg>\n");
    text
}

fn draw(plan: &Plan, block: &Block, left: f64, top: f64, depth: usize, text: &mut String) {
    for line in &block.lines {
        let dashed = if layers::is_failure(plan, line.from, line.on) { " stroke-dasharray=\"5 4\"" } else { "" };
        let _ = writeln!(
            text,
            "<path d=\"{}\" fill=\"none\" stroke=\"#64748b\" stroke-width=\"1.5\"{dashed} marker-end=\"url(#tip)\"/>",
            path(&line.points, left, top)
        );
    }
    for placed in &block.boxes {
        step(plan, placed, left + placed.x, top + placed.y, depth, text);
    }
}

fn step(plan: &Plan, placed: &Placed, x: f64, y: f64, depth: usize, text: &mut String) {
    let Some(planned) = plan.steps().get(placed.step) else { return };
    let (name, what) = layout::lines(plan, placed.step);
    let holds = !placed.branches.is_empty();
    let fill = match (holds, depth % 2) {
        (false, _) => "#ffffff",
        (true, 0) => "#f1f5f9",
        (true, _) => "#e2e8f0",
    };
    let round = if matches!(planned.step.action, Action::Gate(_) | Action::Wait(_)) { 20 } else { 6 };
    let (width, height) = (placed.width, placed.height);
    let _ = writeln!(
        text,
        "<g><title>{}: {} ({})</title>",
        safe(&name),
        planned.effect.word(),
        safe(&planned.effect_reason)
    );
    let _ = writeln!(
        text,
        "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"{round}\" fill=\"{fill}\" stroke=\"{}\" stroke-width=\"1.5\"/>",
        colour(planned.effect)
    );
    let middle = x + width / 2.0;
    let _ = writeln!(
        text,
        "<text x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-weight=\"600\" fill=\"#0f172a\">{}</text>",
        y + 19.0,
        safe(&name)
    );
    let _ = writeln!(
        text,
        "<text x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-size=\"11\" fill=\"#475569\">{}</text>",
        y + 35.0,
        safe(&what)
    );
    for (word, dx, dy, inner) in &placed.branches {
        if let Some(word) = word {
            let (at, line) = (x + dx + inner.width / 2.0, y + TITLE + WORD - 8.0);
            let _ = writeln!(
                text,
                "<text x=\"{at:.1}\" y=\"{line:.1}\" text-anchor=\"middle\" font-size=\"11\" font-style=\"italic\" fill=\"#475569\">{}</text>",
                safe(word)
            );
        }
        draw(plan, inner, x + dx, y + dy, depth + 1, text);
    }
    text.push_str("</g>\n");
}

/// What a step may do shows in its rim.
const fn colour(effect: Effect) -> &'static str {
    match effect {
        Effect::Pure => "#94a3b8",
        Effect::Read => "#2563eb",
        Effect::Idempotent => "#d97706",
        Effect::Unsafe => "#dc2626",
    }
}

/// A smooth line through points from the top to the bottom.
fn path(points: &[(f64, f64)], left: f64, top: f64) -> String {
    let mut drawn = String::new();
    let mut last: Option<(f64, f64)> = None;
    for (x, y) in points.iter().map(|(x, y)| (x + left, y + top)) {
        let _ = match last {
            None => write!(drawn, "M{x:.1} {y:.1}"),
            Some((from, above)) => {
                let half = (above + y) / 2.0;
                write!(drawn, "C{from:.1} {half:.1} {x:.1} {half:.1} {x:.1} {y:.1}")
            }
        };
        last = Some((x, y));
    }
    drawn
}

/// A text that is no markup, without characters that XML has not.
fn safe(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for one in text.chars().filter(|one| !one.is_control() && !matches!(one, '\u{fffe}' | '\u{ffff}')) {
        match one {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '"' => safe.push_str("&quot;"),
            other => safe.push(other),
        }
    }
    safe
}
