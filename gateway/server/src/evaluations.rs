//! Expressions by request, evaluated beside the cores.
//!
//! What such an expression costs is the client's choice, and nothing of the engine rests on it. So it takes a thread of a small
//! pool, parsing included, has a deadline, and ends when nobody waits for it any more. Everything that it reads is in the request:
//! what an expression might need of a core's state has to be read on the core and put into what is handed over.
//!
//! Invariants: what waits is bounded in number and bytes; a core does nothing for an evaluation but hand it over.

use crate::bounded_side::BoundedSide;
use ringbolt_api::broker::Refusal;
use ringbolt_broker::clock_ms;
use ringbolt_engine::{BATCH_BYTES_MAX, evaluate_expression};
use ringbolt_feel::{Budget, Environment};
use ringbolt_record::Rejection;
use ringbolt_record::command::EvaluateExpression;
use ringbolt_record::reply::ExpressionEvaluation;
use ringbolt_ring::side::SideConfig;
use ringbolt_ring::time;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Threads of the pool, at most; one for each core below that.
const THREADS_MAX: usize = 2;
/// Evaluations that wait for a thread; one more is refused.
const QUEUE_MAX: usize = 64;
/// Bytes of requests that wait or are evaluated; more are refused.
const BYTES_MAX: usize = 64 * 1024 * 1024;
/// The threads run when a core does not want their CPU.
const NICE: i32 = 19;
/// When to try again after a refusal: the queue is as old as its deadline then.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The pool. Clones share it.
#[derive(Clone)]
pub(crate) struct Evaluations {
    side: BoundedSide,
    deadline: Duration,
}

/// Tells the evaluation that nobody waits for it.
struct Waiting(Arc<AtomicBool>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// How an evaluation ends on its thread.
enum Ended {
    Done(Result<ExpressionEvaluation, Rejection>),
    /// Its time was over, or its client had left.
    Interrupted,
}

impl Evaluations {
    /// Starts the threads. An evaluation may take `deadline`, its wait for a thread included.
    ///
    /// # Errors
    /// When the operating system refuses a thread.
    pub(crate) fn start(cores: usize, deadline: Duration) -> io::Result<Evaluations> {
        let threads = cores.clamp(1, THREADS_MAX);
        let config = SideConfig { name: "evaluations", threads, queue_max: QUEUE_MAX, nice: NICE };
        Ok(Evaluations { side: BoundedSide::start(config, BYTES_MAX)?, deadline })
    }

    /// Evaluates; dropping the future ends the evaluation too.
    ///
    /// # Errors
    /// The engine's rejection, or that there is no room or time for it.
    pub(crate) async fn evaluate(
        &self,
        evaluate: EvaluateExpression,
    ) -> Result<ExpressionEvaluation, Refusal> {
        let is_left = Arc::new(AtomicBool::new(false));
        let _waiting = Waiting(is_left.clone());
        let deadline = time::now() + self.deadline;
        let bytes = evaluate.expression.len() + evaluate.variables.text_bytes();
        let running = self.side.run(bytes, move || run(&evaluate, is_left, deadline));
        let Ok(running) = running else { return Err(Refusal::Overloaded { retry_after: RETRY_AFTER }) };
        match time::timeout(self.deadline, running).await {
            Ok(Ok(Ended::Done(Ok(evaluation)))) => Ok(evaluation),
            Ok(Ok(Ended::Done(Err(rejection)))) => Err(Refusal::Rejected(rejection)),
            Ok(Err(panicked)) => Err(Refusal::Internal(panicked.to_string())),
            Ok(Ok(Ended::Interrupted)) | Err(time::Elapsed { .. }) => {
                Err(Refusal::EvaluationTooLong { limit: self.deadline })
            }
        }
    }
}

fn run(evaluate: &EvaluateExpression, is_left: Arc<AtomicBool>, deadline: Instant) -> Ended {
    let budget =
        Budget::interruptible(u64::MAX, move || is_left.load(Ordering::Relaxed) || time::now() >= deadline);
    // Its client may have left while it waited, and its time may be over.
    if budget.charge(0).is_err() {
        return Ended::Interrupted;
    }
    let environment = Environment::at(clock_ms()).within(budget.clone());
    let evaluated = evaluate_expression(evaluate, &environment, BATCH_BYTES_MAX);
    match evaluated {
        Err(_) if budget.is_exhausted() => Ended::Interrupted,
        evaluated => Ended::Done(evaluated),
    }
}

#[cfg(test)]
mod tests {
    use super::{BYTES_MAX, Evaluations, QUEUE_MAX};
    use ringbolt_api::broker::Refusal;
    use ringbolt_record::VariableDocument;
    use ringbolt_record::command::EvaluateExpression;
    use ringbolt_ring::{DriverChoice, block_on, sleep, spawn, time, yield_now};
    use std::cell::Cell;
    use std::rc::Rc;
    use std::sync::atomic::Ordering;
    use std::time::Duration;

    /// Seconds of work for any machine.
    const ENDLESS: &str = "=count(for i in 1..100000 return count(for j in 1..100000 return count(for k in 1..100000 return k)))";

    fn of(expression: &str) -> EvaluateExpression {
        EvaluateExpression { expression: expression.to_owned(), variables: VariableDocument::default() }
    }

    #[test]
    fn the_loop_goes_on_beside_an_evaluation_that_ends_at_its_deadline() {
        block_on(DriverChoice::Epoll, async {
            let deadline = Duration::from_millis(300);
            let evaluations = Evaluations::start(1, deadline).expect("threads");
            assert_eq!(evaluations.evaluate(of("=1 + 2")).await.expect("a result").result, "3");
            let is_over = Rc::new(Cell::new(false));
            let (over, begun) = (is_over.clone(), time::now());
            let bomb = evaluations.clone();
            spawn(async move {
                let ended = bomb.evaluate(of(ENDLESS)).await;
                assert_eq!(ended, Err(Refusal::EvaluationTooLong { limit: deadline }));
                over.set(true);
            });
            let mut turns = 0;
            while !is_over.get() {
                sleep(Duration::from_millis(1)).await;
                turns += 1;
            }
            assert!(turns > 20 && time::now() - begun < 20 * deadline, "{turns} turns");
        })
        .expect("a core");
    }

    #[test]
    fn who_leaves_frees_the_thread_and_a_full_queue_refuses() {
        block_on(DriverChoice::Epoll, async {
            let evaluations = Evaluations::start(1, Duration::from_secs(600)).expect("threads");
            // Dropped after their first poll: they are handed over, and nobody waits for them.
            let mut leavers: Vec<_> =
                (0..=QUEUE_MAX).map(|_| Box::pin(evaluations.evaluate(of(ENDLESS)))).collect();
            for (place, leaver) in leavers.iter_mut().enumerate() {
                assert_eq!(futures_now(leaver.as_mut()).await, None);
                while place == 0 && evaluations.side.side.queued() > 0 {
                    yield_now().await;
                }
            }
            let refused = evaluations.evaluate(of("=1")).await;
            assert!(matches!(refused, Err(Refusal::Overloaded { .. })), "{refused:?}");
            drop(leavers);
            loop {
                match evaluations.evaluate(of("=1")).await {
                    Ok(evaluation) => break assert_eq!(evaluation.result, "1"),
                    Err(Refusal::Overloaded { .. }) => sleep(Duration::from_millis(1)).await,
                    Err(other) => panic!("{other:?}"),
                }
            }
            assert_eq!(evaluations.side.bytes.load(Ordering::Relaxed), 0);
            evaluations.side.bytes.store(BYTES_MAX, Ordering::Relaxed);
            let refused = evaluations.evaluate(of("=1")).await;
            assert!(matches!(refused, Err(Refusal::Overloaded { .. })), "{refused:?}");
            assert_eq!(
                evaluations.side.bytes.load(Ordering::Relaxed),
                BYTES_MAX,
                "a refused one keeps nothing"
            );
        })
        .expect("a core");
    }

    /// The output of a future that is polled once; none if it waits.
    async fn futures_now<F: Future>(mut future: std::pin::Pin<&mut F>) -> Option<F::Output> {
        std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
            std::task::Poll::Ready(output) => std::task::Poll::Ready(Some(output)),
            std::task::Poll::Pending => std::task::Poll::Ready(None),
        })
        .await
    }
}
