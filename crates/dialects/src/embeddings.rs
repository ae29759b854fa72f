//! Embeddings that a client of Gemini asks for (`embedContent`, `batchEmbedContents`), at servers of OpenAI's dialect
//! (`/embeddings`).

use conversation::fault::{Fault, Within};
use conversation::json::write::{ArrayWriter, ObjectWriter};
use conversation::loss::{Losses, Written};
use conversation::object::Object;
use conversation::{Dialect, Raw};

/// The most texts of one request: what OpenAI takes.
const MOST: usize = 2048;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Embedding {
    /// The texts, each of which gets a vector.
    texts: Vec<String>,
    /// The length of the vectors, as it was said.
    dimensions: Option<u64>,
    /// Whether one text is asked for by itself.
    single: bool,
    /// What was said that has no place elsewhere.
    losses: Losses,
}

impl Embedding {
    /// Reads a request: of many texts if it has `requests`, of one otherwise.
    ///
    /// # Errors
    /// It is no such request, or wants what vectors of OpenAI's cannot be of, such as pictures.
    pub fn read(body: &str) -> Result<Self, Fault> {
        let mut object = Object::read(body)?;
        let mut read = Self { texts: Vec::new(), dimensions: None, single: false, losses: Losses::new() };
        match object.array("requests")? {
            Some(requests) if requests.len() > MOST => {
                return Err(Fault::new(format!("has more than {MOST} texts")).inside("requests"));
            }
            Some(requests) => {
                for (number, text) in requests.into_iter().enumerate() {
                    let one = object.read_like(text).and_then(|one| read.take(one));
                    one.within_element("requests", number)?;
                }
            }
            None => {
                read.single = true;
                read.take(object)?;
            }
        }
        Ok(read)
    }

    /// Takes the request for one text.
    fn take(&mut self, mut object: Object<'_>) -> Result<(), Fault> {
        // The path names it too.
        object.raw("model");
        let content = object.object("content")?.ok_or_else(|| Fault::new("is missing").inside("content"))?;
        self.texts.push(text_of(content).within("content")?);
        let config = ["embedContentConfig", "embed_content_config"].map(|name| object.object(name));
        for config in config {
            if let Some(mut config) = config? {
                self.settings(&mut config)?;
                config.rest(Dialect::Gemini).lose("embedContentConfig", &mut self.losses);
            }
        }
        self.settings(&mut object)?;
        object.rest(Dialect::Gemini).lose("request", &mut self.losses);
        Ok(())
    }

    fn settings(&mut self, object: &mut Object<'_>) -> Result<(), Fault> {
        for name in ["outputDimensionality", "output_dimensionality"] {
            let Some(dimensions) = object.whole(name)? else { continue };
            if self.dimensions.is_some_and(|other| other != dimensions) {
                return Err(Fault::new("differs from that of another text").inside(name));
            }
            self.dimensions = Some(dimensions);
        }
        Ok(())
    }

    /// The request in OpenAI's dialect.
    pub fn write(&self, model: &str) -> Written {
        let (mut out, mut input) = (ObjectWriter::new(), ArrayWriter::new());
        self.texts.iter().for_each(|text| {
            input.text(text);
        });
        out.text("model", model).array("input", input);
        self.dimensions.into_iter().for_each(|dimensions| {
            out.whole("dimensions", dimensions);
        });
        out.text("encoding_format", "float");
        Written { body: out.finish(), losses: self.losses.clone() }
    }

    /// What a server of OpenAI's dialect answers, for a client of Gemini.
    ///
    /// # Errors
    /// It is no such answer, or not for as many texts as were asked for.
    pub fn answer(&self, body: &str) -> Result<Written, Fault> {
        let mut object = Object::read_leniently(body)?;
        let data = object.array("data")?.ok_or_else(|| Fault::new("is no list").inside("data"))?;
        let mut vectors: Vec<Option<Raw>> = vec![None; self.texts.len()];
        for (number, text) in data.into_iter().enumerate() {
            let one = object.read_like(text).and_then(|one| read_vector(one, number));
            let (place, vector) = one.within_element("data", number)?;
            let room = usize::try_from(place).ok().and_then(|place| vectors.get_mut(place));
            *room.ok_or_else(|| Fault::new("has more vectors than texts").inside("data"))? = Some(vector);
        }
        let mut list = ArrayWriter::new();
        let mut out = ObjectWriter::new();
        for vector in vectors {
            let vector = vector.ok_or_else(|| Fault::new("has fewer vectors than texts").inside("data"))?;
            let mut values = ObjectWriter::new();
            values.raw("values", vector.as_str());
            if self.single {
                out.object("embedding", values);
            } else {
                list.object(values);
            }
        }
        if !self.single {
            out.array("embeddings", list);
        }
        Ok(Written { body: out.finish(), losses: Losses::new() })
    }
}

/// The text of a content. Its role says nothing here.
fn text_of(mut content: Object<'_>) -> Result<String, Fault> {
    let mut said = String::new();
    for (number, part) in content.array("parts")?.unwrap_or_default().into_iter().enumerate() {
        let text = content.read_like(part).and_then(|mut part| part.needed_text("text"));
        let text = text.within_element("parts", number)?;
        if !said.is_empty() && !text.is_empty() {
            said.push('\n');
        }
        said.push_str(&text);
    }
    Ok(said)
}

/// The place and the vector of an element of `data`, the one of this number.
fn read_vector(mut object: Object<'_>, number: usize) -> Result<(u64, Raw), Fault> {
    let place = object.whole("index")?.unwrap_or(number as u64);
    let vector = object.value("embedding").filter(|vector| vector.as_str().starts_with('['));
    Ok((place, vector.ok_or_else(|| Fault::new("is no list of numbers").inside("embedding"))?))
}

#[cfg(test)]
mod tests;
