//! Messages between partitions: they come late, in another order, twice, or not at all.
//!
//! Mail outlives a crash: what was sent by an earlier life still comes, as it would between two nodes.

use ringbolt_record::{BatchOperationCommand, Command, PartitionId};

use super::World;
use crate::batches;

impl World {
    /// Delivers or loses one of the messages that are under way; false when there is none.
    pub(super) fn step_mail(&mut self) -> bool {
        self.mail.append(&mut self.node.host.commands);
        if self.mail.is_empty() {
            return false;
        }
        let at = self.random.index(self.mail.len());
        match self.random.below(8) {
            0 if self.settings.with_faults => {
                let lost = self.mail.remove(at);
                self.note(|| format!("mail is lost: {}", brief(lost.as_ref())));
                self.report.mail_lost += 1;
            }
            1 if self.settings.with_faults => {
                let twice = self.mail[at].clone();
                self.deliver(twice);
                self.report.mail_doubled += 1;
            }
            _ => {
                if let Some(mail) = self.mail.remove(at) {
                    self.deliver(mail);
                }
            }
        }
        true
    }

    /// Delivers everything that is under way, in order; false when there is nothing.
    pub(super) fn deliver_mail(&mut self) -> bool {
        self.mail.append(&mut self.node.host.commands);
        let is_some = !self.mail.is_empty();
        for mail in std::mem::take(&mut self.mail) {
            self.deliver(mail);
        }
        is_some
    }

    fn deliver(&mut self, (partition, command): (PartitionId, Command)) {
        self.note(|| format!("mail: {}", brief(Some(&(partition, command.clone())))));
        self.report.mail_delivered += 1;
        let now = self.now();
        self.node.process(now, partition, &command, None);
        self.settle(Some(partition));
    }

    /// When the next partition sends again what another one has not acknowledged, both being in service.
    pub(super) fn mail_due(&self) -> Option<i64> {
        let running = |id: &PartitionId| self.node.of(*id).stopped().is_none();
        let partitions = self.node.partitions.values().filter(|partition| running(&partition.id()));
        let waiting = partitions.filter(|partition| {
            let mut states = partition.tables().outboxes();
            states.any(|(target, state)| running(&target) && state.acknowledged < state.last)
        });
        waiting.filter_map(|partition| partition.next_due()).map(|due| due.0).min()
    }

    /// Nothing is under way any more: every message was taken once, and every partition has all definitions.
    pub(super) fn check_mail_at_rest(&self) {
        if !self.stopped.is_empty() || !self.settings.compares_states {
            return;
        }
        for (source, partition) in &self.node.partitions {
            for (target, state) in partition.tables().outboxes() {
                assert_eq!(state.acknowledged, state.last, "{source} to {target}");
                assert_eq!(self.node.of(target).tables().inbox(*source), state.last, "{source} to {target}");
            }
        }
        let mut all = self.oracle.partitions.values().map(|oracle| oracle.facts.definitions.keys());
        if let Some(first) = all.next() {
            assert!(all.all(|keys| keys.eq(first.clone())), "every partition has the same definitions");
        }
    }

    /// Brings the partitions the next items of batch operations; false when they wait for none.
    pub(super) fn select_items(&mut self) -> bool {
        let ids: Vec<PartitionId> = self.oracle.partitions.keys().copied().collect();
        let mut brought = false;
        for id in ids {
            if self.node.of(id).stopped().is_some() {
                continue;
            }
            let Some(page) = batches::next_page(&self.oracle, id) else { continue };
            let command = BatchOperationCommand::AddItems(page);
            self.submit(id, Command::BatchOperation(Box::new(command)));
            brought = true;
        }
        brought
    }

    /// Every batch operation has ended on all partitions, or rests on those where it has not.
    pub(super) fn check_batches_at_rest(&self) {
        if !self.stopped.is_empty() || !self.settings.compares_states {
            return;
        }
        for (leader, oracle) in &self.oracle.partitions {
            let led = oracle.facts.batches.led_by(*leader);
            self.oracle.partitions.values().for_each(|other| other.facts.batches.check_at_rest(&led));
        }
    }
}

fn brief(mail: Option<&(PartitionId, Command)>) -> String {
    mail.map_or_else(String::new, |(partition, command)| {
        let (intent, _) = command.record();
        format!("{} to {partition}", intent.name())
    })
}
