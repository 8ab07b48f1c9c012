//! Connections are reused, and never with data left over from an earlier call.

use crate::peer::{PLATFORM_KEY, changed, code, config, gateway, ok, receive, signed};
use miniauth_openplatform::{Endpoint, Gateway, GatewayErrorKind};
use std::time::Duration;
use tokio::{
    io::AsyncWriteExt as _,
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

const NODE: &str = "alipay_system_oauth_token_response";

fn tokens(user: &str) -> Vec<u8> {
    ok(&signed(NODE, &format!(r#"{{"user_id":"{user}","access_token":"composeB"}}"#)))
}

/// What a peer does with one request on one connection.
#[derive(Clone, Copy)]
enum Turn {
    Answer,
    /// Answers, and closes the connection long after the client has read the answer.
    AnswerAndCloseLater,
    /// Answers with a header that announces the end of the connection, but keeps it open.
    AnswerAsTheLast,
    AnswerLate,
}

/// A peer whose connections each act as listed; reports the connection of every request.
async fn peer(connections: Vec<Vec<Turn>>) -> (Endpoint, mpsc::UnboundedReceiver<usize>) {
    // Generating the key takes longer than some of these calls may take.
    std::sync::LazyLock::force(&PLATFORM_KEY);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}/gateway.do", listener.local_addr().unwrap());
    let (sender, requests) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        for (number, turns) in connections.into_iter().enumerate() {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(serve(stream, number, turns, sender.clone()));
        }
    });
    (Endpoint::parse(&endpoint).unwrap(), requests)
}

async fn serve(mut stream: TcpStream, number: usize, turns: Vec<Turn>, requests: mpsc::UnboundedSender<usize>) {
    for turn in turns {
        receive(&mut stream).await;
        requests.send(number).unwrap();
        let mut answer = tokens(&format!("208{number}"));
        if let Turn::AnswerAsTheLast = turn {
            answer = String::from_utf8(answer).unwrap().replacen("\r\n", "\r\nconnection: close\r\n", 1).into();
        }
        if let Turn::AnswerLate = turn {
            tokio::time::sleep(Duration::from_millis(400)).await;
        }
        stream.write_all(&answer).await.ok();
        if let Turn::AnswerAndCloseLater = turn {
            tokio::time::sleep(Duration::from_millis(50)).await;
            return;
        }
    }
    std::future::pending::<()>().await;
}

async fn user(client: &Gateway) -> Option<String> {
    client.exchange_code(&code()).await.unwrap().ids().user_id().map(str::to_owned)
}

fn connections_used(mut requests: mpsc::UnboundedReceiver<usize>) -> Vec<usize> {
    std::iter::from_fn(|| requests.try_recv().ok()).collect()
}

#[tokio::test]
async fn calls_one_after_another_share_a_connection() {
    let (endpoint, requests) = peer(vec![vec![Turn::Answer; 5]]).await;
    let client = gateway(config(endpoint));
    for _ in 0..5 {
        assert_eq!(user(&client).await.as_deref(), Some("2080"));
    }
    assert_eq!(connections_used(requests), [0; 5]);
}

#[tokio::test]
async fn calls_at_the_same_time_have_connections_of_their_own() {
    let (endpoint, requests) = peer(vec![vec![Turn::AnswerLate, Turn::Answer]; 3]).await;
    let client = gateway(config(endpoint));
    let (one, two, three) = tokio::join!(user(&client), user(&client), user(&client));
    let mut users = [one, two, three].map(Option::unwrap);
    users.sort();
    assert_eq!(users, ["2080", "2081", "2082"]);
    user(&client).await;
    assert_eq!(connections_used(requests).len(), 4, "the fourth call made no connection");
}

#[tokio::test]
async fn a_connection_closed_while_idle_costs_no_call() {
    for first in [Turn::AnswerAndCloseLater, Turn::AnswerAsTheLast] {
        let (endpoint, requests) = peer(vec![vec![first], vec![Turn::Answer]]).await;
        let client = gateway(config(endpoint));
        assert_eq!(user(&client).await.as_deref(), Some("2080"));
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(user(&client).await.as_deref(), Some("2081"));
        assert_eq!(connections_used(requests), [0, 1], "each call was sent once");
    }
}

#[tokio::test]
async fn the_answer_to_an_abandoned_call_is_never_used() {
    let (endpoint, requests) = peer(vec![vec![Turn::AnswerLate, Turn::Answer], vec![Turn::Answer]]).await;
    let client = gateway(changed(config(endpoint), |config| config.call_timeout = Duration::from_millis(200)));
    let error = client.exchange_code(&code()).await.unwrap_err();
    assert!(matches!(error.kind(), GatewayErrorKind::Interrupted(_)), "{error:?}");
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(user(&client).await.as_deref(), Some("2081"));
    assert_eq!(connections_used(requests), [0, 1]);
}
