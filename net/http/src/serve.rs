//! The task of one connection: opened, then driven by hyper until its end.

use std::{
    convert::Infallible,
    future::{Future, poll_fn},
    pin::pin,
    rc::Rc,
    task::{Context, Poll},
};

use http::{Request, Response};
use hyper::{
    body::Incoming,
    server::conn::{http1, http2},
    service::service_fn,
};
use ringbolt_ring::{
    net::Stream,
    rt::{Executor, Timer},
    task::fair,
};

use crate::{
    body::Body,
    conn::{Command, Connection, Protocol},
    guard::Guard,
    limits::Limits,
    open::open,
    server::Service,
    tls::{Offer, ServerTls},
};

/// What a server serves a connection with.
pub(crate) struct Serving<'a, S> {
    pub(crate) service: Rc<S>,
    pub(crate) guard: Rc<Guard>,
    pub(crate) limits: &'a Limits,
}

/// Serves a connection to its end. Errors of a connection concern its client alone and are not reported.
pub(crate) async fn serve<S: Service>(
    stream: Stream,
    connection: Rc<Connection>,
    tls: Option<&(ServerTls, Offer)>,
    serving: Serving<'_, S>,
) {
    let opened = {
        let mut opening = pin!(open(stream, connection.clone(), tls));
        poll_fn(|cx| match connection.poll_command(cx, Command::Serve) {
            // A connection that has not asked anything has nothing to finish.
            Poll::Ready(_) => Poll::Ready(None),
            Poll::Pending => opening.as_mut().poll(cx),
        })
        .await
    };
    let Some(io) = opened else { return };
    let Serving { service, guard, limits } = serving;
    let answering = connection.clone();
    let handler = service_fn(move |request: Request<Incoming>| {
        let in_flight = answering.begin_request();
        let admitted = match guard.admit(&request, answering.is_tls()) {
            Ok(origin) => Ok((service.clone().call(request, answering.clone()), origin)),
            Err(stopped) => {
                answering.note_stopped(&stopped);
                Err(guard.answer(&request, stopped))
            }
        };
        let guard = guard.clone();
        async move {
            let mut response: Response<Body> = match admitted {
                Ok((answer, origin)) => {
                    let mut response = answer.await;
                    guard.mark(&mut response, origin);
                    response
                }
                Err(refusal) => refusal,
            };
            response.body_mut().track(in_flight);
            Ok::<_, Infallible>(response)
        }
    });
    match connection.protocol() {
        Protocol::Http2 => {
            let mut serving = pin!(http2_builder(limits).serve_connection(io, handler));
            drive(&connection, |cx, command| {
                if command == Command::Finish {
                    serving.as_mut().graceful_shutdown();
                }
                serving.as_mut().poll(cx).map(drop)
            })
            .await;
        }
        Protocol::Http1 | Protocol::Unknown => {
            let mut serving = pin!(http1_builder(limits).serve_connection(io, handler));
            drive(&connection, |cx, command| {
                if command == Command::Finish {
                    serving.as_mut().graceful_shutdown();
                }
                serving.as_mut().poll(cx).map(drop)
            })
            .await;
        }
    }
}

/// Polls a connection, passing on each new command once; [`Command::Abort`] ends it.
async fn drive(connection: &Connection, mut poll: impl FnMut(&mut Context<'_>, Command) -> Poll<()>) {
    let mut seen = Command::Serve;
    fair(poll_fn(|cx| match connection.poll_command(cx, seen) {
        Poll::Ready(Command::Abort) => Poll::Ready(()),
        Poll::Ready(command) => {
            seen = command;
            // Registers again: a stronger command may follow.
            if connection.poll_command(cx, seen).is_ready() { Poll::Ready(()) } else { poll(cx, command) }
        }
        Poll::Pending => poll(cx, Command::Serve),
    }))
    .await;
}

fn http1_builder(limits: &Limits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        // The server's tick does this without a timer per request.
        .header_read_timeout(None)
        .max_header_size(limits.header_bytes_max as usize)
        .max_buf_size(limits.h1_buffer_bytes_max.max(limits.header_bytes_max as usize));
    builder
}

fn http2_builder(limits: &Limits) -> http2::Builder<Executor> {
    let mut builder = http2::Builder::new(Executor);
    builder
        .timer(Timer)
        .max_concurrent_streams(limits.h2_streams_max)
        .initial_stream_window_size(limits.h2_stream_window_bytes)
        .initial_connection_window_size(limits.h2_connection_window_bytes)
        .max_frame_size(limits.h2_frame_bytes_max)
        .max_header_list_size(limits.header_bytes_max)
        .max_send_buf_size(limits.h2_send_buffer_bytes)
        .header_table_size(limits.h2_header_table_bytes)
        .max_pending_accept_reset_streams(limits.h2_pending_resets_max)
        .max_local_error_reset_streams(limits.h2_error_resets_max)
        .keep_alive_interval(limits.h2_ping_interval)
        .keep_alive_timeout(limits.h2_ping_timeout);
    builder
}
