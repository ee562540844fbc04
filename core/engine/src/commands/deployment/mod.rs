//! Commands on deployments.

pub(crate) mod create;
mod decisions;
pub(crate) mod distribute;
mod other_resources;
mod processes;
mod resources;

use ringbolt_record::command::Resource;
use xxhash_rust::xxh3::xxh3_128;

/// Digest of a resource's bytes, by which a redeployment is recognized.
fn checksum(resource: &Resource) -> [u8; 16] {
    xxh3_128(&resource.content).to_be_bytes()
}
