//! A small gRPC server to try other clients against: `cargo run -p ringbolt-grpc --example grpc_echo -- [ADDR]`.
//!
//! `/echo.Echo/Unary` returns its message, `/echo.Echo/Stream` returns it `count` times (for ever if 0),
//! `/echo.Echo/Hang` never answers; `grpc.health.v1` is served.

use std::{net::SocketAddr, process::ExitCode, time::Duration};

use ringbolt_grpc::{Context, GrpcLimits, Health, Router, Serving, Status, StreamSender};
use ringbolt_http::{Limits, Server};
use ringbolt_ring::{Cores, CoresConfig, Signals, net::bind};

#[derive(Clone, PartialEq, prost::Message)]
struct Echo {
    #[prost(string, tag = "1")]
    text: String,
    #[prost(uint32, tag = "2")]
    count: u32,
}

fn router() -> Router {
    let mut router = Router::new(GrpcLimits::default());
    let health = Health::new();
    health.set("", Serving::Serving);
    health.register(&mut router);
    router.unary("/echo.Echo/Unary", async |request: Echo, _: Context| Ok(request));
    router.unary("/echo.Echo/Hang", async |_: Echo, _: Context| {
        std::future::pending::<()>().await;
        Ok::<Echo, Status>(Echo::default())
    });
    router.streaming("/echo.Echo/Stream", async |request: Echo, _: Context, sender: StreamSender<Echo>| {
        let mut sent = 0;
        while (request.count == 0 || sent < request.count) && sender.ready().await {
            if sender.try_send(&request).is_ok() {
                sent += 1;
            }
        }
        Ok(())
    });
    router
}

fn main() -> ExitCode {
    let addr = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8098".to_owned());
    let Ok(addr) = addr.parse::<SocketAddr>() else {
        eprintln!("the address is IP:PORT");
        return ExitCode::FAILURE;
    };
    let listener = match bind(addr, 1) {
        Ok(mut listeners) => std::sync::Mutex::new(listeners.pop()),
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let config = CoresConfig { signals: Signals::Handle, ..CoresConfig::unpinned(1) };
    let cores = Cores::<std::io::Error>::start(&config, move |core| {
        let listener = listener.lock().ok().and_then(|mut listener| listener.take());
        async move {
            let Some(listener) = listener else { return Ok(()) };
            println!("listening on {}", listener.local_addr());
            let server = Server::new(Limits::default(), router(), None);
            server.start(listener.into_listener()?);
            core.shutdown.wait().await;
            println!("stopping: {:?} {:?}", server.stats(), server.stop(Duration::from_secs(1)).await);
            Ok(())
        }
    });
    match cores.map(Cores::join) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(failure)) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
