//! Streamed bodies without a connection.

use super::{Body, BodySender, MERGED_BYTES_MAX, close_stuck};
use http_body::Body as _;
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// The lengths of the frames that a connection takes until it has to wait.
fn taken(body: &mut Body) -> Vec<usize> {
    let mut cx = Context::from_waker(Waker::noop());
    let mut lengths = Vec::new();
    while let Poll::Ready(Some(Ok(frame))) = Pin::new(&mut *body).poll_frame(&mut cx) {
        lengths.push(frame.into_data().expect("data").len());
    }
    lengths
}

fn send(sender: &BodySender, lengths: &[usize]) {
    for length in lengths {
        sender.try_send(vec![7; *length].into()).expect("room");
    }
}

#[test]
fn small_frames_that_wait_are_handed_over_together() {
    let (sender, mut body) = Body::channel(100);
    send(&sender, &[1_000; 40]);
    assert_eq!(taken(&mut body), [16_000, 16_000, 8_000]);
    assert_eq!((sender.handed_over(), sender.queued()), (40, 0));
    // A large one goes alone, and nothing waits for company.
    send(&sender, &[10, MERGED_BYTES_MAX, 20, 30]);
    assert_eq!(taken(&mut body), [10, MERGED_BYTES_MAX, 50]);
    send(&sender, &[5]);
    assert_eq!(taken(&mut body), [5]);
    assert_eq!(sender.handed_over(), 45);
}

#[test]
fn what_a_connection_took_and_could_not_write_comes_back() {
    let (sender, mut body) = Body::channel(100);
    send(&sender, &[10, 20]);
    let mut cx = Context::from_waker(Waker::noop());
    assert!(matches!(Pin::new(&mut body).poll_frame(&mut cx), Poll::Ready(Some(Ok(_)))));
    // Its window has no room: it holds them, and comes for nothing more.
    send(&sender, &[30]);
    assert_eq!((sender.handed_over(), sender.queued()), (0, 1));
    drop(body);
    assert_eq!(sender.take_back(), 3);
    assert_eq!(sender.handed_over(), 0);
}

#[test]
fn what_a_connection_holds_may_be_written_any_time() {
    let (sender, mut body) = Body::channel(100);
    send(&sender, &[10]);
    let mut cx = Context::from_waker(Waker::noop());
    assert!(matches!(Pin::new(&mut body).poll_frame(&mut cx), Poll::Ready(Some(Ok(_)))));
    send(&sender, &[20]);
    assert_eq!(sender.take_back(), 1);
    assert_eq!(sender.handed_over(), 1);
}

#[test]
fn a_peer_that_takes_nothing_loses_what_waits_for_it() {
    const LIMIT: Duration = Duration::from_secs(60);
    let (sender, mut body) = Body::channel(100);
    let (other, mut taking) = Body::channel(100);
    sender.watch();
    other.watch();
    let start = Instant::now();
    assert_eq!(close_stuck(start, LIMIT), 0, "nothing waits");
    let mut cx = Context::from_waker(Waker::noop());
    send(&sender, &[10]);
    assert!(matches!(Pin::new(&mut body).poll_frame(&mut cx), Poll::Ready(Some(Ok(_)))));
    send(&sender, &[20]);
    for second in [1, 30, 60] {
        send(&other, &[10]);
        assert_eq!(close_stuck(start + Duration::from_secs(second), LIMIT), 0);
        taken(&mut taking);
    }
    assert_eq!(close_stuck(start + Duration::from_secs(61), LIMIT), 1);
    assert!(sender.is_closed() && !other.is_closed());
    assert_eq!((sender.handed_over(), sender.held()), (0, 1), "it may still get the first");
    assert!(pin!(sender.let_go()).poll(&mut cx).is_pending());
    assert!(matches!(Pin::new(&mut body).poll_frame(&mut cx), Poll::Ready(Some(Err(_)))));
    assert_eq!((sender.handed_over(), sender.held()), (1, 1), "the connection came for more");
    assert!(pin!(sender.let_go()).poll(&mut cx).is_ready());
    assert_eq!(sender.take_back(), 1);
}

#[test]
fn what_the_connection_of_such_a_peer_never_wrote_is_known_when_it_is_gone() {
    let (sender, mut body) = Body::channel(100);
    sender.watch();
    let mut cx = Context::from_waker(Waker::noop());
    send(&sender, &[10]);
    assert!(matches!(Pin::new(&mut body).poll_frame(&mut cx), Poll::Ready(Some(Ok(_)))));
    let start = Instant::now();
    assert_eq!((close_stuck(start, Duration::ZERO), close_stuck(start, Duration::ZERO)), (0, 1));
    assert_eq!((sender.handed_over(), sender.held()), (0, 1));
    drop(body);
    assert!(pin!(sender.let_go()).poll(&mut cx).is_ready());
    assert_eq!((sender.handed_over(), sender.held(), sender.take_back()), (0, 0, 1));
}

#[test]
fn the_last_frame_of_a_body_without_trailers_counts() {
    let (sender, mut body) = Body::channel(100);
    send(&sender, &[10]);
    sender.finish(None);
    let mut cx = Context::from_waker(Waker::noop());
    assert!(matches!(Pin::new(&mut body).poll_frame(&mut cx), Poll::Ready(Some(Ok(_)))));
    assert!(body.is_end_stream());
    drop(body);
    assert_eq!(sender.handed_over(), 1);
}
