//! The end of a core's ports, all at the same time.

use ringbolt_broker::CoreBroker;
use ringbolt_http::{Server, Service, Stopped};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

/// How long connections may finish what is in flight when the server stops.
pub(crate) const STOP_MAX: Duration = Duration::from_secs(10);
/// How long before that whoever still waits is told that there will be no answer.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// What stops a port.
pub(crate) type StopServer = Pin<Box<dyn Future<Output = Stopped>>>;

/// What stops this server.
pub(crate) fn stop<S: Service>(server: Rc<Server<S>>) -> StopServer {
    Box::pin(async move { server.stop(STOP_MAX).await })
}

/// Stops a core's ports at the same time. What waits near the end is answered that it waits in vain.
pub(crate) async fn all_stopped(mut ports: Vec<StopServer>, broker: &CoreBroker) {
    let mut nearly = pin!(ringbolt_ring::sleep(STOP_MAX - LAST_WORDS));
    let mut is_dismissed = false;
    poll_fn(|cx| {
        if !is_dismissed && nearly.as_mut().poll(cx).is_ready() {
            is_dismissed = true;
            broker.dismiss();
        }
        ports.retain_mut(|port| port.as_mut().poll(cx).is_pending());
        if ports.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}
