//! An axum app with two handlers that answer the same: `/plain` for everyone, `/checked` only with a session.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::extract::FromRef;
use axum::routing::get;
use clap::Parser;
use miniauth_openplatform::keys::{PrivateKey, PublicKey};
use miniauth_openplatform::system::{SystemClock, SystemRandom};
use miniauth_openplatform::{AppId, Endpoint, Gateway, GatewayConfig};
use miniauth_server::{Config, DatabaseUrl, Server, ServerKey, Session, SessionStoreUrl, Sessions};
use serde_json::Value;
use tokio::net::TcpListener;

/// Serves until it is killed; prints its address once it listens.
#[derive(Parser)]
struct Arguments {
    /// The output of `miniauth sandbox --print-config`
    #[arg(long)]
    sandbox: PathBuf,
    /// The server's key for the database
    #[arg(long)]
    key: PathBuf,
    /// The database of members and sessions
    #[arg(long)]
    database: String,
    /// A separate store for sessions
    #[arg(long)]
    sessions: Option<String>,
    /// The seconds for which a session is cached
    #[arg(long, default_value_t = 0)]
    staleness: u64,
}

#[derive(Clone)]
struct App {
    sessions: Sessions,
}

impl FromRef<App> for Sessions {
    fn from_ref(app: &App) -> Self {
        app.sessions.clone()
    }
}

async fn plain() -> &'static str {
    "an order"
}

async fn checked(_: Session) -> &'static str {
    "an order"
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let miniauth = Server::open(config(&arguments)?).await?;
    let state = App { sessions: miniauth.sessions() };
    let app = Router::new().route("/plain", get(plain)).route("/checked", get(checked)).with_state(state);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("server listening on http://{}", listener.local_addr()?);
    Ok(miniauth.run(async |_| axum::serve(listener, app).await).await?)
}

fn config(arguments: &Arguments) -> Result<Config> {
    let sandbox: Value = serde_json::from_str(&fs::read_to_string(&arguments.sandbox)?)?;
    let text = |name: &str| sandbox[name].as_str().with_context(|| format!("the description has no {name}"));
    let gateway = GatewayConfig::new(
        AppId::parse(text("app_id")?)?,
        PrivateKey::parse(text("app_private_key")?)?,
        PublicKey::parse(text("alipay_public_key")?)?,
        Endpoint::parse(text("gateway")?)?,
    );
    let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    let mut config = Config::new(
        DatabaseUrl::parse(&arguments.database)?,
        Gateway::new(gateway, clock.clone(), random.clone())?,
        ServerKey::from_base64(&fs::read_to_string(&arguments.key)?)?,
        clock,
        random,
    );
    config.session_store = arguments.sessions.as_deref().map(SessionStoreUrl::parse).transpose()?;
    config.session_rules.staleness = Duration::from_secs(arguments.staleness);
    Ok(config)
}
