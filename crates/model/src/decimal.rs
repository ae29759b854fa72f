//! Plain decimal numbers as whole ones of a smaller unit, so that no amount is ever a floating number.

/// `text` times ten to the power of `places`: the nearest whole number, and whether it is exactly that. None where `text` is no
/// plain decimal (`12`, `0.5`, `.5`), or is too large.
pub(crate) fn scaled(text: &str, places: usize) -> Option<(u64, bool)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let are_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !are_digits(whole) || !are_digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let (kept, rest) = fraction.split_at_checked(places).unwrap_or((fraction, ""));
    let zeros = std::iter::repeat_n(b'0', places.saturating_sub(kept.len()));
    let mut value: u64 = 0;
    for digit in whole.bytes().chain(kept.bytes()).chain(zeros) {
        value = value.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
    }
    let rounds_up = rest.bytes().next().is_some_and(|digit| digit >= b'5');
    let exact = rest.bytes().all(|digit| digit == b'0');
    Some((value.checked_add(u64::from(rounds_up))?, exact))
}

/// Like [`scaled`], of a floating number: what its shortest decimal says, which is what was written.
pub(crate) fn of_float(number: f64, places: usize) -> Option<u64> {
    scaled(&number.to_string(), places).map(|(value, _)| value)
}

/// The reverse of [`scaled`], without zeros at its end.
pub(crate) fn written(value: u64, places: u32) -> String {
    let unit = 10_u64.pow(places);
    let (whole, fraction) = (value / unit, value % unit);
    if fraction == 0 {
        return whole.to_string();
    }
    let digits = format!("{fraction:0width$}", width = places as usize);
    format!("{whole}.{}", digits.trim_end_matches('0'))
}
