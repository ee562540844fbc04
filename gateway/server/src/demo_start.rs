//! The command `ringbolt demo`: a server with what runs beside it, where its data is, and how to go on after it.
//!
//! Ports that nobody asked for and that somebody else has are left to them: whoever has a server already can try another one.

use crate::config::{GRPC_DEFAULT, Given, MANAGEMENT_DEFAULT, REST_DEFAULT};
use crate::logging;
use crate::start::{self, Beside};
use ringbolt_cli::{print, safe};
use std::borrow::Cow;
use std::env::args_os;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::Path;

/// Runs the demo until it is stopped. Without a data directory it uses one of its own and removes it at the end.
///
/// # Errors
/// When it cannot be started, or a core ended that should not have.
pub fn demo(mut given: Given) -> Result<(), Box<dyn std::error::Error>> {
    let own = std::env::temp_dir().join(format!("ringbolt-demo-{}", std::process::id()));
    let is_own = given.data_dir.is_none();
    let data_dir = given.data_dir.get_or_insert_with(|| own.clone()).clone();
    let mut settings = again(args_os().skip(2).map(|word| word.to_string_lossy().into_owned()));
    let chosen = [
        ("rest", REST_DEFAULT, &mut given.rest),
        ("grpc", GRPC_DEFAULT, &mut given.grpc),
        ("management", MANAGEMENT_DEFAULT, &mut given.management),
    ]
    .into_iter()
    .filter_map(|(name, usual, setting)| free_port(name, usual, setting))
    .collect::<Vec<_>>();
    if !chosen.is_empty() {
        settings.extend(chosen.iter().map(|(name, _, port)| format!("--{name} {port}")));
        let taken: Vec<&str> = chosen.iter().map(|(_, usual, _)| *usual).collect();
        print(&format!("In use, so that the demo has others: {}\n", taken.join(", ")));
    }
    // What is merely good to know would stand between what there is to try.
    logging::set(given.log_format.unwrap_or_default(), given.log_level.unwrap_or(logging::Level::Warn));
    let config = given.resolve()?;
    if config.tls.is_some() {
        return Err("the demo's load does not speak TLS: leave tls-cert and tls-key out, or use start".into());
    }
    let rest = ringbolt_cli::called(config.rest);
    let ended = start::run(config, Beside::Demo);
    if is_own && own.exists() {
        std::fs::remove_dir_all(&own)?;
        if ended.is_ok() {
            print(&format!("its data in {} is removed\n", own.display()));
        }
    }
    ended?;
    if !is_own {
        print(&format!("its data is in {}\n", safe(&data_dir.display().to_string())));
    }
    let server = (rest.to_string() != REST_DEFAULT && rest.port() != 0).then(|| rest.to_string());
    print(&safe_hints(&go_on(&called(), (!is_own).then_some(&data_dir), &settings, server.as_deref())));
    Ok(())
}

/// Another port where nobody said which one, and the usual one is in use: the setting, the usual address, the port.
fn free_port(
    name: &'static str,
    usual: &'static str,
    setting: &mut Option<String>,
) -> Option<(&'static str, &'static str, u16)> {
    let is_free = |address: &str| match TcpListener::bind(address) {
        Err(error) => error.kind() != ErrorKind::AddrInUse,
        Ok(_) => true,
    };
    if setting.is_some() || is_free(usual) {
        return None;
    }
    let port = TcpListener::bind("127.0.0.1:0").ok()?.local_addr().ok()?.port();
    *setting = Some(port.to_string());
    Some((name, usual, port))
}

/// How this program was called, for whoever calls it again.
fn called() -> String {
    let name = args_os().next().unwrap_or_default().to_string_lossy().into_owned();
    if name.contains('/') { quoted(&name).into_owned() } else { "ringbolt".to_owned() }
}

/// Where this program is, for a shell that is elsewhere; none where every shell finds it by its name.
pub(crate) fn program() -> Option<String> {
    if called() == "ringbolt" {
        return None;
    }
    std::env::current_exe().ok().map(|path| quoted(&path.to_string_lossy()).into_owned())
}

/// A word as a shell takes it.
fn quoted(word: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-=:,@%+[]".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => Cow::Borrowed(word),
        false => Cow::Owned(format!("'{}'", word.replace('\'', "'\\''"))),
    }
}

/// The settings that were given, without the data directory: it is said by itself.
fn again(words: impl Iterator<Item = String>) -> Vec<String> {
    let mut words = words.peekable();
    let mut settings = Vec::new();
    while let Some(word) = words.next() {
        if word == "--data-dir" {
            words.next();
        } else if !word.starts_with("--data-dir=") {
            settings.push(quoted(&word).into_owned());
        }
    }
    settings
}

/// What comes after the demo: the same with a model of one's own, on the same ports and with the same settings.
fn go_on(program: &str, data_dir: Option<&Path>, settings: &[String], server: Option<&str>) -> String {
    let title = match data_dir {
        Some(_) => "Where to go on, with this data and with models of your own",
        None => "Where to go on, with a model of your own",
    };
    let data = data_dir.map_or("data".to_owned(), |data_dir| data_dir.display().to_string());
    let settings: String = settings.iter().map(|word| format!(" {word}")).collect();
    let server = server.map_or(String::new(), |server| format!("  export RINGBOLT_SERVER={server}\n"));
    format!(
        "\n{title}\n  {program} start --data-dir {}{settings}\n{server}  {program} deploy MODEL.bpmn\n  {program} run PROCESS_ID\n  \
         docs/first-process.md goes through it, step by step.\n",
        quoted(&data)
    )
}

/// What was given on the command line stands in it.
fn safe_hints(text: &str) -> String {
    ringbolt_cli::safe_lines(text) + "\n"
}

#[cfg(test)]
mod tests {
    use super::{again, go_on};
    use std::path::Path;

    #[test]
    fn what_is_said_at_the_end_can_be_typed() {
        let words = ["--rest", "9080", "--data-dir", "/my data", "--cors-origins=http://a b", "--epoll"];
        let settings = again(words.into_iter().map(str::to_owned));
        assert_eq!(settings, ["--rest", "9080", "'--cors-origins=http://a b'", "--epoll"]);
        let text = go_on("./ringbolt", Some(Path::new("/my data")), &settings[..2], Some("127.0.0.1:9080"));
        let wanted = "\nWhere to go on, with this data and with models of your own
  ./ringbolt start --data-dir '/my data' --rest 9080
  export RINGBOLT_SERVER=127.0.0.1:9080
  ./ringbolt deploy MODEL.bpmn
  ./ringbolt run PROCESS_ID
  docs/first-process.md goes through it, step by step.\n";
        assert_eq!(text, wanted);
        let equals = again(["--data-dir=x", "--rest=0"].into_iter().map(str::to_owned));
        assert_eq!(equals, ["--rest=0"]);
        assert!(go_on("ringbolt", None, &[], None).contains("\n  ringbolt start --data-dir data\n"));
    }
}
