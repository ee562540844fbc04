//! Leases of jobs: who ends a job has to show which of its hand-outs they act for, so that a worker that was given up for
//! lost does not end the work of the one after it.
//!
//! A lease is the key of the batch of jobs that gave the job out; its token is a digest of that key and the job's, so that
//! the engine needs no randomness, two jobs never share a token, and a client can read nothing from it. It tells hand-outs
//! apart; it is no secret (as Camunda has it: `zeebe/docs/adr/0005-810-job-lease.md`).

use crate::ids::Key;
use xxhash_rust::xxh3::xxh3_128;

/// The token of a job that was given out by a batch; none where there is no lease.
pub fn lease_token(lease: Key, job: Key) -> Option<Box<str>> {
    if lease.is_none() {
        return None;
    }
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&lease.0.to_be_bytes());
    bytes[8..].copy_from_slice(&job.0.to_be_bytes());
    Some(format!("{:032x}", xxh3_128(&bytes)).into())
}

#[cfg(test)]
mod tests {
    use super::lease_token;
    use crate::ids::Key;

    #[test]
    fn each_hand_out_of_each_job_has_a_token_of_its_own() {
        assert_eq!(lease_token(Key::NONE, Key(7)), None);
        let tokens = [(1, 7), (2, 7), (1, 8)].map(|(lease, job)| lease_token(Key(lease), Key(job)).unwrap());
        assert!(tokens.iter().all(|token| token.len() == 32));
        assert!(tokens[0] != tokens[1] && tokens[0] != tokens[2] && tokens[1] != tokens[2]);
        assert_eq!(lease_token(Key(1), Key(7)).unwrap(), tokens[0]);
    }
}
