//! What of random models has elements inside, or is elsewhere.

use crate::modeler::{Modeler, STARTS};
use std::fmt::Write;

impl Modeler<'_> {
    pub(crate) fn sub_process(&mut self, depth: u32, end: &str) -> (String, String) {
        let id = self.id("sub");
        let startable = self.startable.len();
        let inside = self.inside(|modeler| modeler.scope(depth - 1, end));
        let repeats = self.repeats("v");
        if !repeats.is_empty() {
            self.startable.truncate(startable);
        }
        let listeners = self.only_listeners(&["start", "end"]);
        let _ = write!(
            self.elements,
            r#"<bpmn:subProcess id="{id}">{listeners}{repeats}{inside}</bpmn:subProcess>"#
        );
        (id.clone(), id)
    }

    /// A sub-process of blocks that are chosen: some at the beginning, others by hand, or all by a worker.
    pub(crate) fn ad_hoc(&mut self, depth: u32) -> String {
        let id = self.id("adhoc");
        let startable = self.startable.len();
        let mut chosen = Vec::new();
        let inside = self.inside(|modeler| {
            let outside = std::mem::replace(&mut modeler.is_ad_hoc, true);
            for _ in 0..1 + modeler.random.below(3) {
                let (first, _) = modeler.block(depth - 1);
                chosen.push(first);
            }
            if modeler.random.below(4) == 0 {
                let (sub, start) = (modeler.id("sub"), modeler.id("start"));
                // One that waits for a condition comes again with each result, its own included: without an end.
                let awaited = match modeler.awaited(4, "timeCycle", "R2/") {
                    condition if condition.contains("conditional") => modeler.timer("timeCycle", "R2/"),
                    other => other,
                };
                let _ = write!(
                    modeler.elements,
                    r#"<bpmn:subProcess id="{sub}" triggeredByEvent="true"><bpmn:startEvent id="{start}" isInterrupting="false">{awaited}</bpmn:startEvent></bpmn:subProcess>"#
                );
            }
            modeler.is_ad_hoc = outside;
        });
        // None of that can be started at.
        let inner = self.startable.split_off(startable);
        self.enterable.extend(inner);
        let output =
            [r#"outputCollection="collected" outputElement="= v0""#, ""][self.random.below(2) as usize];
        let first = self.random.below(chosen.len() as u64 + 1) as usize;
        let names: Vec<String> = chosen[..first].iter().map(|id| format!("&quot;{id}&quot;")).collect();
        let (mut chooses, mut condition, mut keeps) = (String::new(), "", "");
        let job = self.random.below(2) == 0;
        if !job {
            chooses = format!(r#"activeElementsCollection="= [{}]""#, names.join(","));
            let holds = if output.is_empty() { "= v != 3" } else { "= count(collected) &gt; 1" };
            condition = ["", holds][self.random.below(2) as usize];
            keeps = ["", r#" cancelRemainingInstances="false""#][self.random.below(2) as usize];
        }
        let job = if job { r#"<zeebe:taskDefinition type="work" />"# } else { "" };
        let condition = match condition {
            "" => String::new(),
            holds => format!("<bpmn:completionCondition>{holds}</bpmn:completionCondition>"),
        };
        let (listeners, repeats) = (self.listeners(&["start", "end"]), self.repeats("v"));
        let _ = write!(
            self.elements,
            r#"<bpmn:adHocSubProcess id="{id}"{keeps}><bpmn:extensionElements><zeebe:adHoc {chooses} {output} />{job}{listeners}</bpmn:extensionElements>{repeats}{inside}{condition}</bpmn:adHocSubProcess>"#
        );
        self.ad_hocs.push((id.clone(), chosen));
        id
    }

    /// Perhaps has an activity repeated, at once or one after the other, with `result` for each.
    pub(crate) fn repeats(&mut self, result: &str) -> String {
        if self.random.below(3) > 0 {
            return String::new();
        }
        let items = ["[]", "[1]", "[1, {&quot;a&quot;: 2}, &quot;c&quot;]", "for i in 1..7 return i"];
        let items = items[self.random.below(4) as usize];
        // What results there are stands in a variable meanwhile in Camunda alone: none that anybody else has.
        let number = self.count;
        let output = format!(r#" outputCollection="results_{number}" outputElement="= {result}""#);
        let output = ["", &output][self.random.below(2) as usize];
        let condition =
            "<bpmn:completionCondition>= numberOfCompletedInstances &gt;= 2</bpmn:completionCondition>";
        let condition = ["", condition][self.random.below(2) as usize];
        let is_sequential = self.random.below(2) == 0;
        format!(
            r#"<bpmn:multiInstanceLoopCharacteristics isSequential="{is_sequential}"><bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="= {items}" inputElement="item"{output} /></bpmn:extensionElements>{condition}</bpmn:multiInstanceLoopCharacteristics>"#
        )
    }

    /// A call of a process of its own.
    pub(crate) fn call(&mut self, depth: u32) -> String {
        let (id, process) = (self.id("call"), self.id("process"));
        let startable = self.startable.len();
        let inside = self.inside(|modeler| modeler.scope(depth - 1, ""));
        // Those are not of the process that is started.
        self.startable.truncate(startable);
        let listeners = self.only_listeners(&["start", "end", "cancel"]);
        let _ = write!(
            self.called,
            r#"<bpmn:process id="{process}" isExecutable="true">{listeners}{inside}</bpmn:process>"#
        );
        let listeners = self.listeners(&["start", "end"]);
        // Conditions inside need `v` whichever way it comes.
        let mapped = r#"<zeebe:ioMapping><zeebe:input source="= v" target="mine" /><zeebe:input source="= v" target="v" /><zeebe:output source="= mine" target="back" /></zeebe:ioMapping>"#;
        let (down, mappings) =
            [("true", ""), ("true", mapped), ("false", mapped)][self.random.below(3) as usize];
        let repeats = self.repeats("back");
        let _ = write!(
            self.elements,
            r#"<bpmn:callActivity id="{id}"><bpmn:extensionElements><zeebe:calledElement processId="{process}" propagateAllParentVariables="{down}" />{mappings}{listeners}</bpmn:extensionElements>{repeats}</bpmn:callActivity>"#
        );
        id
    }

    /// What stands in a scope of its own.
    pub(crate) fn inside(&mut self, write: impl FnOnce(&mut Self)) -> String {
        let taken = [&mut self.elements, &mut self.flows, &mut self.artifacts].map(std::mem::take);
        let compensable = std::mem::take(&mut self.compensable);
        write(self);
        self.compensable = compensable;
        let [elements, flows, artifacts] = taken;
        std::mem::replace(&mut self.elements, elements)
            + &std::mem::replace(&mut self.flows, flows)
            + &std::mem::replace(&mut self.artifacts, artifacts)
    }

    pub(crate) fn scope(&mut self, depth: u32, ends_with: &str) {
        let is_ad_hoc = std::mem::take(&mut self.is_ad_hoc);
        let (start, end) = (self.id("start"), self.id("end"));
        let (before, after) = (self.only_listeners(&["end"]), self.only_listeners(&["start"]));
        let _ = write!(self.elements, r#"<bpmn:startEvent id="{start}">{before}</bpmn:startEvent>"#);
        let (first, last) = self.block(depth);
        let ends_with = if ends_with.is_empty() { self.compensation_at_end() } else { ends_with.to_owned() };
        let _ = write!(self.elements, r#"<bpmn:endEvent id="{end}">{after}{ends_with}</bpmn:endEvent>"#);
        self.flow(&start, &first, None);
        self.flow(&last, &end, None);
        self.stop(&start);
        self.event_sub_process();
        self.is_ad_hoc = is_ad_hoc;
    }

    /// A path of its own, which begins with a message, a signal or a condition.
    pub(crate) fn begun_by_event(&mut self) {
        let (start, end) = (self.id("start"), self.id("end"));
        let definition = match self.random.below(3) {
            0 => format!(r#"<bpmn:messageEventDefinition messageRef="{STARTS}" />"#),
            // No two may wait for the same condition.
            1 => format!(
                r#"<bpmn:conditionalEventDefinition><bpmn:condition>=begins and "{start}" != ""</bpmn:condition></bpmn:conditionalEventDefinition>"#
            ),
            _ => format!(r#"<bpmn:signalEventDefinition signalRef="signal_{STARTS}" />"#),
        };
        let _ = write!(
            self.elements,
            r#"<bpmn:startEvent id="{start}">{definition}</bpmn:startEvent><bpmn:endEvent id="{end}" />"#
        );
        let (first, last) = self.block(1);
        self.flow(&start, &first, None);
        self.flow(&last, &end, None);
    }
}
