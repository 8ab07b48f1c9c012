//! A shop's own server: its orders beside miniauth's endpoints, in one axum app.
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

/// The whole app, until it is told to stop: miniauth under `/login`, the shop beside it.
pub(crate) async fn serve(
    config: Config,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Box<dyn Error>> {
    let miniauth = Server::open(config).await?;
    let shop = Shop { sessions: miniauth.sessions(), orders: Arc::default() };
    let own = Router::new().route("/orders", post(order).get(orders)).route("/", get(welcome)).with_state(shop);
    let serving = miniauth.run(async |endpoints| {
        // With the address of each client, so that there can be a limit for each.
        let app = own.nest("/login", endpoints).into_make_service_with_connect_info::<SocketAddr>();
        axum::serve(listener, app).with_graceful_shutdown(stop).await
    });
    Ok(serving.await?)
}

/// Only who is logged in gets here; others were answered 401, and the client logs in and tries again by itself.
async fn order(session: Session, State(shop): State<Shop>, Json(order): Json<Order>) -> Json<Vec<Order>> {
    let mut orders = shop.orders.lock();
    let own = orders_of(&session, &mut orders);
    own.push(order);
    Json(own.clone())
}

async fn orders(session: Session, State(shop): State<Shop>) -> Json<Vec<Order>> {
    Json(orders_of(&session, &mut shop.orders.lock()).clone())
}

/// The user's orders, with those of the time when the platform had not said yet that two users are one.
fn orders_of<'a>(session: &Session, orders: &'a mut HashMap<SubjectId, Vec<Order>>) -> &'a mut Vec<Order> {
    let earlier = session.previous_subjects().iter().filter_map(|subject| orders.remove(subject));
    let earlier: Vec<Order> = earlier.flatten().collect();
    let own = orders.entry(session.subject()).or_default();
    own.extend(earlier);
    own
}

/// For strangers and members alike.
async fn welcome(session: Option<Session>) -> String {
    let name = session.as_ref().and_then(Session::member).and_then(|member| member.nick_name.as_deref());
    format!("欢迎，{}", name.unwrap_or("客人"))
}

/// The key that is made at the first start. A real shop keeps it as safe as the database, and apart from it.
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
