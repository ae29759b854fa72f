//! The weights of a model, found in its file and checked against what its architecture wants.

use crate::description::{Architecture, Description};
use crate::failure::{Failure, shown};
use crate::matrix::Matrix;
use cards::Kind;
use model::gguf::Tensor;
use std::collections::HashMap;
use std::sync::Arc;

/// The weights, most of them packed.
pub(crate) struct Weights {
    pub(crate) tokens: Matrix,
    pub(crate) layers: Vec<Layer>,
    /// What states are multiplied with at the end.
    pub(crate) norm: Vec<f32>,
    /// States to tokens; the table of tokens itself where the file has no other.
    pub(crate) head: Matrix,
    /// What positions of layers without a window are divided by, for each pair of numbers that are turned.
    pub(crate) factors: Factors,
}

/// Divisors of positions: none, or one for each pair.
#[derive(Default)]
pub(crate) struct Factors {
    /// For any length, or for the length that the model saw first.
    pub(crate) usual: Option<Vec<f32>>,
    /// For contexts that are longer than that.
    pub(crate) long: Option<Vec<f32>>,
}

/// A matrix and what is added behind it.
pub(crate) struct Linear {
    pub(crate) matrix: Matrix,
    pub(crate) bias: Option<Vec<f32>>,
}

/// The weights of a layer.
pub(crate) struct Layer {
    pub(crate) attention_norm: Vec<f32>,
    pub(crate) queries: Linear,
    pub(crate) keys: Linear,
    pub(crate) values: Linear,
    /// Normalise each head of queries and keys by itself.
    pub(crate) query_norm: Option<Vec<f32>>,
    pub(crate) key_norm: Option<Vec<f32>>,
    pub(crate) mixed: Linear,
    pub(crate) after_attention: Option<Vec<f32>>,
    pub(crate) inner_norm: Vec<f32>,
    pub(crate) gate: Matrix,
    pub(crate) up: Matrix,
    pub(crate) down: Matrix,
    pub(crate) after_inner: Option<Vec<f32>>,
}

impl Layer {
    /// All its matrices.
    pub(crate) fn matrices(&mut self) -> [&mut Matrix; 7] {
        let Self { queries, keys, values, mixed, gate, up, down, .. } = self;
        [&mut queries.matrix, &mut keys.matrix, &mut values.matrix, &mut mixed.matrix, gate, up, down]
    }
}

impl Weights {
    /// Finds all weights. `vocabulary` is how many tokens the tokenizer has: the table may have more and not fewer.
    pub(crate) fn find(
        file: &Arc<Vec<u8>>,
        tensors: &[Tensor],
        description: &Description,
        vocabulary: usize,
    ) -> Result<Self, Failure> {
        let by_name = tensors.iter().map(|tensor| (tensor.name.as_str(), tensor)).collect();
        let finder = Finder { file, by_name, description };
        let width = description.width;
        let tokens = finder.table("token_embd.weight", vocabulary)?;
        let has_head = finder.by_name.contains_key("output.weight");
        let head = if has_head { finder.table("output.weight", tokens.outputs())? } else { tokens.clone() };
        if head.outputs() != tokens.outputs() {
            return Err(Failure::broken("the tables of tokens at both ends differ in length"));
        }
        Ok(Self {
            head,
            tokens,
            layers: (0..description.layers).map(|layer| finder.layer(layer)).collect::<Result<_, _>>()?,
            norm: finder.vector("output_norm.weight", width)?,
            factors: finder.factors()?,
        })
    }
}

struct Finder<'file> {
    file: &'file Arc<Vec<u8>>,
    by_name: HashMap<&'file str, &'file Tensor>,
    description: &'file Description,
}

impl Finder<'_> {
    fn layer(&self, layer: usize) -> Result<Layer, Failure> {
        let Description { width, heads, head, value, .. } = *self.description;
        let name = |part: &str| format!("blk.{layer}.{part}");
        let [queries, keys, values] = self.heads(layer)?;
        let [gate, up] = self.inner(layer)?;
        let is_gemma = matches!(self.description.architecture, Architecture::Gemma2 | Architecture::Gemma3);
        let has_head_norms = matches!(self.description.architecture, Architecture::Qwen3 | Architecture::Gemma3);
        let if_so =
            |is_so: bool, part: &str, length: usize| is_so.then(|| self.vector(&name(part), length)).transpose();
        Ok(Layer {
            attention_norm: self.vector(&name("attn_norm.weight"), width)?,
            queries,
            keys,
            values,
            query_norm: if_so(has_head_norms, "attn_q_norm.weight", head)?,
            key_norm: if_so(has_head_norms, "attn_k_norm.weight", head)?,
            mixed: Linear {
                matrix: self.matrix(&name("attn_output.weight"), heads * value, width)?,
                bias: self.optional(&name("attn_output.bias"), width)?,
            },
            after_attention: if_so(is_gemma, "post_attention_norm.weight", width)?,
            inner_norm: self.vector(&name("ffn_norm.weight"), width)?,
            gate,
            up,
            down: self.matrix(&name("ffn_down.weight"), self.description.inner, width)?,
            after_inner: if_so(is_gemma, "post_ffw_norm.weight", width)?,
        })
    }

    /// Queries, keys and values: three matrices, or one whose rows are those of all three.
    fn heads(&self, layer: usize) -> Result<[Linear; 3], Failure> {
        let Description { width, heads, kept_heads, head, value, .. } = *self.description;
        let outputs = [heads * head, kept_heads * head, kept_heads * value];
        let fused = format!("blk.{layer}.attn_qkv.weight");
        if self.by_name.contains_key(fused.as_str()) {
            let whole = self.matrix(&fused, width, outputs.iter().sum())?;
            let bias = self.optional(&format!("blk.{layer}.attn_qkv.bias"), whole.outputs())?;
            let mut start = 0;
            let mut next = |length: usize| {
                let rows = start..start + length;
                start = rows.end;
                let bias = bias.as_ref().and_then(|bias| bias.get(rows.clone())).map(<[f32]>::to_vec);
                whole.part(rows).map(|matrix| Linear { matrix, bias }).ok_or_else(|| self.wrong(&fused))
            };
            return Ok([next(outputs[0])?, next(outputs[1])?, next(outputs[2])?]);
        }
        let one = |part: &str, outputs: usize| {
            Ok::<_, Failure>(Linear {
                matrix: self.matrix(&format!("blk.{layer}.{part}.weight"), width, outputs)?,
                bias: self.optional(&format!("blk.{layer}.{part}.bias"), outputs)?,
            })
        };
        Ok([one("attn_q", outputs[0])?, one("attn_k", outputs[1])?, one("attn_v", outputs[2])?])
    }

    /// The two matrices before the middle of a layer, or one whose rows are those of both.
    fn inner(&self, layer: usize) -> Result<[Matrix; 2], Failure> {
        let Description { width, inner, .. } = *self.description;
        let (gate, up) = (format!("blk.{layer}.ffn_gate.weight"), format!("blk.{layer}.ffn_up.weight"));
        if self.by_name.contains_key(gate.as_str()) {
            return Ok([self.matrix(&gate, width, inner)?, self.matrix(&up, width, inner)?]);
        }
        let whole = self.matrix(&up, width, 2 * inner)?;
        let half = |rows| whole.part(rows).ok_or_else(|| self.wrong(&up));
        Ok([half(0..inner)?, half(inner..2 * inner)?])
    }

    fn factors(&self) -> Result<Factors, Failure> {
        let pairs = self.description.rope.dimensions / 2;
        let table = |name: &str| {
            let factors = self.optional(name, pairs)?;
            match factors {
                Some(factors) if factors.iter().any(|factor| !factor.is_finite() || *factor <= 0.0) => {
                    Err(Failure::broken(format!("the tensor `{name}` has factors that are none")))
                }
                factors => Ok(factors),
            }
        };
        Ok(Factors {
            usual: table("rope_freqs.weight")?.or(table("rope_factors_short.weight")?),
            long: table("rope_factors_long.weight")?,
        })
    }

    /// A table with a row of the model's width for each token.
    fn table(&self, name: &str, tokens: usize) -> Result<Matrix, Failure> {
        let tensor = self.tensor(name)?;
        let rows = tensor.dimensions.get(1).and_then(|rows| usize::try_from(*rows).ok()).unwrap_or(0);
        if rows < tokens || rows > 1 << 24 {
            return Err(Failure::broken(format!("the tensor `{name}` has {rows} rows for {tokens} tokens")));
        }
        self.matrix(name, self.description.width, rows)
    }

    fn matrix(&self, name: &str, inputs: usize, outputs: usize) -> Result<Matrix, Failure> {
        let tensor = self.tensor(name)?;
        if tensor.dimensions != [inputs as u64, outputs as u64] {
            let cause = format!("the tensor `{name}` is {:?}: {inputs} by {outputs} is right", tensor.dimensions);
            return Err(Failure::broken(cause));
        }
        let kind = Kind::of(tensor.kind).ok_or_else(|| unknown(name, tensor.kind))?;
        Matrix::new(self.file, tensor.start, kind, inputs, outputs).ok_or_else(|| self.wrong(name))
    }

    fn vector(&self, name: &str, length: usize) -> Result<Vec<f32>, Failure> {
        let tensor = self.tensor(name)?;
        let kind = Kind::of(tensor.kind).ok_or_else(|| unknown(name, tensor.kind))?;
        let is_right = tensor.dimensions.iter().filter(|length| **length != 1).eq(Some(&(length as u64)))
            || (length == 1 && tensor.dimensions.iter().all(|length| *length == 1));
        let matrix = is_right.then(|| Matrix::new(self.file, tensor.start, kind, length, 1)).flatten();
        let mut numbers = vec![0.0; length];
        matrix.ok_or_else(|| self.wrong(name))?.unpack_row(0, &mut numbers);
        Ok(numbers)
    }

    fn optional(&self, name: &str, length: usize) -> Result<Option<Vec<f32>>, Failure> {
        self.by_name.contains_key(name).then(|| self.vector(name, length)).transpose()
    }

    fn tensor(&self, name: &str) -> Result<&Tensor, Failure> {
        self.by_name.get(name).copied().ok_or_else(|| Failure::broken(format!("the file lacks the tensor `{name}`")))
    }

    fn wrong(&self, name: &str) -> Failure {
        let what = self.by_name.get(name).map_or("is not there", |_| "does not lie in the file as its sizes want");
        Failure::broken(format!("the tensor `{}` {what}", shown(name)))
    }
}

fn unknown(name: &str, kind: u32) -> Failure {
    let known = "F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0 and Q2_K to Q6_K are";
    Failure::unsupported(format!("the tensor `{name}` is of the type {kind}, which is not read: {known}"))
}
