//! A shop's own server: its orders and miniauth's endpoints in one axum app.
//!
//! Start `miniauth sandbox`, then `cargo run -p miniauth-server --example shop`. The mini-program's server address is
//! `http://127.0.0.1:8701/login`; the orders are at `/orders`.

use axum::{
    Json, Router,
    extract::{FromRef, State},
    routing::{get, post},
};
use miniauth_openplatform::{
    AppId, Endpoint, Gateway, GatewayConfig,
    keys::{PrivateKey, PublicKey},
    system::{SystemClock, SystemRandom},
};
use miniauth_server::{Config, DatabaseUrl, Server, ServerKey, Session, Sessions, SubjectId};
use parking_lot::Mutex;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, error::Error, fs, net::SocketAddr, path::Path, sync::Arc};
use tokio::net::TcpListener;

/// The shop's own state. `FromRef` tells where a handler's `Session` comes from.
#[derive(Clone)]
struct Shop {
    sessions: Sessions,
    orders: Arc<Mutex<HashMap<SubjectId, Vec<Order>>>>,
}

impl FromRef<Shop> for Sessions {
    fn from_ref(shop: &Shop) -> Self {
        shop.sessions.clone()
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Order {
    article: String,
}

/// Serves the whole app until `stop`: miniauth under `/login`, and the shop's own paths.
pub(crate) async fn serve(
    config: Config,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Box<dyn Error>> {
    let miniauth = Server::open(config).await?;
    let shop = Shop { sessions: miniauth.sessions(), orders: Arc::default() };
    let own = Router::new().route("/orders", post(order).get(orders)).route("/", get(welcome)).with_state(shop);
    let serving = miniauth.run(async |endpoints| {
        // With the address of each client, which the rate limits need.
        let app = own.nest("/login", endpoints).into_make_service_with_connect_info::<SocketAddr>();
        axum::serve(listener, app).with_graceful_shutdown(stop).await
    });
    Ok(serving.await?)
}

/// Only logged-in users get here. Others get a 401; their client then logs in and repeats the request by itself.
async fn order(session: Session, State(shop): State<Shop>, Json(order): Json<Order>) -> Json<Vec<Order>> {
    let mut orders = shop.orders.lock();
    let own = orders_of(&session, &mut orders);
    own.push(order);
    Json(own.clone())
}

async fn orders(session: Session, State(shop): State<Shop>) -> Json<Vec<Order>> {
    Json(orders_of(&session, &mut shop.orders.lock()).clone())
}

/// The user's orders, including those from before the platform showed that two users are the same.
fn orders_of<'a>(session: &Session, orders: &'a mut HashMap<SubjectId, Vec<Order>>) -> &'a mut Vec<Order> {
    let earlier = session.previous_subjects().iter().filter_map(|subject| orders.remove(subject));
    let earlier: Vec<Order> = earlier.flatten().collect();
    let own = orders.entry(session.subject()).or_default();
    own.extend(earlier);
    own
}

/// For everyone, logged in or not.
async fn welcome(session: Option<Session>) -> String {
    let name = session.as_ref().and_then(Session::member).and_then(|member| member.nick_name.as_deref());
    format!("欢迎，{}", name.unwrap_or("客人"))
}

/// Reads the key, which the first start creates. A real shop keeps it as safe as the database, but in another place.
fn key(file: &Path) -> Result<ServerKey, Box<dyn Error>> {
    if !file.exists() {
        fs::write(file, ServerKey::generate(&SystemRandom).to_base64().expose_secret())?;
    }
    Ok(ServerKey::from_base64(&fs::read_to_string(file)?)?)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let keys = Path::new(".miniauth/sandbox");
    let gateway = GatewayConfig::new(
        AppId::parse("2021000000000001")?,
        PrivateKey::parse(&fs::read_to_string(keys.join("app-private-key.pem"))?)?,
        PublicKey::parse(&fs::read_to_string(keys.join("alipay-public-key.pem"))?)?,
        Endpoint::parse("http://127.0.0.1:8702/gateway.do")?,
    );
    let config = Config::new(
        DatabaseUrl::parse("sqlite://.miniauth/shop.db")?,
        Gateway::new(gateway, Arc::new(SystemClock), Arc::new(SystemRandom))?,
        key(Path::new(".miniauth/shop.key"))?,
        Arc::new(SystemClock),
        Arc::new(SystemRandom),
    );
    let stop = async { tokio::signal::ctrl_c().await.unwrap_or_default() };
    serve(config, TcpListener::bind("127.0.0.1:8701").await?, stop).await
}
