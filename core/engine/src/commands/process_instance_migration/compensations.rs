//! What has completed in an instance and can be compensated. It is kept where the compensation event at its activity is mapped, and so
//! is what it stood in, level by level; everything else can be compensated no more. All of it happens with the process itself, as in
//! the reference engine.

use super::map::Map;
use crate::behaviors::compensated;
use crate::failure::{Refusal, invalid_argument, invalid_state};
use crate::writers::Processing;
use ringbolt_model::ElementKind;
use ringbolt_record::values::InstanceRef;
use ringbolt_record::{BpmnElementType, BpmnEventType, CompensationSubscriptionIntent, ElementIndex, Key};
use ringbolt_tables::{CompensationSubscriptionRow, ElementInstanceFlags, ElementInstanceRow};
use std::collections::BTreeMap;

/// Migrates what can be compensated in an instance.
pub(super) fn migrate(
    p: &mut Processing<'_>,
    map: &Map<'_>,
    process: &ElementInstanceRow,
) -> Result<(), Refusal> {
    if !process.flags.has(ElementInstanceFlags::COMPENSATIONS) {
        return Ok(());
    }
    let all: Vec<(Key, CompensationSubscriptionRow)> =
        p.tables().compensation_subscriptions(map.process_instance_key).collect();
    let mut activities = BTreeMap::new();
    for (_, row) in &all {
        note_activities(map, row.activity, &mut activities)?;
    }
    let (kept, deleted): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|(_, row)| activities.contains_key(&row.activity));
    let tenant_id = &map.source.tenant_id;
    for (key, row) in deleted {
        p.append(CompensationSubscriptionIntent::Deleted, key, &compensated::record(&row, tenant_id));
        p.check_fits()?;
    }
    for (key, row) in kept {
        let activity = activities[&row.activity];
        let handler = map.target.process.compensation_of(activity).map(|(_, handler)| handler);
        let row = CompensationSubscriptionRow {
            instance: InstanceRef { process_definition_key: map.target.key, ..row.instance },
            activity,
            handler: handler.unwrap_or(ElementIndex::PROCESS),
            ..row
        };
        p.append(CompensationSubscriptionIntent::Migrated, key, &compensated::record(&row, tenant_id));
        p.check_fits()?;
    }
    Ok(())
}

/// Notes what an activity becomes, and each of the scopes around it, where its compensation event is mapped. A sub-process becomes what
/// stands as deep, whatever event it has itself.
fn note_activities(
    map: &Map<'_>,
    activity: ElementIndex,
    activities: &mut BTreeMap<ElementIndex, ElementIndex>,
) -> Result<(), Refusal> {
    let source = map.source.element(activity);
    let is_compensation =
        |event: &&ElementIndex| map.source.element(**event).event_type == BpmnEventType::Compensation;
    let events = source.boundary.iter().filter(is_compensation).map(|event| map.source_id(*event));
    let mapped = events.filter_map(|id| Some((id, map.target_of(id)?))).next();
    let Some((event_id, target_id)) = mapped.filter(|_| source.element_type != BpmnElementType::SubProcess)
    else {
        return Ok(());
    };
    let (mut from, mut to) = (activity, attached_to(map, event_id, target_id)?);
    loop {
        activities.insert(from, to);
        match (from == ElementIndex::PROCESS, to == ElementIndex::PROCESS) {
            (true, true) => return Ok(()),
            (false, false) => {
                (from, to) = (map.source.element(from).parent, map.target.element(to).parent);
            }
            _ => {
                return Err(invalid_state(format!(
                    "Expected to migrate process instance with id '{}' but the flow scope of compensation boundary event is \
                     changed. Flow scope '{}' is not in the same level as '{}'. The flow scope of a compensation boundary event \
                     cannot be changed during migration yet.",
                    map.source.bpmn_process_id,
                    map.source_id(from),
                    map.target.element(to).id
                )));
            }
        }
    }
}

/// The activity that a compensation event of the target is attached to.
fn attached_to(map: &Map<'_>, event_id: &str, target_id: &str) -> Result<ElementIndex, Refusal> {
    let process = &map.target.process;
    let event = process.by_id(target_id);
    let activity = event.and_then(|event| match &process.element(event).kind {
        ElementKind::BoundaryEvent(boundary) => Some(boundary.attached_to),
        _ => None,
    });
    let event_type = event.map_or(BpmnEventType::Unspecified, |event| process.element(event).event_type);
    match activity.filter(|_| event_type == BpmnEventType::Compensation) {
        Some(activity) => Ok(activity),
        None => Err(invalid_argument(format!(
            "Expected to migrate process instance with id '{}' but compensation boundary event '{event_id}' is mapped to a target \
             boundary event '{target_id}' that has event type '{event_type}' different than compensation boundary event type.",
            map.source.bpmn_process_id
        ))),
    }
}
