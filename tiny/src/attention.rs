//! Attention of several heads, each token over itself and those before it, there and back.

use crate::batch::Batch;
use crate::matrix::{add_scaled, direction, dot, softmax};
use crate::shape::{ROTATION_BASE, Shape};
use std::ops::Range;

/// The cosine and the sine of each position and pair of numbers.
pub(crate) struct Rotations {
    pairs: usize,
    table: Vec<(f32, f32)>,
}

impl Rotations {
    /// Those of all positions of the context.
    pub(crate) fn new(shape: Shape) -> Self {
        let pairs = shape.head_width() / 2;
        // The base to the power of one part of `pairs`, a power of two: with roots alone, which all systems take alike.
        let step = (0..pairs.ilog2()).fold(f64::from(ROTATION_BASE), |base, _| base.sqrt());
        let mut table = vec![(1.0, 0.0); pairs * shape.context];
        let mut speed = 1.0;
        for pair in 0..pairs {
            let (cosine, sine) = direction(speed);
            let mut now = (1.0_f64, 0.0_f64);
            for position in 0..shape.context {
                table[position * pairs + pair] = (now.0 as f32, now.1 as f32);
                now = (now.0 * cosine - now.1 * sine, now.0 * sine + now.1 * cosine);
            }
            speed /= step;
        }
        Self { pairs, table }
    }

    /// Turns rows of `width` numbers by their positions; with `back` the other way.
    pub(crate) fn turn(&self, rows: &mut [f32], width: usize, batch: &Batch, back: bool) {
        for text in &batch.texts {
            for (position, row) in rows[text.start * width..text.end * width].chunks_exact_mut(width).enumerate() {
                let angles = &self.table[position * self.pairs..(position + 1) * self.pairs];
                for (pair, (cosine, sine)) in row.chunks_exact_mut(2).zip(angles.iter().cycle()) {
                    let sine = if back { -sine } else { *sine };
                    let (first, second) = (pair[0], pair[1]);
                    pair[0] = first * cosine - second * sine;
                    pair[1] = first * sine + second * cosine;
                }
            }
        }
    }
}

/// What attention is made of: rows of queries, keys and values, and what comes out; or how the loss changes with them.
pub(crate) struct Rows {
    pub(crate) query: Vec<f32>,
    pub(crate) key: Vec<f32>,
    pub(crate) value: Vec<f32>,
    pub(crate) mixed: Vec<f32>,
}

/// One head in one text.
struct Place {
    text: Range<usize>,
    width: usize,
    query: (usize, usize),
    shared: (usize, usize),
}

impl Place {
    fn all(shape: Shape, batch: &Batch) -> impl Iterator<Item = Self> {
        let (width, group) = (shape.head_width(), shape.heads / shape.shared_heads);
        batch.texts.iter().flat_map(move |text| {
            (0..shape.heads).map(move |head| Self {
                text: text.clone(),
                width,
                query: (shape.width, head * width),
                shared: (shape.shared_width(), head / group * width),
            })
        })
    }

    /// The numbers of this head in the row of a token, counted from the beginning of the text.
    fn query(&self, token: usize) -> Range<usize> {
        let at = (self.text.start + token) * self.query.0 + self.query.1;
        at..at + self.width
    }

    fn shared(&self, token: usize) -> Range<usize> {
        let at = (self.text.start + token) * self.shared.0 + self.shared.1;
        at..at + self.width
    }

    fn scale(&self) -> f32 {
        1.0 / (self.width as f32).sqrt()
    }
}

/// Mixes the values, and gives how much of each went into each: triangles, one after the other.
pub(crate) fn forward(shape: Shape, batch: &Batch, rows: &mut Rows) -> Vec<f32> {
    let mut weights = Vec::new();
    for place in Place::all(shape, batch) {
        let scale = place.scale();
        for token in 0..place.text.len() {
            let query = &rows.query[place.query(token)];
            let first = weights.len();
            weights.extend((0..=token).map(|other| dot(query, &rows.key[place.shared(other)]) * scale));
            softmax(&mut weights[first..]);
            let mixed = &mut rows.mixed[place.query(token)];
            for (other, weight) in weights[first..].iter().enumerate() {
                add_scaled(mixed, &rows.value[place.shared(other)], *weight);
            }
        }
    }
    weights
}

/// Adds to `change`, where `mixed` is known, how the loss changes with queries, keys and values.
pub(crate) fn backward(shape: Shape, batch: &Batch, rows: &Rows, weights: &[f32], change: &mut Rows) {
    let mut rest = weights;
    let mut by_score = Vec::new();
    for place in Place::all(shape, batch) {
        let scale = place.scale();
        for token in 0..place.text.len() {
            let (weights, behind) = rest.split_at(token + 1);
            rest = behind;
            let mixed = &change.mixed[place.query(token)];
            by_score.clear();
            by_score.extend((0..=token).map(|other| dot(mixed, &rows.value[place.shared(other)])));
            for (other, weight) in weights.iter().enumerate() {
                add_scaled(&mut change.value[place.shared(other)], mixed, *weight);
            }
            let mean = dot(weights, &by_score);
            let query = &rows.query[place.query(token)];
            for (other, (weight, change_of_weight)) in weights.iter().zip(&by_score).enumerate() {
                let by_score = weight * (change_of_weight - mean) * scale;
                add_scaled(&mut change.query[place.query(token)], &rows.key[place.shared(other)], by_score);
                add_scaled(&mut change.key[place.shared(other)], query, by_score);
            }
        }
    }
}
