//! What clients send and what comes back: every step ends in `settle`, where all that left a partition is judged.

use ringbolt_partition::{Answer, Refusal, StreamSpec};
use ringbolt_record::{ActivatedJob, Activation, Command, PartitionId, Reply, RequestId, StreamId};

use super::{Checkpoint, World};
use crate::host::Released;
use crate::workload::Pending;

/// An answer in a few words.
pub(super) fn brief(answer: &Answer) -> String {
    match answer {
        Answer::Reply(Reply::Done) => "done".to_owned(),
        Answer::Reply(Reply::Deployed(deployed)) => format!("deployed {}", deployed.deployment_key),
        Answer::Reply(Reply::ProcessInstanceCreated(instance)) => {
            format!("created {}", instance.process_instance_key)
        }
        Answer::Reply(Reply::ProcessInstanceResult { instance, .. }) => {
            format!("result of {}", instance.process_instance_key)
        }
        Answer::Reply(Reply::JobsActivated(batch)) => {
            let keys: Vec<u64> = batch.jobs.iter().map(|job| job.key.counter()).collect();
            format!("jobs {keys:?}")
        }
        Answer::Reply(Reply::DecisionEvaluated(evaluation)) => format!("evaluated {}", evaluation.key),
        Answer::Reply(Reply::ExpressionEvaluated(_)) => "evaluated an expression".to_owned(),
        Answer::Reply(Reply::BatchOperationCreated { batch_operation_key, .. }) => {
            format!("batch {batch_operation_key}")
        }
        Answer::Reply(Reply::ClusterVariableChanged(variable)) => format!("changed {}", variable.name),
        Answer::Reply(Reply::ClusterVariables(_)) => "cluster variables".to_owned(),
        Answer::Reply(Reply::SignalBroadcasted { signal_key }) => format!("broadcast {signal_key}"),
        Answer::Reply(Reply::ConditionalsEvaluated { key, started }) => {
            format!("evaluated {key}, {} started", started.len())
        }
        Answer::Reply(Reply::MessageCorrelated { message_key, process_instance_key }) => {
            format!("correlated {message_key} with {process_instance_key}")
        }
        Answer::Reply(Reply::MessagePublished { message_key }) => format!("published {message_key}"),
        Answer::Reply(Reply::ResourceDeleted { resource_key, .. }) => format!("deleted {resource_key}"),
        Answer::Reply(Reply::Resource(resource)) => {
            format!("resource {}", resource.deployed.resource_key)
        }
        Answer::Reply(Reply::VariablesSet { key }) => format!("variables set {key}"),
        Answer::Rejection(rejection) => format!("rejected {}", rejection.kind),
        Answer::Refusal(refusal) => format!("refused: {refusal}"),
    }
}

/// A command in a few words.
fn brief_command(command: &Command) -> String {
    let (intent, key) = command.record();
    format!("{} {} {}", intent.value_type(), intent.name(), key.counter())
}

impl World {
    pub(super) fn submit(&mut self, partition: PartitionId, command: Command) {
        let request = self.clients.new_request();
        self.submit_as(request, partition, command);
    }

    pub(super) fn submit_as(&mut self, request: RequestId, partition: PartitionId, command: Command) {
        self.note(|| format!("request {} to {partition}: {}", request.0, brief_command(&command)));
        let before = self.oracle.of(partition).last_index();
        let now = self.now();
        self.node.process(now, partition, &command, Some(request));
        self.take_appended();
        let first = before + 1;
        let makes_entries = !matches!(command, Command::ActivateJobs(_));
        let own_entry = (makes_entries
            && self.oracle.of(partition).last_index() >= first
            && self.oracle.of(partition).is_entry_of(first, &command))
        .then_some(first);
        let gate = own_entry.unwrap_or(before);
        self.clients.pending.insert(request, Pending { partition, command, gate, own_entry });
        self.settle(Some(partition));
    }

    pub(super) fn open_stream(&mut self, spec: &StreamSpec) {
        let stream = self.clients.new_stream();
        self.note(|| format!("stream {} opens: {} jobs of {}", stream.0, spec.window, spec.job_type));
        self.clients.streams.insert(stream, Vec::new());
        let now = self.now();
        self.node.open_stream(now, stream, spec);
        self.settle(None);
    }

    /// Closes a stream; of what was pushed, the newest may never have reached the client and goes back.
    pub(super) fn close_stream(&mut self, stream: StreamId) {
        let mut jobs = self.clients.streams.remove(&stream).unwrap_or_default();
        let unseen = jobs.split_off(self.random.index(jobs.len() + 1));
        self.note(|| format!("stream {} closes, {} jobs go back", stream.0, unseen.len()));
        self.clients.take_jobs(jobs.iter().map(|activation| activation.job_key));
        self.node.close_stream(stream);
        for activation in unseen {
            self.yield_job(activation);
        }
        self.settle(None);
    }

    pub(super) fn yield_job(&mut self, activation: Activation) {
        let now = self.now();
        let partition = activation.job_key.partition();
        self.node.process(now, partition, &Command::YieldJob { activation }, None);
    }

    fn take_appended(&mut self) -> Vec<PartitionId> {
        let mut touched = Vec::new();
        for appended in std::mem::take(&mut self.node.host.appended) {
            self.note(|| {
                format!("entry {}.{}: {} records", appended.partition, appended.index, appended.record_count)
            });
            self.oracle.of_mut(appended.partition).append(&appended);
            self.unwritten.push_back((appended.ticket, appended.partition, appended.index));
            if !touched.contains(&appended.partition) {
                touched.push(appended.partition);
            }
        }
        if !touched.is_empty() {
            self.check_business_ids();
        }
        touched
    }

    /// Judges what a step did. `partition` had a command and must have the right state even without an entry.
    pub(super) fn settle(&mut self, partition: Option<PartitionId>) {
        loop {
            let mut touched = self.take_appended();
            assert!(
                self.node.host.failure.is_none(),
                "the log refused an entry: {:?}",
                self.node.host.failure
            );
            for (id, job) in std::mem::take(&mut self.node.host.checkpoints) {
                self.note(|| format!("checkpoint of {id} is ready: {:?}", job.mark().position));
                self.checkpoints.push((id, Checkpoint::Ready(job)));
            }
            touched.extend(partition.filter(|id| !touched.contains(id)));
            for id in touched {
                if self.settings.compares_states && self.node.of(id).stopped().is_none() {
                    self.oracle.of(id).check_live(self.node.of(id));
                }
            }
            let released = std::mem::take(&mut self.node.host.released);
            if released.is_empty() {
                break;
            }
            for released in released {
                match released {
                    Released::Answer(request, answer) => self.on_answer(request, answer),
                    Released::Push(stream, job) => self.on_push(stream, &job),
                    Released::PollAnswer(id, poll, answer) => self.on_poll_answer(id, poll, answer),
                }
            }
        }
        self.note_stopped();
    }

    fn note_stopped(&mut self) {
        let stopped: Vec<PartitionId> =
            self.node.partitions.values().filter(|p| p.stopped().is_some()).map(|p| p.id()).collect();
        for id in stopped {
            if self.stopped.insert(id) {
                self.note(|| format!("partition {id} stopped: {:?}", self.node.of(id).stopped()));
                self.report.stops += 1;
            }
            let waits = self.clients.pending.values().any(|pending| pending.partition == id);
            assert!(!waits, "a stopped partition left requests without an answer");
        }
    }

    fn on_answer(&mut self, request: RequestId, answer: Answer) {
        self.note(|| format!("answer {}: {}", request.0, brief(&answer)));
        let pending = self.clients.pending.remove(&request);
        let pending =
            pending.unwrap_or_else(|| panic!("request {} was answered twice, or never asked", request.0));
        let id = pending.partition;
        let is_stopped = self.stopped.contains(&id);
        let oracle = self.oracle.of_mut(id);
        match &answer {
            Answer::Refusal(Refusal::Stopped { .. }) => {
                assert!(self.node.of(id).stopped().is_some(), "a running partition says that it stopped");
                self.report.stops += u64::from(self.stopped.insert(id));
                self.report.refused_stopped += 1;
            }
            Answer::Refusal(Refusal::Overloaded { .. }) => self.report.refused_overload += 1,
            Answer::Refusal(Refusal::DiskFull { .. }) => self.report.refused_disk_full += 1,
            Answer::Rejection(_) => {
                assert!(!is_stopped, "a stopped partition rejects");
                self.report.rejections += 1;
                oracle.on_answer(pending.gate, &pending.command, None);
            }
            Answer::Reply(reply) => {
                assert!(!is_stopped, "a stopped partition replies");
                self.report.replies += 1;
                oracle.on_answer(pending.gate, &pending.command, Some(reply));
                if let Reply::JobsActivated(batch) = reply {
                    self.clients.take_jobs(batch.jobs.iter().map(|job| job.key));
                }
            }
        }
        if let Some(kept) = self.clients.watched.get_mut(&request) {
            *kept = Some(answer);
        }
    }

    fn on_push(&mut self, stream: StreamId, job: &ActivatedJob) {
        self.note(|| format!("push {} to stream {}", job.key.counter(), stream.0));
        let id = job.key.partition();
        assert!(!self.stopped.contains(&id), "a stopped partition pushes");
        self.oracle.of_mut(id).on_delivery(job.key);
        self.report.pushes += 1;
        match self.clients.streams.get_mut(&stream) {
            Some(jobs) => jobs.push(job.activation()),
            None => self.on_jobs_of_poll(stream, vec![job.activation()]),
        }
    }

    /// Nothing is under way: whoever still waits, waits for an instance that is not complete.
    pub(super) fn check_quiet(&self) {
        for (request, pending) in &self.clients.pending {
            let facts = &self.oracle.of(pending.partition).facts;
            let instance = pending.own_entry.and_then(|index| facts.created_by_entry.get(&index));
            let awaits = matches!(&pending.command,
                Command::CreateProcessInstance(create) if create.await_result.is_some());
            let completed =
                instance.and_then(|key| facts.elements.get(key)).and_then(|element| element.completed);
            assert!(
                awaits && completed.is_none(),
                "request {} was never answered: {}",
                request.0,
                brief_command(&pending.command)
            );
        }
        self.check_polls_at_rest();
        for oracle in self.oracle.partitions.values() {
            if self.stopped.is_empty() {
                assert_eq!(oracle.durable(), oracle.last_index(), "all that was appended is written");
            }
        }
    }
}
