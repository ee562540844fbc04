//! Every target for a second in an ordinary test run; `RINGBOLT_FUZZ_SECONDS` and `RINGBOLT_FUZZ_SEED` change that.

use ringbolt_fuzz::run::{Settings, run};
use ringbolt_fuzz::targets::{ALL, by_name};

fn fuzz(name: &str) {
    let target = by_name(name).expect("a target");
    let settings = Settings::from_env(env!("CARGO_TARGET_TMPDIR").into());
    if let Err(report) = run(target, &settings) {
        panic!("{report}");
    }
}

macro_rules! targets {
    ($($test:ident $name:literal,)*) => {
        $(#[test]
        fn $test() {
            fuzz($name);
        })*

        #[test]
        fn every_target_has_its_test() {
            let tested = [$($name),*];
            assert_eq!(ALL.iter().map(|target| target.name).collect::<Vec<_>>(), tested);
        }
    };
}

targets! {
    json "json",
    entry "entry",
    feel "feel",
    feel_unary_tests "feel-unary-tests",
    bpmn "bpmn",
    dmn "dmn",
    rest "rest",
    forms "forms",
    grpc "grpc",
    http1 "http1",
    http2 "http2",
    journal "journal",
    journal_entries "journal-entries",
    store "store",
}
