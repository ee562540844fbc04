//! compio: io_uring with flags for a ring that one thread submits to and reaps, cyper-core's stream for hyper.
//!
//! Without `single_issuer` and `defer_taskrun` it does about two thirds of this. cyper-core's own executor demands
//! `Send`, so the one of `service` stands in for it.

use std::io;
use std::rc::Rc;

use compio::driver::ProactorBuilder;
use compio::net::TcpListener;
use compio::runtime::Runtime as Compio;
use cyper_core::HyperStream;

use crate::service::{Protocol, Runtime, State, serve};

pub(super) fn run(protocol: Protocol) -> io::Result<()> {
    let mut proactor = ProactorBuilder::new();
    proactor.single_issuer(true).defer_taskrun(true).taskrun_flag(true);
    let runtime = Compio::builder().with_proactor(proactor).build()?;
    runtime.block_on(async move {
        let listener = TcpListener::from_std(super::listener()?)?;
        let state = Rc::new(State::default());
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let io = HyperStream::new_plain(stream);
            compio::runtime::spawn(serve(io, protocol, Runtime::Compio, state.clone())).detach();
        }
    })
}
