//! `miniauth keys`: lists and rotates the keys that sign tokens for back-ends.

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
    after_help = "The servers make and replace these keys themselves (token_key_days). Rotate them by hand when a key may have leaked; the servers \
                  can keep running."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Lists the keys by their id in a token (kid), and when each starts to sign.
    List {
        #[command(flatten)]
        stores: OpenStores,
    },
    /// Makes the servers create the next key, which signs within half a minute; existing tokens stay valid.
    Rotate {
        #[command(flatten)]
        stores: OpenStores,
        #[command(flatten)]
        by: By,
        /// Revokes the present keys at once, because one has leaked: after ten seconds no server publishes or uses them. Back-ends that
        /// cache the key list, for at most five minutes, accept their tokens until they read it again.
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

/// Lists or rotates the keys.
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
                Rotated { keys: 0, .. } => "there is no key yet: the servers make one for the first token",
                Rotated { revoked: true, .. } => "the keys are revoked; the servers make a new one within ten seconds",
                Rotated { revoked: false, .. } => "the servers make the next key and sign with it within half a minute",
            })
        }
    }
}
