//! Many large messages from one partition to another, with many small ones behind them: few are under way at a time, they come in order, and
//! none is lost.

use crate::budget::{flow, variables};
use crate::pieces::Bare;
use crate::rules;
use bytes::Bytes;
use ringbolt_engine::{Engine, EngineSettings};
use ringbolt_record::command::{PartitionCommand, PublishMessage};
use ringbolt_record::{Command, DEFAULT_TENANT, DurationMs, PartitionId, VariableDocument};
use std::collections::VecDeque;

const LARGE: usize = 100;
const SMALL: usize = 4_000;
const LARGE_BYTES: usize = 3 << 20;
/// What may be under way to a partition (1 MiB), and a message that is begun with less under way.
const UNDER_WAY_MAX: usize = (1 << 20) + LARGE_BYTES + 1_000;

fn settings(id: u16) -> EngineSettings {
    EngineSettings { partition_count: 2, ..EngineSettings::new(PartitionId(id)) }
}

struct Pair {
    sides: [Bare; 2],
    mail: VecDeque<(PartitionId, Command)>,
    /// Most bytes of messages that were under way at a time.
    most: usize,
}

impl Pair {
    fn new() -> Self {
        let mut pair =
            Self { sides: [1, 2].map(|id| Bare::of(settings(id))), mail: VecDeque::new(), most: 0 };
        let wait = r#"<bpmn:receiveTask id="t" messageRef="m" />"#;
        pair.sides[0].deploy(&format!("{wait}{}", flow("s", "t")));
        pair.collect();
        pair.settle();
        pair
    }

    fn collect(&mut self) {
        for side in &mut self.sides {
            self.mail.extend(side.sent());
        }
        let bytes = self.mail.iter().map(|(_, command)| match command {
            Command::Partition(PartitionCommand::Deliver { message, .. }) => message.len(),
            _ => 0,
        });
        self.most = self.most.max(bytes.sum());
    }

    fn offer(&mut self, partition: PartitionId, command: &Command) {
        let side = &mut self.sides[usize::from(partition.0) - 1];
        side.offer(command);
        self.mail.extend(side.sent());
        let side = &mut self.sides[usize::from(partition.0) - 1];
        while let Some(command) = side.engine.next_turn(&side.tables) {
            side.offer(&command);
            self.mail.extend(side.sent());
        }
        self.collect();
    }

    /// Delivers everything, and what is sent again because it was lost.
    fn settle(&mut self) {
        for _ in 0..10 {
            while let Some((partition, command)) = self.mail.pop_front() {
                self.offer(partition, &command);
            }
            for number in 0..2 {
                let side = &mut self.sides[number];
                side.now = side.now.plus(DurationMs(60_000));
                for command in side.engine.due_commands(&side.tables, side.now, 100) {
                    self.offer(PartitionId(number as u16 + 1), &command);
                }
            }
            if self.mail.is_empty() {
                return;
            }
        }
        panic!("the partitions do not come to rest");
    }

    fn publish(&mut self, correlation_key: &str, variables: VariableDocument) {
        let command = Command::PublishMessage(PublishMessage {
            name: "paid".to_owned(),
            correlation_key: correlation_key.to_owned(),
            time_to_live: DurationMs(0),
            message_id: String::new(),
            business_id: String::new(),
            variables,
            tenant_id: DEFAULT_TENANT.to_owned(),
        });
        self.offer(PartitionId(1), &command);
    }

    /// What the first partition has sent to the second, and what that has taken.
    fn progress(&self) -> (u64, u64) {
        (self.sides[0].tables.outbox(PartitionId(2)).last, self.sides[1].tables.inbox(PartitionId(1)))
    }
}

#[test]
fn few_bytes_are_under_way_however_much_waits() {
    let mut pair = Pair::new();
    let keys = (0..).map(|n| format!("k{n}"));
    let keys = keys.filter(|key| PartitionId::of_correlation_key(key, 2) == PartitionId(1));
    let keys: Vec<String> = keys.take(LARGE + SMALL).collect();
    for key in &keys {
        pair.offer(PartitionId(2), &rules::create("p", variables(format!(r#"{{"i":"{key}"}}"#))));
    }
    pair.settle();
    assert_eq!(pair.sides[1].standing(), 2 * keys.len(), "all wait");
    let (sent_before, _) = pair.progress();
    let text = format!(r#"{{"pad":"{}"}}"#, "x".repeat(LARGE_BYTES - 100));
    let large = VariableDocument::parse(Bytes::from(text)).expect("a document");
    for (number, key) in keys.iter().enumerate() {
        let variables = if number < LARGE { large.clone() } else { VariableDocument::default() };
        pair.publish(key, variables);
    }
    let (sent, taken) = pair.progress();
    assert_eq!((sent, taken), (sent_before + keys.len() as u64, sent_before), "all wait to be taken");
    // What was under way is lost with a restart, and comes again.
    for _ in 0..3 {
        for _ in 0..10 {
            let (partition, command) = pair.mail.pop_front().expect("something is under way");
            pair.offer(partition, &command);
        }
        pair.mail.clear();
        let mut engine = Engine::new(settings(1));
        engine.recover(&pair.sides[0].tables);
        pair.sides[0].engine = engine;
        let due = pair.sides[0].engine.due_commands(&pair.sides[0].tables, pair.sides[0].now, 10);
        due.iter().for_each(|command| pair.offer(PartitionId(1), command));
    }
    pair.settle();
    assert_eq!(pair.progress(), (sent, sent));
    assert_eq!(pair.sides[1].standing(), 0, "each has its message");
    assert!(pair.most <= UNDER_WAY_MAX, "{} bytes were under way", pair.most);
}
