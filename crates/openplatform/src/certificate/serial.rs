//! The serial number under which the gateway knows a certificate.

use super::{CertificateFault, name};
use md5::{Digest as _, Md5};
use std::fmt::Write as _;
use x509_parser::certificate::X509Certificate;

/// The MD5 of issuer and number, in hexadecimal. It names a certificate and protects nothing.
pub(super) fn of(certificate: &X509Certificate<'_>) -> Result<String, CertificateFault> {
    let mut text = name::rfc2253(certificate.issuer())?;
    text.push_str(&decimal(certificate.raw_serial()));
    Ok(Md5::digest(text).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

/// A whole number in two's complement, highest byte first, in decimal.
fn decimal(number: &[u8]) -> String {
    let negative = number.first().is_some_and(|&byte| byte >= 0x80);
    let magnitude = if negative { negated(number) } else { number.to_vec() };
    // From the lowest digit to the highest.
    let mut digits = vec![0_u8];
    for byte in magnitude {
        let mut carry = u32::from(byte);
        for digit in &mut digits {
            let value = u32::from(*digit) * 256 + carry;
            *digit = (value % 10) as u8;
            carry = value / 10;
        }
        while carry > 0 {
            digits.push((carry % 10) as u8);
            carry /= 10;
        }
    }
    let sign = if negative { "-" } else { "" };
    let digits: String = digits.iter().rev().map(|&digit| char::from(b'0' + digit)).collect();
    format!("{sign}{digits}")
}

fn negated(number: &[u8]) -> Vec<u8> {
    let mut carry = true;
    let mut negated: Vec<u8> = number
        .iter()
        .rev()
        .map(|&byte| {
            let (sum, overflow) = (!byte).overflowing_add(u8::from(carry));
            carry = overflow;
            sum
        })
        .collect();
    negated.reverse();
    negated
}

#[cfg(test)]
mod tests {
    use super::decimal;
    use proptest::prelude::*;

    #[test]
    fn numbers_of_any_length_are_written_in_decimal() {
        assert_eq!(decimal(&[]), "0");
        assert_eq!(decimal(&[0, 0]), "0");
        assert_eq!(decimal(&[0xff]), "-1");
        assert_eq!(decimal(&[0x80, 0]), "-32768");
        let twenty_bytes = [&[0x7f_u8][..], &[0xff; 19]].concat();
        assert_eq!(decimal(&twenty_bytes), "730750818665451459101842416358141509827966271487");
    }

    proptest! {
        #[test]
        fn sixteen_bytes_are_what_the_machine_says(number in any::<i128>()) {
            prop_assert_eq!(decimal(&number.to_be_bytes()), number.to_string());
        }
    }
}
