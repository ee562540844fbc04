//! Files and sockets of a core, on both drivers.

use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener as StdListener},
    sync::Mutex,
};

use ringbolt_ring::{
    Cores, CoresConfig, DriverChoice, block_on,
    fs::{AlignedBuf, BLOCK_BYTES, File, OpenFlags, open_std, probe_direct, round_up},
    mailbox,
    net::{BindError, Socket, bind, connect},
    spawn,
};

const DRIVERS: [DriverChoice; 2] = [DriverChoice::Auto, DriverChoice::Epoll];

fn loopback() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

/// Direct I/O where the file system has it, otherwise the same through the page cache.
fn flags(dir: &std::path::Path) -> OpenFlags {
    if probe_direct(dir).expect("probed") { OpenFlags::DSYNC } else { OpenFlags::DSYNC | OpenFlags::BUFFERED }
}

#[test]
fn aligned_buffers_grow_and_keep_their_alignment() {
    let mut buf = AlignedBuf::with_capacity(1);
    assert_eq!(buf.capacity(), BLOCK_BYTES);
    buf.extend_from_slice(b"abc");
    for _ in 0..3_000 {
        buf.extend_from_slice(b"0123456789");
        assert_eq!(buf.as_ptr() as usize % BLOCK_BYTES, 0);
    }
    assert_eq!((&buf[..5], buf.len()), (&b"abc01"[..], 30_003));
    buf.pad_to_block();
    assert_eq!(buf.len(), round_up(30_003));
    assert!(buf[30_003..].iter().all(|byte| *byte == 0));
    // What was there before a cut must not come back.
    buf.resize(2, 0);
    buf.pad_to_block();
    assert_eq!(&buf[..4], b"ab\0\0");
    assert!(buf[2..].iter().all(|byte| *byte == 0));
    buf.clear();
    assert!(buf.is_empty());
}

#[test]
fn files_are_written_and_read_at_offsets() {
    for driver in DRIVERS {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("segment");
        let flags = flags(dir.path());
        block_on(driver, async {
            let file = File::open_direct(&path, OpenFlags::CREATE_NEW | flags).expect("made");
            let mut buf = AlignedBuf::zeroed(2 * BLOCK_BYTES);
            buf[BLOCK_BYTES..].fill(7);
            let (written, buf) = file.write_at(buf, BLOCK_BYTES as u64).await;
            assert_eq!((written.expect("written"), buf.len()), (2 * BLOCK_BYTES, 2 * BLOCK_BYTES));
            file.fdatasync().await.expect("durable");
            let (read, buf) =
                file.read_at(AlignedBuf::with_capacity(BLOCK_BYTES), 2 * BLOCK_BYTES as u64).await;
            assert_eq!((read.expect("read"), buf.len()), (BLOCK_BYTES, BLOCK_BYTES));
            assert!(buf.iter().all(|byte| *byte == 7));
            let (read, buf) = file.read_at(buf, 3 * BLOCK_BYTES as u64).await;
            assert_eq!((read.expect("end of file"), buf.len()), (0, 0));
            assert!(File::open_direct(&path, OpenFlags::CREATE_NEW | flags).is_err());
        })
        .expect("a core");
        let again = open_std(&path, OpenFlags::READ | OpenFlags::BUFFERED).expect("opened");
        assert_eq!(again.metadata().expect("metadata").len(), 3 * BLOCK_BYTES as u64);
    }
}

#[test]
fn a_failed_write_returns_the_error_and_the_buffer() {
    for driver in DRIVERS {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("read-only");
        std::fs::write(&path, b"x").expect("written");
        block_on(driver, async {
            let file = File::open_direct(&path, OpenFlags::READ | OpenFlags::BUFFERED).expect("opened");
            let (result, buf) = file.write_at(AlignedBuf::zeroed(BLOCK_BYTES), 0).await;
            assert!(result.is_err());
            assert_eq!(buf.len(), BLOCK_BYTES);
        })
        .expect("a core");
    }
}

#[test]
fn a_port_in_use_is_an_error_even_if_its_owner_shares_it() {
    let foreign = StdListener::bind(loopback()).expect("a listener");
    let addr = foreign.local_addr().expect("bound");
    assert!(matches!(bind(addr, 1), Err(BindError::InUse(in_use)) if in_use == addr));
    let shared = bind(loopback(), 2).expect("a free port");
    let addr = shared[0].local_addr();
    let error = bind(addr, 2).expect_err("these sockets share the port, but not with us");
    assert_eq!(error.to_string(), format!("cannot listen on {addr}: the port is in use by another process"));
    drop(shared);
    bind(addr, 2).expect("free again at once");
}

#[test]
fn port_0_gives_all_cores_the_same_port() {
    for addr in [loopback(), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))] {
        let listeners = match bind(addr, 3) {
            Ok(listeners) => listeners,
            // A machine without IPv6.
            Err(BindError::Io { .. }) if addr.is_ipv6() => continue,
            Err(error) => panic!("{error}"),
        };
        let ports: Vec<u16> = listeners.iter().map(|listener| listener.local_addr().port()).collect();
        assert!(ports[0] != 0 && ports.iter().all(|port| *port == ports[0]), "{ports:?}");
    }
}

#[test]
fn both_listeners_of_a_shared_port_get_connections() {
    let listeners = bind(loopback(), 2).expect("a free port");
    let addr = listeners[0].local_addr();
    block_on(DriverChoice::Auto, async move {
        let mut accepting = Vec::new();
        for listener in listeners {
            let listener = listener.into_listener().expect("registered");
            accepting.push(spawn(async move { (listener.accept().await.expect("accepted"), listener) }));
        }
        // The kernel spreads by the hash of the addresses: with enough connections both get some.
        let mut clients = Vec::new();
        for _ in 0..64 {
            clients.push(connect(addr).await.expect("connected"));
        }
        for task in accepting {
            let (socket, _still_open) = task.await;
            assert!(socket.peer().is_some());
        }
    })
    .expect("a core");
}

/// A core that ends in the middle of a write does not free what the kernel still reads.
#[test]
fn a_lent_buffer_outlives_its_core() {
    const BYTES: usize = 4 << 20;
    let dir = tempfile::tempdir().expect("a directory");
    for round in 0..20 {
        let path = dir.path().join(format!("file-{round}"));
        block_on(DriverChoice::Auto, async {
            let file = File::open_direct(&path, OpenFlags::CREATE | OpenFlags::BUFFERED).expect("opened");
            let mut buffer = AlignedBuf::zeroed(BYTES);
            buffer.fill(0xaa);
            let mut write = std::pin::pin!(file.write_at(buffer, 0));
            // Submitted at the next turn of the core, which ends before it can be done.
            std::future::poll_fn(|cx| {
                let _ = write.as_mut().poll(cx);
                std::task::Poll::Ready(())
            })
            .await;
            ringbolt_ring::yield_now().await;
        })
        .expect("a core");
        // The allocator would hand the same memory out again.
        let mut others: Vec<AlignedBuf> = (0..4).map(|_| AlignedBuf::zeroed(BYTES)).collect();
        others.iter_mut().for_each(|other| other.fill(0x55));
        std::thread::sleep(std::time::Duration::from_millis(5));
        let written = std::fs::read(&path).expect("read");
        assert!(
            written.iter().all(|byte| [0, 0xaa].contains(byte)),
            "another buffer's bytes are in the file"
        );
        drop(others);
    }
}

#[test]
fn streams_echo_and_see_the_end() {
    for driver in DRIVERS {
        let listener = bind(loopback(), 1).expect("a free port").remove(0);
        block_on(driver, async {
            let addr = listener.local_addr();
            let listener = listener.into_listener().expect("registered");
            let server = spawn(async move {
                let socket = listener.accept().await.expect("accepted");
                let mut stream = socket.into_stream().expect("registered");
                let (mut total, mut buf) = (0, vec![0; 64 * 1024]);
                loop {
                    let read = stream.read(&mut buf).await.expect("read");
                    if read == 0 {
                        return total;
                    }
                    total += read;
                    stream.write_all(&buf[..read]).await.expect("written");
                }
            });
            let mut client = connect(addr).await.expect("connected");
            let sent: Vec<u8> = (0..300_000u32).map(|number| number as u8).collect();
            let mut received = Vec::new();
            let mut buf = vec![0; 32 * 1024];
            for chunk in sent.chunks(50_000) {
                client.write_all(chunk).await.expect("written");
                while received.len() % 50_000 != 0 || received.is_empty() || received.len() < 50_000 {
                    let read = client.read(&mut buf).await.expect("read");
                    received.extend_from_slice(&buf[..read]);
                    if received.len() % 50_000 == 0 {
                        break;
                    }
                }
            }
            while received.len() < sent.len() {
                let read = client.read(&mut buf).await.expect("read");
                received.extend_from_slice(&buf[..read]);
            }
            assert!(received == sent);
            client.shutdown().await.expect("shut down");
            assert_eq!(server.await, sent.len());
        })
        .expect("a core");
    }
}

#[test]
fn a_refused_connection_is_an_error() {
    let addr = bind(loopback(), 1).expect("a free port")[0].local_addr();
    for driver in DRIVERS {
        block_on(driver, async {
            assert!(connect(addr).await.is_err());
        })
        .expect("a core");
    }
}

#[test]
fn an_accepted_socket_moves_to_another_core() {
    for driver in DRIVERS {
        let listener = bind(loopback(), 1).expect("a free port").remove(0);
        let addr = listener.local_addr();
        let (sender, receiver) = mailbox::channel::<Socket>(4);
        let ends = Mutex::new((Some((listener, sender)), Some(receiver)));
        let config = CoresConfig { driver, ..CoresConfig::unpinned(2) };
        let cores = Cores::<String>::start(&config, move |core| {
            let mut ends = ends.lock().expect("unpoisoned");
            let accepting = if core.index == 0 { ends.0.take() } else { None };
            let receiving = if core.index == 1 { ends.1.take() } else { None };
            async move {
                if let Some((listener, sender)) = accepting {
                    let listener = listener.into_listener().map_err(|error| error.to_string())?;
                    let client = spawn(async move {
                        let mut stream = connect(addr).await.expect("connected");
                        let mut buf = [0; 16];
                        let read = stream.read(&mut buf).await.expect("read");
                        assert_eq!(&buf[..read], b"core 1");
                    });
                    let socket = listener.accept().await.map_err(|error| error.to_string())?;
                    sender.try_send(socket).map_err(|error| error.to_string())?;
                    client.await;
                }
                if let Some(mut receiver) = receiving {
                    let socket = receiver.recv().await.ok_or("no socket")?;
                    let mut stream = socket.into_stream().map_err(|error| error.to_string())?;
                    stream.write_all(format!("core {}", core.index).as_bytes()).await.expect("written");
                }
                Ok(())
            }
        })
        .expect("cores");
        cores.join().expect("no failure");
    }
}

/// Descriptors are counted in a child process, since other tests of this one open their own.
#[test]
fn ten_thousand_connections_leave_no_descriptor_behind() {
    const CHILD: &str = "RINGBOLT_TEST_DESCRIPTOR_CHILD";
    const NAME: &str = "ten_thousand_connections_leave_no_descriptor_behind";
    if std::env::var_os(CHILD).is_none() {
        let status = std::process::Command::new(std::env::current_exe().expect("this test"))
            .args([NAME, "--exact", "--nocapture"])
            .env(CHILD, "1")
            .status()
            .expect("a child");
        assert!(status.success());
        return;
    }
    let listener = bind(loopback(), 1).expect("a free port").remove(0);
    block_on(DriverChoice::Auto, async {
        let addr = listener.local_addr();
        let listener = listener.into_listener().expect("registered");
        let descriptors = || std::fs::read_dir("/proc/self/fd").expect("listed").count();
        let mut settled = 0;
        for number in 0..10_000 {
            let client = connect(addr).await.expect("connected");
            let server = listener.accept().await.expect("accepted").into_stream().expect("registered");
            assert!(client.peer().is_some() && server.peer().is_some());
            // The client side ends first, so that the server's port gathers no TIME_WAIT.
            drop(client);
            drop(server);
            if number == 100 {
                settled = descriptors();
            }
        }
        assert!(descriptors() <= settled + 2, "{} descriptors, {settled} at the start", descriptors());
    })
    .expect("a core");
}
