//! Signing does not hold up the runtime.

use crate::peer::{Peer, changed, code, config, gateway, ok, signed};
use miniauth_openplatform::{Gateway, keys::PrivateKey};
use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

const CALLS: usize = 16;

/// CPU time of this thread so far.
fn spent() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
}

/// A client whose calls are signed with `key`. Its first call sets up what later ones use.
async fn client(key: &PrivateKey) -> Gateway {
    let answer = ok(&signed("alipay_system_oauth_token_response", r#"{"user_id":"2088","access_token":"a"}"#));
    let peer = Peer::answering(vec![answer; 1 + CALLS]).await;
    let client = gateway(changed(config(peer.endpoint()), |config| config.app_private_key = key.clone()));
    client.exchange_code(&code()).await.unwrap();
    client
}

/// The runtime has only this thread, so all work of its tasks shows in the thread's CPU time.
#[tokio::test(flavor = "current_thread")]
async fn the_runtimes_threads_do_not_sign() {
    // Only the signature differs, and one of 4096 bits costs about seven times as much.
    let [small, large] = [RsaKeySize::_2048, RsaKeySize::_4096].map(|size| {
        let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, size).unwrap();
        PrivateKey::parse(&pair.serialize_pem()).unwrap()
    });
    let clients = [(&small, client(&small).await), (&large, client(&large).await)];
    // Measured by turns, and the minimum of each: other work on the machine only adds time, and to both.
    let (mut calls, mut signatures) = ([Duration::MAX; 2], [Duration::MAX; 2]);
    for _ in 0..CALLS {
        for (index, (key, client)) in clients.iter().enumerate() {
            let start = spent();
            client.exchange_code(&code()).await.unwrap();
            calls[index] = calls[index].min(spent() - start);
            let start = spent();
            key.sign(b"a message").unwrap();
            signatures[index] = signatures[index].min(spent() - start);
        }
    }
    let [more_for_call, more_for_signature] = [calls, signatures].map(|[small, large]| large.saturating_sub(small));
    assert!(more_for_call < more_for_signature / 2, "{more_for_call:?} more, a signature {more_for_signature:?} more");
}
