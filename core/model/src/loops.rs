//! Finds a loop in a process that no wait state interrupts, so that an instance would run in it forever.
//!
//! As in Camunda, the search starts at manual and undefined tasks only, in the order of their ids: a loop that such a
//! task cannot reach, of gateways alone, is accepted. The first loop found is reported, as the path from its first
//! element back to it. Each element is searched once, so the time is linear in elements and sequence flows.

use crate::kinds::Flags;
use crate::process::{Element, Process};
use ringbolt_record::ElementIndex;

/// How far the search of one element is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    OnPath,
    Done,
}

/// The first loop of `process`; its first and last element are the same.
pub(crate) fn find_loop(process: &Process) -> Option<Vec<ElementIndex>> {
    let mut states = vec![State::New; process.elements().len()];
    let by_id = process.elements_by_id.iter().copied();
    for start in by_id.filter(|index| process.element(*index).flags.has(Flags::STARTS_LOOP)) {
        let mut path: Vec<(ElementIndex, usize)> = Vec::new();
        enter(start, process, &mut states, &mut path);
        while let Some((element, tried)) = path.last_mut() {
            let Some(next) = successor(process, *element, *tried) else {
                states[element.0 as usize] = State::Done;
                path.pop();
                continue;
            };
            *tried += 1;
            if states[next.0 as usize] == State::OnPath {
                let from = path.iter().position(|(index, _)| *index == next).unwrap_or(0);
                let mut found: Vec<ElementIndex> = path[from..].iter().map(|(index, _)| *index).collect();
                found.push(next);
                return Some(found);
            }
            enter(next, process, &mut states, &mut path);
        }
    }
    None
}

/// Puts an element that was not searched yet on the path, if an instance passes straight through it.
fn enter(
    index: ElementIndex,
    process: &Process,
    states: &mut [State],
    path: &mut Vec<(ElementIndex, usize)>,
) {
    let state = &mut states[index.0 as usize];
    if *state == State::New && process.element(index).flags.has(Flags::PASSES_THROUGH) {
        *state = State::OnPath;
        path.push((index, 0));
    }
}

/// Where an instance goes from `index`, by number: into a sub-process, over a jump, along the outgoing sequence flows, or, at
/// the end of a path, on after the scope.
fn successor(process: &Process, index: ElementIndex, number: usize) -> Option<ElementIndex> {
    let element = process.element(index);
    if element.flags.has(Flags::IS_SCOPE) {
        return element.none_start.filter(|_| number == 0);
    }
    if let Some(target) = element.event().and_then(|event| event.link()?.target) {
        return Some(target).filter(|_| number == 0);
    }
    let from: &Element = if element.outgoing.is_empty() { process.element(element.parent) } else { element };
    from.outgoing.get(number).map(|flow| process.flow(*flow).target)
}
