//! Members as protobuf's JSON spells them: `maxOutputTokens` or `max_output_tokens`, a list of one without its brackets,
//! a number in quotes. The API takes all of these, and examples of the documentation use them.

use super::OWN;
use conversation::extra::Extra;
use conversation::fault::{Fault, Within};
use conversation::json::write::{ArrayWriter, ObjectWriter, quote};
use conversation::json::{Number, Raw};
use conversation::loss::Losses;
use conversation::object::Object;

/// The signature that Gemini 3 takes for calls that it did not make itself: without any it refuses the first call of a
/// step (ai.google.dev/gemini-api/docs/thought-signatures, "Transferring history from a different model").
pub(super) const OF_ANOTHER_MODEL: &str = "skip_thought_signature_validator";

/// The name has underscores.
const SNAKE: &str = "snake";
/// The list of one element is that element.
const ALONE: &str = "alone";
/// The number is a string.
const QUOTED: &str = "quoted";

/// The bytes are in the alphabet for addresses.
const URL_SAFE: &str = "url-safe";

/// An object of which members are taken by their names in camel case, however they are spelled.
#[derive(Debug)]
pub(super) struct Members<'a> {
    object: Object<'a>,
    /// How members were spelled that were not spelled as they are written here.
    notes: Vec<(&'static str, &'static str)>,
}

impl<'a> Members<'a> {
    pub(super) fn of(object: Object<'a>) -> Self {
        Self { object, notes: Vec::new() }
    }

    /// The name by which a member is there.
    fn spelled(&mut self, name: &'static str) -> String {
        if self.object.peek(name).is_none()
            && let Some(found) = self.object.find(|found| is_snake_of(found, name))
        {
            self.notes.push((name, SNAKE));
            return found.to_owned();
        }
        name.to_owned()
    }

    /// Whether a member is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.peek(name).is_some()
    }

    /// The value of a member without taking it.
    pub(super) fn peek(&self, name: &str) -> Option<&'a str> {
        let snake = || self.object.find(|found| is_snake_of(found, name)).and_then(|found| self.object.peek(found));
        self.object.peek(name).or_else(snake)
    }

    pub(super) fn text(&mut self, name: &'static str) -> Result<Option<String>, Fault> {
        let spelled = self.spelled(name);
        self.object.text(&spelled)
    }

    /// Bytes in base64, in the alphabet that all other dialects want. The API takes the one for addresses (RFC 4648, section 5)
    /// too, and Google's SDK for Python writes with that what it has read: pictures, and signatures that come back.
    pub(super) fn base64(&mut self, name: &'static str) -> Result<Option<String>, Fault> {
        let text = self.text(name)?;
        Ok(text.map(|text| {
            // A word that stands in place of a signature is none.
            if !text.contains(['-', '_']) || text.contains(['+', '/']) || text == OF_ANOTHER_MODEL {
                return text;
            }
            self.notes.push((name, URL_SAFE));
            text.replace('-', "+").replace('_', "/")
        }))
    }

    pub(super) fn flag(&mut self, name: &'static str) -> Result<Option<bool>, Fault> {
        let spelled = self.spelled(name);
        self.object.flag(&spelled)
    }

    pub(super) fn value(&mut self, name: &'static str) -> Option<Raw> {
        let spelled = self.spelled(name);
        self.object.value(&spelled)
    }

    pub(super) fn number(&mut self, name: &'static str) -> Result<Option<Number>, Fault> {
        let spelled = self.spelled(name);
        let quoted = self.object.peek_text(&spelled).and_then(|text| Number::parse(&text));
        if quoted.is_some() {
            self.object.raw(&spelled);
            self.notes.push((name, QUOTED));
            return Ok(quoted);
        }
        self.object.number(&spelled)
    }

    pub(super) fn object(&mut self, name: &'static str) -> Result<Option<Members<'a>>, Fault> {
        let spelled = self.spelled(name);
        Ok(self.object.object(&spelled)?.map(Members::of))
    }

    /// Takes a list as the texts of its elements; an object stands for a list of it.
    pub(super) fn list(&mut self, name: &'static str) -> Result<Option<Vec<&'a str>>, Fault> {
        let spelled = self.spelled(name);
        if let Some(alone) = self.object.peek(&spelled).filter(|value| value.starts_with('{')) {
            self.object.raw(&spelled);
            self.notes.push((name, ALONE));
            return Ok(Some(vec![alone]));
        }
        self.object.array(&spelled)
    }

    /// Takes a list of texts.
    pub(super) fn texts(&mut self, name: &'static str) -> Result<Option<Vec<String>>, Fault> {
        let spelled = self.spelled(name);
        let Some(elements) = self.object.array(&spelled)? else { return Ok(None) };
        let text = |(number, element): (usize, &str)| {
            conversation::json::text(element).ok_or_else(|| Fault::new("is no string")).within_element(name, number)
        };
        elements.into_iter().enumerate().map(text).collect::<Result<_, _>>().map(Some)
    }

    /// An element of a list of this object, read as leniently.
    pub(super) fn element(&self, text: &'a str) -> Result<Members<'a>, Fault> {
        self.object.read_like(text).map(Members::of)
    }

    /// What nobody took, and how what was taken was spelled.
    pub(super) fn rest(self) -> Extra {
        let mut extra = self.object.rest(OWN);
        self.notes.into_iter().for_each(|(name, how)| note(&mut extra, name, how));
        extra
    }
}

/// Notes a text that a stranger chose: marked, because a note that says `null` has a meaning of its own.
pub(super) fn note_text(extra: &mut Extra, name: &str, text: &str) {
    extra.note(name, &format!("={text}"));
}

/// The text that [`note_text`] noted.
pub(super) fn noted_text<'a>(extra: Option<&'a Extra>, name: &str) -> Option<&'a str> {
    extra?.noted(OWN, name)?.strip_prefix('=')
}

fn note(extra: &mut Extra, name: &str, how: &str) {
    let noted = extra.noted(OWN, name).map(|noted| format!("{noted} {how}"));
    if noted.is_some() {
        extra.forget(name);
    }
    extra.note(name, noted.as_deref().unwrap_or(how));
}

/// Whether `found` is `camel` with underscores.
fn is_snake_of(found: &str, camel: &str) -> bool {
    let mut found = found.bytes();
    let mut has_underscore = false;
    for byte in camel.bytes() {
        let next = found.next();
        let fits = if byte.is_ascii_uppercase() {
            has_underscore = true;
            next == Some(b'_') && found.next() == Some(byte.to_ascii_lowercase())
        } else {
            next == Some(byte)
        };
        if !fits {
            return false;
        }
    }
    has_underscore && found.next().is_none()
}

fn snake(camel: &str) -> String {
    let mut snake = String::with_capacity(camel.len() + 4);
    for character in camel.chars() {
        if character.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
    }
    snake
}

/// An object that is being written, with its members spelled as they were.
#[derive(Debug)]
pub(super) struct Spelled<'a> {
    out: ObjectWriter,
    extra: Option<&'a Extra>,
}

impl<'a> Spelled<'a> {
    /// `extra` is what was read of the object, in whatever dialect.
    pub(super) fn new(extra: Option<&'a Extra>) -> Self {
        Self { out: ObjectWriter::new(), extra }
    }

    fn was(&self, name: &str, how: &str) -> bool {
        let noted = self.extra.and_then(|extra| extra.noted(OWN, name));
        noted.is_some_and(|noted| noted.split(' ').any(|word| word == how))
    }

    pub(super) fn raw(&mut self, name: &'static str, value: &str) -> &mut Self {
        if self.was(name, SNAKE) {
            self.out.foreign(&snake(name), value);
        } else {
            self.out.raw(name, value);
        }
        self
    }

    pub(super) fn raw_if(&mut self, name: &'static str, value: Option<&str>) -> &mut Self {
        if let Some(value) = value {
            self.raw(name, value);
        }
        self
    }

    pub(super) fn text_if(&mut self, name: &'static str, value: Option<&str>) -> &mut Self {
        if let Some(value) = value {
            self.raw(name, &quote(value));
        }
        self
    }

    /// Bytes, in the alphabet in which they came.
    pub(super) fn base64_if(&mut self, name: &'static str, value: Option<&str>) -> &mut Self {
        let safe = value.filter(|_| self.was(name, URL_SAFE)).map(|value| value.replace('+', "-").replace('/', "_"));
        self.text_if(name, safe.as_deref().or(value))
    }

    pub(super) fn flag_if(&mut self, name: &'static str, value: Option<bool>) -> &mut Self {
        self.raw_if(name, value.map(|value| if value { "true" } else { "false" }))
    }

    pub(super) fn number_if(&mut self, name: &'static str, value: Option<&Number>) -> &mut Self {
        let Some(value) = value else { return self };
        if self.was(name, QUOTED) {
            return self.raw(name, &quote(value.as_str()));
        }
        self.raw(name, value.as_str())
    }

    pub(super) fn list(&mut self, name: &'static str, elements: &[String]) -> &mut Self {
        if let ([alone], true) = (elements, self.was(name, ALONE)) {
            return self.raw(name, alone);
        }
        let mut array = ArrayWriter::new();
        for element in elements {
            array.raw(element);
        }
        self.raw(name, &array.finish())
    }

    pub(super) fn texts(&mut self, name: &'static str, texts: &[String]) -> &mut Self {
        let mut array = ArrayWriter::new();
        for text in texts {
            array.text(text);
        }
        self.raw(name, &array.finish())
    }

    /// The object with what nobody knew of it; in another dialect's that is lost.
    pub(super) fn finish(mut self, place: &str, losses: &mut Losses) -> String {
        if let Some(extra) = self.extra {
            extra.write(OWN, place, &mut self.out, losses);
        }
        self.out.finish()
    }

    /// As [`Spelled::finish`], and nothing where it would have no members.
    pub(super) fn finish_filled(mut self, place: &str, losses: &mut Losses) -> Option<String> {
        if let Some(extra) = self.extra {
            extra.write(OWN, place, &mut self.out, losses);
        }
        (!self.out.is_empty()).then(|| self.out.finish())
    }
}

#[cfg(test)]
mod tests;
