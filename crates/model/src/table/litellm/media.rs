//! What models of pictures and sound cost, in LiteLLM's words.

use super::{DOLLAR_PLACES, PLACES};
use crate::decimal;
use crate::price::{Price, Rates, UnitRates};
use crate::words::Task;
use serde_json::{Map, Value};

/// The price of such a model, in one measure: where several are said, such as tokens and about what that is for a second, both
/// would be charged. Nothing where only measures are said that no answer tells, such as pixels.
pub(super) fn price(task: Task, model: &Map<String, Value>) -> Option<Price> {
    let said = |key: &str, places: usize| {
        let number = model.get(key)?.as_f64().filter(|number| *number >= 0.0)?;
        decimal::of_float(number, places)
    };
    // Of two prices for parts that answers do not tell apart the higher one is taken.
    let highest = |keys: [&str; 2], places: usize| keys.iter().filter_map(|key| said(key, places)).max();
    let tokens = |input: [&str; 2], output: [&str; 2]| -> Option<Price> {
        let (input, output) = (highest(input, PLACES)?, highest(output, PLACES)?);
        let audio_input = said("input_cost_per_audio_token", PLACES);
        Some(Price { rates: Rates { input, output, audio_input, ..Rates::default() }, ..Price::default() })
    };
    let units = |units: UnitRates| Price { units, ..Price::default() };
    let text = "input_cost_per_token";
    match task {
        Task::Image => {
            let output = ["output_cost_per_token", "output_cost_per_image_token"];
            let image = || highest(["output_cost_per_image", "input_cost_per_image"], DOLLAR_PLACES);
            tokens([text, "input_cost_per_image_token"], output)
                .or_else(|| Some(units(UnitRates { image: image()?, ..UnitRates::default() })))
        }
        Task::Speech => {
            let characters = said("input_cost_per_character", PLACES);
            let characters = characters.map(|characters| units(UnitRates { characters, ..UnitRates::default() }));
            characters.or_else(|| tokens([text, text], ["output_cost_per_token", "output_cost_per_audio_token"]))
        }
        _ => {
            let second = || highest(["input_cost_per_second", "output_cost_per_second"], DOLLAR_PLACES);
            tokens([text, text], ["output_cost_per_token"; 2])
                .or_else(|| Some(units(UnitRates { second: second()?, ..UnitRates::default() })))
        }
    }
}
