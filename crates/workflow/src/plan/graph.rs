//! The order of steps, and steps that wait for each other.

use std::collections::{BTreeMap, BTreeSet};

/// Which steps wait for which, with why.
pub(super) type Edges<R> = BTreeMap<usize, BTreeMap<usize, BTreeSet<R>>>;

/// All `count` steps, each behind those that it waits for, and otherwise in the order of their places; or the circles of
/// steps that wait for each other, each beginning with its first step.
pub(super) fn order<R>(count: usize, edges: &Edges<R>) -> Result<Vec<usize>, Vec<Vec<usize>>> {
    let mut gone: BTreeSet<usize> = BTreeSet::new();
    let mut circles = Vec::new();
    loop {
        let order = sorted(count, edges, &gone);
        if order.len() + gone.len() == count {
            return if circles.is_empty() { Ok(order) } else { Err(circles) };
        }
        let left: BTreeSet<usize> = (0..count)
            .filter(|place| !gone.contains(place))
            .collect::<BTreeSet<_>>()
            .difference(&order.into_iter().collect())
            .copied()
            .collect();
        let circle = circle(edges, &left);
        if circle.is_empty() {
            return Err(circles);
        }
        gone.extend(&circle);
        circles.push(circle);
    }
}

/// The steps that can be put in order, but for those that are `gone`.
fn sorted<R>(count: usize, edges: &Edges<R>, gone: &BTreeSet<usize>) -> Vec<usize> {
    let mut left = vec![0_usize; count];
    let mut feeds: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (from, waits) in edges.iter().filter(|(from, _)| !gone.contains(from)) {
        for on in waits.keys().filter(|on| !gone.contains(on)) {
            if let Some(count) = left.get_mut(*from) {
                *count += 1;
            }
            feeds.entry(*on).or_default().push(*from);
        }
    }
    let free = |place: &usize| left.get(*place) == Some(&0) && !gone.contains(place);
    let mut ready: BTreeSet<usize> = (0..count).filter(free).collect();
    let mut order = Vec::with_capacity(count);
    while let Some(place) = ready.pop_first() {
        order.push(place);
        for next in feeds.get(&place).into_iter().flatten() {
            if let Some(count) = left.get_mut(*next) {
                *count -= 1;
                if *count == 0 {
                    ready.insert(*next);
                }
            }
        }
    }
    order
}

/// Steps among `left` that wait for each other in a circle, the first of them in front. Each of `left` waits for one of
/// them.
fn circle<R>(edges: &Edges<R>, left: &BTreeSet<usize>) -> Vec<usize> {
    let mut path: Vec<usize> = left.first().copied().into_iter().collect();
    let mut places: BTreeMap<usize, usize> = path.iter().map(|first| (*first, 0)).collect();
    while let Some(last) = path.last() {
        let next = edges.get(last).and_then(|waits| waits.keys().find(|on| left.contains(on)).copied());
        let Some(next) = next else { return Vec::new() };
        if let Some(begin) = places.get(&next) {
            let mut circle = path.split_off(*begin);
            let first = circle.iter().enumerate().min_by_key(|(_, place)| **place).map_or(0, |(index, _)| index);
            circle.rotate_left(first);
            return circle;
        }
        places.insert(next, path.len());
        path.push(next);
    }
    Vec::new()
}
