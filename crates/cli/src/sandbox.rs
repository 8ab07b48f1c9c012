//! `miniauth sandbox`.

use crate::{
    failure::Failure,
    listen,
    logging::{self, Format},
    stop,
};
use miniauth_openplatform::system::{SystemClock, SystemRandom};
use miniauth_sandbox::{SandboxConfig, StartFault};
use std::{net::SocketAddr, path::PathBuf, sync::Arc};
use tracing_subscriber::EnvFilter;

/// The command line.
#[derive(clap::Args)]
#[command(
    after_help = "The sandbox knows one app, 2021000000000001. The key files that `miniauth serve` needs are in the \
                  state folder: app-private-key.pem and alipay-public-key.pem; its gateway is /gateway.do."
)]
pub(crate) struct Arguments {
    /// A loopback address; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8702")]
    listen: SocketAddr,
    /// The folder of the keys, made at the first start.
    #[arg(long, value_name = "FOLDER", default_value = ".miniauth/sandbox")]
    state_dir: PathBuf,
}

/// Runs the sandbox until it is told to stop.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    logging::start(Format::Text, EnvFilter::new("info"));
    let config = SandboxConfig { listen: arguments.listen, state_dir: arguments.state_dir.clone() };
    tokio::runtime::Runtime::new().map_err(Failure::running)?.block_on(serve(config))
}

async fn serve(config: SandboxConfig) -> Result<(), Failure> {
    let stop = stop::requested().map_err(Failure::running)?;
    let sandbox = miniauth_sandbox::start(config, Arc::new(SystemClock), Arc::new(SystemRandom)).await;
    let sandbox = sandbox.map_err(|fault| match fault {
        StartFault::NotLoopback(_) => Failure::Arguments(fault.to_string()),
        _ => Failure::running(fault),
    })?;
    listen::announce("sandbox", sandbox.local_addr());
    sandbox.run(stop).await;
    Ok(())
}
