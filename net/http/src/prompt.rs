//! Answers without tasks: hyper spawns one for each stream of HTTP/2, but what was answered on sight needs none.
//!
//! Such a stream's future is ready the first time it is polled. It is polled when the connection has taken all that its socket held, not
//! at once: hyper would write each answer alone.

use std::{
    cell::{Cell, RefCell},
    future::Future,
    pin::Pin,
    rc::Rc,
    task::{Context, Waker},
};

use ringbolt_ring::spawn;

type Answered = Pin<Box<dyn Future<Output = ()>>>;

/// Runs the streams of one connection.
#[derive(Clone, Default)]
pub(crate) struct Streams {
    shared: Rc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// The stream that hyper hands over next is answered already.
    is_answered: Cell<bool>,
    answered: RefCell<Vec<Answered>>,
}

impl Streams {
    /// The service has answered a request that hyper has not handed over yet.
    pub(crate) fn note_answered(&self) {
        self.shared.is_answered.set(true);
    }

    /// Gives the connection the answers that need no task. It is woken by them and writes them together.
    pub(crate) fn send_answered(&self) {
        if self.shared.answered.borrow().is_empty() {
            return;
        }
        let answered = std::mem::take(&mut *self.shared.answered.borrow_mut());
        for mut stream in answered {
            // Whoever is not done after all becomes a task, as all others are.
            if stream.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
                spawn(stream);
            }
        }
    }
}

impl<F> hyper::rt::Executor<F> for Streams
where
    F: Future<Output = ()> + 'static,
{
    fn execute(&self, stream: F) {
        if self.shared.is_answered.replace(false) {
            self.shared.answered.borrow_mut().push(Box::pin(stream));
        } else {
            spawn(stream);
        }
    }
}
