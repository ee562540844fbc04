//! Settings about sites: names by which a port may be called, origins whose pages may use it.

use crate::config::{ConfigError, error};
use ringbolt_http::NotASite;

/// Most names or origins that a list takes: each is compared with each request.
const SITES_MAX: usize = 64;

/// Reads a list with commas between its items.
pub(crate) fn sites<T>(
    setting: &'static str,
    given: Option<&str>,
    parse: impl Fn(&str) -> Result<T, NotASite>,
) -> Result<Vec<T>, ConfigError> {
    let items = given.unwrap_or_default().split(',').map(str::trim).filter(|item| !item.is_empty());
    let read: Vec<T> =
        items.map(|item| parse(item).map_err(|e| error(setting, e))).collect::<Result<_, _>>()?;
    if read.len() > SITES_MAX {
        return Err(error(setting, format!("more than {SITES_MAX} items")));
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use crate::config::Given;

    #[test]
    fn names_and_origins_are_lists_and_mistakes_in_them_are_named() {
        let given = |hosts: &str, origins: &str| Given {
            allowed_hosts: Some(hosts.into()),
            cors_origins: Some(origins.into()),
            ..Given::default()
        };
        let config = given("a.example, [::2],", "http://localhost:3000").resolve().unwrap();
        assert_eq!((config.allowed_hosts.len(), config.cors_origins.len()), (2, 1));
        for (hosts, origins, says) in [
            ("a.example:80", "", "setting allowed-hosts: \"a.example:80\" is no name"),
            ("*", "", "setting allowed-hosts: "),
            ("", "*", "setting cors-origins: "),
            (&"a,".repeat(65), "", "setting allowed-hosts: more than 64"),
        ] {
            let said = given(hosts, origins).resolve().unwrap_err().to_string();
            assert!(said.starts_with(says), "{said}");
        }
    }
}
