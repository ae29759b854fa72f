//! A model makes the request shorter or clearer before another answers it.

use crate::passages::{Material, passages, pieces, together};
use crate::play::{Desk, Gathered, Part, Play, Step};
use crate::strategy::{Boost, Shorten};
use crate::{Rank, reading, words};
use conversation::{Answer, Request};

/// The most tokens of a list of numbers.
const LIST: u64 = 200;
/// How many times as long as the question a clearer one may be.
const LONGER: usize = 8;

#[derive(Debug)]
pub(crate) struct Boosting {
    boost: Boost,
    material: Material,
    /// The passages of all long texts, each with the number of its text.
    passages: Vec<(usize, String)>,
    /// The passages by how well they fit, the best first.
    ranking: Vec<usize>,
    /// Those that the helper is shown, in the order of the text.
    shown: Vec<usize>,
    gathered: Gathered,
    /// For each piece that is compressed, the number of its text, and the piece itself.
    parts: Vec<(usize, String)>,
    forwarded: bool,
}

impl Boosting {
    pub(crate) fn new(boost: &Boost, client: &Request, rank: Rank<'_>) -> Self {
        let material = Material::of(client, boost.long);
        let passages = passages(material.texts.iter().map(|(_, text)| text.as_str()));
        let bare: Vec<String> = passages.iter().map(|(_, passage)| passage.clone()).collect();
        let fits = if bare.is_empty() { Vec::new() } else { rank(&material.question, &bare) };
        let mut ranking: Vec<usize> = (0..passages.len()).collect();
        let fit = |one: &usize| fits.get(*one).copied().unwrap_or(f32::NEG_INFINITY);
        ranking.sort_by(|left, right| fit(right).total_cmp(&fit(left)));
        Self {
            boost: boost.clone(),
            material,
            passages,
            ranking,
            shown: Vec::new(),
            gathered: Gathered::default(),
            parts: Vec::new(),
            forwarded: false,
        }
    }

    /// How many bytes of the long texts are kept.
    fn room(&self) -> usize {
        let all: usize = self.passages.iter().map(|(_, passage)| passage.len()).sum();
        (all as f64 * self.boost.keep) as usize
    }

    /// The best passages by rank, `first` before all others, that have room.
    fn kept(&self, first: &[usize]) -> Vec<bool> {
        let mut keep = vec![false; self.passages.len()];
        let mut room = self.room();
        for one in first.iter().chain(&self.ranking) {
            let (Some(keep), Some((_, passage))) = (keep.get_mut(*one), self.passages.get(*one)) else { continue };
            if !*keep && passage.len() <= room {
                *keep = true;
                room -= passage.len();
            }
        }
        keep
    }

    fn extracted(&self, desk: &Desk, first: &[usize]) -> Request {
        let texts = together(self.material.texts.len(), &self.passages, &self.kept(first));
        self.material.replaced(&desk.client, &texts)
    }

    fn forward(&mut self, desk: &mut Desk, request: Request) -> Step {
        self.forwarded = true;
        desk.forward(&self.boost.model.clone(), request)
    }

    /// Shows the helper the passages that fit best, as many as it can read, in the order of the text.
    fn ask_which(&mut self, desk: &mut Desk) -> Step {
        let mut room = self.boost.window;
        let fits = |one: &&usize| {
            let bytes = self.passages.get(**one).map_or(0, |(_, passage)| passage.len());
            let fits = bytes <= room;
            room -= if fits { bytes } else { 0 };
            fits
        };
        self.shown = self.ranking.iter().filter(fits).copied().collect();
        self.shown.sort_unstable();
        let names: Vec<String> = (1..=self.shown.len()).map(|number| format!("Passage {number}")).collect();
        let shown = self.shown.iter().filter_map(|one| self.passages.get(*one)).map(|(_, passage)| passage.as_str());
        let mut texts: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(shown).collect();
        texts.push(("Question", &self.material.question));
        let instructions = "Which of the passages are needed to answer the question? Answer with their numbers alone, the most \
                            important first, separated by commas.";
        let request = words::question(instructions, &texts, LIST);
        Step::Ask(vec![desk.part("extract", &self.boost.helper, request)])
    }

    fn ask_shorter(&mut self, desk: &mut Desk) -> Step {
        let mut asked: Vec<Part> = Vec::new();
        for (number, (_, text)) in self.material.texts.iter().enumerate() {
            for piece in pieces(text, self.boost.window) {
                let most = (piece.len() as f64 * self.boost.keep / 4.0) as u64 + 16;
                let instructions = format!(
                    "Tell the text in at most {} words. Keep every name, number and fact that may matter for the question, word for \
                     word where you can. Answer with the shorter text alone.",
                    most * 3 / 4
                );
                let texts = [("Text", piece), ("Question", self.material.question.as_str())];
                asked.push(desk.part("compress", &self.boost.helper, words::question(&instructions, &texts, most)));
                self.parts.push((number, piece.to_owned()));
            }
        }
        self.gathered = Gathered::of(&asked);
        Step::Ask(asked)
    }

    /// The request with the shorter texts. A piece that was not made shorter is told by its best passages.
    fn shorter(&self, desk: &Desk, answers: &[(usize, Option<Answer>)]) -> Request {
        let mut texts = vec![String::new(); self.material.texts.len()];
        for ((number, piece), (_, answer)) in self.parts.iter().zip(answers) {
            let short = answer.as_ref().and_then(reading::said).filter(|said| said.len() < piece.len());
            let Some(text) = texts.get_mut(*number) else { continue };
            if !text.is_empty() {
                text.push_str("\n\n");
            }
            text.push_str(short.as_deref().map_or(piece.as_str(), str::trim));
        }
        self.material.replaced(&desk.client, &texts)
    }
}

impl Play for Boosting {
    fn begin(&mut self, desk: &mut Desk) -> Step {
        match self.boost.shorten {
            Shorten::Reformulate if !self.material.question.is_empty() => {
                let instructions = "Say the question so that it is clear, complete and short, in the same language, without answering \
                                    it. Keep all names, numbers and conditions. Answer with the question alone.";
                let texts = [("Question", self.material.question.as_str())];
                let most = self.material.question.len() as u64 + 64;
                Step::Ask(vec![desk.part(
                    "reformulate",
                    &self.boost.helper,
                    words::question(instructions, &texts, most),
                )])
            }
            Shorten::Extract if !self.passages.is_empty() => self.ask_which(desk),
            Shorten::Compress if !self.passages.is_empty() => self.ask_shorter(desk),
            _ => {
                let request = (*desk.client).clone();
                self.forward(desk, request)
            }
        }
    }

    fn ended(&mut self, desk: &mut Desk, number: usize, answer: Option<Answer>) -> Step {
        if self.forwarded {
            return Step::Fail(number);
        }
        let request = match self.boost.shorten {
            Shorten::Reformulate => {
                let question = answer.as_ref().and_then(reading::said);
                let question = question.filter(|said| said.len() <= self.material.question.len() * LONGER + 64);
                match question {
                    Some(question) => self.material.asking(&desk.client, question.trim()),
                    None => (*desk.client).clone(),
                }
            }
            Shorten::Extract => {
                let said = answer.as_ref().and_then(reading::said).unwrap_or_default();
                let named = reading::numbers(&said).filter_map(|named| self.shown.get(named.checked_sub(1)?).copied());
                self.extracted(desk, &named.collect::<Vec<_>>())
            }
            Shorten::Compress => match self.gathered.take(number, answer) {
                Some(answers) => self.shorter(desk, &answers),
                None => return Step::Wait,
            },
        };
        self.forward(desk, request)
    }
}

#[cfg(test)]
mod tests;
