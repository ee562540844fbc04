//! Messages and who waits for them, seen from the messages' partition: the instances are on another one.

use crate::rig::Rig;
use bytes::Bytes;
use ringbolt_engine::{Effect, EngineSettings};
use ringbolt_record::command::CorrelateMessage as Correlate;
use ringbolt_record::command::{PartitionCommand, PublishMessage};
use ringbolt_record::partition_message::{CorrelateMessage, OpenSubscription};
use ringbolt_record::values::InstanceRef;
use ringbolt_record::{
    Command, DurationMs, Key, MessageStep, PartitionId, PartitionMessage, Rejection, Reply, RequestId,
    VariableDocument,
};
use ringbolt_tables::MessageTotals;

const ELSEWHERE: PartitionId = PartitionId(2);
/// Goes to partition 1 of 2.
const HERE: &str = "b";

/// The messages' partition, and what was sent to it so far.
struct Messages {
    rig: Rig,
    sequence: u64,
}

impl Messages {
    fn with(change: impl FnOnce(&mut EngineSettings)) -> Self {
        let mut settings = EngineSettings { partition_count: 2, ..EngineSettings::new(PartitionId(1)) };
        change(&mut settings);
        Self { rig: Rig::with(settings), sequence: 0 }
    }

    fn new() -> Self {
        Self::with(|_| {})
    }

    fn publish(&mut self, id: &str, ttl: i64, json: &'static str) -> Result<Key, Rejection> {
        let request = self.rig.send(&message(HERE, id, ttl, json));
        self.answer(request)
    }

    fn answer(&mut self, request: RequestId) -> Result<Key, Rejection> {
        match self.rig.answer(request).expect("an answer")? {
            Reply::MessagePublished { message_key } => Ok(message_key),
            other => panic!("{other:?}"),
        }
    }

    /// Another partition says something.
    fn hear(&mut self, message: &PartitionMessage) {
        self.sequence += 1;
        let message = Bytes::from(message.to_bytes());
        let command = PartitionCommand::Deliver { source: ELSEWHERE, sequence: self.sequence, message };
        self.rig.process(&Command::Partition(command), None);
    }

    fn open(&mut self, owner: u64, process: &str, is_interrupting: bool) {
        self.open_of("", owner, process, is_interrupting);
    }

    /// An instance of a business id begins to wait.
    fn open_of(&mut self, business_id: &str, owner: u64, process: &str, is_interrupting: bool) {
        self.hear(&PartitionMessage::OpenSubscription(OpenSubscription {
            instance: InstanceRef { process_instance_key: key(owner + 1), ..InstanceRef::default() },
            element_instance_key: key(owner + 2),
            owner_key: key(owner),
            is_interrupting,
            bpmn_process_id: process.to_owned(),
            message_name: "paid".to_owned(),
            correlation_key: HERE.to_owned(),
            business_id: business_id.to_owned(),
            tenant_id: ringbolt_record::DEFAULT_TENANT.to_owned(),
        }));
    }

    fn step(&mut self, step: MessageStep) {
        self.hear(&PartitionMessage::Messages(step));
    }

    /// What was said to the other partition since the last look, in short.
    fn said(&mut self) -> Vec<String> {
        let mut said = Vec::new();
        for effect in std::mem::take(&mut self.rig.effects) {
            let Effect::Send { command: Command::Partition(command), .. } = effect else { continue };
            let PartitionCommand::Deliver { message, .. } = command else { continue };
            said.push(match PartitionMessage::read(&message).expect("a message") {
                PartitionMessage::Messages(MessageStep::Opened { owner_key, .. }) => {
                    format!("opened {}", owner_key.counter())
                }
                PartitionMessage::Messages(MessageStep::Closed { owner_key }) => {
                    format!("closed {}", owner_key.counter())
                }
                PartitionMessage::CorrelateMessage(CorrelateMessage { owner_key, variables, .. }) => {
                    format!("correlate {} {}", owner_key.counter(), String::from_utf8_lossy(&variables))
                }
                other => panic!("{other:?}"),
            });
        }
        said
    }

    fn subscription(&self, owner: u64) -> Key {
        self.rig.tables.message_subscription_of(key(owner)).expect("a subscription")
    }

    /// What stands of messages and subscriptions.
    fn rows(&self) -> usize {
        let of_messages = |table: &u8| matches!(*table, 44..=47 | 49 | 52 | 53 | 59 | 132 | 133);
        self.rig.dump().iter().filter(|(table, _, _)| of_messages(table)).count()
    }
}

fn key(counter: u64) -> Key {
    Key::new(ELSEWHERE, counter)
}

fn message(correlation_key: &str, id: &str, ttl: i64, json: &'static str) -> Command {
    message_of("", correlation_key, id, ttl, json)
}

/// A message for instances of a business id.
fn message_of(business_id: &str, correlation_key: &str, id: &str, ttl: i64, json: &'static str) -> Command {
    Command::PublishMessage(PublishMessage {
        name: "paid".to_owned(),
        correlation_key: correlation_key.to_owned(),
        time_to_live: DurationMs(ttl),
        message_id: id.to_owned(),
        business_id: business_id.to_owned(),
        variables: VariableDocument::parse(Bytes::from_static(json.as_bytes())).unwrap(),
        tenant_id: ringbolt_record::DEFAULT_TENANT.to_owned(),
    })
}

#[test]
fn a_message_reaches_each_process_once_and_its_oldest_first() {
    let mut messages = Messages::new();
    for (owner, process) in [(10, "p"), (20, "p"), (30, "q")] {
        messages.open(owner, process, true);
    }
    assert_eq!(messages.said(), ["opened 10", "opened 20", "opened 30"]);
    let message_key = messages.publish("", 60_000, r#"{"n":1}"#).unwrap();
    let mut said = messages.said();
    said.sort();
    assert_eq!(said, [r#"correlate 10 {"n":1}"#, r#"correlate 30 {"n":1}"#]);
    let subscription_key = messages.subscription(10);
    messages.step(MessageStep::Correlated { subscription_key, message_key });
    assert_eq!(messages.rig.tables.message_subscription_of(key(10)), None);
    // The second one of the process waits for another message, and so does one that comes later.
    messages.open(40, "p", true);
    assert_eq!(messages.said(), ["opened 40"]);
    messages.publish("", 0, r#"{"n":2}"#).unwrap();
    assert_eq!(messages.said(), [r#"correlate 20 {"n":2}"#], "that of q has not answered yet");
}

#[test]
fn who_comes_later_gets_what_is_kept_and_what_is_late_does_nothing() {
    let mut messages = Messages::new();
    let first = messages.publish("", 60_000, r#"{"n":1}"#).unwrap();
    let second = messages.publish("", 60_000, r#"{"n":2}"#).unwrap();
    messages.open(10, "p", false);
    assert_eq!(messages.said(), [r#"correlate 10 {"n":1}"#]);
    let subscription_key = messages.subscription(10);
    let entries = messages.rig.entries.len();
    for (subscription_key, message_key) in [(subscription_key, second), (Key(77), first)] {
        messages.step(MessageStep::Correlated { subscription_key, message_key });
        messages.step(MessageStep::NotCorrelated { subscription_key, message_key });
    }
    assert_eq!((messages.said().len(), messages.rig.entries.len() - entries), (0, 4));
    messages.step(MessageStep::Correlated { subscription_key, message_key: first });
    assert_eq!(messages.said(), [r#"correlate 10 {"n":2}"#]);
    messages.step(MessageStep::Correlated { subscription_key, message_key: first });
    assert!(messages.said().is_empty());
    messages.step(MessageStep::Correlated { subscription_key, message_key: second });
    assert!(messages.said().is_empty());
    messages.step(MessageStep::Close { owner_key: key(10) });
    assert_eq!(messages.said(), ["closed 10"]);
    messages.step(MessageStep::Close { owner_key: key(10) });
    assert_eq!(messages.said(), ["closed 10"]);
    messages.rig.now = messages.rig.now.plus(DurationMs(60_000));
    messages.rig.run_due();
    assert_eq!((messages.rows(), messages.rig.tables.message_totals()), (0, MessageTotals::default()));
}

#[test]
fn a_message_that_was_not_taken_goes_to_another_of_the_process() {
    let mut messages = Messages::new();
    for owner in [10, 20, 30] {
        messages.open(owner, "p", true);
    }
    let message_key = messages.publish("", 60_000, "{}").unwrap();
    messages.said();
    let subscription_key = messages.subscription(10);
    messages.step(MessageStep::NotCorrelated { subscription_key, message_key });
    assert_eq!(messages.said(), ["correlate 20 {}"]);
    // Closed while it was told of it: it did not take it.
    messages.step(MessageStep::Close { owner_key: key(20) });
    assert_eq!(messages.said(), ["closed 20", "correlate 30 {}"]);
    let subscription_key = messages.subscription(30);
    messages.step(MessageStep::Correlated { subscription_key, message_key });
    messages.open(40, "p", true);
    assert_eq!(messages.said(), ["opened 40"]);
}

#[test]
fn an_id_is_taken_as_long_as_its_message_is_kept() {
    let mut messages = Messages::new();
    messages.publish("m", 1_000, "{}").unwrap();
    assert!(messages.publish("m", 1_000, "{}").is_err());
    messages.rig.restart();
    assert!(messages.publish("m", 1_000, "{}").is_err());
    messages.publish("n", 1_000, "{}").unwrap();
    messages.rig.now = messages.rig.now.plus(DurationMs(1_000));
    messages.rig.run_due();
    messages.publish("m", 1_000, "{}").unwrap();
}

/// A message with a business id is for instances with the same, one without for all; a kept one waits for its own. As Camunda 8.10:
/// `zeebe/docs/adr/0001-810-message-correlation-business-id-cross-partition.md`, D5, and `businessIdMatches` of `MessageCorrelateBehavior`.
#[test]
fn a_message_of_a_business_id_reaches_its_instances_alone() {
    let mut messages = Messages::new();
    let publish = |messages: &mut Messages, id: &str, ttl, json| {
        let request = messages.rig.send(&message_of(id, HERE, "", ttl, json));
        messages.answer(request).expect("a message")
    };
    for (owner, id) in [(10, ""), (20, "a"), (30, "b"), (40, "b")] {
        messages.open_of(id, owner, "p", true);
    }
    messages.said();
    publish(&mut messages, "c", 0, r#"{"n":1}"#);
    assert!(messages.said().is_empty(), "nobody has it");
    let second = publish(&mut messages, "b", 60_000, r#"{"n":2}"#);
    assert_eq!(messages.said(), [r#"correlate 30 {"n":2}"#]);
    // One that does not take it leaves it to the next of the same id.
    let subscription_key = messages.subscription(30);
    messages.step(MessageStep::NotCorrelated { subscription_key, message_key: second });
    assert_eq!(messages.said(), [r#"correlate 40 {"n":2}"#]);
    publish(&mut messages, "b", 60_000, r#"{"n":3}"#);
    assert!(messages.said().is_empty(), "both are told of another");
    publish(&mut messages, "", 0, r#"{"n":4}"#);
    assert_eq!(messages.said(), [r#"correlate 10 {"n":4}"#], "the oldest, whatever it has");
    // What is kept for one id is not for another.
    messages.open_of("a", 50, "q", true);
    messages.open_of("", 60, "q", true);
    assert_eq!(messages.said(), ["opened 50", "opened 60"]);
    messages.rig.restart();
    messages.open_of("b", 70, "q", false);
    // What nobody acknowledged is said again after a restart.
    assert_eq!(messages.said().last().map(String::as_str), Some(r#"correlate 70 {"n":2}"#));
    let subscription_key = messages.subscription(70);
    messages.step(MessageStep::Correlated { subscription_key, message_key: second });
    assert_eq!(messages.said(), [r#"correlate 70 {"n":3}"#]);
    for owner in [10, 20, 30, 40, 50, 60, 70] {
        messages.step(MessageStep::Close { owner_key: key(owner) });
    }
    messages.rig.now = messages.rig.now.plus(DurationMs(60_000));
    messages.rig.run_due();
    assert_eq!((messages.rows(), messages.rig.tables.message_totals()), (0, MessageTotals::default()));
}

#[test]
fn messages_are_kept_within_bounds() {
    let mut messages = Messages::with(|settings| settings.messages_max = 3);
    for _ in 0..3 {
        messages.publish("", 1_000, "{}").unwrap();
    }
    let rejection = messages.publish("", 1_000, "{}").unwrap_err();
    assert!(rejection.reason.contains("3 messages (--messages-max)"), "{rejection:?}");
    assert_eq!(rejection.kind, ringbolt_record::RejectionType::ResourceExhausted);
    messages.publish("", 0, "{}").expect("what is not kept needs no room");
    let mut messages = Messages::with(|settings| settings.message_bytes_max = 50);
    let kept = (0..10).take_while(|_| messages.publish("", 1_000, r#"{"n":1}"#).is_ok()).count();
    assert_eq!(kept, 3);
}

#[test]
fn a_message_on_the_wrong_partition_is_refused() {
    let mut messages = Messages::new();
    assert_eq!(PartitionId::of_correlation_key(HERE, 2), PartitionId(1));
    let request = messages.rig.send(&message("a", "", 0, "{}"));
    assert!(messages.answer(request).unwrap_err().reason.contains("right partition"));
}

/// Many that expire together are taken one by one, so that other work comes in between.
#[test]
fn messages_that_expire_together_expire_one_by_one() {
    let mut messages = Messages::new();
    for _ in 0..500 {
        messages.publish("", 1_000, "{}").unwrap();
    }
    messages.rig.now = messages.rig.now.plus(DurationMs(1_000));
    let now = messages.rig.now;
    let due = messages.rig.engine.due_commands(&messages.rig.tables, now, 16);
    assert_eq!(due.len(), 16);
    let before = messages.rig.entries.len();
    messages.rig.run_due();
    assert_eq!((messages.rig.entries.len() - before, messages.rows()), (500, 0));
    let largest = messages.rig.entries[before..].iter().map(Vec::len).max();
    assert!(largest.is_some_and(|bytes| bytes < 500));
}

/// Who waits for whom a message reaches is told once somebody took it, or once nobody can any more.
#[test]
fn a_publisher_is_answered_when_it_is_known_whom_a_message_reaches() {
    let mut here = Messages::new();
    let correlate = Command::CorrelateMessage(Correlate {
        name: "paid".to_owned(),
        correlation_key: HERE.to_owned(),
        business_id: String::new(),
        variables: VariableDocument::default(),
        tenant_id: ringbolt_record::DEFAULT_TENANT.to_owned(),
    });
    let told = |here: &Messages, owner| {
        let subscription_key = here.subscription(owner);
        let row = here.rig.tables.message_subscription(subscription_key).expect("a subscription");
        (subscription_key, row.message_key)
    };
    here.open(10, "p", true);
    here.open(20, "q", true);
    let request = here.rig.send(&correlate);
    let (subscription_key, message_key) = told(&here, 10);
    here.step(MessageStep::NotCorrelated { subscription_key, message_key });
    assert_eq!(here.rig.answer(request), None, "the other one may still take it");
    let (subscription_key, _) = told(&here, 20);
    here.step(MessageStep::Correlated { subscription_key, message_key });
    let process_instance_key = key(21);
    let answer = here.rig.answer(request);
    assert_eq!(answer, Some(Ok(Reply::MessageCorrelated { message_key, process_instance_key })));
    here.step(MessageStep::Close { owner_key: key(10) });
    here.open(30, "p", true);
    let request = here.rig.send(&correlate);
    let (subscription_key, message_key) = told(&here, 30);
    here.step(MessageStep::NotCorrelated { subscription_key, message_key });
    let refused = here.rig.answer(request).expect("an answer").expect_err("nobody took it");
    assert!(refused.reason.contains("but none was found"), "{}", refused.reason);
    here.step(MessageStep::Close { owner_key: key(30) });
    assert_eq!(here.rows(), 0);
}
