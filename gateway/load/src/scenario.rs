//! The realistic scenario: a customer's complaint about an order, decided by tables, handled item by item with called processes,
//! messages, timers and errors. Its models stand in `docs/samples/complaint`, its workers here.

use crate::schedule::padded;
use clap::ValueEnum;
use serde::Serialize;
use serde_json::json;
use std::borrow::Cow;
use std::time::Duration;

/// What is deployed and worked on, beside the process of one task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scenario {
    /// A complaint about an order of several items (docs/samples/complaint).
    Realistic,
}

/// Where a job stands in the course of its instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// The first job of an instance is of this kind.
    pub(crate) begins: bool,
    /// Completions of this kind count towards the end of the instance.
    pub(crate) ends: bool,
}

impl Part {
    /// Each job is one of those that its instance has.
    pub(crate) const WHOLE: Self = Self { begins: true, ends: true };
    const BEGIN: Self = Self { begins: true, ends: false };
    const MIDDLE: Self = Self { begins: false, ends: false };
    const END: Self = Self { begins: false, ends: true };
}

/// What a worker does with a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// It completes it.
    Complete,
    /// It completes it, but throws a BPMN error instead at each job whose number this divides.
    ThrowEach {
        /// Jobs for one error, from 1.
        jobs: u64,
        /// The error's code.
        code: &'static str,
    },
    /// It completes it with the job's key as a variable, then publishes a message that this key correlates.
    Publish {
        /// The variable.
        variable: Cow<'static, str>,
        /// The message's name.
        message: Cow<'static, str>,
    },
}

/// Jobs of one type, and what becomes of them.
pub(crate) struct Work {
    pub(crate) job_type: &'static str,
    pub(crate) part: Part,
    pub(crate) act: Act,
}

/// Inspected items of which one is not found at its place.
const NOT_FOUND_EACH: u64 = 10;

impl Scenario {
    /// The process that is started.
    pub(crate) fn process_id(self) -> &'static str {
        match self {
            Self::Realistic => "complaint",
        }
    }

    /// Names and contents of what is deployed, together.
    pub(crate) fn resources(self) -> Vec<(String, String)> {
        let files = match self {
            Self::Realistic => [
                ("complaint.bpmn", include_str!("../../../docs/samples/complaint/complaint.bpmn")),
                ("refund.bpmn", include_str!("../../../docs/samples/complaint/refund.bpmn")),
                ("complaint.dmn", include_str!("../../../docs/samples/complaint/complaint.dmn")),
            ],
        };
        files.map(|(name, text)| (name.to_owned(), text.to_owned())).into()
    }

    /// Its workers.
    pub(crate) fn works(self) -> Vec<Work> {
        let work = |job_type, part, act| Work { job_type, part, act };
        match self {
            Self::Realistic => vec![
                work("complaint-register", Part::BEGIN, Act::Complete),
                work("complaint-review", Part::MIDDLE, Act::Complete),
                work(
                    "item-inspect",
                    Part::MIDDLE,
                    Act::ThrowEach { jobs: NOT_FOUND_EACH, code: "item-not-found" },
                ),
                work("item-search", Part::MIDDLE, Act::Complete),
                work(
                    "refund-request",
                    Part::MIDDLE,
                    Act::Publish { variable: "refundId".into(), message: "refund-paid".into() },
                ),
                work("refund-book", Part::MIDDLE, Act::Complete),
                work("refund-remind", Part::MIDDLE, Act::Complete),
                work("complaint-close", Part::END, Act::Complete),
            ],
        }
    }

    /// Work on the longest way through an instance, when each job takes `delay`.
    pub(crate) fn work_on_the_way(self, delay: Duration) -> Duration {
        // Register, review, inspect, search, request, book, close.
        match self {
            Self::Realistic => delay * 7,
        }
    }

    /// Variables of an instance with so many items, at least so many bytes of JSON.
    pub(crate) fn variables(self, items: usize, bytes: usize) -> String {
        const CLAIMS: [&str; 4] = ["missing", "broken", "late", "does not please"];
        match self {
            Self::Realistic => {
                let items: Vec<_> = (0..items)
                    .map(|item| {
                        json!({
                            "sku": format!("SKU-{item:05}"),
                            "price": 5 + item % 40,
                            "claim": CLAIMS[item % CLAIMS.len()],
                        })
                    })
                    .collect();
                let tier = if items.len() > 2 { "gold" } else { "silver" };
                let variables = json!({ "customer": { "tier": tier }, "items": items });
                padded(&variables, bytes)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Act, Scenario};

    #[test]
    fn each_job_type_of_the_models_has_its_worker() {
        let scenario = Scenario::Realistic;
        let mut wanted: Vec<String> = Vec::new();
        for (_, text) in scenario.resources() {
            for rest in text.split("<zeebe:taskDefinition type=\"").skip(1) {
                wanted.push(rest.split('"').next().unwrap_or_default().to_owned());
            }
        }
        let mut found: Vec<String> = scenario.works().iter().map(|work| work.job_type.to_owned()).collect();
        wanted.sort();
        found.sort();
        assert_eq!(wanted, found);
    }

    #[test]
    fn what_the_workers_throw_and_publish_stands_in_the_models() {
        let all: String = Scenario::Realistic.resources().into_iter().map(|(_, text)| text).collect();
        for work in Scenario::Realistic.works() {
            match work.act {
                Act::Complete => {}
                Act::ThrowEach { code, .. } => {
                    assert!(all.contains(&format!("errorCode=\"{code}\"")), "{code}")
                }
                Act::Publish { variable, message } => {
                    assert!(all.contains(&format!("name=\"{message}\"")), "{message}");
                    assert!(all.contains(&format!("correlationKey=\"={variable}\"")), "{variable}");
                }
            }
        }
    }

    #[test]
    fn variables_are_as_long_as_asked() {
        let short = Scenario::Realistic.variables(3, 0);
        let long = Scenario::Realistic.variables(3, 2_000);
        assert!(short.len() < 300 && long.len() == 2_000, "{} {}", short.len(), long.len());
        let value: serde_json::Value = serde_json::from_str(&long).expect("JSON");
        assert_eq!(value["items"].as_array().expect("a list").len(), 3);
    }
}
