//! How large the model is, and where each of its tensors lies among all its numbers.

/// The small term that keeps norms from dividing by nothing.
pub(crate) const EPSILON: f32 = 1e-5;
/// What the angles of positions are powers of.
pub(crate) const ROTATION_BASE: f32 = 10_000.0;

/// A model of the family of Llama: a norm before each part, positions as rotations of adjacent pairs, keys and values that
/// several heads share, a gate in the feed-forward part, and a head of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) vocabulary: usize,
    /// The most tokens of a text.
    pub(crate) context: usize,
    pub(crate) width: usize,
    pub(crate) layers: usize,
    pub(crate) heads: usize,
    /// How many heads of keys and values there are.
    pub(crate) shared_heads: usize,
    pub(crate) inner_width: usize,
}

/// The model that is made.
pub(crate) const TINY: Shape =
    Shape { vocabulary: 512, context: 256, width: 64, layers: 2, heads: 4, shared_heads: 2, inner_width: 192 };

/// A model to measure speed with: as large as the small ones that people run, and knows nothing.
pub(crate) const LARGE: Shape = Shape {
    vocabulary: 32_768,
    context: 2_048,
    width: 768,
    layers: 12,
    heads: 12,
    shared_heads: 4,
    inner_width: 2_048,
};

/// A tensor among all numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tensor {
    /// Its name, as files of llama.cpp have it.
    pub(crate) name: String,
    /// Where it begins.
    pub(crate) at: usize,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
}

/// The tensors of a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layer {
    pub(crate) attention_norm: Tensor,
    pub(crate) query: Tensor,
    pub(crate) key: Tensor,
    pub(crate) value: Tensor,
    pub(crate) mixed: Tensor,
    pub(crate) inner_norm: Tensor,
    pub(crate) gate: Tensor,
    pub(crate) up: Tensor,
    pub(crate) down: Tensor,
}

/// All tensors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) embedding: Tensor,
    pub(crate) layers: Vec<Layer>,
    pub(crate) norm: Tensor,
    pub(crate) head: Tensor,
    /// How many numbers there are.
    pub(crate) length: usize,
}

impl Shape {
    /// The width of a head.
    pub(crate) fn head_width(self) -> usize {
        self.width / self.heads
    }

    /// The width of all keys of a token, and of all values.
    pub(crate) fn shared_width(self) -> usize {
        self.head_width() * self.shared_heads
    }

    /// Where the tensors lie.
    pub(crate) fn layout(self) -> Layout {
        let mut length = 0;
        let mut tensor = |name: String, rows: usize, columns: usize| {
            let at = length;
            length += rows * columns;
            Tensor { name: name + ".weight", at, rows, columns }
        };
        let embedding = tensor("token_embd".to_owned(), self.vocabulary, self.width);
        let layers = (0..self.layers).map(|layer| {
            let mut tensor = |name: &str, rows, columns| tensor(format!("blk.{layer}.{name}"), rows, columns);
            Layer {
                attention_norm: tensor("attn_norm", 1, self.width),
                query: tensor("attn_q", self.width, self.width),
                key: tensor("attn_k", self.shared_width(), self.width),
                value: tensor("attn_v", self.shared_width(), self.width),
                mixed: tensor("attn_output", self.width, self.width),
                inner_norm: tensor("ffn_norm", 1, self.width),
                gate: tensor("ffn_gate", self.inner_width, self.width),
                up: tensor("ffn_up", self.inner_width, self.width),
                down: tensor("ffn_down", self.width, self.inner_width),
            }
        });
        let layers = layers.collect();
        let norm = tensor("output_norm".to_owned(), 1, self.width);
        let head = tensor("output".to_owned(), self.vocabulary, self.width);
        Layout { embedding, layers, norm, head, length }
    }
}

impl Tensor {
    /// Its numbers, among all.
    pub(crate) fn of<'all>(&self, all: &'all [f32]) -> &'all [f32] {
        &all[self.at..self.at + self.rows * self.columns]
    }

    /// Its numbers, to be changed.
    pub(crate) fn of_mut<'all>(&self, all: &'all mut [f32]) -> &'all mut [f32] {
        &mut all[self.at..self.at + self.rows * self.columns]
    }

    /// Whether it is a row that norms multiply by, and no matrix.
    pub(crate) fn is_norm(&self) -> bool {
        self.rows == 1
    }
}

impl Layout {
    /// All tensors, in the order of the numbers.
    pub(crate) fn tensors(&self) -> Vec<&Tensor> {
        let layers = self.layers.iter().flat_map(|layer| {
            let Layer { attention_norm, query, key, value, mixed, inner_norm, gate, up, down } = layer;
            [attention_norm, query, key, value, mixed, inner_norm, gate, up, down]
        });
        std::iter::once(&self.embedding).chain(layers).chain([&self.norm, &self.head]).collect()
    }
}
