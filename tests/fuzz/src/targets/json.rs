//! Documents of variables, beside `serde_json` as the judge of what is JSON.

use crate::run::{Target, signature};
use bytes::Bytes;
use ringbolt_record::{VariableDocument, VariableDocumentError};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use std::time::Duration;

/// Documents of variables.
pub(crate) const TARGET: Target = Target {
    name: "json",
    corpus,
    tokens: TOKENS,
    length_max: 64 * 1024,
    memory_base: 64 * 1024,
    memory_per_byte: 200,
    time_max: Duration::from_secs(3),
    check,
};

pub(crate) const TOKENS: &[&str] = &[
    "null",
    "true",
    "false",
    "{}",
    "[]",
    "\"\"",
    "\"a\":",
    ",",
    ":",
    "1.5e3",
    "-0",
    "-",
    "1e400",
    "0.10",
    "\\u0041",
    "\\ud800",
    "\\udc00",
    "\\ud83d\\ude00",
    "\\\\",
    "\\\"",
    "\\/",
    "\\x",
    "\u{7f}",
    "\u{2028}",
    "\u{feff}",
    "{\"a\":1,\"a\":2}",
    "NaN",
    "Infinity",
    "/**/",
    "'",
    "nul",
    "tru",
];

fn corpus() -> Vec<Vec<u8>> {
    let texts: &[&str] = &[
        "",
        "null",
        "{}",
        r#"{"a":1.50, "b" : {"c":[1, 2]} ,"d":"x\"y"}"#,
        r#"{"a\u0062":null,"é":"\ud83d\ude00","a":true,"ab":false}"#,
        r#" {"order":{"items":[{"price":12.50,"name":"a\\b"},{"price":-0.0e-10}],"open":true},"n":123456789012345678901234567890} "#,
        r#"{"k1":1,"k2":2,"k3":3,"k4":4,"k5":5,"k6":6,"k7":7,"k8":8,"k9":9,"k10":10,"k11":11,"k12":12,"k13":13,"k14":14,"k15":15,"k16":16,"k17":17,"k1":18}"#,
        r#"[1,"x",{}]"#,
        r#""text""#,
    ];
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// An object's members in their order, as the judge reads them.
struct Members(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

/// What a document of variables should be, by the judge; none if it is no object.
fn judge(text: &[u8]) -> Option<Vec<(String, String)>> {
    if text.iter().all(u8::is_ascii_whitespace) || serde_json::from_slice::<()>(text).is_ok() {
        return Some(Vec::new());
    }
    let Members(members) = serde_json::from_slice(text).ok()?;
    let mut merged: Vec<(String, String)> = Vec::new();
    for (name, value) in members {
        match merged.iter_mut().find(|(other, _)| *other == name) {
            Some((_, place)) => value.get().clone_into(place),
            None => merged.push((name, value.get().to_owned())),
        }
    }
    Some(merged)
}

fn check(input: &[u8]) -> u64 {
    let parsed = VariableDocument::parse(Bytes::copy_from_slice(input));
    let document = match parsed {
        Ok(document) => document,
        Err(error) => {
            if matches!(error, VariableDocumentError::Syntax(_) | VariableDocumentError::NotAnObject(_)) {
                assert!(judge(input).is_none(), "refused what serde_json takes: {error}");
            }
            assert!(error.to_string().len() < 1_000, "an endless message");
            return signature(&error.to_string());
        }
    };
    let found: Vec<(String, String)> = document
        .iter()
        .map(|(name, value)| {
            let value = std::str::from_utf8(value).expect("values are UTF-8");
            assert_eq!(document.get(name).map(<[u8]>::len), Some(value.len()), "a name finds its value");
            (name.to_owned(), value.to_owned())
        })
        .collect();
    assert_eq!(judge(input).as_ref(), Some(&found), "read otherwise than serde_json does");
    let printed: Vec<String> = found
        .iter()
        .map(|(name, value)| format!("{}:{value}", serde_json::to_string(name).expect("a text")))
        .collect();
    let printed = format!("{{{}}}", printed.join(","));
    let again = VariableDocument::parse(Bytes::from(printed)).expect("what was printed parses");
    let again: Vec<(String, String)> = again
        .iter()
        .map(|(name, value)| (name.to_owned(), String::from_utf8_lossy(value).into_owned()))
        .collect();
    assert_eq!(again, found, "printed and parsed again");
    found.len() as u64
}
