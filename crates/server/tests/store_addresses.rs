//! Error messages when a store cannot be opened, and what must not happen silently.

use miniauth_server::{DatabaseUrl, SessionStoreUrl, store::Stores};
use miniauth_testservices::Postgres;

async fn open(database: &str, sessions: Option<&str>) -> Result<(), String> {
    let sessions = sessions.map(|url| SessionStoreUrl::parse(url).unwrap());
    match Stores::open(&DatabaseUrl::parse(database).unwrap(), sessions.as_ref()).await {
        Ok(stores) => {
            stores.close().await;
            Ok(())
        }
        Err(fault) => Err(fault.to_string()),
    }
}

#[tokio::test]
async fn an_sslmode_that_requires_tls_refuses_a_server_without_it() {
    let postgres = Postgres::start_without_fsync().unwrap();
    let url = postgres.new_database("shop").unwrap();
    for mode in ["require", "verify-ca", "verify-full"] {
        let told = open(&format!("{url}?sslmode={mode}"), None).await.unwrap_err();
        assert!(told.contains("TLS"), "{mode}: {told}");
        assert!(told.contains("sslmode"), "{mode}: {told}");
    }
    // Several instances that start at once bring the tables up to date once.
    let plain = format!("{url}?sslmode=prefer");
    let (first, second, third) = tokio::join!(open(&plain, None), open(&plain, None), open(&plain, None));
    assert_eq!((first, second, third), (Ok(()), Ok(()), Ok(())));
}

#[tokio::test]
async fn a_store_that_is_away_is_named_without_its_password() {
    let told = open("postgres://user:s3cret@127.0.0.1:1/shop", None).await.unwrap_err();
    assert!(told.contains("postgres://127.0.0.1:1/shop") && told.contains("is it running"), "{told}");
    assert!(!told.contains("s3cret"), "{told}");

    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite://{}", folder.path().join("miniauth.db").display());
    let told = open(&file, Some("redis://user:s3cret@127.0.0.1:1/0")).await.unwrap_err();
    assert!(told.contains("redis://127.0.0.1:1/0") && told.contains("is it running"), "{told}");
    assert!(!told.contains("s3cret"), "{told}");
}
