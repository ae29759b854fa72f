//! Arguments that headers repeat: the headers that are written for a call are those that are taken for it.

use super::input;
use http::HeaderMap;
use mcp::parameter::{self, Headers};

pub(crate) fn feed(data: &[u8]) {
    let Some([tool, arguments, given]) = input::texts(data) else { return };
    if mcp::raw::deeper_than(tool, mcp::message::DEPTH_LIMIT) {
        return;
    }
    let Ok(mirrors) = parameter::mirrors(tool) else { return };
    let mut headers = HeaderMap::new();
    for line in given.lines() {
        if let Some((name, value)) = line.split_once(':')
            && let (Ok(name), Ok(value)) = (name.parse::<http::HeaderName>(), value.parse::<http::HeaderValue>())
        {
            headers.append(name, value);
        }
    }
    if let Ok(others) = parameter::check(&mirrors, arguments, &headers) {
        let _ = parameter::headers(&mirrors, arguments, &others);
    }
    if input::object(arguments).is_none() {
        return;
    }
    if let Ok(written) = parameter::headers(&mirrors, arguments, &Headers::default()) {
        let mut request = HeaderMap::new();
        written.add_to(&mut request);
        let taken = parameter::check(&mirrors, arguments, &request);
        assert!(taken.is_ok(), "what was written is refused: {taken:?}");
    }
}
