//! What signing, verifying and whole logins cost in CPU time. For `bench/gateway/run.mjs`, which starts a sandbox and
//! gives its description and a file of auth codes, one on a line.

use miniauth_core::wire::AuthCode;
use miniauth_openplatform::{
    AppId, Endpoint, Gateway, GatewayConfig,
    keys::{PrivateKey, PublicKey},
    protocol::{Charset, SignType, USER_INFO_SHARE},
    system::{SystemClock, SystemRandom},
    verify,
};
use serde_json::{Value, json};
use std::{env, error::Error, fs, process, sync::Arc};
use tokio::{runtime::Runtime, task::JoinSet};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Logins of which the floor is measured too, in turns, so that both see the same machine.
const TURN: usize = 100;

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

/// CPU time of this whole program so far, all threads, in microseconds.
fn cpu_time() -> Outcome<f64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The name of the program, in brackets, may hold anything; user and system time are fields 14 and 15.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok()).unwrap_or_default();
    // Linux counts in hundredths of a second for every program, whatever its own clock does.
    Ok((ticks(11) + ticks(12)) * 10_000.0)
}

fn per_call(calls: usize, mut call: impl FnMut() -> Outcome<()>) -> Outcome<f64> {
    let start = cpu_time()?;
    (0..calls).try_for_each(|_| call())?;
    Ok((cpu_time()? - start) / calls as f64)
}

/// CPU time of a login, exchange and user information, and of the floor: two signatures and two verifications.
fn logins(
    config: GatewayConfig,
    codes: &[AuthCode],
    in_flight: usize,
    body: &str,
    key: &PrivateKey,
) -> Outcome<(f64, f64)> {
    let runtime = Runtime::new()?;
    let gateway = Gateway::new(config, Arc::new(SystemClock), Arc::new(SystemRandom))?;
    let (mut login, mut floor) = (0.0, 0.0);
    for turn in codes.chunks(TURN) {
        let start = cpu_time()?;
        runtime.block_on(at_once(&gateway, turn, in_flight))?;
        let between = cpu_time()?;
        for _ in turn {
            for _ in 0..2 {
                key.sign(MESSAGE)?;
                verified(body, key.public_key())?;
            }
        }
        login += between - start;
        floor += cpu_time()? - between;
    }
    Ok((login / codes.len() as f64, floor / codes.len() as f64))
}

async fn at_once(gateway: &Gateway, codes: &[AuthCode], in_flight: usize) -> Outcome<()> {
    let mut running = JoinSet::new();
    for code in codes {
        if running.len() == in_flight
            && let Some(ended) = running.join_next().await
        {
            ended??;
        }
        let (gateway, code) = (gateway.clone(), code.clone());
        running.spawn(async move {
            let grant = gateway.exchange_code(&code).await?;
            gateway.user_info(&grant).await.map(drop)
        });
    }
    while let Some(ended) = running.join_next().await {
        ended??;
    }
    Ok(())
}
