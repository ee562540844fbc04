//! Settings as they are given, checked and merged.

use super::{Given, cpu_list};

#[test]
fn cpus_are_listed_singly_and_in_ranges() {
    assert_eq!(cpu_list("0,2-4").unwrap(), [0, 2, 3, 4]);
    for wrong in ["", "a", "3-1", "0,0", "0-100000", "-1"] {
        assert!(cpu_list(wrong).is_err(), "{wrong}");
    }
    let given = Given { cores: Some("1023".into()), ..Given::default() };
    assert!(given.resolve().unwrap_err().to_string().contains("may not run on CPU 1023"));
}

#[test]
fn all_states_fit_into_the_address_space() {
    let given = |map_gib, partitions| Given { map_gib, partitions, ..Given::default() };
    assert_eq!(given(None, Some(1)).resolve().unwrap().map_bytes, 64 << 30);
    assert_eq!(given(Some(1), Some(4_095)).resolve().unwrap().map_bytes, 1 << 30);
    for (gib, partitions) in [(0, 1), (64, 4_095), (u64::MAX, 1)] {
        let refused = given(Some(gib), Some(partitions)).resolve().unwrap_err().to_string();
        assert!(refused.starts_with("setting map-gib: "), "{refused}");
    }
}

#[test]
fn the_command_line_wins_over_the_file_and_mistakes_are_named() {
    let file: Given = toml::from_str("rest = \"127.0.0.1:1\"\npartitions = 3").unwrap();
    let given = Given { rest: Some("127.0.0.1:2".into()), ..Given::default() };
    let config = given.over(file).resolve().unwrap();
    assert_eq!((config.rest.port(), config.partitions), (2, Some(3)));
    assert!(toml::from_str::<Given>("rset = \"x\"").is_err());
    let wrong = Given { grpc: Some("nowhere".into()), ..Given::default() };
    assert!(wrong.resolve().unwrap_err().to_string().starts_with("setting grpc: "));
}

#[test]
fn an_address_may_be_a_port_of_this_machine_or_have_a_name() {
    let rest = |text: &str| Given { rest: Some(text.into()), ..Given::default() }.resolve().map(|it| it.rest);
    assert_eq!(rest("9080").unwrap().to_string(), "127.0.0.1:9080");
    let named = rest("localhost:9080").unwrap();
    assert!(named.ip().is_loopback() && named.port() == 9080, "{named}");
    for wrong in
        ["", ":9080", "99999", "localhost", "localhost:", "localhost:99999", "http://localhost:80", "a b:1"]
    {
        assert!(rest(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_certificate_and_its_key_come_together() {
    let given = |cert: Option<&str>, key: Option<&str>, tls_management| Given {
        tls_cert: cert.map(Into::into),
        tls_key: key.map(Into::into),
        tls_management,
        ..Given::default()
    };
    let files = given(Some("a.pem"), Some("a.key"), true).resolve().unwrap().tls.unwrap();
    assert_eq!((files.certificate, files.key), ("a.pem".into(), "a.key".into()));
    for (wrong, says) in [
        (given(Some("a.pem"), None, false), "setting tls-key: "),
        (given(None, Some("a.key"), false), "setting tls-cert: "),
        (given(None, None, true), "setting tls-management: "),
    ] {
        assert!(wrong.resolve().unwrap_err().to_string().starts_with(says));
    }
}
