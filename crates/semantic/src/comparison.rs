//! Whether two texts ask for the same, as far as words tell.

use crate::reading::{Reading, Term};
use crate::words::Role;

/// What comparing two texts came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// As they are written, but for white space around them.
    Same,
    /// Nothing that is known to matter differs, but it is said in other words: whether the answers are the same, only
    /// answers can say.
    Reworded,
    /// Something that matters differs, or cannot be told.
    Different(Difference),
}

/// Why two texts are not taken for the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Difference {
    /// What is quoted.
    Quotation,
    /// A number, a date, a time, a day or an identifier, or the order of them.
    Value,
    /// A name of something or somebody, or the order of names.
    Name,
    /// A negation or another word that changes the sense: `not`, `latest`, `enabled`; a unit; what was for what will be.
    Sign,
    /// What kind of thing is asked for.
    Question,
    /// Something comes from where it goes to.
    Direction,
    /// A single word stands for another, or is said more: that such a word means the same cannot be told.
    Word,
    /// The order of the same words.
    Order,
    /// The words are the same but for their notation, their case, courtesies and signs between them; or a part of the text is
    /// to be taken as it is written, whatever the words.
    Notation,
    /// The language is not known.
    Language,
}

impl Comparison {
    /// Whether real answers may show that the texts ask for the same all the same. Never where a number, a date, a name or a
    /// negation differs, or may: answers that are equal today are not so tomorrow. What is not [`Comparison::Reworded`] only
    /// the answers of the very same texts can show.
    pub fn is_open(self) -> bool {
        use Difference::{Notation, Order, Question};
        matches!(self, Self::Reworded | Self::Different(Question | Order | Notation))
    }
}

/// Words that differ, at the least, where texts say the same in other words. Fewer are a word put for another.
const REWORDED: usize = 3;

/// Compares what two texts ask for. Gives the same whichever comes first.
pub fn compare(one: &Reading, other: &Reading) -> Comparison {
    if one.is_same_as(other) {
        return Comparison::Same;
    }
    let difference = if one.english && other.english { vetoed(one, other) } else { Some(Difference::Language) };
    if let Some(difference) = difference {
        return Comparison::Different(difference);
    }
    let (here, there) = (strange(one, other), strange(other, one));
    if here.is_empty() && there.is_empty() {
        let in_order = stems(one) == stems(other);
        return match (in_order, asks_else(one, other)) {
            (_, true) => Comparison::Different(Difference::Question),
            (false, _) => Comparison::Different(Difference::Order),
            // Vectors hardly see it, so that their likeness says nothing.
            _ => Comparison::Different(Difference::Notation),
        };
    }
    if here.iter().chain(&there).any(|(_, name)| *name) {
        return Comparison::Different(Difference::Name);
    }
    if here.iter().chain(&there).any(|(stem, _)| denies(stem)) {
        return Comparison::Different(Difference::Sign);
    }
    if here.is_empty() || there.is_empty() || here.len() + there.len() < REWORDED || put_in_place(one, other) {
        return Comparison::Different(Difference::Word);
    }
    match (asks_else(one, other), one.prose && other.prose) {
        (true, _) => Comparison::Different(Difference::Question),
        (_, false) => Comparison::Different(Difference::Notation),
        _ => Comparison::Reworded,
    }
}

/// What must be equal and is not.
fn vetoed(one: &Reading, other: &Reading) -> Option<Difference> {
    let exact = |term: &Term| matches!(term, Term::Exact(_));
    if one.quoted != other.quoted {
        return Some(Difference::Quotation);
    }
    if of(one, exact) != of(other, exact) {
        return Some(Difference::Value);
    }
    let sign = |term: &Term| matches!(term, Term::Known(Role::Sign(_) | Role::Unit(_)));
    if sorted(of(one, sign)) != sorted(of(other, sign)) {
        return Some(Difference::Sign);
    }
    if denied(one) != denied(other) {
        return Some(Difference::Sign);
    }
    let tense = |term: &Term| matches!(term, Term::Known(Role::Tense(_)));
    if once(of(one, tense)) != once(of(other, tense)) {
        return Some(Difference::Sign);
    }
    if anchors(one, other) != anchors(other, one) {
        return Some(Difference::Name);
    }
    directions(one, other).then_some(Difference::Direction)
}

/// Whether they ask for different kinds of things.
fn asks_else(one: &Reading, other: &Reading) -> bool {
    let question = |term: &Term| matches!(term, Term::Known(Role::Question(_)));
    let (here, there) = (once(of(one, question)), once(of(other, question)));
    here != there && !here.is_empty() && !there.is_empty()
}

fn of(reading: &Reading, wanted: impl Fn(&Term) -> bool) -> Vec<&Term> {
    reading.terms.iter().filter(|term| wanted(term)).collect()
}

fn sorted(mut terms: Vec<&Term>) -> Vec<&Term> {
    terms.sort();
    terms
}

fn once(terms: Vec<&Term>) -> Vec<&Term> {
    let mut terms = sorted(terms);
    terms.dedup();
    terms
}

/// What stands behind each `not` and `without`: who rewords that says perhaps something else not.
fn denied(reading: &Reading) -> Vec<(u8, String)> {
    let not = |term: &Term| matches!(term, Term::Known(Role::Sign("not")));
    let thing = |term: &&Term| matches!(term, Term::Exact(_) | Term::Open { .. });
    let places = reading.terms.iter().enumerate().filter(|(_, term)| not(term));
    let mut all: Vec<_> = places.filter_map(|(at, _)| reading.terms[at..].iter().find(thing).map(plain)).collect();
    all.sort();
    all
}

/// Whether a word that the other text lacks may be the contrary of one of its words.
fn denies(stem: &str) -> bool {
    let known = ["under", "uni", "discuss", "disc", "disk", "dist", "display"];
    let begins = ["un", "non", "dis", "anti", "mis"].iter().any(|begin| stem.starts_with(begin));
    begins && stem.len() >= 5 && !known.iter().any(|word| stem.starts_with(word))
}

/// The stems of words that the other text does not have, and whether they are names.
fn strange<'a>(one: &'a Reading, other: &Reading) -> Vec<(&'a str, bool)> {
    let open = |term: &'a Term| match term {
        Term::Open { stem, name } => Some((stem.as_str(), *name)),
        _ => None,
    };
    one.terms.iter().filter_map(open).filter(|(stem, _)| !has(other, stem)).collect()
}

/// Whether a word stands between the same two words as another in the other text: `the [web] layer`, `the [data] layer`. Such
/// a word is put for the other, and what that changes cannot be told.
fn put_in_place(one: &Reading, other: &Reading) -> bool {
    let frames = |reading: &Reading, than: &Reading| -> Vec<_> {
        let at = |place: usize| reading.terms.get(place).map(plain);
        let strange = reading.terms.iter().enumerate().filter(|(_, term)| match term {
            Term::Open { stem, .. } => !has(than, stem),
            _ => false,
        });
        strange.map(|(place, _)| (place.checked_sub(1).and_then(at), at(place + 1))).collect()
    };
    let there = frames(other, one);
    frames(one, other).iter().any(|frame| there.contains(frame))
}

fn has(reading: &Reading, wanted: &str) -> bool {
    reading.terms.iter().any(|term| matches!(term, Term::Open { stem, .. } if stem == wanted))
}

/// The terms, names or not.
fn stems(reading: &Reading) -> Vec<(u8, String)> {
    reading.terms.iter().map(plain).collect()
}

fn plain(term: &Term) -> (u8, String) {
    match term {
        Term::Exact(word) => (0, word.clone()),
        Term::Known(role) => (1, format!("{role:?}")),
        Term::Open { stem, .. } => (2, stem.clone()),
    }
}

/// Values, units, and the names that the other text has too, in their order: who does what to whom hangs on it.
fn anchors<'a>(one: &'a Reading, other: &Reading) -> Vec<&'a str> {
    let named = |wanted: &str| {
        let is = |term: &Term| matches!(term, Term::Open { stem, name: true } if stem == wanted);
        one.terms.iter().any(is) || other.terms.iter().any(is)
    };
    let anchor = |term: &'a Term| match term {
        Term::Exact(word) => Some(word.as_str()),
        Term::Known(Role::Unit(unit)) => Some(*unit),
        Term::Open { stem, .. } if named(stem) && has(other, stem) => Some(stem.as_str()),
        _ => None,
    };
    one.terms.iter().filter_map(anchor).collect()
}

/// Whether something that both have is whence in one and whither in the other.
fn directions(one: &Reading, other: &Reading) -> bool {
    let ways = ["to", "from", "by", "via"];
    let way = |reading: &Reading, wanted: &Term| {
        let at = reading.terms.iter().position(|term| alike(term, wanted))?;
        let before = reading.terms[at.saturating_sub(2)..at].iter().rev();
        let particle = |term: &Term| match term {
            Term::Known(Role::Particle(particle)) => Some(*particle),
            _ => None,
        };
        before.filter_map(particle).next().filter(|particle| ways.contains(particle))
    };
    one.terms.iter().filter(|term| !matches!(term, Term::Known(_))).any(|term| {
        let (here, there) = (way(one, term), way(other, term));
        here.is_some() && there.is_some() && here != there
    })
}

fn alike(one: &Term, other: &Term) -> bool {
    match (one, other) {
        (Term::Open { stem: one, .. }, Term::Open { stem: other, .. }) => one == other,
        _ => one == other,
    }
}

#[cfg(test)]
mod tests;
