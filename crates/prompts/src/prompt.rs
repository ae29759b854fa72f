//! One prompt: what its file says, checked as a whole.

use crate::bundle::Bundle;
use crate::fault::{self, short};
use crate::parameter::{self, Parameter};
use crate::sections::{self, Role};
use crate::template::Templates;
use base::config::{Capacity, Problems, Section, Value as Written, yaml_within};
use base::{Code, Error, Result};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The largest file of a prompt or a partial, in bytes.
pub const LARGEST: usize = 256 << 10;

/// A prompt that can be rendered.
#[derive(Clone)]
pub struct Prompt {
    /// Its name: letters, digits, `_`, `-` and `.`.
    pub name: String,
    /// A name for people.
    pub title: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// What it must be given.
    pub parameters: Vec<Parameter>,
    /// How a model is to be asked.
    pub model: Settings,
    /// What it was read from.
    pub bundle: Bundle,
    roles: Vec<Role>,
    templates: Arc<Templates>,
}

/// How a model is to be asked. What is not said is left to the route.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settings {
    /// The route or model.
    pub route: Option<String>,
    /// From 0 to 2.
    pub temperature: Option<f64>,
    /// From 0 to 1.
    pub top_p: Option<f64>,
    /// The most tokens of the answer.
    pub max_tokens: Option<i64>,
    /// What makes the answer the same again, where the model can.
    pub seed: Option<i64>,
    /// Texts that end the answer.
    pub stop: Vec<String>,
}

/// A message that was rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Who says it.
    pub role: Role,
    /// What.
    pub text: String,
}

impl Settings {
    fn read(section: Option<Section<'_>>) -> Self {
        let Some(mut section) = section else { return Self::default() };
        let settings = Self {
            route: section.text("route"),
            temperature: parameter::real(&mut section, "temperature", 0.0..=2.0),
            top_p: parameter::real(&mut section, "top_p", 0.0..=1.0),
            max_tokens: section.integer("max_tokens", 1..=10_000_000),
            seed: section.integer("seed", 0..=i64::from(u32::MAX)),
            stop: section.texts("stop").unwrap_or_default(),
        };
        section.finish();
        settings
    }

    /// As JSON, with what is said alone.
    pub fn to_json(&self) -> Value {
        let mut said = Map::new();
        let mut put = |key: &str, value: Option<Value>| {
            said.extend(value.map(|value| (key.to_owned(), value)));
        };
        put("route", self.route.clone().map(Value::from));
        put("temperature", self.temperature.map(Value::from));
        put("top_p", self.top_p.map(Value::from));
        put("max_tokens", self.max_tokens.map(Value::from));
        put("seed", self.seed.map(Value::from));
        put("stop", (!self.stop.is_empty()).then(|| json!(self.stop)));
        Value::Object(said)
    }
}

impl Message {
    /// As the dialects of models write it.
    pub fn to_json(&self) -> Value {
        json!({"role": self.role.word(), "content": self.text})
    }
}

impl Prompt {
    /// Reads the prompt of `bundle`, which was written in `file`. It is called `name` unless its front matter says so
    /// otherwise. All that is wrong with it is told at once.
    pub fn read(file: &str, name: &str, bundle: Bundle) -> Result<Prompt, Vec<Error>> {
        let whole = std::iter::once((file, &bundle.text))
            .chain(bundle.partials.iter().map(|(name, text)| (name.as_str(), text)));
        for (file, text) in whole {
            if text.len() > LARGEST {
                let message = format!("the file is larger than {} KiB", LARGEST >> 10);
                return Err(vec![fault::at_line(file, 1, message, "make it smaller")]);
            }
        }
        let (front, body, first) = split(file, &bundle.text).map_err(|error| vec![error])?;
        let document = yaml_within(file, front, Capacity::default()).map_err(|error| vec![error])?;
        let problems = Problems::new();
        let Some(mut section) = Section::new(&problems, file, "", &document.root) else {
            return Err(problems.into_result().err().unwrap_or_default());
        };
        let named = section.text("name");
        let (title, description) = (section.text("title"), section.text("description"));
        let parameters = section.node("parameters").filter(|node| !matches!(node.value, Written::Null));
        let parameters = parameters.map(|node| parameter::read(&problems, file, node)).unwrap_or_default();
        let model = Settings::read(section.section("model"));
        let name = named.unwrap_or_else(|| name.to_owned());
        if !is_name(&name) {
            let message = format!("`{}` is no name of a prompt", short(&name));
            let next = "use letters, digits, `_`, `-` and `.`, at most 64, the first a letter or a digit";
            section.problem("name", Code::PromptFile, message, next.to_owned());
        }
        section.finish();
        let mut errors = problems.into_result().err().unwrap_or_default();
        let names: Vec<&str> = parameters.iter().map(|parameter| parameter.name.as_str()).collect();
        let sections = sections::split(file, body, first);
        let templates = sections.and_then(|sections| match Templates::new(file, &sections, &bundle, &names) {
            Ok(templates) => Ok((sections, templates)),
            Err(found) => {
                let (last, rest) = (found.last().cloned(), found.len().saturating_sub(1));
                errors.extend(found.into_iter().take(rest));
                Err(last.unwrap_or_else(|| Error::internal("templates fail without an error")))
            }
        });
        match templates {
            Ok((sections, templates)) if errors.is_empty() => {
                let roles = sections.iter().map(|section| section.role).collect();
                Ok(Prompt {
                    name,
                    title,
                    description,
                    parameters,
                    model,
                    bundle,
                    roles,
                    templates: Arc::new(templates),
                })
            }
            Ok(_) => Err(errors),
            Err(error) => {
                errors.push(error);
                Err(errors)
            }
        }
    }

    /// The messages that `arguments` make. A message that comes out empty is left out.
    ///
    /// # Errors
    /// [`Code::PromptArguments`], one for each thing that is wrong, or [`Code::PromptTemplate`].
    pub fn render(&self, arguments: &Map<String, Value>) -> Result<Vec<Message>, Vec<Error>> {
        let arguments = parameter::check(&self.parameters, arguments)?;
        let texts = self.templates.render(&arguments).map_err(|error| vec![error])?;
        let messages = self.roles.iter().zip(texts).filter(|(_, text)| !text.trim().is_empty());
        Ok(messages.map(|(role, text)| Message { role: *role, text }).collect())
    }

    /// As [`Prompt::render`], with arguments that are all texts, as MCP has them (specification 2025-11-25, prompts): those
    /// of parameters that take no text are read as JSON.
    pub fn render_texts(&self, arguments: &Map<String, Value>) -> Result<Vec<Message>, Vec<Error>> {
        self.render(&parameter::of_texts(&self.parameters, arguments))
    }

    /// The words that an argument may be, where its schema lists them and they begin with `beginning`.
    pub fn completions(&self, parameter: &str, beginning: &str) -> Vec<String> {
        let known = self.parameters.iter().find(|known| known.name == parameter);
        let listed = known.and_then(|known| known.schema.get("enum")).and_then(Value::as_array);
        let words = listed.into_iter().flatten().map(|value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        words.filter(|word| word.starts_with(beginning)).take(100).collect()
    }

    /// The prompt with another template, all else as it is. For variants.
    pub fn with_body(&self, body: &str) -> Result<Prompt, Vec<Error>> {
        let (front, ..) = split(&self.name, &self.bundle.text).map_err(|error| vec![error])?;
        let text = format!("{front}---\n{body}");
        let bundle = Bundle { text, partials: self.bundle.partials.clone() };
        Prompt::read(&self.name, &self.name, bundle)
    }

    /// The template as it was written.
    pub fn body(&self) -> &str {
        split(&self.name, &self.bundle.text).map_or("", |(_, body, _)| body)
    }
}

/// Shows the name alone.
impl std::fmt::Debug for Prompt {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Prompt({})", self.name)
    }
}

/// Whether a prompt can be called so: a path of the API, a file, and a name that clients of MCP take.
pub fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphanumeric())
        && name.len() <= 64
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

/// The front matter with the line before it, the template, and the line where that begins.
fn split<'a>(file: &str, text: &'a str) -> Result<(&'a str, &'a str, usize), Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut end = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let is_fence = line.trim_end() == "---";
        match (index, is_fence) {
            (0, false) => break,
            (0, true) | (_, false) => {}
            (_, true) => {
                let (front, rest) = text.split_at(end);
                return Ok((front, rest.get(line.len()..).unwrap_or_default(), index + 2));
            }
        }
        end += line.len();
    }
    let next = "begin the file with `---`, the front matter, and `---` again, each on a line of its own";
    Err(fault::at_line(file, 1, "the file has no front matter between two lines `---`", next))
}

#[cfg(test)]
mod tests;
