//! Percent-encoding, for one place of a request at a time (RFC 3986).

/// What stands for itself everywhere in an address.
pub(crate) fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// What `allowReserved` lets through in a query. `&`, `=`, `+`, `;`, `#` and `%` would end the value or change it for
/// the server that takes it apart, so these are encoded there too.
pub(crate) fn is_reserved_harmless(byte: u8) -> bool {
    is_unreserved(byte) || b":/?@!$'()*,[]".contains(&byte)
}

/// `text` with every byte encoded that `stays` does not let through.
pub(crate) fn percent(text: &str, stays: fn(u8) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if stays(byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// `text` as one component: nothing but unreserved characters stays.
pub fn component(text: &str) -> String {
    percent(text, is_unreserved)
}

/// A name or value of `application/x-www-form-urlencoded`, where a space is `+`.
pub(crate) fn form(text: &str) -> String {
    let stays: fn(u8) -> bool = |byte| byte.is_ascii_alphanumeric() || b"-._* ".contains(&byte);
    percent(text, stays).replace(' ', "+")
}

/// What is said by a part of an address: percent-encoding taken away, however often it was laid on.
pub(crate) fn fully_decoded(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..4 {
        let once = once_decoded(&text);
        if once == text {
            break;
        }
        text = once;
    }
    text
}

fn once_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let code = text.get(at + 1..at + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (byte, code) {
            (b'%', Some(code)) => {
                out.push(code);
                at += 3;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
