//! Sequence flows that wait at a gateway of the instance's definition wait at one of its new definition.

use super::map::Map;
use crate::failure::{Refusal, invalid_argument};
use crate::lifecycle;
use crate::writers::Processing;
use ringbolt_model::FlowIndex;
use ringbolt_record::values::{Arrival, ElementInstanceRef, ProcessInstanceRecord};
use ringbolt_record::{BpmnElementType, BpmnEventType, ElementIndex, Key, ProcessInstanceIntent};
use ringbolt_tables::ElementInstanceRow;
use std::collections::BTreeMap;

/// A flow that waits, and what it becomes.
struct Waiting {
    gateway: ElementIndex,
    flow: ElementIndex,
    count: u32,
    target_gateway: ElementIndex,
    target_flow: FlowIndex,
}

pub(super) fn migrate(
    p: &mut Processing<'_>,
    map: &Map<'_>,
    scope_key: Key,
    scope: &ElementInstanceRow,
) -> Result<(), Refusal> {
    let waiting = p.tables().waiting_flows(scope_key);
    let waiting: Vec<Waiting> =
        waiting.into_iter().map(|waiting| check(map, waiting)).collect::<Result<_, _>>()?;
    check_apart(map, &waiting)?;
    for Waiting { gateway, flow, count, target_gateway, target_flow } in waiting {
        let (source_key, target_key) = (map.source.key, map.target.key);
        for _ in 0..count {
            let deleted = ProcessInstanceIntent::SequenceFlowDeleted;
            write(p, map, scope_key, scope, (deleted, source_key, flow, gateway));
            let taken = ProcessInstanceIntent::SequenceFlowTaken;
            write(p, map, scope_key, scope, (taken, target_key, ElementIndex(target_flow.0), target_gateway));
        }
    }
    Ok(())
}

/// What a flow becomes that waits.
fn check(
    map: &Map<'_>,
    (gateway, flow, count): (ElementIndex, ElementIndex, u32),
) -> Result<Waiting, Refusal> {
    let refuse = |why: &str| Err(invalid_argument(map.but(why)));
    let source = map.source.element(gateway);
    let Some(target_id) = map.target_of(&source.id) else {
        return refuse(&format!(
            "gateway '{}' has at least one incoming sequence flow taken. Joining gateways with at least one incoming sequence flow \
             taken must be mapped to a gateway of the same type in the target process definition.",
            source.id
        ));
    };
    let target = map.element(gateway);
    let target_type =
        target.map_or(BpmnElementType::SequenceFlow, |index| map.target.element(index).element_type);
    let Some(target_gateway) = target.filter(|_| target_type == source.element_type) else {
        return refuse(&format!(
            "active element with id '{}' and type '{}' is mapped to an element with id '{target_id}' and different type \
             '{target_type}'. Elements must be mapped to elements of the same type.",
            source.id, source.element_type
        ));
    };
    let target = map.target.element(target_gateway);
    if target.incoming.len() < source.incoming.len() {
        return refuse(&format!(
            "target gateway with id '{}' has less incoming sequence flows than the source gateway with id '{}'. Target gateway must \
             have at least the same number of incoming sequence flows as the source gateway.",
            target.id, source.id
        ));
    }
    let flow_id = &map.source.flow(FlowIndex(flow.0)).id;
    let Some(target_flow) = map.flow(FlowIndex(flow.0)) else {
        return refuse(&format!(
            "joining gateway with id '{}' has a taken sequence flow with id '{flow_id}'. Taken sequence flows must be mapped to a \
             sequence flow in the target process definition.",
            source.id
        ));
    };
    if map.target.flow(target_flow).target != target_gateway {
        return refuse(&format!(
            "the taken sequence flow with id '{flow_id}' is mapped to a sequence flow that does not lead to the gateway with id \
             '{}'. Taken sequence flows must be mapped to a sequence flow into the gateway that theirs is mapped to.",
            target.id
        ));
    }
    Ok(Waiting { gateway, flow, count, target_gateway, target_flow })
}

/// No two flows become one: the gateway would wait for one more for ever.
fn check_apart(map: &Map<'_>, waiting: &[Waiting]) -> Result<(), Refusal> {
    let mut by_target = BTreeMap::new();
    for one in waiting {
        if let Some(other) = by_target.insert(one.target_flow, one.flow) {
            let id = |flow: ElementIndex| &map.source.flow(FlowIndex(flow.0)).id;
            return Err(invalid_argument(map.but(&format!(
                "the taken sequence flows with ids '{}' and '{}' are mapped to the same sequence flow with id '{}'. Each taken \
                 sequence flow must be mapped to a sequence flow of its own.",
                id(other),
                id(one.flow),
                map.target.flow(one.target_flow).id
            ))));
        }
    }
    Ok(())
}

fn write(
    p: &mut Processing<'_>,
    map: &Map<'_>,
    scope_key: Key,
    scope: &ElementInstanceRow,
    (intent, definition_key, flow, gateway): (ProcessInstanceIntent, Key, ElementIndex, ElementIndex),
) {
    let mut instance = scope.element.instance;
    instance.process_definition_key = definition_key;
    let element = ElementInstanceRef {
        instance,
        flow_scope_key: scope_key,
        element_index: flow,
        element_type: BpmnElementType::SequenceFlow,
        event_type: BpmnEventType::Unspecified,
    };
    let value = ProcessInstanceRecord {
        arrival: Arrival::Join(gateway),
        ..lifecycle::record(p, element, &map.source.tenant_id)
    };
    let key = p.next_key();
    p.append(intent, key, &value);
}
