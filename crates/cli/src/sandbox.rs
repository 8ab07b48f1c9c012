//! `miniauth sandbox`.

mod description;

use crate::{
    error::CliError,
    listen,
    logging::{self, Format},
    output, stop,
};
use description::Description;
use miniauth_core::random::Random;
use miniauth_openplatform::system::{SystemClock, SystemRandom};
use miniauth_sandbox::{Profiles, SandboxConfig, SeededRandom, StartError};
use std::{net::SocketAddr, path::PathBuf, sync::Arc};
use tracing_subscriber::EnvFilter;

/// The command line.
#[derive(clap::Args)]
#[command(
    after_help = "The sandbox knows the app 2021000000000001 and, for servers of several apps, 2021000000000002 with \
                  the same keys. The key files that `miniauth serve` needs are in the state folder: app-private-key.pem and alipay-public-key.pem, and the certificates of certificate mode; \
                  its gateway is /gateway.do. Each request chooses its mode and its charset."
)]
pub(crate) struct Arguments {
    /// A loopback address; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8702")]
    listen: SocketAddr,
    /// The folder of the keys, made at the first start.
    #[arg(long, value_name = "FOLDER", default_value = ".miniauth/sandbox")]
    state_dir: PathBuf,
    /// Once it listens, writes sandbox.toml for `miniauth serve --config` and sandbox.json for an SDK into the folder,
    /// and prints the JSON on one line.
    #[arg(long)]
    print_config: bool,
    #[arg(long, value_name = "NAME:VALUE,...", default_value = "", hide_default_value = true, help = profiles_help())]
    profile: Profiles,
    /// Makes codes, tokens and faults at a rate repeat themselves: the same calls get the same answers.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
}

fn profiles_help() -> String {
    format!("Which platform to be where sources contradict each other: {}. The first is the default", Profiles::known())
}

/// Runs the sandbox until it is told to stop.
pub(crate) fn run(arguments: &Arguments) -> Result<(), CliError> {
    logging::start(Format::Text, EnvFilter::new("info"));
    tokio::runtime::Runtime::new().map_err(CliError::running)?.block_on(serve(arguments))
}

async fn serve(arguments: &Arguments) -> Result<(), CliError> {
    let stop = stop::requested().map_err(CliError::running)?;
    let profiles = arguments.profile.clone();
    let mut config = SandboxConfig::new(arguments.listen, &arguments.state_dir);
    config.profiles = profiles.clone();
    let random: Arc<dyn Random> = match arguments.seed {
        Some(seed) => Arc::new(SeededRandom::new(seed)),
        None => Arc::new(SystemRandom),
    };
    let sandbox = miniauth_sandbox::start(config, Arc::new(SystemClock), random).await;
    let sandbox = sandbox.map_err(|error| match error {
        StartError::NotLoopback(_) => CliError::Arguments(error.to_string()),
        _ => CliError::running(error),
    })?;
    let address = sandbox.local_addr();
    let description = arguments.print_config.then(|| Description::write(&arguments.state_dir, address)).transpose();
    let description = description.map_err(CliError::running)?;
    listen::announce("sandbox", "http", address);
    if profiles != Profiles::default() {
        tracing::info!("sandbox: profile {profiles}");
    }
    if let Some(json) = description {
        output::line(&json)?;
    }
    sandbox.run(stop).await;
    Ok(())
}
