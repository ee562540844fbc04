//! The command that stays: the server, or one instance, again and again.
//!
//! On a terminal the picture is drawn in place; elsewhere it is printed when it has changed. A server that goes away is looked for until it
//! is back.

use crate::client::Client;
use crate::kinds;
use crate::page::Page;
use crate::show::{print, print_json, terminal_width};
use crate::status::status_text;
use crate::text::safe;
use crate::{Error, Target};
use clap::Args;
use serde_json::Value;
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
    #[arg(value_parser = kinds::key_of, allow_negative_numbers = true)]
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

/// What a look has seen.
struct Seen {
    text: String,
    json: Value,
    /// The state of the instance.
    state: String,
}

fn look(client: &Client, key: Option<u64>) -> Result<Seen, Error> {
    let Some(key) = key else {
        let (topology, version) = client.topology()?;
        let text = status_text(client, &topology, version.as_deref());
        return Ok(Seen { text, json: topology, state: String::new() });
    };
    let page = Page::read(client, key, false)?;
    let text = page.text(terminal_width());
    Ok(Seen { text, json: page.json(), state: page.state().to_owned() })
}

pub(crate) fn watch(client: &Client, args: &WatchArgs) -> Result<(), Error> {
    let is_drawn = stdout().is_terminal() && !client.is_json;
    let (mut before, mut is_away) = (None, false);
    for number in 1.. {
        match look(client, args.key) {
            Ok(Seen { text, json, state }) => {
                is_away = false;
                if client.is_json {
                    print_json(&json);
                } else if is_drawn {
                    print(&format!("{CLEAR}{text}"));
                } else if before.as_ref() != Some(&text) {
                    print(&text);
                }
                match state.as_str() {
                    "COMPLETED" => return Ok(()),
                    "TERMINATED" => return Err(Error::Ended("the instance was canceled".into())),
                    // It runs, rests, or is as a later server knows: it is not over.
                    _ => {}
                }
                before = Some(text);
            }
            // What has been seen may be seen again: a server that is away, or only just back, is looked for.
            Err(Error::Unreachable(why) | Error::Refused(why)) if before.is_some() => {
                if !is_away {
                    eprintln!(
                        "{}",
                        safe(&format!("ringbolt: nothing to see for now, and looked for again: {why}"))
                    );
                }
                is_away = true;
            }
            Err(error) => return Err(error),
        }
        if args.looks.is_some_and(|looks| number >= looks) {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(args.every));
    }
    Ok(())
}
