//! Whether there are pages for people, and what they may do.

use crate::config::Config;
use crate::logging::{Level, log};
use clap::ValueEnum;
use ringbolt_web::Mode;
use serde::Deserialize;
use std::net::SocketAddr;

/// What pages may do, as settings name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Web {
    /// There are none.
    Off,
    /// They show and change nothing.
    ReadOnly,
    /// They do what the API can.
    On,
}

/// Nobody has to log in, so a port that others reach has pages only when somebody asks for them.
pub(crate) fn web(given: Option<Web>, rest: SocketAddr) -> Mode {
    match given {
        Some(Web::Off) => Mode::Off,
        Some(Web::ReadOnly) => Mode::ReadOnly,
        Some(Web::On) => Mode::On,
        None if rest.ip().is_loopback() => Mode::On,
        None => Mode::Off,
    }
}

/// Says what pages on a port mean that others reach.
pub(crate) fn warn_of_pages(config: &Config) {
    if config.rest.ip().is_loopback() || config.web == Mode::Off {
        return;
    }
    let what = match config.web {
        Mode::ReadOnly => {
            "whoever reaches the REST port can see every process in a browser (--web): there is no login"
        }
        Mode::On | Mode::Off => {
            "whoever reaches the REST port can operate every process in a browser (--web): there is no login"
        }
    };
    log(Level::Warn, what, &[("address", &config.rest)]);
}

/// The banner's line of where the pages are; none where there are none.
pub(crate) fn pages_line(mode: Mode, scheme: &str, rest: SocketAddr) -> String {
    match mode {
        Mode::Off => String::new(),
        Mode::ReadOnly => format!("  pages       {scheme}://{rest}/ (they only show)\n"),
        Mode::On => format!("  pages       {scheme}://{rest}/\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Web, pages_line};
    use crate::config::Given;
    use ringbolt_web::Mode;

    #[test]
    fn pages_are_on_for_loopback_and_elsewhere_only_when_asked_for() {
        let mode = |rest: &str, web| {
            let given = Given { rest: Some(rest.to_owned()), web, ..Given::default() };
            given.resolve().expect("it holds").web
        };
        assert_eq!(mode("127.0.0.1:0", None), Mode::On);
        assert_eq!(mode("[::1]:0", None), Mode::On);
        assert_eq!(mode("0.0.0.0:0", None), Mode::Off);
        assert_eq!(mode("0.0.0.0:0", Some(Web::ReadOnly)), Mode::ReadOnly);
        assert_eq!(mode("0.0.0.0:0", Some(Web::On)), Mode::On);
        assert_eq!(mode("127.0.0.1:0", Some(Web::Off)), Mode::Off);
        let file = |text: &str| toml::from_str::<Given>(text).ok().and_then(|given| given.web);
        assert_eq!(file("web = \"read-only\""), Some(Web::ReadOnly));
        assert_eq!(file("web = \"yes\""), None);
        let rest = "127.0.0.1:8080".parse().expect("an address");
        assert_eq!(pages_line(Mode::On, "http", rest), "  pages       http://127.0.0.1:8080/\n");
        assert_eq!(pages_line(Mode::Off, "http", rest), "");
    }
}
