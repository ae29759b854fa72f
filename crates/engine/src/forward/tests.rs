//! Every architecture against arithmetic that is written down number by number, without a cache and without batches.

use crate::cache::Cache;
use crate::crew::Crew;
use crate::forward::{Lane, Wanted};
use crate::testing::{Spec, vocabulary_size};
use crate::{Limits, Model};
use std::collections::BTreeMap;

const ALL: [&str; 6] = ["llama", "qwen2", "qwen3", "gemma2", "gemma3", "phi3"];
const TOKENS: [u32; 11] = [7, 250, 3, 3, 90, 141, 12, 0, 261, 77, 8];

struct Naive<'a> {
    spec: &'a Spec,
    numbers: &'a BTreeMap<String, Vec<f32>>,
}

impl Naive<'_> {
    fn get(&self, name: &str) -> Option<&[f32]> {
        self.numbers.get(name).map(Vec::as_slice)
    }

    /// `rows` rows of the matrix from row `first` on, times `input`.
    fn times(&self, name: &str, first: usize, rows: usize, input: &[f32]) -> Vec<f32> {
        let matrix = self.get(&format!("{name}.weight")).unwrap();
        let bias = self.get(&format!("{name}.bias"));
        (first..first + rows)
            .map(|row| {
                let weights = &matrix[row * input.len()..][..input.len()];
                let sum: f64 = weights.iter().zip(input).map(|(one, other)| f64::from(one * other)).sum();
                sum as f32 + bias.map_or(0.0, |bias| bias[row])
            })
            .collect()
    }

    fn norm(&self, name: &str, input: &[f32]) -> Vec<f32> {
        let Some(factors) = self.get(name) else { return input.to_vec() };
        let square = input.iter().map(|number| number * number).sum::<f32>() / input.len() as f32;
        input.iter().zip(factors).map(|(number, factor)| number / (square + 1e-5).sqrt() * factor).collect()
    }

    fn turned(&self, head: &[f32], position: usize, has_window: bool) -> Vec<f32> {
        let name = self.spec.architecture;
        let factors = self.get("rope_freqs.weight").or(self.get("rope_factors_long.weight"));
        let pairs = head.len() / 2;
        let magnitude = if name == "phi3" { 1.25 } else { 1.0 };
        let mut turned = vec![0.0; head.len()];
        for pair in 0..pairs {
            let (base, scale) = if name == "gemma3" && !has_window { (1e6_f32, 8.0) } else { (1e4, 1.0) };
            let factor = factors.map_or(1.0, |factors| factors[pair]);
            let angle = position as f32 / scale / factor * base.powf(-(pair as f32) / pairs as f32);
            let (one, other) = if name == "llama" { (2 * pair, 2 * pair + 1) } else { (pair, pair + pairs) };
            turned[one] = (head[one] * angle.cos() - head[other] * angle.sin()) * magnitude;
            turned[other] = (head[one] * angle.sin() + head[other] * angle.cos()) * magnitude;
        }
        turned
    }

    fn heads(&self, layer: usize, input: &[f32], position: usize, has_window: bool) -> [Vec<Vec<f32>>; 3] {
        let Spec { heads, kept_heads, head, .. } = *self.spec;
        let name = |part: &str| format!("blk.{layer}.{part}");
        let all = if self.spec.is(&["phi3"]) {
            let fused = name("attn_qkv");
            let kept = kept_heads * head;
            [
                self.times(&fused, 0, heads * head, input),
                self.times(&fused, heads * head, kept, input),
                self.times(&fused, heads * head + kept, kept, input),
            ]
        } else {
            [("attn_q", heads), ("attn_k", kept_heads), ("attn_v", kept_heads)]
                .map(|(part, count)| self.times(&name(part), 0, count * head, input))
        };
        let [queries, keys, values] = all.map(|all| all.chunks(head).map(<[f32]>::to_vec).collect::<Vec<_>>());
        let turn = |heads: Vec<Vec<f32>>, norm: &str| {
            let norm = name(norm);
            heads.iter().map(|head| self.turned(&self.norm(&norm, head), position, has_window)).collect()
        };
        [turn(queries, "attn_q_norm.weight"), turn(keys, "attn_k_norm.weight"), values]
    }

    fn attention(&self, layer: usize, states: &[Vec<f32>]) -> Vec<Vec<f32>> {
        let Spec { heads, kept_heads, head, width, window, .. } = *self.spec;
        let has_window = match self.spec.architecture {
            "gemma2" => layer.is_multiple_of(2),
            "gemma3" => !(layer + 1).is_multiple_of(6),
            _ => false,
        };
        let inputs: Vec<_> =
            states.iter().map(|state| self.norm(&format!("blk.{layer}.attn_norm.weight"), state)).collect();
        let parts: Vec<_> =
            inputs.iter().enumerate().map(|(at, input)| self.heads(layer, input, at, has_window)).collect();
        let mix = |at: usize| {
            let mut mixed = Vec::new();
            let from = if has_window { (at + 1).saturating_sub(window) } else { 0 };
            for number in 0..heads {
                let kept = number / (heads / kept_heads);
                let score = |other: usize| {
                    let dot: f32 = parts[at][0][number].iter().zip(&parts[other][1][kept]).map(|(a, b)| a * b).sum();
                    let score = dot / (head as f32).sqrt();
                    if self.spec.is(&["gemma2"]) { 50.0 * (score / 50.0).tanh() } else { score }
                };
                let shares: Vec<f32> = (from..=at).map(|other| score(other).exp()).collect();
                let all: f32 = shares.iter().sum();
                mixed.extend((0..head).map(|place| {
                    let of = |(other, share): (usize, &f32)| share / all * parts[other][2][kept][place];
                    (from..=at).zip(&shares).map(of).sum::<f32>()
                }));
            }
            let out = self.times(&format!("blk.{layer}.attn_output"), 0, width, &mixed);
            self.norm(&format!("blk.{layer}.post_attention_norm.weight"), &out)
        };
        (0..states.len()).map(mix).collect()
    }

    fn inner(&self, layer: usize, state: &[f32]) -> Vec<f32> {
        let Spec { inner, width, .. } = *self.spec;
        let name = |part: &str| format!("blk.{layer}.{part}");
        let input = self.norm(&name("ffn_norm.weight"), state);
        let (gates, through) = if self.spec.is(&["phi3"]) {
            (self.times(&name("ffn_up"), 0, inner, &input), self.times(&name("ffn_up"), inner, inner, &input))
        } else {
            (self.times(&name("ffn_gate"), 0, inner, &input), self.times(&name("ffn_up"), 0, inner, &input))
        };
        let gelu =
            |x: f32| 0.5 * x * (1.0 + ((2.0 / std::f32::consts::PI).sqrt() * (x + 0.044_715 * x.powi(3))).tanh());
        let silu = |x: f32| x / (1.0 + (-x).exp());
        let is_gemma = self.spec.is(&["gemma2", "gemma3"]);
        let active = |gate: f32| if is_gemma { gelu(gate) } else { silu(gate) };
        let middle: Vec<f32> = gates.iter().zip(&through).map(|(gate, through)| active(*gate) * through).collect();
        self.norm(&name("post_ffw_norm.weight"), &self.times(&name("ffn_down"), 0, width, &middle))
    }

    /// The scores after the last of `tokens`.
    fn scores(&self, tokens: &[u32]) -> Vec<f32> {
        let width = self.spec.width;
        let is_gemma = self.spec.is(&["gemma2", "gemma3"]);
        let scale = if is_gemma { (width as f32).sqrt() } else { 1.0 };
        let table = self.get("token_embd.weight").unwrap();
        let row = |token: &u32| table[*token as usize * width..][..width].iter().map(|number| number * scale).collect();
        let mut states: Vec<Vec<f32>> = tokens.iter().map(row).collect();
        for layer in 0..self.spec.layers {
            let added = self.attention(layer, &states);
            for (state, added) in states.iter_mut().zip(added) {
                state.iter_mut().zip(added).for_each(|(state, added)| *state += added);
                let added = self.inner(layer, state);
                state.iter_mut().zip(added).for_each(|(state, added)| *state += added);
            }
        }
        let last = self.norm("output_norm.weight", states.last().unwrap());
        let head = if self.spec.has_head { "output" } else { "token_embd" };
        let scores = self.times(head, 0, vocabulary_size(), &last);
        let cap = |score: f32| if self.spec.is(&["gemma2"]) { 30.0 * (score / 30.0).tanh() } else { score };
        scores.into_iter().map(cap).collect()
    }
}

fn scores_of(model: &Model, crew: &Crew, chunks: &[&[u32]]) -> Vec<f32> {
    let mut cache = Cache::new(&model.description);
    let mut scores = Vec::new();
    for chunk in chunks {
        let lane = Lane { cache: &mut cache, tokens: chunk.to_vec(), wanted: Wanted::Scores };
        scores = model.pass(crew).run(&mut [lane]).unwrap().remove(0).unwrap();
    }
    scores
}

fn assert_near(found: &[f32], expected: &[f32], error: f32, what: &str) {
    let size = expected.iter().fold(0.0_f32, |size, number| size.max(number.abs()));
    let worst = found.iter().zip(expected).map(|(one, other)| (one - other).abs()).fold(0.0, f32::max);
    assert!(found.len() == expected.len() && worst < error * size, "{what}: {worst} of {size}");
}

#[test]
fn every_architecture_agrees_with_naive_arithmetic() {
    let crew = Crew::new(1).unwrap();
    for architecture in ALL {
        for has_head in [false, true] {
            let spec = Spec { has_head, ..Spec::new(architecture) };
            let file = spec.write(5);
            let model = Model::load(file.bytes(), Limits::default()).unwrap();
            let expected = Naive { spec: &spec, numbers: &file.numbers }.scores(&TOKENS);
            // Keys and values are kept in two bytes.
            assert_near(&scores_of(&model, &crew, &[&TOKENS]), &expected, 4e-3, architecture);
        }
    }
}

#[cfg(feature = "cards")]
#[test]
fn every_architecture_agrees_with_naive_arithmetic_on_a_card() {
    let crew = Crew::new(1).unwrap();
    for architecture in ALL {
        let spec = Spec::new(architecture);
        let file = spec.write(5);
        let mut model = Model::load(file.bytes(), Limits::default()).unwrap();
        model.place_on(&crate::place::tests::on_card::card(u64::MAX)).unwrap();
        let expected = Naive { spec: &spec, numbers: &file.numbers }.scores(&TOKENS);
        assert_near(&scores_of(&model, &crew, &[&TOKENS]), &expected, 4e-3, architecture);
    }
}

#[test]
fn it_is_the_same_whatever_is_read_together_and_by_how_many() {
    for architecture in ["llama", "gemma3"] {
        let model = Model::load(Spec::new(architecture).write(6).bytes(), Limits::default()).unwrap();
        let crew = Crew::new(1).unwrap();
        let whole = scores_of(&model, &crew, &[&TOKENS]);
        let single: Vec<&[u32]> = TOKENS.chunks(1).collect();
        assert_near(&scores_of(&model, &crew, &single), &whole, 1e-4, "one by one");
        assert_near(&scores_of(&model, &crew, &[&TOKENS[..4], &TOKENS[4..]]), &whole, 1e-4, "in two parts");
        let mut caches = [Cache::new(&model.description), Cache::new(&model.description)];
        let mut lanes: Vec<Lane<'_>> = caches
            .iter_mut()
            .zip([&TOKENS[..5], &TOKENS[..]])
            .map(|(cache, tokens)| Lane { cache, tokens: tokens.to_vec(), wanted: Wanted::Scores })
            .collect();
        let both = model.pass(&Crew::new(3).unwrap()).run(&mut lanes).unwrap();
        assert_near(both[0].as_ref().unwrap(), &scores_of(&model, &crew, &[&TOKENS[..5]]), 1e-4, "beside another");
        assert_near(both[1].as_ref().unwrap(), &whole, 1e-4, "beside another");
    }
}

#[test]
fn many_threads_give_what_one_gives() {
    let spec = Spec { width: 256, inner: 512, ..Spec::new("qwen3") };
    let model = Model::load(spec.write(7).bytes(), Limits::default()).unwrap();
    let tokens: Vec<u32> = (0..100).map(|number| number * 37 % 250).collect();
    let one = scores_of(&model, &Crew::new(1).unwrap(), &[&tokens]);
    assert_eq!(scores_of(&model, &Crew::new(3).unwrap(), &[&tokens]), one);
}

#[test]
fn forgotten_tokens_leave_nothing_behind() {
    let model = Model::load(Spec::new("llama").write(8).bytes(), Limits::default()).unwrap();
    let crew = Crew::new(1).unwrap();
    let mut cache = Cache::new(&model.description);
    let run = |cache: &mut Cache, tokens: &[u32]| {
        let lane = Lane { cache, tokens: tokens.to_vec(), wanted: Wanted::Scores };
        model.pass(&crew).run(&mut [lane]).unwrap().remove(0).unwrap()
    };
    run(&mut cache, &[7, 250, 9, 9, 9]);
    cache.truncate(2);
    assert_eq!(cache.tokens(), &TOKENS[..2]);
    assert_near(&run(&mut cache, &TOKENS[2..]), &scores_of(&model, &crew, &[&TOKENS]), 1e-4, "after the cut");
}
