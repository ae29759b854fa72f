//! Answers that come whole.

use super::{Reply, headers, invalid};
use crate::failure::Failure;
use crate::request::Asked;
use crate::translation::Translation;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use inspection::dialect::Endpoint;
use inspection::meter::Meter;
use inspection::sign;
use mcp::raw::{Index, Object};

/// What `body` is as a whole answer, with success, of a provider with these headers, its own and those for clients.
pub(super) fn read(
    deployment: &str,
    (asked, endpoint): (&Asked, Endpoint),
    (told, mut headers): (&HeaderMap, HeaderMap),
    body: Bytes,
    translation: Option<Translation>,
) -> Result<Reply, Failure> {
    let Ok(text) = std::str::from_utf8(&body) else { return Err(invalid(deployment, "something that is no JSON")) };
    let answer = match Index::read(text) {
        Ok(index) => Object::of(text, index),
        Err(error) if error.is_data() => return Err(invalid(deployment, "JSON which is no object")),
        Err(_) => return Err(invalid(deployment, "something that is no JSON")),
    };
    let why = sign::of_whole(endpoint, &answer);
    if why == Some(sign::ERROR) {
        return Err(Failure::of_error(deployment, text));
    }
    let mut meter = Box::new(Meter::of(endpoint));
    meter.whole(&answer);
    meter.headers(told);
    if why == Some(sign::PARTLY) {
        return Err(Failure::of_error(deployment, text).after(meter));
    }
    if let Some(why) = why {
        return Err(invalid(deployment, &format!("JSON {why}")).after(meter));
    }
    // A model that cannot stream transcripts gives them whole.
    if asked.stream && !endpoint.reads_sound() {
        return Err(invalid(deployment, "JSON and no stream, which it was asked for").after(meter));
    }
    if !headers::is_json(&headers) {
        // It is JSON, and a browser is not to read it as anything else.
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    let Some(translation) = translation else { return Ok(Reply::Whole(headers, body, meter)) };
    let answer = translation.answer(text);
    let name = endpoint.dialect().title();
    let (body, lost) = match answer {
        Ok(answer) => answer,
        Err(fault) => {
            let failure = invalid(deployment, &format!("what cannot be read as {name}: {fault}"));
            return Err(failure.after(meter));
        }
    };
    if let Err(error) = translation.check_answer(deployment, &lost) {
        return Err(Failure::of_request(error).after(meter));
    }
    let mut losses = translation.losses;
    losses.extend(&lost);
    headers::tell(&mut headers, "application/json", &losses);
    Ok(Reply::Whole(headers, body, meter))
}
