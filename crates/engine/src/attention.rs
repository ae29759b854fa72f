//! The attention: what tokens take over from those before them.

use crate::cache::Kept;
use crate::description::Description;
use crate::functions::{bound, softmax};
use crate::half::from_half;
use crate::matrix::dot;
use fearless_simd::{Level, Simd, dispatch};
use std::sync::Arc;

/// Positions whose keys or values are unpacked at once.
const BLOCK: usize = 64;

/// The attention of some tokens of one text, for the heads that share keys and values.
pub(crate) struct Attention {
    pub(crate) kept: Arc<Kept>,
    /// The queries of all tokens of a pass, those of a token side by side.
    pub(crate) queries: Arc<Vec<f32>>,
    /// Which of the rows of queries, from where to where.
    pub(crate) first: usize,
    pub(crate) rows: usize,
    /// How many tokens come before the first of these.
    pub(crate) position: usize,
    /// Which head of keys and values.
    pub(crate) kept_head: usize,
    pub(crate) shape: Shape,
}

/// What all have in common.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    heads: usize,
    /// Heads that share keys and values.
    group: usize,
    head: usize,
    value: usize,
    cap: Option<f32>,
    window: Option<usize>,
}

impl Shape {
    pub(crate) fn of(description: &Description, layer: usize) -> Self {
        Self {
            heads: description.heads,
            group: description.heads / description.kept_heads,
            head: description.head,
            value: description.value,
            cap: description.attention_cap,
            window: description.window_of(layer),
        }
    }
}

impl Attention {
    /// For each row the mixed values of each head of the group.
    pub(crate) fn mix(&self) -> Vec<f32> {
        let mut mixed = vec![0.0; self.rows * self.shape.group * self.shape.value];
        let level = Level::new();
        dispatch!(level, simd => simd.vectorize(
            #[inline(always)]
            || self.mix_with(simd, &mut mixed),
        ));
        mixed
    }

    /// What a row sees: from where, and to where.
    #[inline(always)]
    fn seen(&self, row: usize) -> (usize, usize) {
        let end = self.position + row + 1;
        (end.saturating_sub(self.shape.window.unwrap_or(end)), end)
    }

    #[inline(always)]
    fn mix_with<S: Simd>(&self, simd: S, mixed: &mut [f32]) {
        let Shape { group, head, value, cap, .. } = self.shape;
        let (Some(keys), Some(values)) = (self.kept.keys.get(self.kept_head), self.kept.values.get(self.kept_head))
        else {
            return;
        };
        let (begin, end) = (self.seen(0).0, self.position + self.rows);
        let width = end - begin;
        let mut shares = vec![0.0; self.rows * group * width];
        let mut buffer = vec![0.0; BLOCK * head.max(value)];
        for start in (begin..end).step_by(BLOCK) {
            let stop = (start + BLOCK).min(end);
            unpack(&keys[start * head..stop * head], &mut buffer);
            for row in 0..self.rows {
                let (low, high) = self.seen(row);
                for member in 0..group {
                    let query = self.query(row, member);
                    let shares = &mut shares[(row * group + member) * width..][..width];
                    for position in start.max(low)..stop.min(high) {
                        shares[position - begin] = dot(simd, query, &buffer[(position - start) * head..][..head]);
                    }
                }
            }
        }
        for row in 0..self.rows {
            let (low, high) = self.seen(row);
            for member in 0..group {
                let shares = &mut shares[(row * group + member) * width..][low - begin..high - begin];
                if let Some(cap) = cap {
                    bound(shares, cap);
                }
                softmax(shares);
            }
        }
        for start in (begin..end).step_by(BLOCK) {
            let stop = (start + BLOCK).min(end);
            unpack(&values[start * value..stop * value], &mut buffer);
            for row in 0..self.rows {
                let (low, high) = self.seen(row);
                for member in 0..group {
                    let place = row * group + member;
                    let shares = &shares[place * width..][..width];
                    let mixed = &mut mixed[place * value..][..value];
                    for position in start.max(low)..stop.min(high) {
                        let share = shares[position - begin];
                        for (mixed, value) in mixed.iter_mut().zip(&buffer[(position - start) * value..][..value]) {
                            *mixed += share * value;
                        }
                    }
                }
            }
        }
    }

    #[inline(always)]
    fn query(&self, row: usize, member: usize) -> &[f32] {
        let Shape { heads, group, head, .. } = self.shape;
        &self.queries[((self.first + row) * heads + self.kept_head * group + member) * head..][..head]
    }
}

#[inline(always)]
fn unpack(halves: &[u16], numbers: &mut [f32]) {
    for (number, half) in numbers.iter_mut().zip(halves) {
        *number = from_half(*half);
    }
}
