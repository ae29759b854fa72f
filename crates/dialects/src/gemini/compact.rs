//! JSON without the white space with which the API prints it: what a model or a tool said is not made of that.

/// `json`, which is valid, without white space between its tokens.
pub(super) fn compact(json: &str) -> String {
    let mut compact = String::with_capacity(json.len());
    let (mut in_text, mut escaped) = (false, false);
    for character in json.chars() {
        if in_text {
            (in_text, escaped) = (escaped || character != '"', !escaped && character == '\\');
        } else if matches!(character, ' ' | '\t' | '\n' | '\r') {
            continue;
        } else {
            in_text = character == '"';
        }
        compact.push(character);
    }
    compact
}

#[cfg(test)]
mod tests;
