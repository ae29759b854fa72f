//! What a route says of how its models help each other. Models are named as a client would name them.

/// How models help each other.
#[derive(Debug, Clone, PartialEq)]
pub enum Strategy {
    /// A model makes the request shorter or clearer before another answers it.
    Boost(Boost),
    /// A model drafts an answer, another makes it better.
    DraftRefine(DraftRefine),
    /// The cheap one first; what does not pass goes to the next.
    Cascade(Cascade),
    /// Several at once, of which one answer is chosen.
    Compare(Compare),
    /// One plans, many read parts, one answers.
    MapReduce(MapReduce),
    /// Several at once, and who begins first goes on.
    Speculate(Speculate),
}

impl Strategy {
    /// Their names, as they are written.
    pub const NAMES: [&'static str; 6] = ["boost", "draft_refine", "cascade", "compare", "map_reduce", "speculate"];

    /// Its name, as it is written.
    pub fn name(&self) -> &'static str {
        match self {
            Strategy::Boost(_) => "boost",
            Strategy::DraftRefine(_) => "draft_refine",
            Strategy::Cascade(_) => "cascade",
            Strategy::Compare(_) => "compare",
            Strategy::MapReduce(_) => "map_reduce",
            Strategy::Speculate(_) => "speculate",
        }
    }

    /// All models that it may ask.
    pub fn models(&self) -> Vec<&str> {
        match self {
            Strategy::Boost(boost) => vec![&boost.helper, &boost.model],
            Strategy::DraftRefine(draft) => vec![&draft.helper, &draft.model],
            Strategy::Cascade(cascade) => {
                let verifier = match &cascade.check {
                    Check::Judge { model, .. } => Some(model.as_str()),
                    Check::Agree { .. } | Check::Json => None,
                };
                cascade.models.iter().map(String::as_str).chain(verifier).collect()
            }
            Strategy::Compare(compare) => {
                let decider = match &compare.decide {
                    Decide::Judge(model) | Decide::Merge(model) => Some(model.as_str()),
                    Decide::Vote => None,
                };
                compare.models.iter().map(String::as_str).chain(decider).collect()
            }
            Strategy::MapReduce(map) => vec![&map.worker, &map.model],
            Strategy::Speculate(speculate) => speculate.models.iter().map(String::as_str).collect(),
        }
    }
}

/// A model makes the request shorter or clearer before another answers it.
#[derive(Debug, Clone, PartialEq)]
pub struct Boost {
    /// Who makes it so.
    pub helper: String,
    /// Who answers.
    pub model: String,
    /// What is done.
    pub shorten: Shorten,
    /// What share of the long texts is kept, 0..1.
    pub keep: f64,
    /// From how many bytes on a text is long.
    pub long: usize,
    /// The most bytes that the helper is given at once.
    pub window: usize,
}

/// What a helper does to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shorten {
    /// The passages that matter stay, word for word.
    Extract,
    /// Long texts are told in fewer words.
    Compress,
    /// What the user says last is said more clearly.
    Reformulate,
}

/// A model drafts an answer, another makes it better.
#[derive(Debug, Clone, PartialEq)]
pub struct DraftRefine {
    /// Who drafts.
    pub helper: String,
    /// Who refines.
    pub model: String,
}

/// The cheap one first; what does not pass goes to the next.
#[derive(Debug, Clone, PartialEq)]
pub struct Cascade {
    /// Who is asked, the cheapest first.
    pub models: Vec<String>,
    /// What an answer must pass. The last one's answer need not.
    pub check: Check,
}

/// What says whether an answer is good enough.
#[derive(Debug, Clone, PartialEq)]
pub enum Check {
    /// A model gives it marks from 0 to 10.
    Judge {
        /// Who.
        model: String,
        /// The marks that are enough.
        least: u8,
    },
    /// The same model, asked so many times, says the same more often than not.
    Agree {
        /// How often it is asked.
        times: usize,
    },
    /// It is JSON.
    Json,
}

/// Several at once, of which one answer is chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct Compare {
    /// Who is asked.
    pub models: Vec<String>,
    /// Who decides.
    pub decide: Decide,
    /// Whether the client gets all answers, the chosen one first.
    pub show_all: bool,
}

/// Who decides among answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Decide {
    /// A model names the best.
    Judge(String),
    /// A model makes one answer of all.
    Merge(String),
    /// What most say; among equals the one that stands first.
    Vote,
}

/// One plans, many read parts, one answers.
#[derive(Debug, Clone, PartialEq)]
pub struct MapReduce {
    /// Who reads the parts.
    pub worker: String,
    /// Who plans, and answers in the end.
    pub model: String,
    /// From how many bytes on a text is long.
    pub long: usize,
    /// The bytes of a part.
    pub chunk: usize,
    /// The most parts: longer texts have longer ones.
    pub chunks: usize,
    /// The most questions that each part is read for.
    pub jobs: usize,
}

/// Several at once, and who begins first goes on.
#[derive(Debug, Clone, PartialEq)]
pub struct Speculate {
    /// Who is asked.
    pub models: Vec<String>,
}
