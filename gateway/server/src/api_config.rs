//! Which level of the protocols clients are told, and given.

use clap::ValueEnum;
use ringbolt_api::schema::Level;
use serde::Deserialize;

/// A level, as settings name it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
pub enum ApiVersion {
    /// As Camunda 8.9.
    #[serde(rename = "8.9")]
    #[value(name = "8.9")]
    V8_9,
    /// As Camunda 8.10.
    #[default]
    #[serde(rename = "8.10")]
    #[value(name = "8.10")]
    V8_10,
}

impl ApiVersion {
    /// The level of that name.
    pub fn level(self) -> Level {
        match self {
            Self::V8_9 => Level::V8_9,
            Self::V8_10 => Level::V8_10,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ApiVersion;
    use crate::config::Given;
    use ringbolt_api::schema::Level;

    #[test]
    fn levels_are_named_as_camunda_names_its_versions() {
        let level = |text: &str| toml::from_str::<Given>(text).ok().map(|given| given.api_version);
        assert_eq!(level("api-version = \"8.9\""), Some(Some(ApiVersion::V8_9)));
        assert_eq!(level("api-version = \"8.10\""), Some(Some(ApiVersion::V8_10)));
        assert_eq!(level("api-version = \"8.8\""), None);
        let config = Given::default().resolve().expect("the defaults hold");
        assert_eq!(config.level, Level::V8_10);
    }
}
