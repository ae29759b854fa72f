//! What the header of a file says of its model: the shape, and which of the things that models have it has.
//!
//! The keys are those of <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>; what they mean for an architecture is
//! what <https://github.com/ggml-org/llama.cpp/blob/master/src/llama-model.cpp> makes of them.

use crate::failure::{Failure, shown};
use serde_json::{Map, Value};

/// The most layers, and the largest of all other numbers. Real ones have a few hundred, and some hundred thousand.
const MOST_LAYERS: usize = 1_024;
const LARGEST: usize = 1 << 24;

/// A model's shape.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Description {
    pub(crate) architecture: Architecture,
    pub(crate) layers: usize,
    /// Numbers of a token's state.
    pub(crate) width: usize,
    pub(crate) heads: usize,
    /// Heads of keys and values, each for as many heads as divide.
    pub(crate) kept_heads: usize,
    /// Numbers of a query and of a key.
    pub(crate) head: usize,
    /// Numbers of a value.
    pub(crate) value: usize,
    /// Numbers in the middle of a layer.
    pub(crate) inner: usize,
    /// Tokens that the model was trained for.
    pub(crate) context: usize,
    /// What is added to a mean square before it divides.
    pub(crate) epsilon: f32,
    pub(crate) rope: Rope,
    /// Tokens that layers with a window see, and which layers see all.
    pub(crate) window: Option<Window>,
    /// What tokens are multiplied with when they come in.
    pub(crate) embedding_scale: f32,
    /// What queries are multiplied with.
    pub(crate) query_scale: f32,
    /// Bounds of the scores of the attention and of the result.
    pub(crate) attention_cap: Option<f32>,
    pub(crate) result_cap: Option<f32>,
    pub(crate) activation: Activation,
}

/// The architectures that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Architecture {
    Llama,
    Qwen2,
    Qwen3,
    Gemma2,
    Gemma3,
    Phi3,
}

/// Which numbers of a head are turned together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Each with its neighbour.
    Adjacent,
    /// Each of the first half with one of the second.
    Halves,
}

/// How positions are told (Su and others, "RoFormer: Enhanced Transformer with Rotary Position Embedding").
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rope {
    pub(crate) layout: Layout,
    /// Numbers of a head that are turned.
    pub(crate) dimensions: usize,
    pub(crate) base: f32,
    /// The base of layers with a window.
    pub(crate) window_base: f32,
    /// What positions are divided by, in layers without a window.
    pub(crate) scale: f32,
    /// What turned numbers are multiplied with.
    pub(crate) magnitude: f32,
    /// Tokens that the model saw before it was made to see more.
    pub(crate) original_context: usize,
}

/// Layers that see only the last tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) tokens: usize,
    /// Each layer of this number sees all.
    pub(crate) period: usize,
}

/// The function in the middle of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Activation {
    Silu,
    Gelu,
}

impl Description {
    /// Reads the values of a header.
    pub(crate) fn read(values: &Map<String, Value>) -> Result<Self, Failure> {
        let keys = Keys::of(values)?;
        let architecture = keys.architecture;
        if keys.number("expert_count")?.unwrap_or(0) > 0 {
            return Err(Failure::unsupported("mixtures of experts are not run"));
        }
        let (layers, width) = (keys.needed("block_count")?, keys.needed("embedding_length")?);
        let heads = keys.needed("attention.head_count")?;
        let head = keys.number("attention.key_length")?.unwrap_or(width / heads.max(1));
        let is_gemma = matches!(architecture, Architecture::Gemma2 | Architecture::Gemma3);
        let description = Self {
            architecture,
            layers,
            width,
            heads,
            kept_heads: keys.number("attention.head_count_kv")?.unwrap_or(heads),
            head,
            value: keys.number("attention.value_length")?.unwrap_or(head),
            inner: keys.needed("feed_forward_length")?,
            context: keys.needed("context_length")?,
            epsilon: keys.float("attention.layer_norm_rms_epsilon")?.unwrap_or(1e-5),
            rope: keys.rope(head)?,
            window: keys.window()?,
            embedding_scale: if is_gemma { (width as f32).sqrt() } else { 1.0 },
            query_scale: query_scale(architecture, layers, width, heads, head),
            attention_cap: keys.cap("attn_logit_softcapping", 50.0)?,
            result_cap: keys.cap("final_logit_softcapping", 30.0)?,
            activation: if is_gemma { Activation::Gelu } else { Activation::Silu },
        };
        description.check()?;
        Ok(description)
    }

    fn check(&self) -> Result<(), Failure> {
        let sizes = [self.width, self.heads, self.kept_heads, self.head, self.value, self.inner, self.context];
        let is_sound = (1..=MOST_LAYERS).contains(&self.layers)
            && sizes.iter().all(|size| (1..=LARGEST).contains(size))
            && self.heads.is_multiple_of(self.kept_heads)
            && self.heads.checked_mul(self.head.max(self.value)).is_some_and(|all| all <= LARGEST)
            && self.rope.dimensions <= self.head
            && self.rope.dimensions.is_multiple_of(2)
            && self.epsilon.is_finite()
            && self.epsilon >= 0.0;
        if is_sound { Ok(()) } else { Err(Failure::broken("the sizes in the header do not fit each other")) }
    }

    /// Whether layer `layer` sees only the last tokens, and how many.
    pub(crate) fn window_of(&self, layer: usize) -> Option<usize> {
        let window = self.window?;
        (!(layer + 1).is_multiple_of(window.period)).then_some(window.tokens)
    }

    /// How many numbers the keys and values of a token take in all layers.
    pub(crate) fn kept_numbers(&self) -> usize {
        self.layers.saturating_mul(self.kept_heads).saturating_mul(self.head.saturating_add(self.value))
    }
}

/// The largest models of the Gemma family scale by the width, all others by the size of a head.
fn query_scale(architecture: Architecture, layers: usize, width: usize, heads: usize, head: usize) -> f32 {
    let is_largest = match architecture {
        Architecture::Gemma2 => layers == 46,
        Architecture::Gemma3 => layers == 62,
        _ => false,
    };
    let size = if is_largest { width / heads.max(1) } else { head };
    1.0 / (size.max(1) as f32).sqrt()
}

/// The keys of an architecture.
struct Keys<'values> {
    values: &'values Map<String, Value>,
    name: &'values str,
    architecture: Architecture,
}

impl<'values> Keys<'values> {
    fn of(values: &'values Map<String, Value>) -> Result<Self, Failure> {
        let name = values.get("general.architecture").and_then(Value::as_str);
        let name = name.ok_or_else(|| Failure::broken("the header names no architecture"))?;
        let architecture = match name {
            "llama" => Architecture::Llama,
            "qwen2" => Architecture::Qwen2,
            "qwen3" => Architecture::Qwen3,
            "gemma2" => Architecture::Gemma2,
            "gemma3" => Architecture::Gemma3,
            "phi3" => Architecture::Phi3,
            _ => {
                let known = "llama, qwen2, qwen3, gemma2, gemma3 and phi3";
                let cause = format!("the architecture `{}` is not run: {known} are", shown(name));
                return Err(Failure::unsupported(cause));
            }
        };
        Ok(Self { values, name, architecture })
    }

    fn value(&self, key: &str) -> Option<&Value> {
        self.values.get(&format!("{}.{key}", self.name))
    }

    fn number(&self, key: &str) -> Result<Option<usize>, Failure> {
        let Some(value) = self.value(key) else { return Ok(None) };
        let number = value.as_u64().and_then(|number| usize::try_from(number).ok());
        number.map(Some).ok_or_else(|| self.wrong(key))
    }

    fn needed(&self, key: &str) -> Result<usize, Failure> {
        let missing = || Failure::broken(format!("the header lacks one number at `{}.{key}`", self.name));
        self.number(key)?.ok_or_else(missing)
    }

    fn float(&self, key: &str) -> Result<Option<f32>, Failure> {
        let Some(value) = self.value(key) else { return Ok(None) };
        let number = value.as_f64().map(|number| number as f32).filter(|number| number.is_finite());
        number.map(Some).ok_or_else(|| self.wrong(key))
    }

    fn wrong(&self, key: &str) -> Failure {
        Failure::broken(format!("what the header says at `{}.{key}` is no such number", self.name))
    }

    /// Only Gemma 2 bounds anything.
    fn cap(&self, key: &str, usual: f32) -> Result<Option<f32>, Failure> {
        if self.architecture != Architecture::Gemma2 {
            return Ok(None);
        }
        Ok(Some(self.float(key)?.unwrap_or(usual)).filter(|cap| *cap > 0.0))
    }

    fn window(&self) -> Result<Option<Window>, Failure> {
        let period = match self.architecture {
            Architecture::Gemma2 => 2,
            Architecture::Gemma3 => 6,
            _ => return Ok(None),
        };
        let tokens = self.number("attention.sliding_window")?.filter(|tokens| *tokens > 0);
        Ok(tokens.map(|tokens| Window { tokens, period }))
    }

    fn rope(&self, head: usize) -> Result<Rope, Failure> {
        let layout = if self.architecture == Architecture::Llama { Layout::Adjacent } else { Layout::Halves };
        let kind = self.value("rope.scaling.type").and_then(Value::as_str).unwrap_or("none");
        let factor = self.float("rope.scaling.factor")?.or(self.float("rope.scale_linear")?);
        let scale = match kind {
            // Files of long contexts name the factor and bring a table; the factor by itself says nothing then.
            "none" | "longrope" => 1.0,
            "linear" => factor.filter(|factor| *factor > 0.0).unwrap_or(1.0),
            _ => {
                let cause = format!("positions that are scaled by `{}` are not run", shown(kind));
                return Err(Failure::unsupported(cause));
            }
        };
        let base = self.float("rope.freq_base")?.unwrap_or(10_000.0);
        let window_base = if self.architecture == Architecture::Gemma3 { 10_000.0 } else { base };
        Ok(Rope {
            layout,
            dimensions: self.number("rope.dimension_count")?.unwrap_or(head),
            base,
            window_base: self.float("rope.freq_base_swa")?.unwrap_or(window_base),
            scale,
            magnitude: self.float("rope.scaling.attn_factor")?.filter(|factor| *factor > 0.0).unwrap_or(1.0),
            original_context: self.number("rope.scaling.original_context_length")?.unwrap_or(0),
        })
    }
}

#[cfg(test)]
mod tests;
