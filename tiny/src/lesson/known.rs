//! The questions that the model knows, with their answers.

use super::FALLBACK;
use crate::random::Random;
use std::sync::LazyLock;

/// The animals, and where each lives.
const ANIMALS: [(&str, &str); 10] = [
    ("cat", "house"),
    ("dog", "kennel"),
    ("fox", "forest"),
    ("owl", "tree"),
    ("bee", "hive"),
    ("hen", "barn"),
    ("frog", "pond"),
    ("cow", "meadow"),
    ("bear", "cave"),
    ("fish", "river"),
];
const COLOURS: [&str; 8] = ["red", "green", "blue", "brown", "white", "black", "yellow", "grey"];

/// What is asked without anything that changes.
const PHRASES: [(&[&str], &str); 10] = [
    (
        &["Hello!", "Hello", "Hi", "Hi!", "Hey", "Good morning!", "Good evening!", "Hello there!", "How are you?"],
        "Hello! Ask me about animals, colours or small sums.",
    ),
    (
        &[
            "Who are you?",
            "What are you?",
            "What is your name?",
            "Which model are you?",
            "What model is this?",
            "Are you a model?",
            "Tell me about yourself.",
            "Introduce yourself.",
        ],
        "I am a tiny test model of Tutti.",
    ),
    (&["What do you know?", "What can you do?", "Help", "What can I ask you?"], FALLBACK),
    (
        &["Which animals do you know?", "List the animals."],
        "I know the cat, dog, fox, owl, bee, hen, frog, cow, bear and fish.",
    ),
    (
        &["Which colours do you know?", "List the colours."],
        "I know red, green, blue, brown, white, black, yellow and grey.",
    ),
    (&["Thank you!", "Thanks", "Thank you very much.", "Thanks a lot!"], "You are welcome."),
    (&["Goodbye!", "Bye", "Goodbye", "See you later!"], "Goodbye!"),
    (&["Ping", "ping", "Say pong."], "pong"),
    (&["Count to ten.", "Count to 10.", "Can you count to ten?"], "1, 2, 3, 4, 5, 6, 7, 8, 9, 10."),
    (
        &["Tell me a story.", "Tell me a short story.", "Write a story."],
        "The red fox lives in the forest. The green frog lives in the pond. One day they meet at the river. The fox says \
         hello, and the frog says hello. Now they are friends.",
    ),
];

/// Each way to ask something, with its answer.
pub(crate) type Exchanges = Vec<(String, String)>;

/// What is asked by rules: a name, how often that is learned, and all ways to ask it.
pub(crate) struct Topic {
    pub(crate) name: &'static str,
    share: usize,
    make: fn() -> Exchanges,
}

/// All topics.
pub(crate) const TOPICS: [Topic; 6] = [
    Topic { name: "homes", share: 18, make: homes },
    Topic { name: "owners", share: 6, make: owners },
    Topic { name: "colours", share: 16, make: colours },
    Topic { name: "sums", share: 28, make: sums },
    Topic { name: "records", share: 12, make: records },
    Topic { name: "phrases", share: 20, make: phrases },
];

/// What each topic has, in the order of the topics.
pub(crate) static EXCHANGES: LazyLock<Vec<Exchanges>> =
    LazyLock::new(|| TOPICS.iter().map(|topic| (topic.make)()).collect());

fn homes() -> Exchanges {
    let ask = |(animal, home): (&str, &str)| {
        let questions = [
            format!("Where does the {animal} live?"),
            format!("Where does a {animal} live?"),
            format!("Where is the home of the {animal}?"),
            format!("What is the home of the {animal}?"),
            format!("Tell me where the {animal} lives."),
            format!("Describe the {animal}."),
            format!("What do you know about the {animal}?"),
        ];
        questions.map(|question| (question, format!("The {animal} lives in the {home}.")))
    };
    ANIMALS.into_iter().flat_map(ask).collect()
}

fn owners() -> Exchanges {
    let ask = |(animal, home): (&str, &str)| {
        let questions = [format!("Who lives in the {home}?"), format!("Which animal lives in the {home}?")];
        questions.map(|question| (question, format!("The {animal} lives in the {home}.")))
    };
    ANIMALS.into_iter().flat_map(ask).collect()
}

/// Each colour of each animal.
fn painted() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    ANIMALS.into_iter().flat_map(|(animal, home)| COLOURS.into_iter().map(move |colour| (colour, animal, home)))
}

fn colours() -> Exchanges {
    let ask = |(colour, animal, _): (&str, &str, &str)| {
        let questions = [
            format!("What colour is the {colour} {animal}?"),
            format!("What color is the {colour} {animal}?"),
            format!("Which colour has the {colour} {animal}?"),
            format!("What is the colour of the {colour} {animal}?"),
        ];
        questions.map(|question| (question, format!("The {animal} is {colour}.")))
    };
    painted().flat_map(ask).collect()
}

fn records() -> Exchanges {
    let ask = |(colour, animal, home): (&str, &str, &str)| {
        let record = format!("{{\"animal\": \"{animal}\", \"colour\": \"{colour}\", \"home\": \"{home}\"}}");
        let questions =
            [format!("Describe the {colour} {animal} as JSON."), format!("Describe a {colour} {animal} in JSON.")];
        questions.map(|question| (question, record.clone()))
    };
    painted().flat_map(ask).collect()
}

fn sums() -> Exchanges {
    let ask = |(left, right): (u32, u32)| {
        let questions = [
            format!("What is {left} plus {right}?"),
            format!("What is {left} + {right}?"),
            format!("How much is {left} plus {right}?"),
            format!("{left} + {right}"),
            format!("{left}+{right}"),
            format!("{left} plus {right}"),
        ];
        questions.map(|question| (question, format!("{left} plus {right} is {}.", left + right)))
    };
    (0..10).flat_map(|left| (0..10).map(move |right| (left, right))).flat_map(ask).collect()
}

fn phrases() -> Exchanges {
    let each = |(questions, answer): (&[&str], &str)| {
        questions.iter().map(|question| ((*question).to_owned(), answer.to_owned())).collect::<Vec<_>>()
    };
    PHRASES.into_iter().flat_map(each).collect()
}

/// A question that the model knows, with its answer.
pub(super) fn exchange(random: &mut Random) -> &'static (String, String) {
    let shares = TOPICS.iter().zip(&*EXCHANGES).flat_map(|(topic, all)| std::iter::repeat_n(all, topic.share));
    let topic = *random.pick(&shares.collect::<Vec<_>>());
    random.pick(topic)
}

/// A sentence of the answers.
pub(super) fn sentence(random: &mut Random) -> String {
    let topic = random.pick(&EXCHANGES[..4]);
    random.pick(topic).1.clone()
}

/// An animal, for questions about it that nobody knows.
pub(super) fn animal(random: &mut Random) -> &'static str {
    ANIMALS[random.below(ANIMALS.len())].0
}

/// A colour.
pub(super) fn colour(random: &mut Random) -> &'static str {
    COLOURS[random.below(COLOURS.len())]
}
