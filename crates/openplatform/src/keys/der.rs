//! Tells what kind of key some DER bytes are, from their outline alone.
//!
//! Keys reach a configuration with the wrong PEM label, without a label, or as the wrong half of the pair, so the
//! label is not asked. Whether the key is sound is for the cryptographic library to say.

/// What the outline of a DER document says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outline {
    /// `RSAPrivateKey` of RFC 8017.
    Pkcs1Private,
    /// `PrivateKeyInfo` of RFC 5208, for RSA.
    Pkcs8Private,
    /// `EncryptedPrivateKeyInfo` of RFC 5208.
    EncryptedPrivate,
    /// `RSAPublicKey` of RFC 8017.
    Pkcs1Public,
    /// `SubjectPublicKeyInfo` of RFC 5280, for RSA.
    SpkiPublic,
    /// An X.509 certificate.
    Certificate,
    /// A private key of an algorithm other than RSA.
    OtherPrivate,
    /// A public key of an algorithm other than RSA.
    OtherPublic,
    /// Nothing of the above.
    Unknown,
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

/// 1.2.840.113549.1.1.1, `rsaEncryption`.
const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// Reads the outline of `der`.
pub(super) fn outline(der: &[u8]) -> Outline {
    let Some(elements) = whole_sequence(der).and_then(elements) else {
        return Outline::Unknown;
    };
    let tags: Vec<u8> = elements.iter().map(|element| element.tag).collect();
    match tags.as_slice() {
        [INTEGER, INTEGER] => Outline::Pkcs1Public,
        [INTEGER, INTEGER, INTEGER, ..] => Outline::Pkcs1Private,
        [INTEGER, SEQUENCE, OCTET_STRING, ..] if is_rsa(elements[1].content) => Outline::Pkcs8Private,
        [INTEGER, SEQUENCE | OCTET_STRING, ..] => Outline::OtherPrivate,
        [SEQUENCE, BIT_STRING] if is_rsa(elements[0].content) => Outline::SpkiPublic,
        [SEQUENCE, BIT_STRING] => Outline::OtherPublic,
        [SEQUENCE, OCTET_STRING] => Outline::EncryptedPrivate,
        [SEQUENCE, SEQUENCE, BIT_STRING] => Outline::Certificate,
        _ => Outline::Unknown,
    }
}

/// The length of the modulus in an `RSAPublicKey`, in bits.
pub(super) fn modulus_bits(pkcs1_public: &[u8]) -> Option<usize> {
    let elements = whole_sequence(pkcs1_public).and_then(elements)?;
    let modulus = elements.first()?.content;
    // A leading zero byte only keeps the number positive.
    let digits = modulus.iter().position(|&byte| byte != 0).map_or(&[][..], |start| &modulus[start..]);
    Some(digits.len() * 8 - digits.first().map_or(0, |byte| byte.leading_zeros() as usize))
}

fn is_rsa(algorithm: &[u8]) -> bool {
    matches!(element(algorithm), Some((first, _)) if first.tag == OBJECT_IDENTIFIER && first.content == RSA_ENCRYPTION)
}

struct Element<'a> {
    tag: u8,
    content: &'a [u8],
}

fn whole_sequence(der: &[u8]) -> Option<&[u8]> {
    match element(der)? {
        (Element { tag: SEQUENCE, content }, []) => Some(content),
        _ => None,
    }
}

fn elements(mut content: &[u8]) -> Option<Vec<Element<'_>>> {
    let mut found = Vec::new();
    while !content.is_empty() {
        let (next, rest) = element(content)?;
        found.push(next);
        content = rest;
    }
    Some(found)
}

/// The first element of `input` and what follows it.
fn element(input: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (&tag, rest) = input.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        // The long form: the low bits say how many bytes of length follow. No key needs more than three.
        0x81..=0x83 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (bytes.iter().fold(0, |length, &byte| length << 8 | usize::from(byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((Element { tag, content }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_outline_of_other_documents_is_told() {
        let ec_public = [0x30, 8, 0x30, 3, 0x06, 1, 0x2a, 0x03, 1, 0];
        assert_eq!(outline(&ec_public), Outline::OtherPublic);
        let ec_private = [0x30, 6, 0x02, 1, 1, 0x04, 1, 7];
        assert_eq!(outline(&ec_private), Outline::OtherPrivate);
        let encrypted = [0x30, 5, 0x30, 0, 0x04, 1, 7];
        assert_eq!(outline(&encrypted), Outline::EncryptedPrivate);
        let certificate = [0x30, 7, 0x30, 0, 0x30, 0, 0x03, 1, 0];
        assert_eq!(outline(&certificate), Outline::Certificate);
        assert_eq!(outline(&[0x30, 0x80, 0, 0]), Outline::Unknown, "BER's indefinite length is not DER");
    }

    proptest! {
        #[test]
        fn any_bytes_have_an_outline(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            outline(&bytes);
        }
    }
}
