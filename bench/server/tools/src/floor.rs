//! Measures the least cost of a login: the processor time of two signatures and two verifications, in microseconds.

mod processor;

use std::fs;

use anyhow::Result;
use miniauth_openplatform::keys::PrivateKey;
use miniauth_openplatform::protocol::{Charset, SignType, USER_INFO_SHARE};
use miniauth_openplatform::verify;
use processor::processor_time;

/// The number of measured logins.
const LOGINS: u32 = 400;

const MESSAGE: &[u8] = b"app_id=2021000000000001&charset=utf-8&code=0123456789abcdef0123456789abcdef&format=JSON&\
grant_type=authorization_code&method=alipay.system.oauth.token&sign_type=RSA2&timestamp=2026-11-21 00:00:00&version=1.0";

const NODE: &str = r#"{"code":"10000","msg":"Success","nick_name":"张伟","open_id":"open-zhang-wei"}"#;

fn main() -> Result<()> {
    let file = std::env::args().nth(1).unwrap_or_default();
    let sandbox: serde_json::Value = serde_json::from_str(&fs::read_to_string(file)?)?;
    let key = PrivateKey::parse(sandbox["app_private_key"].as_str().unwrap_or_default())?;
    let body = format!(r#"{{"alipay_user_info_share_response":{NODE},"sign":"{}"}}"#, key.sign(NODE.as_bytes())?);
    let start = processor_time()?;
    for _ in 0..2 * LOGINS {
        key.sign(MESSAGE)?;
        verify(body.as_bytes(), USER_INFO_SHARE, key.public_key(), Charset::Utf8, SignType::Rsa2)?;
    }
    println!("{}", (processor_time()? - start) / f64::from(LOGINS));
    Ok(())
}
