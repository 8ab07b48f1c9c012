//! Signing does not hold up the runtime.

use crate::peer::{Peer, changed, code, config, gateway, ok, signed};
use miniauth_openplatform::keys::PrivateKey;
use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

const CALLS: u32 = 8;

/// CPU time of this thread so far.
fn spent() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
}

/// CPU time of this thread for calls that are signed with `key`, and for as many signatures.
async fn calls_and_signatures(key: &PrivateKey) -> (Duration, Duration) {
    let answer = ok(&signed("alipay_system_oauth_token_response", r#"{"user_id":"2088","access_token":"a"}"#));
    let peer = Peer::answering(vec![answer; 1 + CALLS as usize]).await;
    let client = gateway(changed(config(peer.endpoint()), |config| config.app_private_key = key.clone()));
    // The first one sets up what later ones use.
    client.exchange_code(&code()).await.unwrap();
    let start = spent();
    for _ in 0..CALLS {
        client.exchange_code(&code()).await.unwrap();
    }
    let calls = spent() - start;
    let start = spent();
    for _ in 0..CALLS {
        key.sign(b"a message").unwrap();
    }
    (calls, spent() - start)
}

/// The runtime has this thread alone, so that all that its tasks compute shows in the thread's time.
#[tokio::test(flavor = "current_thread")]
async fn the_runtimes_threads_do_not_sign() {
    // Nothing but the signature tells the two apart, and one of 4096 bits costs some seven times as much.
    let [small, large] = [RsaKeySize::_2048, RsaKeySize::_4096].map(|size| {
        let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, size).unwrap();
        PrivateKey::parse(&pair.serialize_pem()).unwrap()
    });
    let (small_calls, small_signatures) = calls_and_signatures(&small).await;
    let (large_calls, large_signatures) = calls_and_signatures(&large).await;
    let more_for_calls = large_calls.saturating_sub(small_calls);
    let more_for_signatures = large_signatures.saturating_sub(small_signatures);
    assert!(
        more_for_calls < more_for_signatures / 2,
        "{more_for_calls:?} more, signatures {more_for_signatures:?} more"
    );
}
