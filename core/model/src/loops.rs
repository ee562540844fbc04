//! Finds a loop in a process that no wait state interrupts, so that an instance would run in it forever.
//!
//! As in Camunda, the search starts at manual and undefined tasks only, in the order of their ids: a loop that such a
//! task cannot reach, of gateways alone, is accepted. The first loop found is reported, as the path from its first
//! element back to it. Each element is searched once, so the time is linear in elements and sequence flows.

use crate::process::{Element, ElementIndex, ElementKind, Process};

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
    for start in by_id.filter(|index| is_loop_start(&process.element(*index).kind)) {
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
    if *state == State::New && is_straight_through(&process.element(index).kind) {
        *state = State::OnPath;
        path.push((index, 0));
    }
}

/// Where an instance goes from `index`, by number: into a sub-process, along the outgoing sequence flows, or, at the
/// end of a path, on after the scope.
fn successor(process: &Process, index: ElementIndex, number: usize) -> Option<ElementIndex> {
    let element = process.element(index);
    if let ElementKind::SubProcess = element.kind {
        return element.none_start.filter(|_| number == 0);
    }
    let from: &Element = if element.outgoing.is_empty() { process.element(element.parent) } else { element };
    from.outgoing.get(number).map(|flow| process.flow(*flow).target)
}

fn is_loop_start(kind: &ElementKind) -> bool {
    match kind {
        ElementKind::ManualTask | ElementKind::UndefinedTask => true,
        ElementKind::Process
        | ElementKind::SubProcess
        | ElementKind::StartEvent(_)
        | ElementKind::EndEvent(_)
        | ElementKind::JobWorkerTask(_)
        | ElementKind::CalledDecision(_)
        | ElementKind::ExclusiveGateway { .. }
        | ElementKind::ParallelGateway => false,
    }
}

fn is_straight_through(kind: &ElementKind) -> bool {
    match kind {
        ElementKind::ManualTask
        | ElementKind::UndefinedTask
        | ElementKind::SubProcess
        | ElementKind::StartEvent(_)
        | ElementKind::EndEvent(_)
        | ElementKind::ExclusiveGateway { .. }
        | ElementKind::ParallelGateway => true,
        ElementKind::Process | ElementKind::JobWorkerTask(_) | ElementKind::CalledDecision(_) => false,
    }
}
