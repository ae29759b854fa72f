//! One plans, many read parts, one answers: the protocol MinionS (A. Narayan and others, arXiv 2502.15964).

use crate::passages::{Material, pieces};
use crate::play::{Desk, Gathered, Part, Play, Step};
use crate::strategy::MapReduce;
use crate::{reading, words};
use conversation::{Answer, Request};

/// The most tokens of a plan, and of what a worker finds.
const PLAN: u64 = 400;
const FOUND: u64 = 300;
/// How much of the beginning of each text the plan is made from, in bytes.
const GLIMPSE: usize = 1_500;
/// What a worker says that found nothing.
const NOTHING: &str = "NONE";

#[derive(Debug)]
pub(crate) struct Reducing {
    map: MapReduce,
    material: Material,
    chunks: Vec<String>,
    stage: Stage,
    gathered: Gathered,
}

#[derive(Debug, PartialEq, Eq)]
enum Stage {
    Plan,
    Read,
    Answer,
}

impl Reducing {
    pub(crate) fn new(map: &MapReduce, client: &Request) -> Self {
        let material = Material::of(client, map.long);
        let bytes: usize = material.texts.iter().map(|(_, text)| text.len()).sum();
        // A chunk more for each text, which end where they end.
        let room = map.chunks.saturating_sub(material.texts.len()).max(1);
        let size = map.chunk.max(bytes.div_ceil(room).saturating_mul(3) / 2);
        let chunks =
            material.texts.iter().flat_map(|(_, text)| pieces(text, size.max(1)).into_iter().map(str::to_owned));
        let chunks = chunks.collect();
        Self { map: map.clone(), material, chunks, stage: Stage::Plan, gathered: Gathered::default() }
    }

    fn read(&mut self, desk: &mut Desk, plan: Option<String>) -> Step {
        self.stage = Stage::Read;
        let mut jobs = plan.map(|plan| reading::lines(&plan)).unwrap_or_default();
        jobs.truncate(self.map.jobs.max(1));
        if jobs.is_empty() {
            jobs.push(format!("What does the text say that helps to answer: {}", self.material.question));
        }
        let mut parts: Vec<Part> = Vec::new();
        for chunk in &self.chunks {
            for job in &jobs {
                let instructions = format!(
                    "Answer the task from the text alone: in a few words, with names and numbers as they stand there. If the text says \
                     nothing of it, answer {NOTHING}."
                );
                let texts = [("Text", chunk.as_str()), ("Task", job.as_str())];
                parts.push(desk.part("read", &self.map.worker, words::question(&instructions, &texts, FOUND)));
            }
        }
        self.gathered = Gathered::of(&parts);
        Step::Ask(parts)
    }

    fn answer(&mut self, desk: &mut Desk, answers: &[(usize, Option<Answer>)]) -> Step {
        self.stage = Stage::Answer;
        let failed = answers.iter().filter(|(_, answer)| answer.is_none()).count();
        let mut found: Vec<String> = Vec::new();
        for said in answers.iter().filter_map(|(_, answer)| answer.as_ref().and_then(reading::said)) {
            let said = said.trim().to_owned();
            if !reading::plain(&said).starts_with("none") && !found.contains(&said) {
                found.push(said);
            }
        }
        // What many could not read, and what nobody found anything in, is read by the one who answers.
        let request = if failed * 2 > answers.len() || found.is_empty() {
            (*desk.client).clone()
        } else {
            let notes = format!("[Notes that were taken from the text:]\n- {}", found.join("\n- "));
            let texts: Vec<String> = std::iter::once(notes)
                .chain(std::iter::repeat_n(
                    "[see the notes above]".to_owned(),
                    self.material.texts.len().saturating_sub(1),
                ))
                .collect();
            self.material.replaced(&desk.client, &texts)
        };
        desk.forward(&self.map.model.clone(), request)
    }
}

impl Play for Reducing {
    fn begin(&mut self, desk: &mut Desk) -> Step {
        if self.chunks.is_empty() {
            self.stage = Stage::Answer;
            let request = (*desk.client).clone();
            return desk.forward(&self.map.model.clone(), request);
        }
        let glimpses = self.material.texts.iter().map(|(_, text)| text.get(..text.floor_char_boundary(GLIMPSE)));
        let mut texts: Vec<(&str, &str)> = glimpses.flatten().map(|glimpse| ("Beginning of a text", glimpse)).collect();
        texts.truncate(4);
        texts.push(("Question", &self.material.question));
        let instructions = format!(
            "Helpers will each read one part of the text and cannot see the rest. What are they to look for, so that the question \
             can be answered from what they find? Answer with at most {} short tasks, one a line, and nothing else.",
            self.map.jobs.max(1)
        );
        let part = desk.part("plan", &self.map.model.clone(), words::question(&instructions, &texts, PLAN));
        Step::Ask(vec![part])
    }

    fn ended(&mut self, desk: &mut Desk, number: usize, answer: Option<Answer>) -> Step {
        match self.stage {
            Stage::Plan => {
                let plan = answer.as_ref().and_then(reading::said);
                self.read(desk, plan)
            }
            Stage::Read => match self.gathered.take(number, answer) {
                Some(answers) => self.answer(desk, &answers),
                None => Step::Wait,
            },
            Stage::Answer => Step::Fail(number),
        }
    }
}

#[cfg(test)]
mod tests;
