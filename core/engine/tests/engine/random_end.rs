//! What else random paths do to instances as wholes, and how they end: everything that is waited for comes, until nothing is left.

use crate::modeler::MESSAGES;
use crate::random::Path;
use bytes::Bytes;
use ringbolt_record::command::UpdateSemantics;
use ringbolt_record::migration::MigrateMapping;
use ringbolt_record::{
    BpmnElementType, Command, DurationMs, Key, MigrateProcessInstance, RejectionType, VariableDocument,
};

impl Path {
    /// Suspends an instance or lets one go on, often one that is called; refused as often as not.
    pub(crate) fn suspend_or_resume(&mut self) {
        let Some(random) = &mut self.suspensions else { return };
        let instances = &self.rig.names.instances;
        if random.below(3) > 0 || instances.is_empty() {
            return;
        }
        let process_instance_key = instances[random.below(instances.len() as u64) as usize];
        let command = match random.below(2) {
            0 => Command::SuspendProcessInstance { process_instance_key },
            _ => Command::ResumeProcessInstance { process_instance_key },
        };
        self.rig.send(&command);
        if random.below(2) == 0 {
            self.rig.run_due();
            self.rig.check_counts();
        }
    }

    /// Lets an instance run the other one of the process and its copy, whole or with some of its elements left out.
    pub(crate) fn migrate(&mut self) {
        let Some(process_instance_key) = self.any(&self.instances.clone()) else { return };
        let Some(row) = self.rig.tables.element_instance(process_instance_key) else { return };
        let [process, copy] = self.definitions;
        let goes_back = row.element.instance.process_definition_key == copy;
        let skip_one_of = [0, 30, 4][self.random.below(3) as usize];
        let ids: Vec<(String, String)> = self.ids.clone();
        let mut mappings = Vec::new();
        for (own, copied) in ids {
            if skip_one_of > 0 && self.random.below(skip_one_of) == 0 {
                continue;
            }
            let (source_element_id, target_element_id) =
                if goes_back { (copied, own) } else { (own, copied) };
            mappings.push(MigrateMapping { source_element_id, target_element_id });
        }
        let target_process_definition_key = if goes_back { process } else { copy };
        let migrate =
            MigrateProcessInstance { process_instance_key, target_process_definition_key, mappings };
        let request = self.rig.send(&Command::MigrateProcessInstance(migrate));
        match self.rig.answer(request) {
            Some(Ok(_)) => {}
            Some(Err(rejection)) if rejection.kind != RejectionType::ProcessingError => {}
            other => panic!("{other:?}"),
        }
    }

    fn resume_everything(&mut self) {
        for process_instance_key in self.rig.names.instances.clone() {
            if self.rig.tables.is_suspended(process_instance_key) {
                self.rig.send(&Command::ResumeProcessInstance { process_instance_key });
            }
        }
        self.rig.run_due();
    }

    /// Sets a variable that conditions wait for, in each instance that is there.
    pub(crate) fn set_everywhere(&mut self, value: u64) {
        for element_instance_key in self.rig.names.instances.clone() {
            if self.rig.tables.element_instance_state(element_instance_key).is_some() {
                self.set(element_instance_key, value, UpdateSemantics::Local);
            }
        }
    }

    /// So that every condition holds at some time; the values after these are for those that wait on.
    fn let_conditions_hold(&mut self, round: u64) {
        self.set_everywhere(round % if round < 50 { 4 } else { 3 });
        if round.is_multiple_of(10) {
            self.set_inside(round / 10 % 3);
        }
    }

    /// The same where an event waits: some have a variable of that name of their own, which a listener has set.
    fn set_inside(&mut self, value: u64) {
        for (_, _, element_instance_key) in self.rig.names.elements.clone() {
            let row = self.rig.tables.element_instance(element_instance_key);
            let waits = [BpmnElementType::IntermediateCatchEvent, BpmnElementType::EventBasedGateway];
            if row.is_some_and(|row| waits.contains(&row.element.element_type)) {
                self.set(element_instance_key, value, UpdateSemantics::Propagate);
            }
        }
    }

    fn set(&mut self, element_instance_key: Key, value: u64, semantics: UpdateSemantics) {
        let variables = VariableDocument::parse(Bytes::from(format!(r#"{{"v":{value}}}"#))).unwrap();
        self.rig.send(&Command::SetVariables { element_instance_key, variables, semantics });
    }

    /// Goes on until there is no more than at the beginning; whether it came to that.
    pub(crate) fn end(&mut self, rows: &[(u8, Vec<u8>, Vec<u8>)], compensates: bool) -> bool {
        self.end_widely();
        for round in 0..300 {
            // What was ended may be waited for for ever, also by an instance that an event began.
            if round >= 50 && compensates {
                self.direct.extend(self.rig.names.instances.iter());
            }
            if round >= 50 {
                for process_instance_key in std::mem::take(&mut self.direct) {
                    self.rig.send(&Command::CancelProcessInstance { process_instance_key });
                }
            }
            self.is_ending = true;
            self.resume_everything();
            if round % 4 == 0 {
                self.choose();
            }
            self.rig.now = self.rig.now.plus(DurationMs(2000));
            self.rig.run_due();
            self.resolve();
            // Many who wait for the same signal make more work than one worker does until the next one.
            (0..if round < 50 { 1 } else { 4 }).for_each(|_| self.work());
            self.do_user_tasks();
            self.let_conditions_hold(round);
            // What only starts more beside what there is would never end.
            if round < 50 {
                (0..3).for_each(|_| self.publish(0));
            }
            // What a signal begins has time to end before the next one.
            if round % 8 == 0 {
                let ends = |name: &&&str| round < 50 || **name != "meanwhile";
                MESSAGES.iter().filter(ends).for_each(|name| self.broadcast(name));
            }
            // What is repeated for many items waits for many messages.
            for (name, key) in MESSAGES.iter().flat_map(|name| (0..4).map(move |key| (name, key))) {
                if round >= 50 && *name != "meanwhile" {
                    self.publish_one(name, "", key, 0);
                }
            }
            self.rig.run_due();
            self.rig.effects.clear();
            if self.rig.dump() == *rows {
                return true;
            }
        }
        self.tell_what_stays(rows);
        false
    }

    fn tell_what_stays(&self, rows: &[(u8, Vec<u8>, Vec<u8>)]) {
        for (_, id, key) in &self.rig.names.elements {
            if let Some(row) = self.rig.tables.element_instance(*key) {
                eprintln!("{key} {id} {row:?}");
            }
        }
        for row in self.rig.dump().iter().filter(|row| !rows.contains(row)) {
            eprintln!("stays: table {} {:02x?} {}", row.0, row.1, String::from_utf8_lossy(&row.2));
        }
    }
}
