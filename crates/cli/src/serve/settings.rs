//! The names of all settings.

use std::fmt;

/// A setting: its key in the file and its environment variable.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Setting {
    pub(super) key: &'static str,
    pub(super) variable: &'static str,
}

macro_rules! settings {
    ($( $name:ident = $key:literal, $variable:literal; )+) => {
        $( pub(super) const $name: Setting = Setting { key: $key, variable: $variable }; )+
        pub(super) const ALL: &[Setting] = &[ $( $name, )+ ];
    };
}

settings! {
    LISTEN = "listen", "MINIAUTH_LISTEN";
    DATABASE = "database", "MINIAUTH_DATABASE";
    APP_ID = "app_id", "MINIAUTH_APP_ID";
    APP_PRIVATE_KEY_FILE = "app_private_key_file", "MINIAUTH_APP_PRIVATE_KEY_FILE";
    ALIPAY_PUBLIC_KEY_FILE = "alipay_public_key_file", "MINIAUTH_ALIPAY_PUBLIC_KEY_FILE";
    GATEWAY = "gateway", "MINIAUTH_GATEWAY";
    KEY_FILE = "key_file", "MINIAUTH_KEY_FILE";
    SESSION_LIFETIME_SECONDS = "session_lifetime_seconds", "MINIAUTH_SESSION_LIFETIME_SECONDS";
    LOG_FORMAT = "log_format", "MINIAUTH_LOG_FORMAT";
    LOG = "log", "MINIAUTH_LOG";
}

impl fmt::Display for Setting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.key, self.variable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_variable_is_named_after_its_key() {
        for setting in ALL {
            assert_eq!(setting.variable, format!("MINIAUTH_{}", setting.key.to_uppercase()));
        }
    }
}
