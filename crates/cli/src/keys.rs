//! `miniauth keys`: the keys that sign tokens for back-ends.

use crate::{
    command::{self, CliError},
    stores::{By, OpenStores, moment},
};
use clap::Subcommand;
use miniauth_core::time::Clock as _;
use miniauth_openplatform::system::SystemClock;
use miniauth_server::store::Stores;
use serde::Serialize;

/// The command line.
#[derive(clap::Args)]
#[command(
    after_help = "The servers make these keys and replace them by themselves (token_key_days). Run this beside them when a key may \
                  have leaked, or at will."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Lists the keys by what names them in a token, and from when on they sign.
    List {
        #[command(flatten)]
        stores: OpenStores,
    },
    /// Has the servers make the next key, which signs half a minute later at most; tokens of before stay good.
    Rotate {
        #[command(flatten)]
        stores: OpenStores,
        #[command(flatten)]
        by: By,
        /// Takes the present keys away at once, for one of them has leaked: ten seconds later no server tells or uses them. Who
        /// keeps the list of keys, for five minutes at most, takes their tokens until it is read again.
        #[arg(long)]
        revoke: bool,
    },
}

/// What a rotation did.
#[derive(Serialize)]
struct Rotated {
    keys: u64,
    revoked: bool,
}

/// Lists or rotates.
pub(crate) fn run(arguments: &Arguments) -> Result<(), CliError> {
    match &arguments.action {
        Action::List { stores } => {
            let keys = stores.with(async |stores: &Stores| stores.token_keys().await)?;
            if stores.json {
                return command::json(&keys);
            }
            keys.iter().try_for_each(|key| {
                let at = moment(key.signs_from);
                let retired = if key.retired { ", to be replaced" } else { "" };
                command::line(&format!("{}  signs from {at}{retired}", key.id))
            })
        }
        Action::Rotate { stores, by, revoke } => {
            let rotate =
                async |stores: &Stores| stores.rotate_token_keys(*revoke, &by.actor(), SystemClock.now()).await;
            let keys = stores.with(rotate)?;
            let rotated = Rotated { keys, revoked: *revoke };
            if stores.json {
                return command::json(&rotated);
            }
            command::line(match rotated {
                Rotated { keys: 0, .. } => "there is no key yet: the servers make the first one for the first token",
                Rotated { revoked: true, .. } => "the keys are gone; the servers make a new one within ten seconds",
                Rotated { revoked: false, .. } => {
                    "the servers make the next key, and sign with it within half a minute"
                }
            })
        }
    }
}
