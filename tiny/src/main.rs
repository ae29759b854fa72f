//! Makes the tiny model whose answers are known: a file of llama.cpp's form, and what the model in it says.
//!
//! `cargo xtask generate tiny` builds and starts it. The first word is the folder; `--check` compares what is there in place of
//! writing it, and `--whole FILE` writes the model with all bits as well. `--random KIND` (F32, Q8_0 or Q4_K) makes one file in its place:
//! `random.gguf`, a larger model that learned nothing, to measure speed with.

mod attention;
mod batch;
mod exam;
mod expected;
mod fours;
mod gguf;
mod lesson;
mod matrix;
mod model;
mod prompt;
mod quantized;
mod random;
mod shape;
mod tokenizer;
mod training;

use exam::{Asked, Score};
use gguf::Kept;
use model::Model;
use serde_json::Value;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What all that looks random begins with.
const SEED: u64 = 20_261_122;
/// How many wrong answers of each kind are shown.
const SHOWN: usize = 10;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            let _ = writeln!(std::io::stderr(), "error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[String]) -> Result<(), String> {
    let folder = words.first().map(PathBuf::from).ok_or("the first word is the folder")?;
    if let Some(at) = words.iter().position(|word| word == "--random") {
        let kept = words.get(at + 1).and_then(|name| Kept::named(name));
        return random(&folder, kept.ok_or("behind --random stands F32, Q8_0 or Q4_K")?);
    }
    let whole = words.iter().position(|word| word == "--whole").and_then(|at| words.get(at + 1));
    let (model, tokenizer) = (Model::new(shape::TINY), training::tokenizer(SEED, shape::TINY.vocabulary));
    let learned =
        training::numbers(&model, &tokenizer, SEED + 1, |step, loss| tell(&format!("   step {step}: {loss:.4}")));
    if let Some(path) = whole {
        write(Path::new(path), &gguf::file(&model, &learned, &tokenizer, Kept::Whole))?;
    }
    let file = gguf::file(&model, &learned, &tokenizer, Kept::Quantized);
    let numbers = as_in_file(&model, learned);
    let asked = Asked { model: &model, numbers: &numbers, tokenizer: &tokenizer };
    report(&asked)?;
    let expected = expected::expected(&asked);
    if words.iter().any(|word| word == "--check") {
        check(&folder, &file, &expected)
    } else {
        keep(&folder, &file, &expected)
    }
}

/// Writes a model that learned nothing.
fn random(folder: &Path, kept: Kept) -> Result<(), String> {
    let (model, tokenizer) = (Model::new(shape::LARGE), training::tokenizer(SEED, shape::TINY.vocabulary));
    let numbers = model.start(&mut random::Random::new(SEED));
    write(&folder.join("random.gguf"), &gguf::file(&model, &numbers, &tokenizer, kept))
}

/// The numbers that the quantized file has.
fn as_in_file(model: &Model, mut numbers: Vec<f32>) -> Vec<f32> {
    for tensor in model.layout.tensors().into_iter().filter(|tensor| !tensor.is_norm()) {
        let packed = quantized::pack(tensor.of(&numbers));
        tensor.of_mut(&mut numbers).copy_from_slice(&quantized::unpack(&packed));
    }
    numbers
}

/// Says how well the model answers. One that does not know what it was taught is none.
fn report(asked: &Asked<'_>) -> Result<(), String> {
    let taught: Vec<Score> = asked.exam_of_taught();
    let others = asked.exam_of_others(SEED + 2);
    for score in taught.iter().chain(&others) {
        tell(&format!("   {}: {} of {} right", score.name, score.right, score.all));
        for (question, answer) in score.wrong.iter().take(SHOWN) {
            tell(&format!("      {question:?}: {answer:?}"));
        }
    }
    let is_taught = taught.iter().all(|score| score.wrong.is_empty());
    is_taught.then_some(()).ok_or_else(|| "an answer that was taught is wrong: let it learn for longer".to_owned())
}

fn keep(folder: &Path, file: &[u8], expected: &Value) -> Result<(), String> {
    write(&folder.join("tiny.gguf"), file)?;
    write(&folder.join("expected.json"), written(expected).as_bytes())?;
    tell(&format!("   {} bytes", file.len()));
    Ok(())
}

/// Compares with what was kept. A processor that rounds otherwise may make other numbers, but no other answers.
fn check(folder: &Path, file: &[u8], expected: &Value) -> Result<(), String> {
    let read = |name: &str| std::fs::read(folder.join(name)).map_err(|error| format!("cannot read {name}: {error}"));
    let (kept_file, kept_text) = (read("tiny.gguf")?, read("expected.json")?);
    if kept_file == file && kept_text == written(expected).as_bytes() {
        tell("   the files are those that are there, byte for byte");
        return Ok(());
    }
    let kept: Value =
        serde_json::from_slice(&kept_text).map_err(|error| format!("expected.json is broken: {error}"))?;
    for name in ["questions", "conversations", "sentences", "tokens"] {
        if kept[name] != expected[name] {
            return Err(format!("the {name} differ: make the files anew without --check"));
        }
    }
    tell("   the answers are those that are there, but not all numbers");
    Ok(())
}

/// Lists with one element on a line, for people who compare.
fn written(expected: &Value) -> String {
    let mut text = String::from("{");
    for (at, (name, value)) in expected.as_object().into_iter().flatten().enumerate() {
        text.push_str(if at == 0 { "\n" } else { ",\n" });
        let lines: Vec<String> = value.as_array().into_iter().flatten().map(|value| format!("\n  {value}")).collect();
        let value = if lines.is_empty() { value.to_string() } else { format!("[{}\n ]", lines.join(",")) };
        text.push_str(&format!(" \"{name}\": {value}"));
    }
    text + "\n}\n"
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let written = File::create(path).and_then(|mut file| file.write_all(bytes));
    written.map_err(|error| format!("cannot write {}: {error}", path.display()))
}

fn tell(text: &str) {
    // A reader that went away has all that it wanted.
    let _ = writeln!(std::io::stdout(), "{text}");
}
