//! The encoder: tokens in, a vector out. BERT (Devlin and others, "BERT: Pre-training of Deep Bidirectional Transformers
//! for Language Understanding") with the mean over the tokens at its end.

use super::functions::{gelu, normalise, softmax};
use super::weights::{INNER, Layer, Norm, WIDTH, Weights};
use fearless_simd::{Level, Simd, dispatch};

const HEADS: usize = 12;
const HEAD: usize = WIDTH / HEADS;

/// The vector of a text, of length 1. There is at least one token, and none beyond the longest text.
pub(super) fn encode(weights: &Weights, tokens: &[u32]) -> Vec<f32> {
    let level = Level::new();
    dispatch!(level, simd => encode_with(simd, weights, tokens))
}

#[inline(always)]
fn encode_with<S: Simd>(simd: S, weights: &Weights, tokens: &[u32]) -> Vec<f32> {
    let mut state = vec![0.0; tokens.len() * WIDTH];
    for ((position, &token), row) in tokens.iter().enumerate().zip(state.chunks_exact_mut(WIDTH)) {
        row.copy_from_slice(&weights.kind);
        weights.words.add(token as usize, row);
        weights.positions.add(position, row);
    }
    apply_norm(&weights.start, &mut state);
    let mut room = Room::new(tokens.len());
    for layer in &weights.layers {
        simd.vectorize(
            #[inline(always)]
            || apply_layer(simd, layer, &mut state, &mut room),
        );
    }
    mean(&state)
}

/// Buffers that all layers use.
struct Room {
    heads: Vec<f32>,
    mixed: Vec<f32>,
    added: Vec<f32>,
    inner: Vec<f32>,
    keys: Vec<f32>,
    shares: Vec<f32>,
}

impl Room {
    fn new(tokens: usize) -> Self {
        let of = |width: usize| vec![0.0; tokens * width];
        Self {
            heads: of(3 * WIDTH),
            mixed: of(WIDTH),
            added: of(WIDTH),
            inner: of(INNER),
            keys: of(HEAD),
            shares: of(1),
        }
    }
}

#[inline(always)]
fn apply_layer<S: Simd>(simd: S, layer: &Layer, state: &mut [f32], room: &mut Room) {
    layer.heads.apply(simd, state, &mut room.heads);
    for head in 0..HEADS {
        attend(head, room);
    }
    layer.attention.apply(simd, &room.mixed, &mut room.added);
    add(&room.added, state);
    apply_norm(&layer.first, state);
    layer.inward.apply(simd, state, &mut room.inner);
    gelu(&mut room.inner);
    layer.outward.apply(simd, &room.inner, &mut room.added);
    add(&room.added, state);
    apply_norm(&layer.second, state);
}

/// Mixes the values of one head by how well its keys fit its queries.
#[inline(always)]
fn attend(head: usize, room: &mut Room) {
    let tokens = room.shares.len();
    // Keys by dimension, so that one number of a query meets those of all keys side by side.
    for (token, row) in room.heads.chunks_exact(3 * WIDTH).enumerate() {
        for (dimension, number) in part(1, head, row).iter().enumerate() {
            room.keys[dimension * tokens + token] = *number;
        }
    }
    let scale = 1.0 / (HEAD as f32).sqrt();
    for (row, mixed) in room.heads.chunks_exact(3 * WIDTH).zip(room.mixed.chunks_exact_mut(WIDTH)) {
        room.shares.fill(0.0);
        for (number, keys) in part(0, head, row).iter().zip(room.keys.chunks_exact(tokens)) {
            for (share, key) in room.shares.iter_mut().zip(keys) {
                *share += number * scale * key;
            }
        }
        softmax(&mut room.shares);
        let mut sum = [0.0; HEAD];
        for (share, row) in room.shares.iter().zip(room.heads.chunks_exact(3 * WIDTH)) {
            for (sum, value) in sum.iter_mut().zip(part(2, head, row)) {
                *sum += share * value;
            }
        }
        mixed[head * HEAD..(head + 1) * HEAD].copy_from_slice(&sum);
    }
}

/// The queries (0), keys (1) or values (2) of one head.
#[inline(always)]
fn part(kind: usize, head: usize, row: &[f32]) -> &[f32] {
    &row[kind * WIDTH + head * HEAD..][..HEAD]
}

#[inline(always)]
fn add(added: &[f32], state: &mut [f32]) {
    for (state, added) in state.iter_mut().zip(added) {
        *state += added;
    }
}

#[inline(always)]
fn apply_norm(norm: &Norm, state: &mut [f32]) {
    for row in state.chunks_exact_mut(WIDTH) {
        normalise(row, &norm.factor, &norm.shift);
    }
}

/// The mean of the rows, made of length 1.
fn mean(state: &[f32]) -> Vec<f32> {
    let mut mean = vec![0.0; WIDTH];
    for row in state.chunks_exact(WIDTH) {
        add(row, &mut mean);
    }
    let length = mean.iter().map(|number| number * number).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    mean.iter_mut().for_each(|number| *number /= length);
    mean
}
