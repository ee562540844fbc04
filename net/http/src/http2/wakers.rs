//! Which streams of a connection can go on. A place for a stream has one waker for as long as the connection lives, whoever has the place: a
//! stream that is woken for one that was there before it finds nothing to do.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Wake, Waker},
};

use parking_lot::Mutex;

/// Places that a connection keeps wakers for while it has no streams.
const KEPT_MAX: usize = 256;

/// The wakers of one connection.
pub(crate) struct Wakers {
    woken: Arc<Woken>,
    places: Vec<(Arc<Place>, Waker)>,
    /// Taken from `woken`, to be looked at.
    taken: Vec<u32>,
}

#[derive(Default)]
struct Woken {
    places: Mutex<Vec<u32>>,
    task: Mutex<Option<Waker>>,
    /// The task knows: it is polled now, or was woken.
    is_told: AtomicBool,
}

struct Place {
    index: u32,
    is_woken: AtomicBool,
    woken: Arc<Woken>,
}

impl Woken {
    fn tell(&self) {
        // Sequentially consistent like the other side in `Wakers::end`: either that sees the place, or this sees that the poll ended.
        if !self.is_told.swap(true, Ordering::SeqCst) {
            let task = self.task.lock().clone();
            if let Some(task) = task {
                task.wake();
            }
        }
    }
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.tell();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.tell();
    }
}

impl Wake for Place {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.is_woken.swap(true, Ordering::SeqCst) {
            self.woken.places.lock().push(self.index);
            self.woken.tell();
        }
    }
}

impl Wakers {
    pub(crate) fn new() -> Wakers {
        Wakers { woken: Arc::default(), places: Vec::new(), taken: Vec::new() }
    }

    /// Wakes the connection's task and no stream; not while the task is polled, which looks by itself then.
    pub(crate) fn of_task(&self) -> Waker {
        Waker::from(self.woken.clone())
    }

    /// The waker of a place.
    pub(crate) fn of_place(&mut self, index: usize) -> &Waker {
        while self.places.len() <= index {
            let place = Arc::new(Place {
                index: self.places.len() as u32,
                is_woken: AtomicBool::new(false),
                woken: self.woken.clone(),
            });
            self.places.push((place.clone(), Waker::from(place)));
        }
        &self.places[index].1
    }

    /// The connection's task is polled: until [`Wakers::end`] it need not be woken.
    pub(crate) fn begin(&self, cx: &Context<'_>) {
        self.woken.is_told.store(true, Ordering::SeqCst);
        let mut task = self.woken.task.lock();
        match &mut *task {
            Some(task) => task.clone_from(cx.waker()),
            None => *task = Some(cx.waker().clone()),
        }
    }

    /// The poll ends; whether there is more to do.
    pub(crate) fn end(&self) -> bool {
        self.woken.is_told.store(false, Ordering::SeqCst);
        self.has_woken()
    }

    /// Whether a place was woken and is not looked at.
    pub(crate) fn has_woken(&self) -> bool {
        !self.taken.is_empty() || !self.woken.places.lock().is_empty()
    }

    /// A place that was woken, the first to be woken first.
    pub(crate) fn next(&mut self) -> Option<usize> {
        if self.taken.is_empty() {
            std::mem::swap(&mut self.taken, &mut *self.woken.places.lock());
            self.taken.reverse();
        }
        let index = self.taken.pop()? as usize;
        // One that was given back has nobody in it.
        if let Some((place, _)) = self.places.get(index) {
            place.is_woken.store(false, Ordering::SeqCst);
        }
        Some(index)
    }

    /// There are no streams: of many places that had some, most are given back.
    pub(crate) fn trim(&mut self) {
        if self.places.len() > KEPT_MAX {
            self.places.truncate(KEPT_MAX);
            self.places.shrink_to_fit();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Wakers;
    use std::{
        sync::{
            Arc,
            atomic::{AtomicU32, Ordering},
        },
        task::{Context, Wake, Waker},
    };

    #[derive(Default)]
    struct Count(AtomicU32);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn the_task_is_woken_once_and_not_while_it_is_polled() {
        let count = Arc::new(Count::default());
        let task = Waker::from(count.clone());
        let told = || count.0.load(Ordering::Relaxed);
        let mut wakers = Wakers::new();
        wakers.begin(&Context::from_waker(&task));
        let third = wakers.of_place(3).clone();
        let first = wakers.of_place(1).clone();
        third.wake_by_ref();
        assert!(told() == 0 && wakers.end());
        for _ in 0..2 {
            first.wake_by_ref();
            third.wake_by_ref();
        }
        assert_eq!(told(), 1);
        wakers.begin(&Context::from_waker(&task));
        assert_eq!((wakers.next(), wakers.next(), wakers.next()), (Some(3), Some(1), None));
        assert!(!wakers.end());
        wakers.of_task().wake();
        assert_eq!((told(), wakers.next()), (2, None));
        // A place that was given back is still woken by whoever kept its waker, to no effect.
        let late = wakers.of_place(1000).clone();
        wakers.trim();
        late.wake();
        assert_eq!((wakers.next(), wakers.next()), (Some(1000), None));
        wakers.of_place(1000).wake_by_ref();
        assert_eq!(wakers.next(), Some(1000));
    }
}
