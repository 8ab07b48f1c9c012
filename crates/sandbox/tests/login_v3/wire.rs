//! Raw answers.

use crate::running::RunningSandbox;
use miniauth_openplatform::v3;
use serde_json::Value;

/// Posts to v3 without any signature.
async fn posted(sandbox: &RunningSandbox, path: &str, authorization: Option<&str>, body: &str) -> reqwest::Response {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut request = client.post(format!("{}/v3/{path}", sandbox.address)).body(body.to_owned());
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    request.send().await.unwrap()
}

#[tokio::test]
async fn each_fault_of_a_request_has_its_own_refusal() {
    let sandbox = RunningSandbox::start_as("errors:signed").await;
    let ours = "ALIPAY-SHA256withRSA app_id=2021000000000001";
    for (authorization, body, sub_code) in [
        (None, "{}", "isv.missing-app-id"),
        (
            Some("ALIPAY-SHA256withRSA app_id=2021000000000404,nonce=n,timestamp=1,sign=AA=="),
            "{}",
            "isv.invalid-app-id",
        ),
        (Some(&*format!("{ours},nonce=n,sign=AA==")), "{}", "isv.missing-timestamp"),
        (Some(&*format!("{ours},nonce=n,timestamp=soon,sign=AA==")), "{}", "isv.invalid-timestamp"),
        (Some(&*format!("{ours},timestamp=1,sign=AA==")), "{}", "isv.invalid-parameter"),
        (Some(&*format!("{ours},nonce=n,timestamp=1")), "{}", "isv.missing-signature"),
        (Some(&*format!("{ours},nonce=n,timestamp=1,sign=AA==")), "{}", "isv.invalid-signature"),
        (Some(&*format!("{ours},app_cert_sn=1,nonce=n,timestamp=1,sign=A")), "{}", "isv.missing-alipay-root-cert-sn"),
        (None, "not JSON", "isv.invalid-parameter"),
        (None, "[]", "isv.invalid-parameter"),
    ] {
        let answer = posted(&sandbox, "alipay/system/oauth/token", authorization, body).await;
        assert_eq!(answer.status(), 400, "{sub_code}");
        let fields: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert_eq!((&fields["code"], fields["message"].is_string()), (&v3::bare_code(sub_code).into(), true));
    }
}

#[tokio::test]
async fn an_answer_is_signed_in_its_headers() {
    let sandbox = RunningSandbox::start_as("errors:signed").await;
    let answer = posted(&sandbox, "alipay/user/info/share", None, "").await;
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    let [signature, timestamp, nonce] = [v3::SIGNATURE_HEADER, v3::TIMESTAMP_HEADER, v3::NONCE_HEADER].map(header);
    let signed = v3::answer_bytes(&timestamp, &nonce, answer.text().await.unwrap().as_bytes());
    sandbox.config().trust.key().verify(&signed, &signature).unwrap();
}
