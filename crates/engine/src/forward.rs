//! The forward pass: tokens in, for the last of a text how likely each token is to come next.
//!
//! Several texts go through together, so that each weight is unpacked once for all of them.

use crate::attention::{Attention, Shape};
use crate::cache::Cache;
use crate::crew::Crew;
use crate::description::{Activation, Description};
use crate::failure::Failure;
use crate::functions::{bound, gelu, normalise, silu};
use crate::matrix::{Inputs, Matrix};
use crate::rope::{Angles, Turns};
use crate::weights::{Layer, Linear, Weights};
use base::workers::Work;
use fearless_simd::{Level, Simd, dispatch};
use std::sync::Arc;

/// The next tokens of a text.
pub(crate) struct Lane<'cache> {
    pub(crate) cache: &'cache mut Cache,
    /// One at least.
    pub(crate) tokens: Vec<u32>,
    pub(crate) wanted: Wanted,
}

/// What is wanted of a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Only that the cache has its tokens.
    Nothing,
    /// The score of each token of the vocabulary to come next.
    Scores,
    /// The sum of the states of its tokens at the end.
    Sum,
    /// The state of its last token at the end.
    LastState,
}

/// A model as a pass sees it.
#[derive(Clone, Copy)]
pub(crate) struct Pass<'model> {
    pub(crate) description: &'model Description,
    pub(crate) weights: &'model Weights,
    pub(crate) turns: &'model Turning,
    pub(crate) crew: &'model Crew,
}

/// The turns of layers with and without a window.
pub(crate) struct Turning {
    usual: Turns,
    window: Turns,
}

impl Turning {
    /// The turns for texts of as many tokens as `context`.
    pub(crate) fn new(description: &Description, weights: &Weights, context: usize) -> Self {
        let rope = &description.rope;
        let long = weights.factors.long.as_deref().filter(|_| context > rope.original_context);
        let factors = long.or(weights.factors.usual.as_deref());
        Self { usual: Turns::new(rope, false, factors), window: Turns::new(rope, true, None) }
    }
}

/// What stays the same in all layers of a pass.
struct Batch {
    /// The number of the first row of each lane.
    starts: Vec<usize>,
    usual: Vec<Angles>,
    window: Vec<Angles>,
}

impl Pass<'_> {
    /// Takes the lanes through all layers, and gives what is wanted of each.
    pub(crate) fn run(&self, lanes: &mut [Lane<'_>]) -> Result<Vec<Option<Vec<f32>>>, Failure> {
        let batch = self.batch(lanes);
        let mut state = self.embedded(lanes);
        for (number, layer) in self.weights.layers.iter().enumerate() {
            self.attend(number, layer, lanes, &batch, &mut state)?;
            self.transform(layer, &mut state)?;
        }
        for lane in lanes.iter_mut() {
            lane.cache.extend(&lane.tokens);
        }
        self.finish(lanes, &batch, state)
    }

    fn batch(&self, lanes: &[Lane<'_>]) -> Batch {
        let mut batch = Batch { starts: Vec::new(), usual: Vec::new(), window: Vec::new() };
        for lane in lanes {
            batch.starts.push(batch.usual.len());
            let before = lane.cache.tokens().len();
            for position in before..before + lane.tokens.len() {
                batch.usual.push(self.turns.usual.at(position));
                if self.description.window.is_some() {
                    batch.window.push(self.turns.window.at(position));
                }
            }
        }
        batch
    }

    fn embedded(&self, lanes: &[Lane<'_>]) -> Vec<f32> {
        let width = self.description.width;
        let tokens: Vec<u32> = lanes.iter().flat_map(|lane| &lane.tokens).copied().collect();
        let mut state = vec![0.0; tokens.len() * width];
        for (row, token) in state.chunks_exact_mut(width).zip(tokens) {
            self.weights.tokens.unpack_row(token as usize, row);
            row.iter_mut().for_each(|number| *number *= self.description.embedding_scale);
        }
        state
    }

    fn attend(
        &self,
        number: usize,
        layer: &Layer,
        lanes: &mut [Lane<'_>],
        batch: &Batch,
        state: &mut [f32],
    ) -> Result<(), Failure> {
        let Description { width, heads, kept_heads, head, value, epsilon, query_scale, .. } = *self.description;
        let input = Arc::new(Inputs::new(normal(state.to_vec(), &layer.attention_norm, epsilon), width));
        let [mut queries, mut keys, values] = self.linear([&layer.queries, &layer.keys, &layer.values], &input)?;
        let angles = if self.description.window_of(number).is_some() { &batch.window } else { &batch.usual };
        turn(&mut queries, heads, head, layer.query_norm.as_deref(), epsilon, angles);
        turn(&mut keys, kept_heads, head, layer.key_norm.as_deref(), epsilon, angles);
        queries.iter_mut().for_each(|number| *number *= query_scale);
        for (lane, start) in lanes.iter_mut().zip(&batch.starts) {
            let rows = |size: usize| start * kept_heads * size..(start + lane.tokens.len()) * kept_heads * size;
            lane.cache.push(number, &keys[rows(head)], &values[rows(value)]);
        }
        let mixed = self.mix(number, lanes, batch, queries)?;
        let input = Arc::new(Inputs::new(mixed, heads * value));
        let [added] = self.linear([&layer.mixed], &input)?;
        add(state, added, layer.after_attention.as_deref(), epsilon);
        Ok(())
    }

    /// The attention of all lanes and heads.
    fn mix(&self, number: usize, lanes: &[Lane<'_>], batch: &Batch, queries: Vec<f32>) -> Result<Vec<f32>, Failure> {
        let Description { heads, kept_heads, value, .. } = *self.description;
        let queries = Arc::new(queries);
        let shape = Shape::of(self.description, number);
        let mut attentions = Vec::new();
        for (lane, first) in lanes.iter().zip(&batch.starts) {
            let kept = lane.cache.layer(number);
            attentions.extend((0..kept_heads).map(|kept_head| Attention {
                kept: Arc::clone(&kept),
                queries: Arc::clone(&queries),
                first: *first,
                rows: lane.tokens.len(),
                position: lane.cache.tokens().len(),
                kept_head,
                shape,
            }));
        }
        let places: Vec<_> = attentions.iter().map(|one| (one.first, one.rows, one.kept_head)).collect();
        let is_large = attentions.iter().any(|one| one.position + one.rows > 256);
        let parts: Vec<Vec<f32>> = if is_large && self.crew.count() > 1 {
            let work = |attention: Attention| Box::new(move || attention.mix()) as Work<Vec<f32>>;
            self.crew.run(attentions.into_iter().map(work).collect())?
        } else {
            attentions.iter().map(Attention::mix).collect()
        };
        let (all, own) = (heads * value, heads / kept_heads * value);
        let mut mixed = vec![0.0; batch.usual.len() * all];
        for ((first, rows, kept_head), part) in places.into_iter().zip(parts) {
            for (row, part) in (first..first + rows).zip(part.chunks_exact(own)) {
                mixed[row * all + kept_head * own..][..own].copy_from_slice(part);
            }
        }
        Ok(mixed)
    }

    fn transform(&self, layer: &Layer, state: &mut [f32]) -> Result<(), Failure> {
        let Description { width, inner, epsilon, .. } = *self.description;
        let input = Arc::new(Inputs::new(normal(state.to_vec(), &layer.inner_norm, epsilon), width));
        let [mut gates, through] = self.multiply([&layer.gate, &layer.up], &input)?;
        activate(self.description.activation, &mut gates, &through);
        let [added] = self.multiply([&layer.down], &Arc::new(Inputs::new(gates, inner)))?;
        add(state, added, layer.after_inner.as_deref(), epsilon);
        Ok(())
    }

    fn finish(&self, lanes: &[Lane<'_>], batch: &Batch, state: Vec<f32>) -> Result<Vec<Option<Vec<f32>>>, Failure> {
        let Description { width, epsilon, result_cap, .. } = *self.description;
        let state = normal(state, &self.weights.norm, epsilon);
        let last = |lane: usize| {
            let row = batch.starts.get(lane + 1).copied().unwrap_or(batch.usual.len()).saturating_sub(1);
            &state[row * width..][..width]
        };
        let scored = (0..lanes.len()).filter(|lane| lanes[*lane].wanted == Wanted::Scores);
        let inputs: Vec<f32> = scored.flat_map(last).copied().collect();
        let scores = if inputs.is_empty() {
            Vec::new()
        } else {
            let [mut scores] = self.multiply([&self.weights.head], &Arc::new(Inputs::new(inputs, width)))?;
            if let Some(cap) = result_cap {
                bound(&mut scores, cap);
            }
            scores
        };
        let mut scores = scores.chunks_exact(self.weights.head.outputs().max(1)).map(<[f32]>::to_vec);
        let result = |(number, lane): (usize, &Lane<'_>)| match lane.wanted {
            Wanted::Nothing => None,
            Wanted::Scores => scores.next(),
            Wanted::LastState => Some(last(number).to_vec()),
            Wanted::Sum => {
                let rows = &state[batch.starts[number] * width..][..lane.tokens.len() * width];
                let mut sum = vec![0.0; width];
                for row in rows.chunks_exact(width) {
                    sum.iter_mut().zip(row).for_each(|(sum, number)| *sum += number);
                }
                Some(sum)
            }
        };
        Ok(lanes.iter().enumerate().map(result).collect())
    }

    fn multiply<const N: usize>(&self, by: [&Matrix; N], inputs: &Arc<Inputs>) -> Result<[Vec<f32>; N], Failure> {
        let outputs = self.crew.multiply(&by, inputs)?;
        outputs.try_into().map_err(|_| Failure::new(crate::FailureKind::Internal, "a product was lost"))
    }

    fn linear<const N: usize>(&self, by: [&Linear; N], inputs: &Arc<Inputs>) -> Result<[Vec<f32>; N], Failure> {
        let mut outputs = self.multiply(by.map(|linear| &linear.matrix), inputs)?;
        for (output, linear) in outputs.iter_mut().zip(by) {
            let Some(bias) = &linear.bias else { continue };
            for row in output.chunks_exact_mut(bias.len()) {
                row.iter_mut().zip(bias).for_each(|(number, bias)| *number += bias);
            }
        }
        Ok(outputs)
    }
}

/// Each row of `state`, normalised.
fn normal(mut state: Vec<f32>, factors: &[f32], epsilon: f32) -> Vec<f32> {
    let level = Level::new();
    dispatch!(level, simd => simd.vectorize(
        #[inline(always)]
        || state.chunks_exact_mut(factors.len()).for_each(|row| normalise(row, factors, epsilon)),
    ));
    state
}

/// Normalises each head, where a model does, and turns it by the position of its row.
fn turn(rows: &mut [f32], heads: usize, size: usize, norm: Option<&[f32]>, epsilon: f32, angles: &[Angles]) {
    for (row, angles) in rows.chunks_exact_mut(heads * size).zip(angles) {
        for head in row.chunks_exact_mut(size) {
            if let Some(factors) = norm {
                normalise(head, factors, epsilon);
            }
            angles.turn(head);
        }
    }
}

fn activate(activation: Activation, gates: &mut [f32], through: &[f32]) {
    let level = Level::new();
    dispatch!(level, simd => simd.vectorize(
        #[inline(always)]
        || match activation {
            Activation::Silu => silu(gates, through),
            Activation::Gelu => gelu(gates, through),
        },
    ));
}

/// Adds `added` to `state`, normalised before where a model does.
fn add(state: &mut [f32], added: Vec<f32>, norm: Option<&[f32]>, epsilon: f32) {
    let added = match norm {
        Some(factors) => normal(added, factors, epsilon),
        None => added,
    };
    state.iter_mut().zip(added).for_each(|(state, added)| *state += added);
}

#[cfg(test)]
mod tests;
