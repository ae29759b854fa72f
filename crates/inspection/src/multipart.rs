//! Forms with files (`multipart/form-data`, RFC 7578 and RFC 2046, section 5.1), read for the few fields that must be known.
//! Pure, and strict: a form that two readers could read in two ways is refused, for the provider is the second one, and what
//! is decided here by the field `model` must be decided by what the provider takes for it.

use base::visible::is_deceptive;
use memchr::{memchr, memmem};
use std::ops::Range;

/// Why a form is refused, as the end of a sentence that begins with it.
pub type Fault = &'static str;

/// The most parts of a form.
const PARTS: usize = 256;
/// The most bytes of the headers of one part.
const HEADERS: usize = 8 << 10;
/// The longest boundary, in bytes (RFC 2046, section 5.1.1).
const LONGEST_BOUNDARY: usize = 70;
/// The longest name of a field, in bytes.
const LONGEST_NAME: usize = 128;
/// The longest name of a model, in bytes.
const LONGEST_MODEL: usize = 512;

/// The fields that decide whom a form may ask, and what it may cost.
const READ: [&str; 7] =
    ["model", "n", "stream", "models", "fallbacks", "context_window_fallbacks", "content_policy_fallbacks"];

/// What is known of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// The field `model`.
    pub model: String,
    /// Where its content stands.
    pub place: Range<usize>,
    /// Whether the field `stream` says so.
    pub stream: bool,
    /// The field `n`: how many answers are wanted.
    pub answers: u32,
    /// Whether the field `response_format` wants text that is no JSON.
    pub plain: bool,
    /// How many parts are files.
    pub files: u64,
    /// How many bytes the files have.
    pub file_bytes: u64,
    /// How many bytes all other fields have.
    pub text_bytes: u64,
    /// The names of the fields that are no files and not known here.
    pub others: Vec<String>,
}

/// The boundary that a `Content-Type` names.
///
/// # Errors
/// It is none of a form, or its boundary could be read in two ways.
pub fn boundary(kind: &[u8]) -> Result<&str, Fault> {
    let end = memchr(b';', kind).unwrap_or(kind.len());
    let (kind, mut rest) = kind.split_at(end);
    if !kind.trim_ascii().eq_ignore_ascii_case(b"multipart/form-data") {
        return Err("is no multipart/form-data");
    }
    let mut boundary = None;
    while let Some((name, value, next)) = parameter(rest)? {
        if name.eq_ignore_ascii_case(b"boundary") && boundary.replace(value).is_some() {
            return Err("has two boundaries");
        }
        rest = next;
    }
    let boundary = boundary.and_then(|boundary| std::str::from_utf8(boundary).ok()).ok_or("has no boundary")?;
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=?".contains(&byte);
    let fits = !boundary.is_empty() && boundary.len() <= LONGEST_BOUNDARY && boundary.bytes().all(known);
    if fits { Ok(boundary) } else { Err("has a boundary that can be none") }
}

impl Form {
    /// Reads a body.
    ///
    /// # Errors
    /// It is no form, names no model or several, or could be read in two ways.
    pub fn read(body: &[u8], boundary: &str) -> Result<Self, Fault> {
        let delimiter = format!("--{boundary}");
        let finder = memmem::Finder::new(&delimiter);
        if !body.starts_with(delimiter.as_bytes()) {
            return Err("does not begin with its boundary");
        }
        let (mut fields, mut at) = (Fields::default(), delimiter.len());
        for _ in 0..=PARTS {
            let rest = body.get(at..).unwrap_or_default();
            if let Some(end) = rest.strip_prefix(b"--") {
                return if matches!(end, b"" | b"\r\n") { fields.form() } else { Err("goes on behind its end") };
            }
            // Some readers take such a line for a boundary, others for content.
            let rest = rest.strip_prefix(b"\r\n").ok_or("has its boundary where no part begins")?;
            let from = at + 2;
            let next = from + finder.find(rest).ok_or("is cut off")?;
            let part = body.get(from..next).unwrap_or_default();
            let part = part.strip_suffix(b"\r\n").ok_or("has its boundary where no part begins")?;
            let head = part.get(..part.len().min(HEADERS)).unwrap_or_default();
            let length = memmem::find(head, b"\r\n\r\n").ok_or("has a part without headers, or with too many")?;
            let head = Head::read(head.get(..length).unwrap_or_default())?;
            fields.take(&head, part.get(length + 4..).unwrap_or_default(), from + length + 4)?;
            at = next + delimiter.len();
        }
        Err("has too many parts")
    }
}

/// The fields so far.
#[derive(Default)]
struct Fields {
    model: Option<(String, Range<usize>)>,
    stream: bool,
    answers: u32,
    plain: bool,
    files: u64,
    file_bytes: u64,
    text_bytes: u64,
    others: Vec<String>,
}

impl Fields {
    fn take(&mut self, head: &Head<'_>, content: &[u8], at: usize) -> Result<(), Fault> {
        // Some readers would go by the one, others by the other.
        if head.length.is_some_and(|length| length != content.len() as u64) {
            return Err("has a part that is longer or shorter than it says");
        }
        let stem = head.name.split(['[', '.']).next().unwrap_or_default();
        let meant = READ.into_iter().find(|known| stem.eq_ignore_ascii_case(known));
        let unclear = meant.is_some_and(|known| known != stem || known == "model" && head.name != "model");
        if unclear || head.name == "_charset_" {
            return Err("has a field that some would take for another, or that changes how it is read");
        }
        if head.file {
            self.files += 1;
            self.file_bytes += content.len() as u64;
            return if head.name == "model" { Err("has a file as `model`") } else { Ok(()) };
        }
        self.text_bytes += content.len() as u64;
        let text = || std::str::from_utf8(content).ok();
        match head.name {
            "model" => {
                if !head.is_plain() {
                    return Err("has a `model` that is no plain text");
                }
                let text = text().filter(|text| !text.is_empty() && text.len() <= LONGEST_MODEL);
                let model = text.filter(|text| !text.chars().any(is_deceptive));
                let model = model.ok_or("names a model as none can be named")?;
                let place = at..at + content.len();
                if self.model.replace((model.to_owned(), place)).is_some() {
                    return Err("has the field `model` twice");
                }
            }
            "stream" => self.stream |= text().is_some_and(|text| text.eq_ignore_ascii_case("true")),
            "n" => {
                let number = text().and_then(|text| text.parse().ok());
                self.answers = self.answers.max(number.ok_or("wants a number of answers that is none")?);
            }
            "response_format" => self.plain |= text().is_some_and(is_plain),
            name => self.others.push(name.to_owned()),
        }
        Ok(())
    }

    fn form(self) -> Result<Form, Fault> {
        let Self { stream, answers, plain, files, file_bytes, text_bytes, others, .. } = self;
        let (model, place) = self.model.ok_or("names no `model`")?;
        let answers = answers.max(1);
        Ok(Form { model, place, stream, answers, plain, files, file_bytes, text_bytes, others })
    }
}

/// Whether a form of transcripts, as OpenAI names them, is no JSON.
pub fn is_plain(format: &str) -> bool {
    matches!(format, "text" | "srt" | "vtt")
}

/// The headers of a part.
struct Head<'a> {
    name: &'a str,
    file: bool,
    kind: Option<&'a [u8]>,
    length: Option<u64>,
}

impl<'a> Head<'a> {
    fn read(head: &'a [u8]) -> Result<Self, Fault> {
        let (mut named, mut kind, mut length, mut encoding) = (None, None, None, None);
        let mut rest = Some(head);
        while let Some(lines) = rest {
            let end = memmem::find(lines, b"\r\n");
            let line = lines.get(..end.unwrap_or(lines.len())).unwrap_or_default();
            rest = end.and_then(|end| lines.get(end + 2..));
            if line.iter().any(|byte| byte.is_ascii_control() && *byte != b'\t') {
                return Err("has a control character in the headers of a part");
            }
            let colon = memchr(b':', line).ok_or("has a header of a part without a colon")?;
            let (name, value) = line.split_at(colon);
            let value = value.get(1..).unwrap_or_default().trim_ascii();
            if name.is_empty() || !name.iter().all(is_token) {
                return Err("has a header of a part whose name can be none");
            }
            let place = match name.to_ascii_lowercase().as_slice() {
                b"content-disposition" => &mut named,
                b"content-type" => &mut kind,
                b"content-length" => &mut length,
                b"content-transfer-encoding" => &mut encoding,
                // RFC 7578, section 4.8: they mean nothing.
                _ => continue,
            };
            if place.replace(value).is_some() {
                return Err("has a header of a part twice");
            }
        }
        let plain = |encoding: &[u8]| {
            [&b"binary"[..], b"8bit", b"7bit"].iter().any(|known| encoding.eq_ignore_ascii_case(known))
        };
        if encoding.is_some_and(|encoding| !plain(encoding)) {
            return Err("has a part that is encoded");
        }
        let number = |text: &[u8]| {
            let digits = text.iter().all(u8::is_ascii_digit);
            let number = std::str::from_utf8(text).ok().filter(|_| digits).and_then(|text| text.parse().ok());
            number.ok_or("has a part whose length is no number")
        };
        let length = length.map(number).transpose()?;
        let (name, file) = disposition(named.ok_or("has a part without a name")?)?;
        Ok(Self { name, file, kind, length })
    }

    /// Whether the content is text as UTF-8 writes it.
    fn is_plain(&self) -> bool {
        let Some(kind) = self.kind else { return true };
        let end = memchr(b';', kind).unwrap_or(kind.len());
        let (kind, rest) = kind.split_at(end);
        let fine = |charset: &[u8]| charset.eq_ignore_ascii_case(b"utf-8") || charset.eq_ignore_ascii_case(b"us-ascii");
        let charset = match parameter(rest) {
            Ok(None) => true,
            Ok(Some((name, value, rest))) => {
                name.eq_ignore_ascii_case(b"charset") && fine(value) && matches!(parameter(rest), Ok(None))
            }
            Err(_) => false,
        };
        charset && kind.trim_ascii().eq_ignore_ascii_case(b"text/plain")
    }
}

/// The name of a part, and whether it is a file.
fn disposition(value: &[u8]) -> Result<(&str, bool), Fault> {
    let end = memchr(b';', value).unwrap_or(value.len());
    let (kind, mut rest) = value.split_at(end);
    if !kind.trim_ascii().eq_ignore_ascii_case(b"form-data") {
        return Err("has a part that is no field of a form");
    }
    let (mut name, mut file, mut other) = (None, None, None);
    while let Some((parameter, value, next)) = parameter(rest)? {
        let place = match parameter.to_ascii_lowercase().as_slice() {
            b"name" => &mut name,
            b"filename" => &mut file,
            b"filename*" => &mut other,
            _ => return Err("has a part with a parameter that is not known"),
        };
        if place.replace(value).is_some() {
            return Err("has a part with two names");
        }
        rest = next;
    }
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.[]".contains(&byte);
    let name = name.and_then(|name| std::str::from_utf8(name).ok());
    let name = name.filter(|name| !name.is_empty() && name.len() <= LONGEST_NAME && name.bytes().all(known));
    Ok((name.ok_or("has a part without a name, or whose name can be none")?, file.is_some() || other.is_some()))
}

/// A parameter of a header's value: its name, what it says, and what is behind it.
type Parameter<'a> = (&'a [u8], &'a [u8], &'a [u8]);

/// The next parameter, if there is one more.
fn parameter(rest: &[u8]) -> Result<Option<Parameter<'_>>, Fault> {
    let rest = rest.trim_ascii_start();
    if rest.is_empty() {
        return Ok(None);
    }
    let rest = rest.strip_prefix(b";").ok_or("has a header whose parameters cannot be told apart")?.trim_ascii_start();
    let token = |text: &[u8]| text.iter().position(|byte| !is_token(byte)).unwrap_or(text.len());
    let (name, rest) = rest.split_at(token(rest));
    let value = rest.strip_prefix(b"=").filter(|_| !name.is_empty()).ok_or("has a header with half a parameter")?;
    let Some(quoted) = value.strip_prefix(b"\"") else {
        let (value, rest) = value.split_at(token(value));
        return if value.is_empty() {
            Err("has a header with half a parameter")
        } else {
            Ok(Some((name, value, rest)))
        };
    };
    let end = memchr(b'"', quoted).ok_or("has a header with a quote that does not end")?;
    let (value, rest) = quoted.split_at(end);
    // For some the text goes on behind it, for others it ends there.
    if value.ends_with(b"\\") {
        return Err("has a header with a backslash before a quote");
    }
    Ok(Some((name, value, rest.get(1..).unwrap_or_default())))
}

/// RFC 9110, section 5.6.2.
fn is_token(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte)
}

#[cfg(test)]
mod tests;
