//! Warnings at the start: settings that work, but are not safe.

use super::config::key_beside;
use crate::settings::{self, Values};
use ipnet::IpNet;
use miniauth_server::TrustedProxies;
use std::path::{Path, PathBuf};

/// Returns one sentence per problem.
pub(super) fn of(values: &Values, database: Option<&Path>, proxies: Option<&TrustedProxies>) -> Vec<String> {
    let mut warnings: Vec<_> = private_files(values, database).iter().filter_map(|file| readable(file)).collect();
    if proxies.is_some_and(trusts_everyone) {
        warnings.push(
            "trusted_proxies names every address: every client can claim any address, so no limit by address holds; name only \
             the proxies' networks"
                .to_owned(),
        );
    }
    warnings.extend(takes_unsigned_phones(values).map(|app_id| {
        format!(
            "phone_signature is optional for the app {app_id}: answers about phone numbers are accepted without the platform's \
             signature, and anyone with the content key can forge one; set up 接口加签方式 in the console and remove the setting"
        )
    }));
    warnings
}

/// Returns the ids of the apps that accept unsigned answers about phone numbers.
fn takes_unsigned_phones(values: &Values) -> impl Iterator<Item = &str> {
    let apps = std::iter::once(values).chain(&values.apps);
    let optional = |app: &&Values| app.get(&settings::PHONE_SIGNATURE) == Some("optional");
    apps.filter(optional).map(|app| app.get(&settings::APP_ID).unwrap_or_default())
}

/// Lists the files that no other user should read.
fn private_files(values: &Values, database: Option<&Path>) -> Vec<PathBuf> {
    let apps = values.apps.iter().filter_map(|app| app.get(&settings::APP_PRIVATE_KEY_FILE));
    let own = [&settings::APP_PRIVATE_KEY_FILE, &settings::KEY_FILE, &settings::TLS_KEY_FILE];
    let own = own.into_iter().filter_map(|setting| values.get(setting));
    let old = values.get(&settings::OLD_KEY_FILES).unwrap_or_default().split(',').map(str::trim);
    let named = own.chain(apps).chain(old).filter(|path| !path.is_empty()).map(PathBuf::from);
    let beside = database.filter(|_| values.get(&settings::KEY_FILE).is_none()).map(key_beside);
    named.chain(beside).chain(database.map(Path::to_owned)).collect()
}

/// Describes a file that others can read. A file that another user owns may be readable by its group: so are secrets from a service
/// manager.
#[cfg(unix)]
fn readable(file: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;

    let metadata = file.metadata().ok().filter(std::fs::Metadata::is_file)?;
    let is_own = metadata.uid() == rustix::process::geteuid().as_raw();
    let others = if is_own { 0o077 } else { 0o007 };
    (metadata.mode() & others != 0).then(|| {
        format!("others can read or write {0} (mode {1:03o}): `chmod 600 {0}`", file.display(), metadata.mode() & 0o777)
    })
}

#[cfg(not(unix))]
fn readable(_: &Path) -> Option<String> {
    None
}

/// Whether the networks cover every address, together or alone.
fn trusts_everyone(proxies: &TrustedProxies) -> bool {
    IpNet::aggregate(&proxies.networks).iter().any(|network| network.prefix_len() == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trusting_everyone_is_recognised_even_if_split_into_networks() {
        let trusts = |networks: &[&str]| {
            let mut proxies = TrustedProxies::default();
            proxies.networks = networks.iter().map(|network| network.parse().unwrap()).collect();
            trusts_everyone(&proxies)
        };
        for networks in [&["0.0.0.0/0"][..], &["::/0"], &["10.0.0.0/8", "0.0.0.0/1", "128.0.0.0/1"]] {
            assert!(trusts(networks), "{networks:?}");
        }
        for networks in [&[][..], &["10.0.0.0/8", "fd00::/8"], &["0.0.0.0/1"]] {
            assert!(!trusts(networks), "{networks:?}");
        }
    }
}
