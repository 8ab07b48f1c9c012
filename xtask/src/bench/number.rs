//! Numbers to read: three digits that count.

/// A number of any size, with three digits that count and its thousands apart.
pub(crate) fn readable(number: f64) -> String {
    let size = number.abs();
    if size >= 100.0 || size.fract() == 0.0 {
        return with_thousands(number.round() as i64);
    }
    let decimals = match size {
        10.0.. => 1,
        1.0.. => 2,
        0.1.. => 3,
        _ => 4,
    };
    format!("{number:.decimals$}")
}

fn with_thousands(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_three_digits_that_count() {
        for (number, text) in [
            (0.0, "0"),
            (0.01234, "0.0123"),
            (0.5678, "0.568"),
            (1.0, "1"),
            (1.256, "1.26"),
            (12.34, "12.3"),
            (123.6, "124"),
            (1_234_567.8, "1\u{202f}234\u{202f}568"),
        ] {
            assert_eq!(readable(number), text);
        }
    }
}
