//! Measures the CPU time of signing, verifying and whole logins. For `bench/gateway/run.mjs`, which starts a sandbox and
//! passes its description and a file of auth codes, one per line.

use miniauth_core::wire::AuthCode;
use miniauth_openplatform::{
    AppId, Endpoint, Gateway, GatewayConfig,
    keys::{PrivateKey, PublicKey},
    protocol::{Charset, SignType, USER_INFO_SHARE},
    system::{SystemClock, SystemRandom},
    verify,
};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use std::{
    env,
    error::Error,
    fs, process,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{runtime::Runtime, task::JoinSet};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// How many logins are measured at a time, before the signatures alone are measured as often. Taking turns gives both the
/// same conditions.
const TURN: usize = 50;

const MESSAGE: &[u8] = b"app_id=2021000000000001&charset=utf-8&code=0123456789abcdef0123456789abcdef&format=JSON&\
grant_type=authorization_code&method=alipay.system.oauth.token&sign_type=RSA2&timestamp=2026-11-21 00:00:00&version=1.0";

const NODE: &str = r#"{"code":"10000","msg":"Success","avatar":"https:\/\/avatars.shop.example\/zhang-wei.png","city":"杭州市","gender":"M","nick_name":"张伟","open_id":"open-zhang-wei","province":"浙江省","user_id":"2088000000000001"}"#;

fn main() {
    match measure() {
        Ok(figures) => println!("{figures}"),
        Err(fault) => {
            eprintln!("gateway_cost: {fault}");
            process::exit(1);
        }
    }
}

fn measure() -> Outcome<Value> {
    let arguments: Vec<String> = env::args().collect();
    let [_, sandbox, codes, in_flight] = arguments.as_slice() else {
        return Err("give the sandbox's description, a file of auth codes, and how many logins at once".into());
    };
    let sandbox: Value = serde_json::from_str(&fs::read_to_string(sandbox)?)?;
    let text = |name: &str| sandbox[name].as_str().ok_or_else(|| format!("the description has no {name}"));
    let key = PrivateKey::parse(text("app_private_key")?)?;
    let config = GatewayConfig::new(
        AppId::parse(text("app_id")?)?,
        key.clone(),
        PublicKey::parse(text("alipay_public_key")?)?,
        Endpoint::parse(text("gateway")?)?,
    );
    let codes: Result<Vec<_>, _> = fs::read_to_string(codes)?.lines().map(AuthCode::parse).collect();
    let codes = codes.map_err(|_| "a line of the file is no auth code")?;

    let body = format!(r#"{{"alipay_user_info_share_response":{NODE},"sign":"{}"}}"#, key.sign(NODE.as_bytes())?);
    let sign = per_call(400, || key.sign(MESSAGE).map(drop).map_err(Into::into))?;
    let verify = per_call(8_000, || verified(&body, key.public_key()))?;
    let (login, floor) = logins(config, &codes, in_flight.parse()?, &body, &key)?;
    Ok(json!({ "sign_us": sign, "verify_us": verify, "login_us": login, "floor_us": floor, "logins": codes.len() }))
}

fn verified(body: &str, key: &PublicKey) -> Outcome<()> {
    verify(body.as_bytes(), USER_INFO_SHARE, key, Charset::Utf8, SignType::Rsa2)?;
    Ok(())
}

/// The CPU time of this whole program so far, of all threads, in microseconds.
fn cpu_time() -> f64 {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    spent.tv_sec as f64 * 1e6 + spent.tv_nsec as f64 / 1e3
}

fn per_call(calls: usize, mut call: impl FnMut() -> Outcome<()>) -> Outcome<f64> {
    let start = cpu_time();
    (0..calls).try_for_each(|_| call())?;
    Ok((cpu_time() - start) / calls as f64)
}

/// Returns the CPU time of a login (exchange and user information) and that of its minimum, two signatures and two
/// verifications, from the turn with the median ratio.
fn logins(
    config: GatewayConfig,
    codes: &[AuthCode],
    in_flight: usize,
    body: &str,
    key: &PrivateKey,
) -> Outcome<(f64, f64)> {
    let runtime = Runtime::new()?;
    let gateway = Gateway::new(config, Arc::new(SystemClock), Arc::new(SystemRandom))?;
    let mut turns = Vec::new();
    for turn in codes.chunks(TURN) {
        let start = cpu_time();
        runtime.block_on(at_once(&gateway, turn, in_flight))?;
        let between = cpu_time();
        for _ in turn {
            for _ in 0..2 {
                key.sign(MESSAGE)?;
                verified(body, key.public_key())?;
            }
        }
        let each = turn.len() as f64;
        turns.push(((between - start) / each, (cpu_time() - between) / each));
    }
    // Other programs on the machine disturb some turns, but not all.
    turns.sort_by(|(login, floor), (other_login, other_floor)| (login / floor).total_cmp(&(other_login / other_floor)));
    turns.get(turns.len() / 2).copied().ok_or_else(|| "there is no auth code".into())
}

/// Logs in with all codes; each of `in_flight` tasks takes one code after another.
async fn at_once(gateway: &Gateway, codes: &[AuthCode], in_flight: usize) -> Outcome<()> {
    let codes = Arc::new(Mutex::new(codes.to_vec()));
    let mut running = JoinSet::new();
    for _ in 0..in_flight {
        let (gateway, codes) = (gateway.clone(), Arc::clone(&codes));
        running.spawn(async move {
            while let Some(code) = next(&codes) {
                let grant = gateway.exchange_code(&code).await?;
                gateway.user_info(&grant).await?;
            }
            Ok::<_, Box<dyn Error + Send + Sync>>(())
        });
    }
    while let Some(ended) = running.join_next().await {
        ended??;
    }
    Ok(())
}

fn next(codes: &Mutex<Vec<AuthCode>>) -> Option<AuthCode> {
    codes.lock().unwrap_or_else(PoisonError::into_inner).pop()
}
