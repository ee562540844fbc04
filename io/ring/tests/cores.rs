//! Cores: start, failure, shutdown, mailboxes under stress, side threads, on both drivers.

use std::{
    cell::Cell,
    net::SocketAddr,
    rc::Rc,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    task::Poll,
    time::Duration,
};

use ringbolt_ring::{
    Cores, CoresConfig, DriverChoice, Failure, block_on, core_index,
    cores::StartError,
    local::{Notify, oneshot},
    mailbox::{self, SendError},
    net::{bind, connect},
    side::{Side, SideConfig, told},
    sleep, spawn, stats,
    task::fair,
    time::{self, Elapsed},
    timeout, yield_now,
};

const DRIVERS: [DriverChoice; 2] = [DriverChoice::Auto, DriverChoice::Epoll];

fn on_both(test: impl AsyncFn(DriverChoice)) {
    for driver in DRIVERS {
        block_on(driver, test(driver)).expect("a core");
    }
}

fn config(cores: usize, driver: DriverChoice) -> CoresConfig {
    CoresConfig { driver, ..CoresConfig::unpinned(cores) }
}

#[test]
fn every_core_runs_its_own_future() {
    for driver in DRIVERS {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let pushed = seen.clone();
        let cores = Cores::<String>::start(&config(3, driver), move |core| {
            let pushed = pushed.clone();
            async move {
                assert_eq!(core_index(), Some(core.index));
                pushed.lock().expect("unpoisoned").push((core.index, core.count));
                Ok(())
            }
        })
        .expect("cores");
        cores.join().expect("no failure");
        let mut seen = seen.lock().expect("unpoisoned").clone();
        seen.sort_unstable();
        assert_eq!(seen, [(0, 3), (1, 3), (2, 3)]);
    }
}

#[test]
fn a_failing_core_stops_the_others_and_is_reported() {
    let cores = Cores::start(&CoresConfig::unpinned(2), |core| async move {
        if core.index == 1 {
            return Err("no disk".to_owned());
        }
        core.shutdown.wait().await;
        Ok(())
    })
    .expect("cores");
    match cores.join() {
        Err(Failure::Error { core: 1, error }) => assert_eq!(error, "no disk"),
        other => panic!("unexpected: {other:?}"),
    }
}

#[test]
fn a_panic_on_a_core_stops_the_others_and_is_reported() {
    let cores = Cores::<String>::start(&CoresConfig::unpinned(2), |core| async move {
        if core.index == 0 {
            let task = spawn(async { panic!("broken invariant {}", 7) });
            task.await
        }
        core.shutdown.wait().await;
        Ok(())
    })
    .expect("cores");
    match cores.join() {
        Err(Failure::Panic { core: 0, message }) => assert_eq!(message, "broken invariant 7"),
        other => panic!("unexpected: {other:?}"),
    }
}

#[test]
fn the_shutdown_signal_reaches_every_core_from_any_thread() {
    for driver in DRIVERS {
        let cores = Cores::<String>::start(&config(2, driver), |core| async move {
            core.shutdown.wait().await;
            Ok(())
        })
        .expect("cores");
        let shutdown = cores.shutdown().clone();
        std::thread::spawn(move || shutdown.trigger()).join().expect("triggered");
        cores.join().expect("no failure");
    }
}

#[test]
fn a_cpu_that_does_not_exist_is_an_error() {
    let config = CoresConfig::pinned([0, 100_000]);
    match Cores::<String>::start(&config, |core| async move {
        core.shutdown.wait().await;
        Ok(())
    }) {
        Err(StartError::Affinity { cpu: 100_000, .. }) => {}
        Err(other) => panic!("unexpected: {other}"),
        Ok(_) => panic!("started"),
    }
    assert!(matches!(
        Cores::<String>::start(&CoresConfig::default(), |_| async { Ok(()) }),
        Err(StartError::Count(0))
    ));
}

#[test]
fn a_pinned_core_runs_on_its_cpu() {
    let (sent, cpus) = mpsc::channel();
    Cores::<String>::start(&CoresConfig::pinned([0]), move |_| {
        let status = std::fs::read_to_string("/proc/thread-self/status").expect("readable");
        sent.send(status).expect("the test waits");
        async { Ok(()) }
    })
    .expect("cores")
    .join()
    .expect("no failure");
    let status = cpus.recv().expect("one status");
    assert!(status.contains("Cpus_allowed_list:\t0\n"), "{status}");
}

/// Many threads flood one core through a small mailbox, with pauses that let it fall asleep again and again: a lost wake-up would
/// leave it asleep with a message inside, and the senders waiting for its echo for ever.
#[test]
fn the_mailbox_loses_no_wake_up_under_stress() {
    const ROUNDS: u64 = 20_000;
    const SENDERS: u64 = 3;
    for driver in DRIVERS {
        let (sender, receiver) = mailbox::channel::<u64>(4);
        let receiver = Mutex::new(Some(receiver));
        let echoed = Arc::new((0..SENDERS).map(|_| AtomicU64::new(0)).collect::<Vec<_>>());
        let echo = echoed.clone();
        let cores = Cores::<String>::start(&config(1, driver), move |_| {
            let mut receiver = receiver.lock().expect("unpoisoned").take().expect("one core");
            let echo = echo.clone();
            async move {
                while let Some(message) = receiver.recv().await {
                    let (sender, round) = (message % SENDERS, message / SENDERS);
                    let previous = echo[sender as usize].swap(round, Ordering::SeqCst);
                    assert_eq!(previous + 1, round, "one sender's messages arrive in order");
                }
                Ok(())
            }
        })
        .expect("cores");
        let threads: Vec<_> = (0..SENDERS)
            .map(|number| {
                let (sender, echoed) = (sender.clone(), echoed.clone());
                std::thread::spawn(move || {
                    for round in 1..=ROUNDS {
                        while let Err(SendError::Full(_)) = sender.try_send(round * SENDERS + number) {
                            std::thread::yield_now();
                        }
                        // Every few rounds wait for the echo, so that the receiver goes to sleep in between.
                        if round % (number + 1) == 0 {
                            while echoed[number as usize].load(Ordering::SeqCst) < round {
                                std::thread::yield_now();
                            }
                        }
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().expect("sent");
        }
        drop(sender);
        cores.join().expect("the receiver sees the last sender go");
    }
}

#[test]
fn two_cores_play_ping_pong_and_count_their_handoffs() {
    const ROUNDS: u64 = 1_000;
    for driver in DRIVERS {
        let (to_0, from_1) = mailbox::channel::<u64>(1);
        let (to_1, from_0) = mailbox::channel::<u64>(1);
        let ends = Mutex::new([Some((to_1, from_1)), Some((to_0, from_0))]);
        let cores = Cores::<String>::start(&config(2, driver), move |core| {
            let (sender, mut receiver) =
                ends.lock().expect("unpoisoned")[core.index].take().expect("one end each");
            async move {
                if core.index == 0 {
                    sender.try_send(0).expect("room");
                }
                let mut last = 0;
                while last < ROUNDS {
                    last = receiver.recv().await.expect("the other end lives");
                    if sender.try_send(last + 1).is_err() {
                        break;
                    }
                }
                let stats = stats().expect("on a core");
                assert!(stats.handoffs_received >= ROUNDS / 2, "{stats:?}");
                assert!(stats.handoffs_sent >= ROUNDS / 2, "{stats:?}");
                Ok(())
            }
        })
        .expect("cores");
        cores.join().expect("no failure");
    }
}

#[test]
fn a_full_mailbox_refuses_and_a_closed_one_says_so() {
    on_both(async |_| {
        let (sender, mut receiver) = mailbox::channel::<&str>(1);
        sender.try_send("first").expect("room");
        assert_eq!(sender.try_send("second"), Err(SendError::Full("second")));
        assert_eq!(receiver.recv().await, Some("first"));
        sender.try_send("third").expect("room again");
        drop(receiver);
        assert_eq!(sender.try_send("fourth"), Err(SendError::Closed("fourth")));
    });
}

#[test]
fn a_message_to_the_own_core_is_no_handoff_and_no_system_call() {
    on_both(async |_| {
        let (sender, mut receiver) = mailbox::channel::<u32>(8);
        let task = spawn(async move { receiver.recv().await });
        yield_now().await;
        sender.try_send(5).expect("room");
        assert_eq!(task.await, Some(5));
        let stats = stats().expect("on a core");
        assert_eq!((stats.handoffs_sent, stats.doorbells), (0, 0));
    });
}

#[test]
fn a_receiver_learns_that_the_last_sender_went() {
    on_both(async |_| {
        let (sender, mut receiver) = mailbox::channel::<u32>(8);
        let task = spawn(async move { (receiver.recv().await, receiver.recv().await) });
        yield_now().await;
        std::thread::spawn(move || sender.try_send(1)).join().expect("sent").expect("room");
        assert_eq!(task.await, (Some(1), None));
    });
}

#[test]
fn side_threads_answer_refuse_and_report_panics() {
    on_both(async |_| {
        let side =
            Side::start(SideConfig { threads: 1, queue_max: 1, ..SideConfig::default() }).expect("a pool");
        let (release, blocked) = mpsc::channel::<()>();
        let (started, starting) = mpsc::channel::<()>();
        let first = side
            .run(move || {
                started.send(()).expect("the test waits");
                blocked.recv().expect("released");
                std::thread::current().name().map(str::to_owned)
            })
            .expect("room");
        starting.recv().expect("the thread took it");
        let second = side.run(|| -> u32 { panic!("bad input") }).expect("room for one in the queue");
        assert!(side.run(|| ()).is_err(), "the queue is full");
        release.send(()).expect("the thread waits");
        assert_eq!(first.await.expect("no panic").as_deref(), Some("side-0"));
        assert_eq!(second.await.expect_err("it panicked").0, "bad input");
    });
}

#[test]
fn a_finished_side_task_wakes_a_sleeping_core() {
    on_both(async |_| {
        let side = Side::start(SideConfig::default()).expect("a pool");
        for round in 0..500u32 {
            assert_eq!(side.run(move || round).expect("room").await, Ok(round));
        }
        let ((teller, task), (gone, never)) = (told(), told::<()>());
        std::thread::spawn(move || teller.tell(7));
        assert_eq!(task.await, Ok(7));
        drop(gone);
        assert_eq!(never.await.expect_err("nobody tells it").0, "nothing was told");
    });
}

#[test]
fn oneshot_delivers_closes_and_gives_back() {
    on_both(async |_| {
        let (sender, receiver) = oneshot();
        spawn(async move { sender.send(Rc::new(3)) });
        assert_eq!(*receiver.await.expect("sent"), 3);
        let (sender, receiver) = oneshot::<u32>();
        drop(sender);
        assert!(receiver.await.is_err());
        let (sender, receiver) = oneshot::<u32>();
        drop(receiver);
        assert!(sender.is_closed());
        assert_eq!(sender.send(4), Err(4));
    });
}

#[test]
fn notify_wakes_in_order_keeps_one_permit_and_survives_cancelled_waits() {
    on_both(async |_| {
        let notify = Rc::new(Notify::new());
        notify.notify_one();
        notify.notify_one();
        notify.notified().await;
        let woken = Rc::new(Cell::new(0));
        for number in 1..=2 {
            let (notify, woken) = (notify.clone(), woken.clone());
            spawn(async move {
                notify.notified().await;
                woken.set(woken.get() * 10 + number);
            });
        }
        yield_now().await;
        assert_eq!(woken.get(), 0, "two notifications without a waiter leave one permit");
        // A wait that is dropped after it was notified passes the notification on.
        let mut cancelled = Box::pin(notify.notified());
        assert_eq!(timeout(Duration::ZERO, &mut cancelled).await, Err(Elapsed));
        notify.notify_one();
        notify.notify_one();
        notify.notify_one();
        drop(cancelled);
        notify.notified().await;
        yield_now().await;
        assert_eq!(woken.get(), 12);
        notify.notify_all();
        assert_eq!(timeout(Duration::ZERO, notify.notified()).await, Err(Elapsed));
    });
}

#[test]
fn timers_fire_in_order_and_never_early() {
    on_both(async |_| {
        let begun = time::now();
        let slow = spawn(async {
            sleep(Duration::from_millis(9)).await;
            time::now()
        });
        sleep(Duration::from_millis(3)).await;
        let fast = time::now();
        let slow = slow.await;
        assert!(fast - begun >= Duration::from_millis(3) && slow - begun >= Duration::from_millis(9));
        assert!(fast < slow);
        assert_eq!(timeout(Duration::from_secs(60), async { 1 }).await, Ok(1));
        assert_eq!(timeout(Duration::from_millis(1), std::future::pending::<()>()).await, Err(Elapsed));
        let mut interval = time::interval(Duration::from_millis(2));
        interval.tick().await;
        interval.tick().await;
        assert!(time::now() - slow >= Duration::from_millis(4));
    });
}

/// The executor underneath looks at timers only when its queue is empty; a task that yields for ever must not stop them.
#[test]
fn a_task_that_yields_in_a_loop_does_not_stop_the_clock() {
    on_both(async |_| {
        let done = Rc::new(Cell::new(false));
        let stop = done.clone();
        let spinner = spawn(async move {
            while !stop.get() {
                yield_now().await;
            }
        });
        sleep(Duration::from_millis(5)).await;
        done.set(true);
        spinner.await;
    });
}

/// Nor must tasks that always have something to tell each other, and sockets are heard as well.
#[test]
fn busy_tasks_do_not_stop_the_clock_nor_the_sockets() {
    on_both(async |_| {
        let (ping, pong) = (Rc::new(Notify::new()), Rc::new(Notify::new()));
        let done = Rc::new(Cell::new(false));
        for (own, other) in [(ping.clone(), pong.clone()), (pong.clone(), ping.clone())] {
            let done = done.clone();
            spawn(async move {
                while !done.get() {
                    own.notified().await;
                    other.notify_one();
                }
            });
        }
        ping.notify_one();
        for _ in 0..3 {
            sleep(Duration::from_millis(2)).await;
        }
        let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0)), 1).expect("a free port").remove(0);
        let addr = listener.local_addr();
        let listener = listener.into_listener().expect("registered");
        let mut client = connect(addr).await.expect("connected");
        let mut server = listener.accept().await.expect("accepted").into_stream().expect("registered");
        let mut buf = [0; 1];
        for _ in 0..10 {
            client.write_all(b"x").await.expect("written");
            assert_eq!(server.read(&mut buf).await.expect("read"), 1);
        }
        let side = Side::start(SideConfig::default()).expect("a pool");
        assert_eq!(side.run(|| 7).expect("room").await, Ok(7));
        done.set(true);
    });
}

#[test]
fn a_core_ends_quietly_while_its_tasks_are_busy() {
    for driver in DRIVERS {
        let cores = Cores::<String>::start(&config(2, driver), |core| async move {
            for _ in 0..4 {
                let (sender, mut receiver) = mailbox::channel::<u32>(4);
                spawn(async move {
                    loop {
                        yield_now().await;
                        if sender.try_send(1).is_ok() {
                            receiver.recv().await;
                        }
                    }
                });
            }
            sleep(Duration::from_millis(core.index as u64 + 1)).await;
            Ok(())
        })
        .expect("cores");
        cores.join().expect("no failure");
    }
}

#[test]
fn a_future_that_wakes_itself_lets_others_run_when_it_is_fair() {
    on_both(async |_| {
        let done = Rc::new(Cell::new(false));
        let stop = done.clone();
        let polls = Rc::new(Cell::new(0));
        let counted = polls.clone();
        let selfish = spawn(fair(std::future::poll_fn(move |cx| {
            counted.set(counted.get() + 1);
            if stop.get() {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })));
        let other = spawn(async move { done.set(true) });
        other.await;
        selfish.await;
        assert!(polls.get() <= 3, "polled {} times before the other task", polls.get());
    });
}

#[test]
fn sigterm_triggers_the_shutdown_once() {
    const CHILD: &str = "RINGBOLT_TEST_SIGNAL_CHILD";
    if std::env::var_os(CHILD).is_some() {
        let told = Arc::new(AtomicBool::new(false));
        let config = CoresConfig { signals: ringbolt_ring::Signals::Handle, ..CoresConfig::unpinned(2) };
        let cores = Cores::<String>::start(&config, move |core| {
            if !told.swap(true, Ordering::SeqCst) {
                println!("\nready");
            }
            async move {
                core.shutdown.wait().await;
                Ok(())
            }
        })
        .expect("cores");
        cores.join().expect("no failure");
        std::process::exit(42);
    }
    use std::io::BufRead;
    let mut child = std::process::Command::new(std::env::current_exe().expect("this test"))
        .args(["sigterm_triggers_the_shutdown_once", "--exact", "--nocapture"])
        .env(CHILD, "1")
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("a child");
    let mut lines = std::io::BufReader::new(child.stdout.take().expect("piped")).lines();
    assert!(lines.any(|line| line.expect("readable") == "ready"));
    let kill = std::process::Command::new("kill").arg(child.id().to_string()).status().expect("kill");
    assert!(kill.success());
    assert_eq!(child.wait().expect("ended").code(), Some(42));
}
