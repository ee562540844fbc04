//! Gateways that join: whether all of their incoming flows were taken, and whether more of them can be.
//!
//! Each flow that comes asks. So that n of them together do not ask about n * n, a flow that was not taken is looked for in scattered order,
//! and whoever leads to one is enough: mostly the first that stands there.

use crate::at::At;
use crate::writers::Processing;
use ringbolt_model::InclusiveGateway;
use ringbolt_record::{ElementIndex, FollowUp, Key};

/// Whether each incoming flow of a gateway was taken.
pub(crate) fn all_have_come(p: &Processing<'_>, at: &At) -> bool {
    scattered(at.model().incoming.len()).all(|place| has_come(p, at, place))
}

/// Whether a flow into a gateway waits there. Of flows that were taken together the first uses all that wait; the others find none.
pub(crate) fn any_has_come(p: &Processing<'_>, at: &At) -> bool {
    p.tables().has_taken_flows(at.element.flow_scope_key, at.element.element_index)
}

/// Whether an incoming flow was taken, by its place.
fn has_come(p: &Processing<'_>, at: &At, place: usize) -> bool {
    let flow = ElementIndex(at.model().incoming[place].0);
    p.tables().has_taken_flow(at.element.flow_scope_key, at.element.element_index, flow)
}

/// The numbers below `count` in the order of their reversed bits: whichever were taken, in the order of the model or the other way round,
/// one that was not comes soon.
fn scattered(count: usize) -> impl Iterator<Item = usize> {
    let bits = count.next_power_of_two().trailing_zeros();
    let reversed = move |number: usize| number.reverse_bits().checked_shr(usize::BITS - bits).unwrap_or(0);
    (0..count.next_power_of_two()).map(reversed).filter(move |place| *place < count)
}

/// Whether a path leads to an incoming flow of a gateway that was not taken yet, from what stands in its scope or is to be
/// entered there.
pub(crate) fn more_can_come(p: &Processing<'_>, at: &At, gateway: &InclusiveGateway) -> bool {
    if all_have_come(p, at) {
        return false;
    }
    let scope_key = at.element.flow_scope_key;
    let leads_there =
        |element: ElementIndex| gateway.paths.from(element).any(|place| !has_come(p, at, place));
    let stands = |key: Key| p.tables().element_instance(key).map(|row| row.element.element_index);
    p.tables().children_after(scope_key, Key::NONE).filter_map(stands).any(leads_there)
        || p.has_to_come(at.process_instance_key(), |follow_up| match follow_up {
            FollowUp::Activate { element, .. } | FollowUp::TakeFlows { element, .. } => {
                element.flow_scope_key == scope_key && leads_there(element.element_index)
            }
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use super::scattered;

    #[test]
    fn each_place_comes_once() {
        for count in 0..200 {
            let mut places: Vec<usize> = scattered(count).collect();
            places.sort_unstable();
            assert_eq!(places, (0..count).collect::<Vec<_>>());
        }
        assert_eq!(scattered(5).collect::<Vec<_>>(), [0, 4, 2, 1, 3]);
    }

    /// Of flows that come one after the other, each looks at a few that have.
    #[test]
    fn who_is_missing_is_found_soon() {
        for count in [2, 100, 1_000, 2_001] {
            let looks = |has_come: &dyn Fn(usize, usize) -> bool| -> usize {
                let until_missing =
                    |come| scattered(count).take_while(|place| has_come(*place, come)).count() + 1;
                (1..=count).map(until_missing).sum()
            };
            let most = 2 * count * (count.ilog2() as usize + 2);
            assert!(looks(&|place, come| place < come) <= most);
            assert!(looks(&|place, come| place >= count - come) <= most);
        }
    }
}
