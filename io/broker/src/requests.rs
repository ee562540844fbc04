//! Requests of this core's clients that wait for their answer.
//!
//! A request's id carries its home core, a generation and a slot, so that an answer finds its way back over any
//! number of cores and never reaches a later request in the same slot. An answer that nobody waits for any more
//! is handed back: activated jobs must not get lost in it.

use ringbolt_partition::Answer;
use ringbolt_record::RequestId;
use ringbolt_ring::time;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

/// Bits of a slot's number.
const SLOT_BITS: u32 = 20;
/// Bits of a slot's generation: at 20,000 requests a second, all in one slot, it takes hours until a number comes again.
const GENERATION_BITS: u32 = 28;
/// Most requests that wait on one core; the gateway's own bounds on connections and streams lie below.
pub(crate) const REQUESTS_MAX: usize = 1 << SLOT_BITS;

enum State {
    Free,
    Waiting(Option<Waker>),
    /// The answer, and when it came.
    Ready(Answer, Instant),
}

struct Slot {
    generation: u32,
    state: State,
}

pub(crate) struct Requests {
    core: u8,
    slots: Vec<Slot>,
    free: Vec<u32>,
    are_dismissed: bool,
}

fn id_of(core: u8, generation: u32, slot: usize) -> RequestId {
    RequestId(u64::from(core) << 48 | u64::from(generation) << SLOT_BITS | slot as u64)
}

/// The core whose client waits.
pub(crate) fn home_core(request: RequestId) -> usize {
    (request.0 >> 48) as usize & 0xff
}

impl Requests {
    pub(crate) fn new(core: usize) -> Self {
        Self {
            core: u8::try_from(core).expect("at most 256 cores"),
            slots: Vec::new(),
            free: Vec::new(),
            are_dismissed: false,
        }
    }

    /// A new request; none when too many wait.
    pub(crate) fn open(&mut self) -> Option<RequestId> {
        let slot = match self.free.pop() {
            Some(slot) => slot as usize,
            None if self.slots.len() < REQUESTS_MAX => {
                self.slots.push(Slot { generation: 0, state: State::Free });
                self.slots.len() - 1
            }
            None => return None,
        };
        self.slots[slot].state = State::Waiting(None);
        Some(id_of(self.core, self.slots[slot].generation, slot))
    }

    fn slot_of(&mut self, request: RequestId) -> Option<usize> {
        let slot = request.0 as usize & (REQUESTS_MAX - 1);
        let known = self.slots.get(slot)?;
        (id_of(self.core, known.generation, slot) == request).then_some(slot)
    }

    fn release(&mut self, slot: usize) -> State {
        self.slots[slot].generation = (self.slots[slot].generation + 1) & ((1 << GENERATION_BITS) - 1);
        self.free.push(slot as u32);
        std::mem::replace(&mut self.slots[slot].state, State::Free)
    }

    /// Gives a request its answer, or gives it back when nobody waits for it.
    pub(crate) fn answer(&mut self, request: RequestId, answer: Answer) -> Option<Answer> {
        let Some(slot) = self.slot_of(request) else { return Some(answer) };
        match &mut self.slots[slot].state {
            State::Waiting(waker) => {
                let waker = waker.take();
                self.slots[slot].state = State::Ready(answer, time::now());
                if let Some(waker) = waker {
                    waker.wake();
                }
                None
            }
            State::Ready(..) | State::Free => Some(answer),
        }
    }

    /// The answer, once, and when it came; its slot is free then.
    pub(crate) fn poll(&mut self, request: RequestId, cx: &mut Context<'_>) -> Poll<(Answer, Instant)> {
        let slot = self.slot_of(request).expect("an open request is polled");
        if let State::Waiting(waker) = &mut self.slots[slot].state {
            *waker = Some(cx.waker().clone());
            return Poll::Pending;
        }
        match self.release(slot) {
            State::Ready(answer, since) => Poll::Ready((answer, since)),
            State::Free | State::Waiting(_) => {
                panic!("request {} has no answer", request.0)
            }
        }
    }

    /// The client left: an answer that had come already is handed back, a later one will be.
    pub(crate) fn abandon(&mut self, request: RequestId) -> Option<Answer> {
        let slot = self.slot_of(request)?;
        match self.release(slot) {
            State::Ready(answer, _) => Some(answer),
            State::Free | State::Waiting(_) => None,
        }
    }

    /// Nobody need wait any longer: whoever has no answer yet gets none.
    pub(crate) fn dismiss(&mut self) {
        self.are_dismissed = true;
        for slot in &mut self.slots {
            if let State::Waiting(waker) = &mut slot.state
                && let Some(waker) = waker.take()
            {
                waker.wake();
            }
        }
    }

    /// Whether to wait is in vain.
    pub(crate) fn are_dismissed(&self) -> bool {
        self.are_dismissed
    }

    pub(crate) fn waiting(&self) -> usize {
        self.slots.len() - self.free.len()
    }
}

#[cfg(test)]
mod tests {
    use super::{Requests, home_core};
    use ringbolt_partition::Answer;
    use ringbolt_record::Reply;
    use std::task::{Context, Poll, Waker};

    const DONE: Answer = Answer::Reply(Reply::Done);

    #[test]
    fn an_answer_reaches_its_request_once() {
        let mut requests = Requests::new(3);
        let mut cx = Context::from_waker(Waker::noop());
        let first = requests.open().expect("room");
        assert_eq!(home_core(first), 3);
        assert!(requests.poll(first, &mut cx).is_pending());
        assert_eq!(requests.answer(first, DONE), None);
        assert!(matches!(requests.poll(first, &mut cx), Poll::Ready((DONE, _))));
        let second = requests.open().expect("room");
        assert_ne!(first, second);
        assert_eq!(requests.answer(first, DONE), Some(DONE), "a late answer comes back");
        assert_eq!(requests.waiting(), 1);
    }

    #[test]
    fn a_late_answer_meets_no_stranger_for_a_long_time() {
        let mut requests = Requests::new(255);
        let late = requests.open().expect("room");
        assert_eq!(requests.abandon(late), None);
        for _ in 0..1 << 17 {
            let other = requests.open().expect("room");
            assert_eq!(home_core(other), 255);
            assert_eq!(requests.answer(late, DONE), Some(DONE));
            assert_eq!(requests.abandon(other), None);
        }
    }

    #[test]
    fn an_answer_to_a_client_that_left_comes_back() {
        let mut requests = Requests::new(0);
        let early = requests.open().expect("room");
        assert_eq!(requests.abandon(early), None);
        assert_eq!(requests.answer(early, DONE), Some(DONE));
        let late = requests.open().expect("room");
        assert_eq!(requests.answer(late, DONE), None);
        assert_eq!(requests.abandon(late), Some(DONE));
        assert_eq!(requests.waiting(), 0);
    }
}
