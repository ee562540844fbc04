//! What is seldom but real on random paths: values as large and as odd as clients send them, timers by dates, zones and cron, business ids
//! that come late and that have to differ from some starts on. Its numbers are drawn apart from everything else.

use crate::random::Path;
use crate::rig::Rig;
use crate::seeded::Random;
use ringbolt_record::{BpmnElementType, Command, Key};
use std::collections::BTreeSet;

/// Odd and large JSON values; a text of so many letters where there is none.
const VALUES: [&str; 8] = [
    "1e300",
    "-0.0",
    "123456789012345678901234567890.000000000000000000000000000001",
    r#""\u0000\ud83d\ude00\\\"\u2028""#,
    r#"{"":{"":[null,[],{}]},"a b":"=v","v":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}"#,
    r#"[1,"1",true,null,{"v":1},[1,"1"]]"#,
    "",
    "",
];
/// Letters of a large text.
const LARGE: usize = 60_000;

/// Cycles that come as often as those that they stand for, in the first minute of a path or later.
const CYCLES: [&str; 4] = [
    "5/20 0 0 1 1 *",
    "0 0/1 0 1 JAN ?",
    "R3/2030-01-01T01:00:03+01:00[Europe/Berlin]/PT2S",
    "R2/2029-12-31T19:00:01-05:00[America/New_York]/PT3S",
];
/// Dates from before a path to its first seconds.
const DATES: [&str; 4] = [
    "2030-01-01T00:00:02Z",
    "2030-01-01T01:00:04+01:00[Europe/Berlin]",
    "2029-12-31T19:00:01-05:00[America/New_York]",
    "2029-06-01T12:00:00+02:00",
];

pub(crate) struct Wild {
    random: Random,
    /// Large values fit into the entries.
    has_room: bool,
    /// Ids have to differ after some starts.
    toggles: bool,
}

impl Wild {
    pub(crate) fn new(seed: u64, has_room: bool) -> Self {
        let mut random = Random(seed.wrapping_mul(0xA076_1D64_78BD_642F) | 1);
        let toggles = random.below(2) == 0;
        Self { random, has_room, toggles }
    }

    /// One more member of a document of variables; mostly none.
    pub(crate) fn member(&mut self) -> String {
        if self.random.below(6) > 0 {
            return String::new();
        }
        match VALUES[self.random.below(VALUES.len() as u64) as usize] {
            "" if self.has_room => format!(r#","w":"{}""#, "\u{e9}x".repeat(LARGE / 2)),
            "" => r#","w":"""#.to_owned(),
            value => format!(r#","w":{value}"#),
        }
    }

    /// Another timer for some of a model's.
    pub(crate) fn timers(&mut self, document: &str) -> String {
        let cycles = self.replace(document, "timeCycle", "timeCycle", &CYCLES);
        self.replace(&cycles, "timeDuration", "timeDate", &DATES)
    }

    fn replace(&mut self, document: &str, tag: &str, other: &str, values: &[&str]) -> String {
        let (begin, end) = (format!("<bpmn:{tag}>"), format!("</bpmn:{tag}>"));
        let mut parts = document.split(&*begin);
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (value, rest) = part.split_once(&*end).expect("it is closed");
            match self.random.below(4) {
                0 => {
                    let value = values[self.random.below(values.len() as u64) as usize];
                    text += &format!("<bpmn:{other}>{value}</bpmn:{other}>{rest}");
                }
                _ => text += &format!("{begin}{value}{end}{rest}"),
            }
        }
        text
    }
}

impl Path {
    /// The server starts anew, perhaps with ids that have to differ, or need not.
    pub(crate) fn restart(&mut self) {
        match self.wild.toggles {
            true => {
                let are_unique = self.wild.random.below(2) == 0;
                self.rig.restart_with_unique_ids(are_unique);
            }
            false => self.rig.restart(),
        }
    }

    /// Gives an instance a business id; refused as often as not.
    pub(crate) fn give_business_id(&mut self) {
        let instances = &self.rig.names.instances;
        if self.wild.random.below(8) > 0 || instances.is_empty() {
            return;
        }
        let process_instance_key = instances[self.wild.random.below(instances.len() as u64) as usize];
        let business_id = ["b", "late"][self.wild.random.below(2) as usize].to_owned();
        self.rig.send(&Command::AssignBusinessId { process_instance_key, business_id });
    }

    /// Who has which business id is known: those that stand and that nobody called.
    pub(crate) fn check_business_ids(&self) {
        let instance_of =
            |key: &[u8]| Key(u64::from_be_bytes(key[key.len() - 8..].try_into().expect("a key")));
        let rows = self.rig.dump();
        let known: BTreeSet<Key> =
            rows.iter().filter(|(table, _, _)| *table == 135).map(|(_, key, _)| instance_of(key)).collect();
        let standing = rows.iter().filter(|(table, _, _)| *table == 4).map(|(_, key, _)| instance_of(key));
        let found: BTreeSet<Key> = standing.filter(|key| has_business_id(&self.rig, *key)).collect();
        assert_eq!(known.intersection(&found).count(), found.len(), "all that stand are known");
        // What is about to begin has one already.
        let begun = |key: &Key| self.rig.tables.element_instance_state(*key).is_some();
        assert!(known.iter().filter(|key| begun(key)).all(|key| found.contains(key)), "no others are");
    }
}

fn has_business_id(rig: &Rig, key: Key) -> bool {
    let row = rig.tables.element_instance(key).expect("it stands");
    let is_instance = row.element.element_type == BpmnElementType::Process;
    let metadata = rig.tables.instance_metadata(key).filter(|_| is_instance);
    metadata.is_some_and(|it| !it.business_id.is_empty()) && row.parent_element_instance_key.is_none()
}
