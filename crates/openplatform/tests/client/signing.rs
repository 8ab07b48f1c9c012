//! Signing does not hold up the runtime.

use crate::peer::{Peer, code, config, gateway, ok, signed};
use miniauth_openplatform::{GatewayConfig, keys::PrivateKey};
use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

const CALLS: u32 = 8;

/// CPU time of this thread so far.
fn spent() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
}

/// The runtime has this thread alone, so that all that its tasks compute shows in the thread's time.
#[tokio::test(flavor = "current_thread")]
async fn the_runtimes_threads_do_not_sign() {
    // Large enough that a signature outweighs everything else about a call.
    let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_4096).unwrap();
    let key = PrivateKey::parse(&pair.serialize_pem()).unwrap();
    let start = spent();
    for _ in 0..CALLS {
        key.sign(b"a message").unwrap();
    }
    let signatures = spent() - start;

    let answer = ok(&signed("alipay_system_oauth_token_response", r#"{"user_id":"2088","access_token":"a"}"#));
    let peer = Peer::answering(vec![answer; CALLS as usize]).await;
    let client = gateway(GatewayConfig { app_private_key: key, ..config(peer.endpoint()) });
    let start = spent();
    for _ in 0..CALLS {
        client.exchange_code(&code()).await.unwrap();
    }
    let calls = spent() - start;
    assert!(calls < signatures, "{calls:?} for {CALLS} calls, {signatures:?} for as many signatures");
}
