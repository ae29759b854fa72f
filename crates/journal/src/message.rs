//! Messages as long as entries have them.

use crate::limits::MESSAGE;

/// As much of `message` as an entry takes: [`MESSAGE`] bytes of it as JSON writes them, where a control character takes six.
pub fn shortened(mut message: String) -> String {
    // What is short however it is written is not looked at.
    if message.len() <= MESSAGE / ESCAPED {
        return message;
    }
    let mut bytes = 0;
    let too_long = message.char_indices().find(|(_, one)| {
        bytes += written(*one);
        bytes > MESSAGE
    });
    if let Some((at, _)) = too_long {
        message.truncate(at);
    }
    message
}

/// The bytes of `\u001b`.
const ESCAPED: usize = 6;

/// The most bytes that JSON takes for a character.
const fn written(one: char) -> usize {
    match one {
        '"' | '\\' => 2,
        _ if one.is_ascii_control() => ESCAPED,
        _ => one.len_utf8(),
    }
}

#[cfg(test)]
mod tests;
