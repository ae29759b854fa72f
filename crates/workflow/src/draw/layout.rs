//! Where everything stands in a picture: layers from the top to the bottom, few crossings.

use super::layers::{self, Layers};
use crate::plan::Plan;
use crate::words;
use std::collections::BTreeMap;

/// How wide one character is, in pixels.
const CHARACTER: f64 = 7.4;
/// Between two boxes of a layer, and between the rim of a box and what is in it.
pub(super) const GAP: f64 = 18.0;
/// Between two layers.
const LAYER: f64 = 44.0;
/// The height of a box with two lines of text.
const BOX: f64 = 46.0;
/// The height of the title of a box with others in it.
pub(super) const TITLE: f64 = 42.0;
/// The height of the word above a branch.
pub(super) const WORD: f64 = 20.0;
/// The width of an edge that passes a layer.
const LANE: f64 = 10.0;
/// More passing edges than this are drawn straight.
const LANES: usize = 4_000;
/// How often layers are put in order by their neighbours.
const SWEEPS: usize = 6;

/// A rectangle with a step in it.
pub(super) struct Placed {
    pub(super) step: usize,
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
    /// The branches within, each with its word and where it begins in the box.
    pub(super) branches: Vec<(Option<String>, f64, f64, Block)>,
}

/// An edge as points from the top to the bottom.
pub(super) struct Line {
    pub(super) from: usize,
    pub(super) on: usize,
    pub(super) points: Vec<(f64, f64)>,
}

/// Steps beside each other, laid out.
pub(super) struct Block {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) boxes: Vec<Placed>,
    pub(super) lines: Vec<Line>,
}

/// What stands in a layer: a step, or an edge that passes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Item {
    Step(usize),
    Lane(usize),
}

/// Lays out steps that stand beside each other. Steps within each other are few levels deep, so this may recurse.
pub(super) fn block(plan: &Plan, steps: &[usize]) -> Block {
    let found = layers::of(plan, steps);
    let mut boxes: BTreeMap<usize, Placed> =
        steps.iter().filter_map(|place| Some((*place, sized(plan, *place)?))).collect();
    let (mut rows, routes) = rows(&found);
    sweep(&mut rows, &routes);
    let width = |item: &Item| match item {
        Item::Step(step) => boxes.get(step).map_or(0.0, |placed| placed.width),
        Item::Lane(_) => LANE,
    };
    let wide = |row: &Vec<Item>| row.iter().map(|item| width(item) + GAP).sum::<f64>() - GAP;
    let whole = rows.iter().map(wide).fold(0.0, f64::max);
    let mut at: BTreeMap<(usize, Item), f64> = BTreeMap::new();
    for (number, row) in rows.iter().enumerate() {
        let mut x = (whole - wide(row)) / 2.0;
        for item in row {
            at.insert((number, *item), x + width(item) / 2.0);
            x += width(item) + GAP;
        }
    }
    let (tops, height) = tops(&rows, &boxes);
    for (number, row) in rows.iter().enumerate() {
        for item in row {
            let Item::Step(step) = item else { continue };
            if let Some(placed) = boxes.get_mut(step) {
                placed.x = at.get(&(number, *item)).copied().unwrap_or(0.0) - placed.width / 2.0;
                placed.y = tops.get(number).copied().unwrap_or(0.0);
            }
        }
    }
    let lines = routes.iter().enumerate().map(|(lane, route)| line(lane, route, &boxes, &at, &tops)).collect();
    Block { width: whole, height, boxes: boxes.into_values().collect(), lines }
}

/// How large a step is.
fn sized(plan: &Plan, place: usize) -> Option<Placed> {
    let planned = plan.steps().get(place)?;
    let (name, what) = lines(plan, place);
    let text = (name.chars().count().max(what.chars().count())) as f64 * CHARACTER + 2.0 * GAP;
    let mut branches = Vec::new();
    let (mut x, mut tallest) = (GAP, 0.0_f64);
    for branch in &planned.branches {
        let inner = block(plan, &branch.steps);
        let word = words::case(&branch.case);
        let head = if word.is_some() { WORD } else { 0.0 };
        let named = word.as_ref().map_or(0.0, |word| word.chars().count() as f64 * CHARACTER);
        let wide = inner.width.max(named);
        tallest = tallest.max(inner.height + head);
        let offset = x + (wide - inner.width) / 2.0;
        x += wide + GAP;
        branches.push((word, offset, TITLE + head, inner));
    }
    let (width, height) = if branches.is_empty() { (text, BOX) } else { (text.max(x), TITLE + tallest + GAP) };
    // A narrow branch stands in the middle of a wide title.
    let spare = if branches.is_empty() { 0.0 } else { (width - x).max(0.0) / 2.0 };
    branches.iter_mut().for_each(|branch| branch.1 += spare);
    Some(Placed { step: place, x: 0.0, y: 0.0, width, height, branches })
}

/// The two lines of text of a step.
pub(super) fn lines(plan: &Plan, place: usize) -> (String, String) {
    let Some(planned) = plan.steps().get(place) else { return Default::default() };
    let marks = words::marks(planned);
    let what = words::action(&planned.step);
    let what = if marks.is_empty() { what } else { format!("{what}, {}", marks.join(", ")) };
    (words::cut(&planned.step.name, 40), words::cut(&what, 48))
}

/// An edge: from the step that is waited for, through layers, to the step that waits.
struct Route {
    on: (usize, usize),
    from: (usize, usize),
}

/// The layers with the edges that pass them, and all edges.
fn rows(found: &Layers) -> (Vec<Vec<Item>>, Vec<Route>) {
    let mut rows: Vec<Vec<Item>> =
        found.layers.iter().map(|layer| layer.iter().map(|step| Item::Step(*step)).collect()).collect();
    let places =
        found.layers.iter().enumerate().flat_map(|(number, layer)| layer.iter().map(move |step| (*step, number)));
    let depth: BTreeMap<usize, usize> = places.collect();
    let all = found.waits.iter().flat_map(|(from, waits)| waits.iter().map(move |on| (*from, *on)));
    let all: Vec<Route> = all
        .filter_map(|(from, on)| Some(Route { on: (on, *depth.get(&on)?), from: (from, *depth.get(&from)?) }))
        .collect();
    let passing: usize = all.iter().map(|route| route.from.1.saturating_sub(route.on.1 + 1)).sum();
    for (lane, route) in all.iter().enumerate().filter(|_| passing <= LANES) {
        for row in rows.iter_mut().take(route.from.1).skip(route.on.1 + 1) {
            row.push(Item::Lane(lane));
        }
    }
    (rows, all)
}

/// Puts each layer in the order of what its items are joined to, down and up again.
fn sweep(rows: &mut [Vec<Item>], routes: &[Route]) {
    let mut above: BTreeMap<(usize, Item), Vec<Item>> = BTreeMap::new();
    let mut below: BTreeMap<(usize, Item), Vec<Item>> = BTreeMap::new();
    let laned = rows.iter().flatten().any(|item| matches!(item, Item::Lane(_)));
    for (lane, route) in routes.iter().enumerate().filter(|(_, route)| laned || route.from.1 == route.on.1 + 1) {
        let item = |row: usize| match row {
            row if row == route.on.1 => Item::Step(route.on.0),
            row if row == route.from.1 => Item::Step(route.from.0),
            _ => Item::Lane(lane),
        };
        for row in route.on.1..route.from.1 {
            below.entry((row, item(row))).or_default().push(item(row + 1));
            above.entry((row + 1, item(row + 1))).or_default().push(item(row));
        }
    }
    for round in 0..SWEEPS {
        let down = round % 2 == 0;
        for step in 1..rows.len() {
            let row = if down { step } else { rows.len() - 1 - step };
            let (neighbour, joined) = if down { (row.wrapping_sub(1), &above) } else { (row + 1, &below) };
            let places: BTreeMap<Item, usize> =
                rows.get(neighbour).into_iter().flatten().enumerate().map(|(place, item)| (*item, place)).collect();
            let Some(own) = rows.get_mut(row) else { continue };
            let weight = |place: usize, item: &Item| {
                let near = joined.get(&(row, *item)).into_iter().flatten().filter_map(|item| places.get(item));
                let (sum, count) = near.fold((0_usize, 0_usize), |(sum, count), place| (sum + place, count + 1));
                // What is joined to nothing stays where it is.
                if count == 0 { place as f64 } else { sum as f64 / count as f64 }
            };
            let mut weighed: Vec<(f64, Item)> =
                own.iter().enumerate().map(|(place, item)| (weight(place, item), *item)).collect();
            weighed.sort_by(|one, other| one.0.total_cmp(&other.0));
            *own = weighed.into_iter().map(|(_, item)| item).collect();
        }
    }
}

/// Where each layer begins, and how high all are together.
fn tops(rows: &[Vec<Item>], boxes: &BTreeMap<usize, Placed>) -> (Vec<f64>, f64) {
    let mut tops = Vec::with_capacity(rows.len());
    let mut y = 0.0;
    for row in rows {
        tops.push(y);
        let height = |item: &Item| match item {
            Item::Step(step) => boxes.get(step).map_or(0.0, |placed| placed.height),
            Item::Lane(_) => 0.0,
        };
        y += row.iter().map(height).fold(0.0, f64::max) + LAYER;
    }
    (tops, (y - LAYER).max(0.0))
}

fn line(
    lane: usize,
    route: &Route,
    boxes: &BTreeMap<usize, Placed>,
    at: &BTreeMap<(usize, Item), f64>,
    tops: &[f64],
) -> Line {
    let middle = |row: usize, item: Item| at.get(&(row, item)).copied();
    let mut points = Vec::new();
    if let Some(placed) = boxes.get(&route.on.0) {
        points.push((placed.x + placed.width / 2.0, placed.y + placed.height));
    }
    for row in route.on.1 + 1..route.from.1 {
        let Some(x) = middle(row, Item::Lane(lane)) else { continue };
        // Past the boxes of the layer, straight down.
        let top = tops.get(row).copied().unwrap_or(0.0);
        let bottom = tops.get(row + 1).map_or(top, |next| next - LAYER);
        points.extend([(x, top), (x, bottom.max(top))]);
    }
    if let Some(placed) = boxes.get(&route.from.0) {
        points.push((placed.x + placed.width / 2.0, placed.y));
    }
    Line { from: route.from.0, on: route.on.0, points }
}
