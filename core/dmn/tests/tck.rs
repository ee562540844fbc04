//! The DMN TCK: models with their expected results. A sample is kept in `data`; with `RINGBOLT_DMN_TCK=<folder>` the
//! whole of it is read from there (`TestCases`), and a summary by level is printed.
//!
//! A test is one result of one test case. It passes if the result is the expected one (numbers within 1e-8, as the
//! TCK's doubles ask for), or if the TCK expects an error and the evaluation fails or gives null.

mod tck {
    pub(crate) mod run;
    pub(crate) mod values;
}

use std::path::Path;

use expect_test::expect_file;
use tck::run::{run_folder, summary};

#[test]
fn the_kept_sample() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tck");
    let cases = run_folder(&folder);
    assert!(cases.len() > 100, "the sample is there");
    expect_file!["data/tck-sample.txt"].assert_eq(&summary(&cases));
}

#[test]
fn the_whole_tck_where_it_is_given() {
    let Ok(folder) = std::env::var("RINGBOLT_DMN_TCK") else { return };
    println!("{}", summary(&run_folder(Path::new(&folder))));
}
