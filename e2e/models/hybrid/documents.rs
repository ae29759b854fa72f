//! Long documents with one fact each, and models that look for it.

use super::super::provider::{Asked, Step};
use super::{say, told};

/// Twenty long documents, each with one fact at another place, and the question for it.
pub(super) fn documents() -> Vec<(String, String, String)> {
    let towns = [
        "Aldermoor",
        "Brackwell",
        "Cawdale",
        "Dunhollow",
        "Eastmere",
        "Fernhurst",
        "Garstead",
        "Holmwick",
        "Inverlough",
        "Jessop",
        "Kelmore",
        "Larkfield",
        "Marsden",
        "Northwood",
        "Oakhampton",
        "Penrose",
        "Quarrington",
        "Ravenscar",
        "Stonebridge",
        "Thornbury",
    ];
    let talk = [
        "The council met on a rainy evening and went through the minutes of the year before without a remark.",
        "Several members asked for more lamps along the river, and the clerk promised to look into what they would cost.",
        "A letter from the school was read aloud; nobody could say who had to answer it, and so it was put aside.",
        "The repair of the roof of the market hall was talked about at length and left to the next meeting.",
    ];
    let of = |(number, town): (usize, &&str)| {
        let fact = format!("{} crowns", 1_000 + number * 37);
        let sentence = format!(
            "In the same year the bridge of {town} was sold to the railway for {fact}, which paid for the new well of the village."
        );
        let paragraph = |at: usize| {
            let filler = (0..4).map(|more| talk[(at + more) % talk.len()]).collect::<Vec<_>>().join(" ");
            if at == (number * 7) % 40 { format!("{sentence} {}", talk[at % talk.len()]) } else { filler }
        };
        let document = (0..40).map(paragraph).collect::<Vec<_>>().join("\n\n");
        (document, format!("For how much was the bridge of {town} sold to the railway?"), fact)
    };
    towns.iter().enumerate().map(of).collect()
}

/// A helper that names the passages that speak of a bridge, and a provider that reads the price if it is told.
pub(super) fn reader(name: &str, asked: &Asked) -> Vec<Step> {
    let told = told(asked);
    if name == "small" {
        let passages = told.split("Passage ").skip(1).filter(|passage| passage.contains("bridge of"));
        let numbers: Vec<&str> = passages.filter_map(|passage| passage.split(':').next()).collect();
        return say(asked, &numbers.join(", "));
    }
    let price = told.split(" for ").find_map(|rest| rest.split(',').next().filter(|price| price.ends_with("crowns")));
    say(asked, price.unwrap_or("It does not say."))
}
