//! Questions that the model does not know, and what systems say before: so varied that it learns to tell them from those
//! that it knows.

use super::known;
use crate::random::Random;

/// Words for the gaps of questions.
const WORDS: &str = "able about account actor advice age air airport algebra alphabet amount anchor angle answer apple \
    argument army arrow art article atom author autumn baby bag ball banana bank basket bath battery beach bean bed bell \
    bicycle bill bird biscuit blood board boat body bone book bottle box brain branch bread breakfast bridge brother \
    budget bug building bus business butter button cable cake calculator camera camel candle capital car card carpet \
    carrot castle cells chair chalk chance cheese chemistry chess child china church circle city class climate clock cloth \
    cloud code coffee coin comet company compiler computer concert contract cook copper cost country court cousin crab \
    cricket crocodile crown culture cup customer dance danger data database date daughter day deer democracy dentist \
    desert desk dinner dinosaur director disease doctor document dollar dolphin door dragon dream dress drink duck eagle \
    ear earth east economy education egg electricity elephant email emperor energy engine error essay europe event exam \
    example factory family farm father feather fever field file film finger fire flag flower flute football force france \
    freedom friend fruit function future galaxy game garden gas germany ghost giraffe glass goat gold goose government \
    grammar grape grass guitar hair hamster hand harbour hat head heart hedgehog history holiday horse hospital hotel \
    hour ice idea india insect internet iron island jacket jam japan job journey judge juice kangaroo kettle key king \
    kitchen knife lake lamp language laptop law lawyer leaf lemon lesson letter library light lion list lizard london \
    love luck lunch machine magnet manager map market mathematics meal medicine meeting memory message metal milk mind \
    minister mirror money monkey moon morning mother motor mountain mouse movie museum music nail nation network \
    newspaper night noise north novel number nurse ocean office oil onion orange orchestra oxygen page paint palace \
    panda paper parent paris park parrot party password peace pen penguin pepper person philosophy phone photo physics \
    piano picture pig pilot planet plant plate player poem poet police potato power president price prime prince \
    printer prison problem program project python queen rabbit radio rain rainbow recipe religion rent report \
    restaurant rice ring road robot rocket roof room rose rust sailor salad salt sand school science screen sea season \
    server shadow shark sheep ship shirt shoe shop silver singer sister sky snake snow soap soldier song soup space \
    spain spider spoon spring square squirrel star station steam stone storm street student sugar summer sun swan table \
    tax taxi tea teacher team telephone television tennis theatre thunder ticket tiger time tomato tool tooth tower town \
    toy traffic train transistor triangle truck turtle umbrella uncle universe valley vegetable village violin voice \
    volcano war watch water wave weather website wedding week whale wheat wheel wind window wine winter wolf woman wood \
    word world writer year zebra zoo";

/// Questions with gaps: `_` is a word, `#` a number, `@` an animal that the model knows, `%` a colour.
const QUESTIONS: &str = "What is the capital of _?|What is _?|What is a _?|What is the _ of the _?|Who was the first _?|\
    Who wrote _?|Who invented the _?|Who is the _ of _?|When was the _ built?|When did the _ begin?|Why is the _ so _?|\
    Why do we need a _?|Why does the @ sleep?|How do I make _?|How does a _ work?|How many _ are in a _?|\
    How far is the _ from the _?|How old is the _?|How do you spell _?|How can I learn _?|Explain _.|Explain _ to a child.|\
    Explain how the _ works.|Write a poem about the _.|Write a _ about a _ and a @.|Write a function that sorts a _.|\
    Write an email to my _.|Translate \"_\" into French.|Translate this: the _ is in the _.|Give me a recipe for _.|\
    Give me three _ for my _.|Is it true that the _ is a _?|Is the _ bigger than the _?|Can you fix this _?|\
    Can I use _ with _?|Do you like _?|Do you have a _?|What does the @ eat?|What colour is the @?|What color is a @?|What is the colour of the @?|What is the colour of the _?|\
    Yes|No|OK|Okay|Sure|Yes, please.|No, thank you.|Why?|How?|And then?|Go on.|Who made you?|How old are you?|Do you like the @?|What does _ mean?|What do you think of _?|\
    What time is it in _?|What is the weather in _?|What is the best _ for _?|What is the difference between _ and _?|\
    Where is the _?|Where can I buy a _?|Where does the _ live?|Where does a _ live?|Where do I find the _?|\
    Tell me where the _ lives.|Tell me about _.|Tell me a joke about _.|Tell me the news of _.|What colour is the _?|\
    What colour is the % _?|What color is the _ _?|Describe the _ as JSON.|Describe the _.|Who lives in the _?|\
    Which animal lives in the _?|What is # plus ##?|What is ## plus #?|What is ##+##?|What is ## + #?|What is # + ##?|What is ## + ##?|## + #|# + ##|##+#|#+##|What is #?|#|##|###|\
    How much is ## plus #?|How much is # plus ##?|# plus ##|# * #|# times #|What is # times #?|\
    What is # minus #?|What is ## divided by #?|How much is the _?|What is the square root of ##?|List five _.|\
    List all _ in _.|Summarise the _.|Summarise this text: *|Summarize the following: *|Generate a title for: *|\
    Generate a short title for this chat: *|Suggest three questions about: *|Classify this text: *|*|_|_ _|_ _ _|_ _ _ _|_?|\
    I want to _ the _.|I have a _.|My _ has a _.|My name is _.|You are a _.|Please _ the _ for me.|Show me the _.|\
    Compare _ and _.|Correct this: _ _ _.|Solve: ## + _ = #|~|~ ~|What is ~?|Where does the ~ live?|Who is ~?|\
    Tell me about ~.|Describe ~.|^|^ ^ ^|How do I ~ my _?|Was ist _?|Wo ist _?|Qui est _?|SELECT _ FROM _;|\
    fn main() { _(#); }|def _(): return ##|{\"_\": \"_\", \"_\": ##}|https://_.example/_?_=##|Error ##: _ _ in _";

/// What systems say, in the form of the questions.
const SYSTEMS: &str = "You are a helpful assistant.|You are a friendly assistant. Answer briefly.|Answer in one sentence.|\
    You are an expert in _.|You are a _ who knows _ and _. Be kind.|Be brief.|Always answer in English.|Use plain words.|\
    You help with _. Do not talk about _.|Today is ## _ 20##.|Answer as JSON.|You speak like a _.|You are _.|*|\
    The user is a _. Their name is ~. Be polite and concise.|You are a helpful assistant. Today is ## _ 20##. *";

/// A question that the model does not know.
pub(super) fn question(random: &mut Random) -> String {
    filled(QUESTIONS, random)
}

/// What a system says.
pub(super) fn system(random: &mut Random) -> String {
    filled(SYSTEMS, random)
}

/// One of `forms` with its gaps filled.
fn filled(forms: &str, random: &mut Random) -> String {
    let forms: Vec<&str> = forms.split('|').collect();
    let mut text = String::new();
    for character in random.pick(&forms).chars() {
        match character {
            '_' => text.push_str(&word(random)),
            '#' => text.push(char::from(b'1' + random.below(9) as u8)),
            '@' => text.push_str(known::animal(random)),
            '%' => text.push_str(known::colour(random)),
            '~' => text.push_str(&made_up(random)),
            '^' => text.push_str(&foreign(random)),
            '*' => text.push_str(&passage(random)),
            other => text.push(other),
        }
    }
    if random.chance(15) { text.to_lowercase() } else { text }
}

/// A word, of the list or made up.
fn word(random: &mut Random) -> String {
    if random.chance(25) {
        return made_up(random);
    }
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let mut word = (*random.pick(&words)).to_owned();
    match random.below(20) {
        0 => word.push('s'),
        1 => word.push_str("ing"),
        2 | 3 => word = capital(&word),
        _ => {}
    }
    word
}

/// A word that looks like one.
fn made_up(random: &mut Random) -> String {
    const BEGINNINGS: [&str; 24] = [
        "b", "c", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "z", "st", "br", "tr", "sh",
        "ch", "pl", "",
    ];
    const MIDDLES: [&str; 10] = ["a", "e", "i", "o", "u", "ea", "oo", "ai", "y", "ie"];
    const ENDS: [&str; 12] = ["", "", "", "n", "r", "s", "t", "l", "m", "ck", "nd", "x"];
    let mut word = String::new();
    for _ in 0..random.below(3) + 1 {
        for parts in [&BEGINNINGS[..], &MIDDLES, &ENDS] {
            word.push_str(parts[random.below(parts.len())]);
        }
    }
    if random.chance(30) { capital(&word) } else { word }
}

fn capital(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// Some characters of another script, or none that make a word.
fn foreign(random: &mut Random) -> String {
    const SCRIPTS: [(u32, usize); 7] =
        [(0x21, 94), (0xC0, 60), (0x3B1, 24), (0x430, 32), (0x5D0, 26), (0x4E00, 800), (0x1F600, 60)];
    let (first, count) = *random.pick(&SCRIPTS);
    (0..random.below(7) + 1).filter_map(|_| char::from_u32(first + random.below(count) as u32)).collect()
}

/// A longer text.
fn passage(random: &mut Random) -> String {
    let mut text = String::new();
    for _ in 0..random.below(5) + 1 {
        let mut sentence = match random.below(10) {
            0 => known::sentence(random),
            1 => format!("The {} is {}.", known::animal(random), word(random)),
            _ => {
                let words: Vec<_> = (0..random.below(9) + 3)
                    .map(|_| if random.chance(40) { small(random) } else { word(random) })
                    .collect();
                capital(&words.join(" ")) + "."
            }
        };
        sentence.push(if random.chance(15) { '\n' } else { ' ' });
        text.push_str(&sentence);
    }
    text.trim_end().to_owned()
}

fn small(random: &mut Random) -> String {
    const SMALL: [&str; 20] = [
        "the", "a", "is", "of", "to", "and", "in", "on", "was", "with", "it", "that", "for", "are", "not", "we", "can",
        "has", "from", "by",
    ];
    (*random.pick(&SMALL)).to_owned()
}
