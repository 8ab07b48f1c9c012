//! Measures a Rust back-end's verification of a signed token: the processor time of jsonwebtoken, and of the bare signature by the library
//! that it uses, in microseconds, as one line of JSON.
//!
//! ```text
//! bench-verify TOKEN KEYS AUDIENCE      KEYS is a file, as the server publishes them
//! ```

mod processor;

use std::collections::HashMap;
use std::{env, fs};

use anyhow::{Context as _, Result, ensure};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::{AlgorithmParameters, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use processor::processor_time;
use serde_json::{Map, Value, json};

const VERIFICATIONS: u32 = 2_000;

fn main() -> Result<()> {
    let [token, keys, audience] =
        <[String; 3]>::try_from(env::args().skip(1).collect::<Vec<_>>()).ok().context("TOKEN KEYS AUDIENCE")?;
    let keys: JwkSet = serde_json::from_str(&fs::read_to_string(keys)?)?;
    let verified = measure(verifications(&token, &keys, &audience)?)?;
    let bare = measure(bare_signatures(&token, &keys)?)?;
    println!("{}", json!({ "verified": verified, "bare": bare }));
    Ok(())
}

/// Verifies as the documentation tells back-ends to: reads the list of keys once, and uses the key that the token names.
fn verifications(token: &str, keys: &JwkSet, audience: &str) -> Result<impl FnMut() -> bool> {
    let mut known = HashMap::new();
    for key in &keys.keys {
        known.insert(key.common.key_id.clone().context("a key without a name")?, DecodingKey::from_jwk(key)?);
    }
    let mut rules = Validation::new(Algorithm::ES256);
    rules.set_audience(&[audience]);
    rules.set_issuer(&["miniauth"]);
    rules.set_required_spec_claims(&["sub", "exp"]);
    Ok(move || {
        let Ok(header) = decode_header(token) else { return false };
        let Some(key) = header.kid.and_then(|id| known.get(&id)) else { return false };
        decode::<Map<String, Value>>(token, key, &rules).is_ok()
    })
}

fn bare_signatures(token: &str, keys: &JwkSet) -> Result<impl FnMut() -> bool> {
    let key = decode_header(token)?.kid.as_deref().and_then(|id| keys.find(id)).context("no key of this name")?;
    let AlgorithmParameters::EllipticCurve(point) = &key.algorithm else { anyhow::bail!("no key on a curve") };
    let point = [vec![4], URL_SAFE_NO_PAD.decode(&point.x)?, URL_SAFE_NO_PAD.decode(&point.y)?].concat();
    let key = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)?;
    let (signed, signature) = token.rsplit_once('.').context("no token")?;
    let signature = URL_SAFE_NO_PAD.decode(signature)?;
    Ok(move || key.verify_sig(signed.as_bytes(), &signature).is_ok())
}

fn measure(mut verifies: impl FnMut() -> bool) -> Result<f64> {
    let start = processor_time()?;
    for _ in 0..VERIFICATIONS {
        ensure!(verifies(), "a good token was refused");
    }
    Ok((processor_time()? - start) / f64::from(VERIFICATIONS))
}
