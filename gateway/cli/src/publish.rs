//! Publishes a message, and says who received it.
//!
//! The answer to a publication has the message's key and nothing more, so whoever waits is looked for before, and correlations of
//! that key after it. On another partition a message arrives a moment later, which is waited for where somebody waits.

use crate::act::done;
use crate::client::Client;
use crate::show::{cell, items};
use crate::variables::VariableArgs;
use crate::when::{duration, now_ms, utc};
use crate::{Error, Target};
use clap::Args;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// How long a message is kept unless told otherwise, s: whoever it is for may be about to begin to wait for it.
const TTL_S_DEFAULT: u64 = 60;
/// How long a message may be kept, s: what a number of milliseconds holds.
const TTL_S_MAX: u64 = i64::MAX.unsigned_abs() / 1000;
/// How often, and how long after, it is looked whether a message has reached whoever waits for it; a second in all.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(50);
/// Waits that are looked at for which processes they are of.
const WAITING_MAX: u32 = 100;
/// So many of those who received it are named.
const NAMED_MAX: usize = 3;
/// A moment further ahead is not written, ms: a hundred years.
const UNTIL_MAX_MS: i64 = 100 * 365 * 86_400_000;

/// Arguments of `publish`.
#[derive(Args, Clone, Debug)]
pub struct PublishArgs {
    /// Name of the message.
    name: String,
    /// Its correlation key.
    #[arg(long, value_name = "TEXT", default_value = "")]
    key: String,
    /// How long it is kept for those who begin to wait later, s; 0 not at all.
    #[arg(long, value_name = "S", default_value_t = TTL_S_DEFAULT, value_parser = clap::value_parser!(u64).range(..=TTL_S_MAX))]
    ttl: u64,
    /// An id, which makes it be taken once.
    #[arg(long, value_name = "TEXT")]
    id: Option<String>,
    #[command(flatten)]
    variables: VariableArgs,
    #[command(flatten)]
    pub(crate) target: Target,
}

pub(crate) fn publish(client: &Client, args: &PublishArgs) -> Result<(), Error> {
    let mut body = json!({
        "name": args.name, "correlationKey": args.key, "timeToLive": args.ttl * 1000,
        "variables": args.variables.read()?
    });
    if let Some(id) = &args.id {
        body["messageId"] = json!(id);
    }
    // Without searches nobody knows who waits.
    let waited = if client.is_json { None } else { waiting(client, args).ok() };
    let published_ms = now_ms();
    let answer = client.post("/messages/publication", &body, &["messageKey"])?;
    let key = cell(&answer, "messageKey");
    let kept = kept(args.ttl, published_ms);
    let became = waited.and_then(|waited| received(client, &key, waited)).map(|(who, is_received)| {
        match (is_received, &kept) {
            (true, None) => format!("received by {who}"),
            (true, Some(kept)) => format!("received by {who}; for others it is {kept}"),
            (false, None) => format!("{who}, and it is not kept (--ttl keeps it)"),
            (false, Some(kept)) => format!("{who}; it is {kept} (--ttl says for how long)"),
        }
    });
    let became = became.or(kept).map_or(String::new(), |became| format!(": {became}"));
    done(client, &answer, &format!("message {key} is published{became}"));
    Ok(())
}

/// How long it is kept, by this machine's clock; nothing where it is not.
fn kept(ttl_s: u64, published_ms: i64) -> Option<String> {
    let ttl_ms = i64::try_from(ttl_s).ok()?.checked_mul(1_000).filter(|ms| *ms > 0)?;
    let for_so_long = format!("kept for {}", duration(ttl_ms));
    Some(match ttl_ms {
        ..=UNTIL_MAX_MS => format!("{for_so_long}, until {}", utc(published_ms + ttl_ms)),
        _ => for_so_long,
    })
}

/// How many processes wait for it, of which each gets it once: in an event with its correlation key, or to be started by it.
fn waiting(client: &Client, args: &PublishArgs) -> Result<usize, Error> {
    let mut processes = BTreeSet::new();
    for key in [json!(args.key), json!({ "$exists": false })] {
        let open = json!({
            "messageName": args.name, "correlationKey": key, "messageSubscriptionState": "CREATED"
        });
        let found = client.search("/message-subscriptions/search", &open, "messageName", WAITING_MAX)?;
        processes.extend(items(&found, "items").iter().map(|one| cell(one, "processDefinitionId")));
    }
    Ok(processes.len())
}

/// Who received it, and whether anybody did; nothing where that cannot be asked.
fn received(client: &Client, message: &str, waited: usize) -> Option<(String, bool)> {
    let body = json!({ "filter": { "messageKey": message }, "page": { "limit": NAMED_MAX } });
    for _ in 0..TRIES {
        let found = client.find("/correlated-message-subscriptions/search", &body).ok()?;
        let (those, total) = (items(&found, "items"), found["page"]["totalItems"].as_u64().unwrap_or(0));
        // Those of other partitions come one after the other.
        if !those.is_empty() && total >= waited as u64 {
            return Some((named(those, total), true));
        }
        if waited == 0 {
            return Some(("nobody waits for it".to_owned(), false));
        }
        std::thread::sleep(PAUSE);
    }
    let found = client.find("/correlated-message-subscriptions/search", &body).ok()?;
    match items(&found, "items") {
        [] => Some(("those who wait for it have not received it yet".to_owned(), false)),
        those => Some((named(those, found["page"]["totalItems"].as_u64().unwrap_or(0)), true)),
    }
}

fn named(those: &[Value], total: u64) -> String {
    let one =
        |one: &Value| format!("instance {} at '{}'", cell(one, "processInstanceKey"), cell(one, "elementId"));
    let mut names: Vec<String> = those.iter().map(one).collect();
    let more = total.saturating_sub(those.len() as u64);
    if more > 0 {
        names.push(format!("{more} more"));
    }
    names.join(", ")
}
