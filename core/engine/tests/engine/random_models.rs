//! The random processes as files, for the reference engine to play beside Ringbolt (`tests/long random`).

use crate::modeler::Modeler;
use crate::seeded::Random;
use std::path::Path;

/// What the reference engine, 8.8, does not know: it refuses such models, or takes no notice.
const NEWER: [&str; 4] = [
    "conditionalEventDefinition",
    "jobPriorityDefinition",
    "executionListener eventType=\"cancel\"",
    "executionListener eventType=\"beforeAll\"",
];

#[test]
#[ignore = "it writes models: tests/long random"]
fn random_processes_are_written() {
    let folder = std::env::var("RINGBOLT_RANDOM_MODELS").expect("a folder to write to");
    let wanted: usize = std::env::var("MODELS").ok().and_then(|text| text.parse().ok()).unwrap_or(200);
    let mut written = 0;
    for seed in 0.. {
        let mut random = Random((seed as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let (document, _) = Modeler::new(&mut random).document();
        if NEWER.iter().any(|newer| document.contains(newer)) {
            continue;
        }
        std::fs::write(Path::new(&folder).join(format!("{seed:06}.bpmn")), document).unwrap();
        written += 1;
        if written == wanted {
            return;
        }
    }
}
