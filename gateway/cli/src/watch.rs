//! The command that stays: the server, or one instance, again and again.
//!
//! On a terminal the picture is drawn in place; elsewhere it is printed when it has changed.

use crate::client::Client;
use crate::page::Page;
use crate::show::{print, print_json, terminal_width};
use crate::status::status_text;
use crate::{Error, Target};
use clap::Args;
use std::io::{IsTerminal, stdout};
use std::time::Duration;

/// Between two looks, ms.
const PAUSE_MS_DEFAULT: u64 = 1000;
/// Clears the screen and goes to its upper left.
const CLEAR: &str = "\x1b[H\x1b[2J";

/// Arguments of `watch`.
#[derive(Args, Clone, Debug)]
pub struct WatchArgs {
    /// Key of an instance [default: the server].
    key: Option<u64>,
    /// Between two looks, ms.
    #[arg(long, value_name = "MS", default_value_t = PAUSE_MS_DEFAULT, value_parser = clap::value_parser!(u64).range(50..=3_600_000))]
    every: u64,
    /// Looks until it ends by itself [default: until it is interrupted; an instance, until that has ended].
    #[arg(long, value_name = "N")]
    looks: Option<u64>,
    #[command(flatten)]
    pub(crate) target: Target,
}

pub(crate) fn watch(client: &Client, args: &WatchArgs) -> Result<(), Error> {
    let is_drawn = stdout().is_terminal() && !client.is_json;
    let mut before = String::new();
    for look in 1.. {
        let (text, ended) = match args.key {
            None => {
                let (topology, version) = client.topology()?;
                if client.is_json {
                    print_json(&topology);
                }
                (status_text(client, &topology, version.as_deref()), None)
            }
            Some(key) => {
                let page = Page::read(client, key, false)?;
                let ended = (page.state() != "ACTIVE").then(|| page.state().to_owned());
                if client.is_json {
                    print_json(&page.json());
                }
                (page.text(terminal_width()), ended)
            }
        };
        if is_drawn {
            print(&format!("{CLEAR}{text}"));
        } else if !client.is_json && text != before {
            print(&text);
        }
        match ended.as_deref() {
            Some("COMPLETED") => return Ok(()),
            Some("TERMINATED") => return Err(Error::Ended("the instance was canceled".into())),
            // Suspended, or something that a later server knows: it is not over.
            Some(_) | None => {}
        }
        if args.looks.is_some_and(|looks| look >= looks) {
            return Ok(());
        }
        before = text;
        std::thread::sleep(Duration::from_millis(args.every));
    }
    Ok(())
}
