//! The checked-in OpenAPI document is the one that the server serves.

use crate::support::World;
use miniauth_core::error_code::ErrorCode;
use serde_json::Value;
use std::{env, fs, path::Path};

#[tokio::test]
async fn the_checked_in_document_is_the_served_one() {
    let world = World::start().await;
    let answer = world.client.get(world.url("/openapi.json")).send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-type"]),
        (200, &"application/json".parse().unwrap())
    );
    let served = answer.text().await.unwrap();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    if env::var_os("MINIAUTH_RENEW").is_some() {
        fs::write(&file, &served).unwrap();
    }
    let checked_in = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        served == checked_in,
        "crates/server/openapi.json is not what the server serves: run this test with MINIAUTH_RENEW=1, and look at the \
         difference"
    );
}

#[tokio::test]
async fn every_described_operation_is_there_and_every_code_of_the_server_is_described() {
    let world = World::start().await;
    let document: Value =
        serde_json::from_str(&world.client.get(world.url("/openapi.json")).send().await.unwrap().text().await.unwrap())
            .unwrap();
    let mut operations = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let url = world.url(&path.replace("{id}", &"A".repeat(22)));
        for method in methods.as_object().unwrap().keys() {
            let method: reqwest::Method = method.to_uppercase().parse().unwrap();
            let status = world.client.request(method.clone(), &url).send().await.unwrap().status().as_u16();
            assert!(![404, 405, 500].contains(&status), "{method} {path}: {status}");
            operations += 1;
        }
        let status = world.client.patch(&url).send().await.unwrap().status();
        assert_eq!(status, 405, "{path}");
    }
    assert_eq!(operations, 20);
    let text = document["paths"].to_string();
    for code in ErrorCode::ALL.iter().filter(|code| code.status().is_some()) {
        // Codes of unknown paths or methods belong to no operation.
        let described = text.contains(&format!("\"{code}\""));
        assert_eq!(described, *code != ErrorCode::MethodNotAllowed, "{code}");
    }
}
