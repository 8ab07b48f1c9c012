//! A database restored from a backup has erased users again; the erasure journal erases them.

use crate::support::{Answer, World, message::PlatformMessage};
use miniauth_core::time::Clock as _;
use miniauth_openplatform::system::SystemClock;
use miniauth_server::{
    AfterWithdrawal,
    store::{Actor, ErasureEntry, Stores},
};
use std::{
    fs,
    path::{Path, PathBuf},
};

const LI_NA: &str = "2088000000000002";

async fn log_in(world: &World, user: &str) -> String {
    world.log_in(user, "auth_user").await["session"].as_str().unwrap().to_owned()
}

/// Starts a world whose server keeps a journal; returns the journal's folder too.
async fn start() -> (World, PathBuf) {
    let mut world = World::start().await;
    let folder = world.folder.path().join("erasures");
    world.stop_server().await;
    world.erasure_journal = Some(folder.clone());
    (world, folder)
}

async fn erase(world: &World, session: &str) -> Answer {
    Answer::of(world.client.delete(world.url("/member")).bearer_auth(session)).await
}

/// Applies the journal; returns how many entries had something to do, and how many there are.
async fn apply(world: &World, folder: &Path) -> (usize, usize) {
    let stores = Stores::open(&world.data.database_url(), None).await.unwrap();
    let (entries, unreadable) = ErasureEntry::read_all(folder).unwrap();
    assert_eq!(unreadable, 0);
    let mut done = 0;
    for entry in &entries {
        let known = stores.knows(entry).await.unwrap();
        let found = stores.erase_again(entry, &Actor::User, SystemClock.now()).await.unwrap();
        assert!(known || !found);
        done += usize::from(found);
    }
    stores.close().await;
    (done, entries.len())
}

#[tokio::test]
async fn only_users_that_a_restored_backup_brings_back_are_erased_again() {
    let (mut world, folder) = start().await;
    world.start_server().await;
    let erased = log_in(&world, "zhang-wei").await;
    let withdrawn = log_in(&world, "li-na").await;
    let stays = log_in(&world, "emoji").await;
    let personal = world.sandbox.user("zhang-wei").await["nick_name"].as_str().unwrap().to_owned();
    let also_personal = world.sandbox.user("li-na").await["nick_name"].as_str().unwrap().to_owned();
    world.stop_server().await;
    let backup = world.data.back_up().await;
    world.start_server().await;

    assert_eq!(erase(&world, &erased).await.status, 204);
    world.take_message(PlatformMessage::withdrawal(LI_NA, SystemClock.now())).await;
    let journal = ErasureEntry::read_all(&folder).unwrap().0;
    assert_eq!(journal.iter().map(ErasureEntry::is_withdrawal).collect::<Vec<_>>(), [false, true]);
    // A user comes back as another subject.
    let again = log_in(&world, "zhang-wei").await;
    world.stop_server().await;
    assert_eq!(apply(&world, &folder).await, (0, 2), "in the database itself all of it was done");

    world.data.restore(backup).await;
    let brought_back = world.data.stored_bytes().await;
    for text in [&personal, &also_personal] {
        assert!(contains(&brought_back, text), "{text} is back");
    }
    assert_eq!(apply(&world, &folder).await, (2, 2));
    assert_eq!(apply(&world, &folder).await, (0, 2), "again, it does nothing");
    let left = world.data.stored_bytes().await;
    for text in [&personal, &also_personal] {
        assert!(!contains(&left, text), "{text} is still there");
    }
    assert_eq!(world.count("subjects").await, 2, "a subject stays when a consent is taken back");
    world.start_server().await;
    for session in [&erased, &withdrawn, &again] {
        world.get("/session", session).await.assert_problem(401, "session_unknown");
    }
    assert_eq!(world.get("/member", &stays).await.status, 200);
}

#[tokio::test]
async fn later_consents_stay_and_users_are_handled_as_recorded() {
    for (after, members, subjects) in
        [(AfterWithdrawal::KeepMember, 1, 1), (AfterWithdrawal::EraseMember, 0, 1), (AfterWithdrawal::EraseUser, 0, 0)]
    {
        let (mut world, folder) = start().await;
        world.after_withdrawal = after;
        world.start_server().await;
        let session = log_in(&world, "li-na").await;
        world.stop_server().await;
        let backup = world.data.back_up().await;
        world.start_server().await;
        world.take_message(PlatformMessage::withdrawal(LI_NA, SystemClock.now())).await;
        let message = PlatformMessage::withdrawal(LI_NA, SystemClock.now());
        world.take_message(message).await;
        world.stop_server().await;

        world.data.restore(backup).await;
        assert_eq!(apply(&world, &folder).await, (1, 1), "what ended nothing is not written down");
        assert_eq!((world.count("members").await, world.count("subjects").await), (members, subjects), "{after:?}");
        world.start_server().await;
        world.get("/session", &session).await.assert_problem(401, "session_unknown");
        // The platform's times have a resolution of one second.
        world.clock.forward(2);
        let since = log_in(&world, "li-na").await;
        world.stop_server().await;
        if after == AfterWithdrawal::EraseUser {
            assert_eq!(apply(&world, &folder).await, (0, 1), "she came as another subject");
        }
        world.start_server().await;
        assert_eq!(world.get("/session", &since).await.status, 200);
    }
}

#[tokio::test]
async fn an_erasure_that_cannot_be_journalled_is_not_done_and_can_be_retried() {
    let (mut world, folder) = start().await;
    world.start_server().await;
    let session = log_in(&world, "li-na").await;
    fs::remove_dir_all(&folder).unwrap();
    fs::write(&folder, "in the way").unwrap();
    let refused = erase(&world, &session).await;
    refused.assert_problem(503, "overloaded");
    assert!(refused.header("retry-after").is_some());
    assert_eq!(world.get("/member", &session).await.status, 200);

    fs::remove_file(&folder).unwrap();
    fs::create_dir(&folder).unwrap();
    assert_eq!(erase(&world, &session).await.status, 204);
    assert_eq!(ErasureEntry::read_all(&folder).unwrap().0.len(), 1);

    fs::remove_dir_all(&folder).unwrap();
    fs::write(&folder, "in the way").unwrap();
    let told = world.open().await.err().unwrap().to_string();
    assert!(told.contains("cannot write the erasure journal"), "{told}");
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}
