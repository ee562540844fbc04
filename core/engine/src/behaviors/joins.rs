//! Inclusive gateways: whether more of their incoming flows can be taken.

use crate::at::At;
use crate::writers::Processing;
use ringbolt_model::{ElementSet, InclusiveGateway};
use ringbolt_record::{ElementIndex, FollowUp, Key};

/// Whether a path leads to an incoming flow of a gateway that was not taken yet, from what stands in its scope or is to be
/// entered there.
pub(crate) fn more_can_come(p: &Processing<'_>, at: &At, gateway: &InclusiveGateway) -> bool {
    let scope_key = at.element.flow_scope_key;
    let flows = at.model().incoming.iter().zip(&gateway.before);
    let is_taken =
        |flow: u32| p.tables().taken_flows(scope_key, at.element.element_index).any(|taken| taken.0 == flow);
    let open: Vec<&ElementSet> =
        flows.filter(|(flow, _)| !is_taken(flow.0)).map(|(_, before)| before).collect();
    if open.is_empty() {
        return false;
    }
    let leads_there = |element: ElementIndex| open.iter().any(|before| before.contains(element));
    let stands = |key: Key| p.tables().element_instance(key).map(|row| row.element.element_index);
    p.tables().children_after(scope_key, Key::NONE).filter_map(stands).any(leads_there)
        || p.has_to_come(at.process_instance_key(), |follow_up| match follow_up {
            FollowUp::Activate { element, .. } | FollowUp::TakeFlows { element, .. } => {
                element.flow_scope_key == scope_key && leads_there(element.element_index)
            }
            _ => false,
        })
}
