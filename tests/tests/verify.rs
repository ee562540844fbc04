//! `ringbolt verify`: a sound directory is found sound and left as it is; every flipped bit of every kind of file is found,
//! with file and offset, or stands where the documentation says that bytes mean nothing.

use ringbolt_tests::http::{Client, Response};
use ringbolt_tests::server::{ONE_TASK, Server, binary};
use ringbolt_tests::until;
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;

const SOUND: i32 = 0;
const DAMAGED: i32 = 1;
const NOT_VERIFIED: i32 = 2;
/// Flips in each file.
const FLIPS: u64 = 6;
/// Blocks of the log.
const BLOCK: usize = 4096;

struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

fn verify(data: &Path) -> (i32, String) {
    let output = Command::new(binary()).arg("verify").arg(data).output().expect("the binary runs");
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    (output.status.code().expect("it ends by itself"), text.into_owned())
}

fn metric(server: &Server, name: &str) -> f64 {
    let mut client = Client::connect(server.management).expect("the server listens");
    let page = client.get("/actuator/prometheus").expect("an answer").body;
    let page = String::from_utf8_lossy(&page);
    let line = page.lines().find(|line| line.starts_with(name)).expect("the metric");
    line.rsplit(' ').next().and_then(|value| value.parse().ok()).expect("a number")
}

fn create(client: &mut Client, payload_bytes: usize) -> Response {
    let variables = json!({ "payload": "p".repeat(payload_bytes) });
    let body = json!({ "processDefinitionId": "one_task", "variables": variables });
    client.post("/v2/process-instances", &body).expect("an answer")
}

/// A directory with log, state, an exporter's position and spills of one that is behind.
fn write_data(directory: &Path) -> PathBuf {
    let (data, out) = (directory.join("data"), directory.join("out"));
    let out_text = out.to_str().expect("text");
    let args = ["--partitions", "1", "--cores", "0", "--segment-mib", "32", "--checkpoint-log-mib", "8"];
    let exporting = ["--reader-budget-mib", "1", "--export-jsonl", out_text];
    let server = Server::start(&data, &[&args[..], &exporting].concat());
    let mut client = server.client();
    client.deploy("one_task.bpmn", ONE_TASK).expect("an answer");
    assert_eq!(create(&mut client, 10).status, 200);
    let form =
        "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nkept\r\n--b--\r\n";
    let kept = client.request("POST", "/v2/documents", "multipart/form-data; boundary=b", form.as_bytes());
    assert_eq!(kept.expect("an answer").status, 201);
    until("the exporter has begun", || data.join("partition-1/reader-jsonl").exists().then_some(()));
    fs::rename(&out, directory.join("gone")).expect("the sink goes");
    for _ in 0..60 {
        assert_eq!(create(&mut client, 1_500_000).status, 200);
    }
    until("there are spills", || (metric(&server, "ringbolt_exporter_spill_bytes{") > 0.0).then_some(()));
    server.stop();
    data
}

fn files_under(directory: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files_under(&path, found);
        } else {
            let bytes = fs::read(&path).expect("a file");
            found.insert(path, bytes);
        }
    }
}

/// How many bytes of a file a flip has to be found in.
fn bytes_in_use(name: &str, bytes: &[u8]) -> u64 {
    match name {
        // Behind the last batch stands what an earlier use left, or zeros.
        _ if name.starts_with("segment-") => {
            let blocks = bytes.chunks(BLOCK).collect::<Vec<_>>();
            let is_batch = |block: &&[u8]| block.starts_with(b"RBJBATCH");
            let Some(last) = blocks.iter().rposition(is_batch) else { return 0 };
            // The last batch of a run in good order is one block.
            ((last + 1) * BLOCK) as u64
        }
        _ if name.starts_with("spare-") || name.ends_with(".tmp") => 0,
        "LOCK" | "lock.mdb" | "data.mdb" => 0,
        // What is searched is made of the log, and made again where it is damaged.
        _ if name.starts_with("hot.db") || name.starts_with("finished-") => 0,
        _ => bytes.len() as u64,
    }
}

#[test]
fn a_sound_directory_is_found_sound_and_every_flipped_bit_is_found() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = write_data(directory.path());
    let mut before = BTreeMap::new();
    files_under(&data, &mut before);
    let (code, text) = verify(&data);
    assert_eq!(code, SOUND, "{text}");
    assert!(text.trim_end().ends_with(": sound"), "{text}");
    let mut after = BTreeMap::new();
    files_under(&data, &mut after);
    assert!(before == after, "verifying changed something");

    let mut kinds = BTreeMap::new();
    let mut random = Random(0xdead_beef);
    for (path, bytes) in &before {
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
        let in_use = bytes_in_use(name, bytes);
        let file = fs::File::options().write(true).open(path).expect("the file");
        for _ in 0..FLIPS.min(in_use) {
            let (offset, bit) = (random.below(in_use), random.below(8));
            file.write_all_at(&[bytes[offset as usize] ^ 1 << bit], offset).expect("the flip");
            let (code, text) = verify(&data);
            file.write_all_at(&[bytes[offset as usize]], offset).expect("the byte is put back");
            let is_torn = text.contains("a torn tail");
            assert!(code != SOUND || is_torn, "bit {bit} at {offset} of {}: {text}", path.display());
            assert!(
                text.contains(name) || text.contains("has format"),
                "it is not named: bit {bit} at {offset} of {}: {text}",
                path.display()
            );
        }
        *kinds.entry(name.split(['-', '.']).next().expect("a kind").to_owned()).or_insert(0) += 1;
    }
    for kind in ["RINGBOLT", "meta", "segment", "history", "reader", "spill", "data"] {
        assert!(kinds.contains_key(kind), "there is no {kind}: {kinds:?}");
    }
    assert_eq!(verify(&data).0, SOUND);
}

#[test]
fn a_directory_whose_partitions_went_from_core_to_core_is_sound() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path();
    let small = ["--segment-mib", "32", "--checkpoint-log-mib", "1"];
    let lives =
        [(300, "0,1", false), (300, "1", false), (600, "0,1", true), (600, "0,1", true), (600, "0,1", true)];
    for (instances, cores, is_small) in lives {
        let small = if is_small { &small[..] } else { &[] };
        let server = Server::start(data, &[&["--partitions", "2", "--cores", cores], small].concat());
        server.client().deploy("one_task.bpmn", ONE_TASK).expect("an answer");
        // Several, so that each core has some.
        let mut clients: Vec<Client> = (0..4).map(|_| server.client()).collect();
        for instance in 0..instances {
            assert_eq!(create(&mut clients[instance % 4], 8_000).status, 200);
        }
        drop(clients);
        server.stop();
        // Journal 0 keeps what partition 2 wrote in the second life; what it wrote before and after is released.
        let (code, text) = verify(data);
        assert_eq!(code, SOUND, "{text}");
    }
}

#[test]
fn what_is_missing_cut_or_rotten_is_named() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = write_data(directory.path());
    let mut files = BTreeMap::new();
    files_under(&data, &mut files);
    let of = |prefix: &str| {
        let is_it =
            |path: &&PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix));
        files.keys().filter(is_it).cloned().collect::<Vec<_>>()
    };
    let check = |path: &Path, code: i32, words: &[&str]| {
        let (found, text) = verify(&data);
        assert_eq!(found, code, "{text}");
        for word in words {
            assert!(text.contains(word), "{word:?} in {text}");
        }
        fs::write(path, &files[path]).expect("the file is put back");
    };
    let state = data.join("partition-1/data.mdb");
    fs::remove_file(&state).expect("it goes");
    check(&state, DAMAGED, &["data.mdb at offset 0", "cannot be read"]);
    fs::write(&state, &files[&state][..12_288]).expect("it is cut");
    check(&state, DAMAGED, &["DAMAGED", "data.mdb at offset"]);
    let segments = of("segment-");
    fs::write(&segments[0], &files[&segments[0]][..BLOCK]).expect("it is cut");
    check(&segments[0], DAMAGED, &["DAMAGED", "segment-"]);
    let spill = &of("spill-")[0];
    fs::write(spill, &files[spill][..100]).expect("it is cut");
    check(spill, DAMAGED, &["DAMAGED", "spill-jsonl-"]);
    let renamed = spill.with_file_name("spill-jsonl-0000000000000001-0000000000000002");
    fs::rename(spill, &renamed).expect("it is renamed");
    check(spill, DAMAGED, &["its name says"]);
    fs::remove_file(renamed).expect("it goes");
    assert_eq!(verify(&data).0, SOUND);
}

#[test]
fn what_cannot_be_verified_has_its_own_exit_code() {
    let directory = tempfile::tempdir().expect("a directory");
    let (code, text) = verify(directory.path());
    assert_eq!(code, NOT_VERIFIED, "{text}");
    assert!(text.contains("no data directory"), "{text}");
    assert_eq!(fs::read_dir(directory.path()).expect("listed").count(), 0, "nothing was made");
    let server = Server::start(directory.path(), &["--partitions", "1", "--cores", "0"]);
    let (code, text) = verify(directory.path());
    assert_eq!(code, NOT_VERIFIED, "{text}");
    assert!(text.contains("in use by another process"), "{text}");
    server.stop();
    assert_eq!(verify(directory.path()).0, SOUND);
    fs::write(directory.path().join("RINGBOLT"), "format=1\npartitions=1\n").expect("another format");
    let (code, text) = verify(directory.path());
    assert_eq!((code, text.contains("has format 1,")), (NOT_VERIFIED, true), "{text}");
}
