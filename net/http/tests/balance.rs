//! Connections of one port are spread evenly over the cores, and every core answers on its own listener.

mod common;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

use common::certificates::Authority;
use http::{Request, Response};
use ringbolt_http::{
    Body, Incoming, Offer, Server, Setup, balance,
    client::{Endpoint, Http1Client},
    read_body,
};
use ringbolt_ring::{Cores, CoresConfig, DriverChoice, block_on, core_index, net::bind};

const CORES: usize = 3;

#[test]
fn few_long_lived_connections_do_not_pile_up_on_one_core() {
    for driver in [DriverChoice::Auto, DriverChoice::Epoll] {
        check(driver, None);
        check(driver, Some(&Authority::new()));
    }
}

fn check(driver: DriverChoice, authority: Option<&Authority>) {
    let tls = authority.map(|authority| (authority.server(), Offer::Http));
    let listeners = bind(SocketAddr::from(([127, 0, 0, 1], 0)), CORES).expect("a free port");
    let addr = listeners[0].local_addr();
    let seats = balance::seats(CORES);
    let loads = seats[0].loads();
    let parts: Vec<_> = listeners.into_iter().zip(seats).map(Some).collect();
    let parts = Arc::new(Mutex::new(parts));
    let (told, totals) = mpsc::channel();
    let config = CoresConfig { driver, ..CoresConfig::unpinned(CORES) };
    let cores = Cores::<String>::start(&config, move |core| {
        let (listener, seat) = parts.lock().expect("unpoisoned")[core.index].take().expect("one part each");
        let (told, tls) = (told.clone(), tls.clone());
        async move {
            // Only a connection that has found its core begins with TLS.
            let setup = Setup { seat: Some(seat), tls, ..Setup::default() };
            let server = Server::with(setup, async |_request: Request<Incoming>| {
                Response::new(Body::full(core_index().expect("on a core").to_string()))
            });
            server.start(listener.into_listener().map_err(|error| error.to_string())?);
            core.shutdown.wait().await;
            let stats = server.stats();
            server.stop(Duration::from_secs(5)).await;
            told.send(stats).expect("the test waits");
            Ok(())
        }
    })
    .expect("cores");
    let mut answered = [0; CORES];
    block_on(driver, async {
        let mut clients = Vec::new();
        for _ in 0..4 * CORES {
            let to = match authority {
                None => Endpoint::plain(addr),
                Some(authority) => Endpoint::tls(addr, authority.client(), "localhost"),
            };
            let mut client = Http1Client::connect(to).await.expect("connected");
            let request = Request::get("/").header("host", "h").body(Body::empty()).expect("valid");
            let answer = client.send(request).await.expect("answered");
            let core = read_body(answer.into_body(), 10, Duration::from_secs(5)).await.expect("read");
            answered[std::str::from_utf8(&core).expect("text").parse::<usize>().expect("a number")] += 1;
            clients.push(client);
        }
        assert_eq!((loads.per_core(), loads.imbalance()), (vec![4; CORES], 0));
    })
    .expect("a core");
    assert_eq!(answered, [4; CORES]);
    cores.shutdown().trigger();
    cores.join().expect("no failure");
    let stats: Vec<_> = totals.iter().collect();
    assert_eq!(stats.iter().map(|stats| stats.accepted).sum::<u64>(), 4 * CORES as u64);
    let handed: u64 = stats.iter().map(|stats| stats.handed_over).sum();
    assert_eq!(handed, stats.iter().map(|stats| stats.taken_over).sum::<u64>());
    let handshakes: u64 = stats.iter().map(|stats| stats.handshakes).sum();
    assert_eq!(handshakes, if authority.is_some() { 4 * CORES as u64 } else { 0 });
    assert_eq!(loads.per_core(), [0; CORES]);
}
