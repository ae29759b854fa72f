//! Forms with files: one field is exchanged and all else stays, and nobody who reads more loosely finds another model.

use bytes::Bytes;
use http::HeaderValue;
use inspection::multipart::{Form, boundary};
use llm::{Asked, Endpoint};

/// The first line is the type of the body, or else the boundary is `b`.
pub(crate) fn feed(data: &[u8]) {
    form(b"multipart/form-data; boundary=b", data);
    if let Some(end) = data.iter().position(|byte| *byte == b'\n') {
        form(&data[..end], &data[end + 1..]);
    }
}

fn form(kind: &[u8], body: &[u8]) {
    let Ok(boundary) = boundary(kind) else { return };
    let Ok(form) = Form::read(body, boundary) else { return };
    assert_eq!(&body[form.place.clone()], form.model.as_bytes());
    assert!(loose(body) <= 1, "another reader finds more models");
    let Ok(kind) = HeaderValue::from_bytes(kind) else { return };
    let Ok(asked) = Asked::read_form(Endpoint::Transcriptions, &kind, Bytes::copy_from_slice(body)) else {
        panic!("a form is read here and not there");
    };
    assert_eq!(&asked.body_for(&form.model)[..], body);
    // A name with the boundary in it would end the field.
    let other = "another one";
    if other.contains(boundary) {
        return;
    }
    let swapped = asked.body_for(other);
    let expected = [&body[..form.place.start], other.as_bytes(), &body[form.place.end..]].concat();
    assert_eq!(&swapped[..], &expected[..], "all but the name stays");
    if form.place.len() == other.len() {
        assert_eq!(Form::read(&swapped, boundary).map(|again| again.model), Ok(other.to_owned()));
    }
}

/// How many fields `model` there are for who takes bare line feeds for ends of lines, and any line that begins with two hyphens for a
/// boundary: the name stands in the line behind it.
fn loose(body: &[u8]) -> usize {
    let Some(first) = body.split(|byte| *byte == b'\n').next().map(<[u8]>::trim_ascii_end) else { return 0 };
    let lines: Vec<&[u8]> = body.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end).collect();
    let named = |line: &[u8]| {
        let line = line.to_ascii_lowercase();
        let text = String::from_utf8_lossy(&line);
        let name = text.split(':').next().unwrap_or_default();
        name.trim() == "content-disposition" && text.contains("; name=\"model\"")
    };
    lines.windows(2).filter(|pair| pair[0] == first && named(pair[1])).count()
}
