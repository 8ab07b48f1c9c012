//! Moving from a SQLite file to PostgreSQL and back, with real rows and thousands of generated ones.

use crate::support::{Answer, World};
use miniauth_core::time::{Clock as _, Timestamp};
use miniauth_server::{
    DatabaseUrl,
    store::{
        Actor,
        transfer::{Moved, Transfer, TransferError},
    },
};
use miniauth_testservices::Postgres;
use serde_json::{Value, json};

/// 3,000 users with all kinds of data; every third session has expired. The rest outlives any test, so no clean-up
/// deletes it.
const FILL: &str = "
    CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) SELECT i FROM n;
    INSERT INTO subjects
        SELECT i, '2088', 'open-' || i, '2088' || i, NULL, NULL, i, '用户😀' || i, NULL, 'F', '浙江省', '杭州市', i, i FROM n;
    INSERT INTO subjects (id, app_id, retired_into, created_at) SELECT 10000 + i, '2088', i, i FROM n WHERE i % 10 = 0;
    INSERT INTO grants SELECT i, 'auth_user', 'key', randomblob(40), NULL, i, NULL, i, 9000000000000, i
    FROM n;
    INSERT INTO sessions SELECT randomblob(32), i, i, CASE i % 3 WHEN 0 THEN 1000 ELSE 9000000000000 END, 'auth_user' FROM n;
    INSERT INTO consents SELECT 1000 + i, i, 'auth_user', '用于显示会员等级', i, i FROM n;
    INSERT INTO phones SELECT i, 'key', randomblob(40), randomblob(32), i % 2, 1 - i % 2, i, i FROM n;
    INSERT INTO code_claims SELECT '2088', randomblob(32), randomblob(32), randomblob(32),
                                          CAST(strftime('%s', 'now') AS INTEGER) * 1000 + i FROM n;
    INSERT INTO code_outcomes SELECT app_id, code_hash, NULL, 'product_not_in_force', claimed_at FROM code_claims
    WHERE app_id = '2088' AND claimed_at % 2 = 0;
    INSERT INTO withdrawals SELECT '2088', randomblob(32), i, CASE i % 2 WHEN 0 THEN 'kept' ELSE 'erased' END,
                                   CAST(strftime('%s', 'now') AS INTEGER) * 1000 FROM n;
    INSERT INTO token_keys VALUES (1, 'id', 'key', randomblob(150), randomblob(65), 1, 1);
    INSERT INTO backends VALUES ('shop', 'ids', NULL, randomblob(32), randomblob(32), 5, 5);
    INSERT INTO audit VALUES (CAST(strftime('%s', 'now') AS INTEGER) * 1000, 9007199254740991,
                              'operator:王', 'member_exported', 7, NULL);
";

async fn open(from: &DatabaseUrl, to: &DatabaseUrl, world: &World) -> Result<Transfer, TransferError> {
    Transfer::open(from, to, world.clock.now()).await
}

async fn run(from: &DatabaseUrl, to: &DatabaseUrl, world: &World, resume: bool) -> Result<Vec<Moved>, TransferError> {
    let transfer = open(from, to, world).await?;
    let moved = transfer.run(resume, &Actor::User, |_| ()).await;
    transfer.close().await;
    moved
}

fn rows(moved: &[Moved]) -> Vec<(&'static str, u64)> {
    moved.iter().map(|moved| (moved.table, moved.rows)).collect()
}

struct Scene {
    world: World,
    post: Value,
    answered_at: Timestamp,
    session: String,
    member: Value,
}

/// Creates a file with one real member, whose server is stopped.
async fn scene() -> Scene {
    let mut world = World::start().await;
    let code = world.sandbox.auth_code("zhang-wei", "auth_user").await;
    let consent = json!({ "purpose": "用于显示会员等级", "at": 1_780_000_000_000_u64 });
    let post = json!({ "authcode": code, "scope": "auth_user", "login_id": "attempt-0123456789", "consent": consent });
    let answer = world.post_auth(&post).await;
    let answered_at = world.clock.now();
    let (session, member) = (answer.session().to_owned(), answer.body["member"].clone());
    give_phone(&world, "zhang-wei", &session).await;
    world.stop_server().await;
    world.data.execute(FILL).await;
    Scene { world, post, answered_at, session, member }
}

async fn give_phone(world: &World, user: &str, session: &str) {
    let body = json!({ "response": world.sandbox.phone_number(user, None).await });
    let posted = Answer::of(world.client.post(world.url("/phone")).bearer_auth(session).json(&body)).await;
    assert_eq!(posted.status, 200, "{}", posted.body);
}

/// The move itself is in the audit before it starts.
const ALL: [(&str, u64); 11] = [
    ("subjects", 3_301),
    ("grants", 3_001),
    ("sessions", 2_001),
    ("consents", 3_001),
    ("phones", 3_001),
    ("code_claims", 3_001),
    ("code_outcomes", 1_501),
    ("withdrawals", 3_000),
    ("token_keys", 1),
    ("backends", 1),
    ("audit", 2),
];

#[tokio::test]
async fn everything_moves_to_postgres_and_back() {
    let Scene { mut world, post, answered_at, session, member } = scene().await;
    let postgres = Postgres::start_without_fsync().unwrap();
    let file = world.data.database_url();
    world.data.move_to_postgres(postgres.new_database("target").unwrap());
    let moved = run(&file, &world.data.database_url(), &world, false).await.unwrap();
    assert_eq!(rows(&moved), ALL);

    // A retry works within a minute, which the move alone may take.
    let seconds = world.clock.now().millis_since(answered_at) / 1_000;
    world.clock.back(seconds);
    world.start_server().await;
    assert_eq!(world.post_auth(&post).await.session(), session, "a repeated post gets the same session");
    world.clock.forward(seconds);
    let answer = world.get("/session", &session).await;
    assert_eq!((answer.status.as_u16(), &answer.body["member"]), (200, &member), "{}", answer.body);
    assert_eq!(answer.body["phone"]["phone_number"], "138****1234");
    // The access token has expired, so the sealed refresh token must open.
    world.data.execute("UPDATE grants SET access_expires_at = 1 WHERE key_id <> 'key'").await;
    let refreshed = Answer::of(world.client.post(world.url("/member/refresh")).bearer_auth(&session)).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.body);
    let code = world.sandbox.auth_code("li-na", "auth_user").await;
    let consent = json!({ "purpose": "用于发货", "at": 1_780_000_000_000_u64 });
    let login = world.post_auth(&json!({ "authcode": code, "scope": "auth_user", "consent": consent })).await;
    assert_eq!(login.status, 200, "the numbers of consents go on where the file's end: {}", login.body);
    give_phone(&world, "li-na", login.session()).await;
    world.stop_server().await;

    let back = DatabaseUrl::parse(&format!("sqlite://{}", world.folder.path().join("back.db").display())).unwrap();
    let moved = run(&world.data.database_url(), &back, &world, false).await.unwrap();
    assert_eq!(
        rows(&moved),
        ALL.map(|(table, rows)| (table, rows + u64::from(!matches!(table, "withdrawals" | "token_keys" | "backends"))))
    );
}

#[tokio::test]
async fn an_interrupted_move_is_resumed_and_a_foreign_target_is_refused() {
    let Scene { world, .. } = scene().await;
    let postgres = Postgres::start_without_fsync().unwrap();
    let (file, target) =
        (world.data.database_url(), DatabaseUrl::parse(&postgres.new_database("target").unwrap()).unwrap());
    let transfer = open(&file, &target, &world).await.unwrap();
    let (sender, half) = tokio::sync::oneshot::channel();
    let mut sender = Some(sender);
    let running = tokio::spawn(async move {
        let tell = |progress: miniauth_server::store::transfer::Progress| {
            if progress.done > progress.all / 2
                && let Some(sender) = sender.take()
            {
                sender.send(progress).unwrap();
            }
        };
        transfer.run(false, &Actor::User, tell).await
    });
    let progress = half.await.unwrap();
    running.abort();
    assert_eq!(progress.all, ALL.iter().map(|(_, rows)| rows).sum::<u64>());
    assert!(running.await.unwrap_err().is_cancelled(), "it was cut before its end");

    let refused = loop {
        match run(&file, &target, &world, false).await.unwrap_err() {
            // The threads of the cancelled move close the file shortly.
            TransferError::InUse(_) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
            refused => break refused,
        }
    };
    assert!(matches!(refused, TransferError::NotEmpty { table: "subjects", rows: 3_301 }), "{refused}");
    for again in 1..=2 {
        let moved = run(&file, &target, &world, true).await.unwrap();
        let expected = ALL.map(|(table, rows)| (table, rows + if table == "audit" { again } else { 0 }));
        assert_eq!(rows(&moved), expected, "to resume what is done changes nothing but the audit");
    }
    let pool = sqlx::PgPool::connect(&postgres.url().replace("/postgres", "/target")).await.unwrap();
    sqlx::raw_sql("INSERT INTO code_claims VALUES ('other', 'x', NULL, 'x', 1)").execute(&pool).await.unwrap();
    let refused = run(&file, &target, &world, true).await.unwrap_err();
    assert!(matches!(refused, TransferError::Disagree { table: "code_claims", from: 3_001, to: 3_002 }), "{refused}");
}

#[tokio::test]
async fn a_missing_source_is_reported_and_nothing_is_created() {
    let world = World::start().await;
    let file = world.data.database_url();
    assert!(matches!(run(&file, &file, &world, false).await, Err(TransferError::Same)));
    let missing = world.folder.path().join("missing.db");
    let url = DatabaseUrl::parse(&format!("sqlite://{}", missing.display())).unwrap();
    assert!(matches!(run(&url, &file, &world, false).await, Err(TransferError::NoSource(path)) if path == missing));
    assert!(!missing.exists());
}

#[tokio::test]
async fn a_file_that_a_server_has_open_is_not_moved() {
    let mut world = World::start().await;
    world.log_in("zhang-wei", "auth_user").await;
    let postgres = Postgres::start_without_fsync().unwrap();
    let (file, target) = (world.data.database_url(), DatabaseUrl::parse(&postgres.url()).unwrap());
    for (from, to) in [(&file, &target), (&target, &file)] {
        assert!(matches!(open(from, to, &world).await.err(), Some(TransferError::InUse(_))));
    }
    world.stop_server().await;
    open(&file, &target, &world).await.unwrap().close().await;
}

#[tokio::test]
async fn closing_releases_both_databases() {
    let mut world = World::start().await;
    world.stop_server().await;
    let postgres = Postgres::start_without_fsync().unwrap();
    let target = DatabaseUrl::parse(&postgres.new_database("target").unwrap()).unwrap();
    let closed = open(&world.data.database_url(), &target, &world).await.unwrap();
    closed.close().await;
    open(&world.data.database_url(), &target, &world).await.unwrap().close().await;
    // PostgreSQL cannot drop a database with connections. Waits until they are closed.
    let pool = sqlx::PgPool::connect(&postgres.url()).await.unwrap();
    sqlx::raw_sql("DROP DATABASE target").execute(&pool).await.unwrap();
    drop(closed);
}

/// Equal numbers of rows are not enough: a server that still writes to the source changes their content.
#[tokio::test]
async fn rows_that_changed_meanwhile_are_noticed() {
    let Scene { world, .. } = scene().await;
    let postgres = Postgres::start_without_fsync().unwrap();
    let target = DatabaseUrl::parse(&postgres.url()).unwrap();
    let transfer = open(&world.data.database_url(), &target, &world).await.unwrap();
    let mut changed = false;
    let moved = transfer.run(false, &Actor::User, |progress| {
        if progress.table == "code_outcomes" && !std::mem::replace(&mut changed, true) {
            let file = world.data.sqlite();
            file.execute("UPDATE grants SET scope = 'auth_base' WHERE subject = 7", ()).unwrap();
        }
    });
    assert!(matches!(moved.await.err(), Some(TransferError::Differ { table: "grants" })));
    transfer.close().await;
}
