//! A private key cannot be serialised.

use miniauth_openplatform::keys::PrivateKey;

fn to_a_log(key: &PrivateKey) -> String {
    serde_json::to_string(key).unwrap()
}

fn main() {}
