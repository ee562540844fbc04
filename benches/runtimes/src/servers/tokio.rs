//! tokio: current-thread runtime, a `LocalSet` for tasks that are not `Send`, hyper-util's adapter.

use std::io;
use std::rc::Rc;

use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::LocalSet;

use crate::service::{Protocol, Runtime, State, serve};

pub(super) fn run(protocol: Protocol) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, async move {
        let listener = TcpListener::from_std(super::listener()?)?;
        let state = Rc::new(State::default());
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::task::spawn_local(serve(TokioIo::new(stream), protocol, Runtime::Tokio, state.clone()));
        }
    })
}
