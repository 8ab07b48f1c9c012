//! Whole numbers as JavaScript has them.
//!
//! A 64-bit integer at the WebAssembly boundary needs `BigInt`, which some mini-program engines lack. These numbers stay
//! within 2^53, so a double holds them exactly.

use serde::{
    Deserializer, Serializer,
    de::{Error, Unexpected, Visitor},
};

/// The largest whole number up to which doubles hold every one: 2^53 - 1.
pub(crate) const MAXIMUM: u64 = (1 << 53) - 1;

/// An integer in JSON, a number in JavaScript.
pub(crate) fn serialize<S: Serializer>(number: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    if cfg!(target_arch = "wasm32") {
        serializer.serialize_f64(*number as f64)
    } else {
        serializer.serialize_u64(*number)
    }
}

/// Takes whole numbers from 0 to 2^53 - 1, however the format writes them.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    struct WholeNumber;
    impl Visitor<'_> for WholeNumber {
        type Value = u64;

        fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            formatter.write_str("a whole number from 0 to 2^53 - 1")
        }

        fn visit_u64<E: Error>(self, number: u64) -> Result<u64, E> {
            if number <= MAXIMUM { Ok(number) } else { Err(E::invalid_value(Unexpected::Unsigned(number), &self)) }
        }

        fn visit_i64<E: Error>(self, number: i64) -> Result<u64, E> {
            u64::try_from(number)
                .map_err(|_| E::invalid_value(Unexpected::Signed(number), &self))
                .and_then(|number| self.visit_u64(number))
        }

        fn visit_f64<E: Error>(self, number: f64) -> Result<u64, E> {
            let whole = number.fract() == 0.0 && (0.0..=MAXIMUM as f64).contains(&number);
            if whole { Ok(number as u64) } else { Err(E::invalid_value(Unexpected::Float(number), &self)) }
        }
    }
    deserializer.deserialize_f64(WholeNumber)
}

#[cfg(test)]
mod tests {
    use crate::time::Timestamp;

    #[test]
    fn whole_numbers_within_a_double_and_no_others() {
        let read = |json: &str| serde_json::from_str::<Timestamp>(json).ok().map(Timestamp::as_millis);
        assert_eq!(read("0"), Some(0));
        assert_eq!(read("1700000000000"), Some(1_700_000_000_000));
        assert_eq!(read("1700000000000.0"), Some(1_700_000_000_000));
        assert_eq!(read("9007199254740991"), Some(9_007_199_254_740_991));
        for wrong in ["9007199254740992", "-1", "0.5", "1e300", "\"1\"", "null"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(serde_json::to_string(&Timestamp::from_millis(1_700_000_000_000)).unwrap(), "1700000000000");
    }
}
