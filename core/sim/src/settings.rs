//! How a simulated node is set up, by its seed, and what another start may have otherwise.

use ringbolt_engine::EngineSettings;
use ringbolt_journal as journal;
use ringbolt_partition::{CheckpointSettings, Clock, FlowSettings, PartitionSettings, ReaderSettings};
use ringbolt_record::PartitionId;

use crate::host::ENTRY_BYTES_MAX;
use crate::random::Random;
use crate::readers::SPILL_BYTES;

/// Sizes of a journal segment; another start may have another one.
const SEGMENT_BYTES: [u64; 3] = [64 << 10, 64 << 10, 96 << 10];

/// No process that clients deploy has more flow elements.
const FLOW_ELEMENTS_MAX: usize = 1_000;
/// Only the smallest of them has as few.
const FLOW_ELEMENTS_FEW: usize = 6;
/// One in this many starts cannot read the others.
const UNREADABLE_ODDS: u64 = 8;

/// How a simulated node is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How many partitions share the journal.
    pub partitions: u16,
    /// The journal's.
    pub journal: journal::Settings,
    /// When checkpoints start.
    pub checkpoints: CheckpointSettings,
    /// Which work is refused under overload.
    pub flow: FlowSettings,
    /// What a reader of the log may keep.
    pub readers: ReaderSettings,
    /// Most steps of one entry.
    pub batch_steps_max: u32,
    /// What a new file is filled with.
    pub fill: u8,
    /// Replayed entries between two looks at whether the replay needs a checkpoint.
    pub replay_entries_per_look: u64,
    /// Whether business ids have to differ.
    pub business_ids_are_unique: bool,
    /// Whether that is so at every start.
    pub business_ids_stay_so: bool,
    /// Flow elements of a process at most: what was deployed before with more cannot be read then, and its instances are banned as they go on.
    pub flow_elements_max: usize,
    /// Whether the scheduler fills disks and fails checkpoints on its own.
    pub with_faults: bool,
    /// Whether what is durable is sometimes committed only later, as it is where a quorum has to agree.
    pub agrees_late: bool,
    /// Whether the scheduler asks for checkpoints on its own.
    pub with_checkpoints: bool,
    /// Whether the state is compared after every step; not where rows were damaged on purpose.
    pub compares_states: bool,
}

impl Settings {
    /// A small node whose details vary with the seed.
    #[must_use]
    pub fn for_seed(seed: u64) -> Self {
        let mut random = Random::new(seed ^ 0x5e77_1465);
        Self {
            partitions: 1 + random.below(3) as u16,
            journal: journal::Settings {
                segment_bytes: 64 << 10,
                first_segment_bytes: 32 << 10,
                batch_bytes_max: 2 * ENTRY_BYTES_MAX + (8 << 10),
                spare_segments_max: 2,
            },
            checkpoints: CheckpointSettings {
                log_bytes: [4 << 10, 16 << 10, 1 << 20][random.index(3)],
                overlay_bytes: 1 << 20,
                retry_ms: 50,
            },
            flow: FlowSettings { commit_target_ms: 40, limit_min: 2, limit_max: 4 },
            readers: ReaderSettings {
                budget_bytes: 64 << 10,
                spill_bytes_max: [0, 32 << 10, 128 << 10][random.index(3)],
                spill_bytes: SPILL_BYTES,
                retry_ms: 30,
            },
            batch_steps_max: [1, 3, 100][random.index(3)],
            fill: if random.one_in(2) { 0 } else { 0xa5 },
            replay_entries_per_look: 16,
            business_ids_are_unique: random.one_in(2),
            business_ids_stay_so: random.one_in(2),
            flow_elements_max: FLOW_ELEMENTS_MAX,
            with_faults: true,
            agrees_late: random.one_in(2),
            with_checkpoints: true,
            compares_states: true,
        }
    }

    /// What an operator may set otherwise between two starts.
    pub(crate) fn change(&mut self, random: &mut Random) {
        self.journal.segment_bytes = SEGMENT_BYTES[random.index(SEGMENT_BYTES.len())];
        if !self.business_ids_stay_so {
            self.business_ids_are_unique = random.one_in(2);
        }
        self.flow_elements_max =
            if random.one_in(UNREADABLE_ODDS) { FLOW_ELEMENTS_FEW } else { FLOW_ELEMENTS_MAX };
    }

    /// Whether instances may be banned: their definitions cannot be read.
    pub(crate) fn bans(&self) -> bool {
        self.flow_elements_max < FLOW_ELEMENTS_MAX
    }

    pub(crate) fn engine(&self, id: PartitionId) -> EngineSettings {
        let mut settings = EngineSettings {
            partition_count: self.partitions,
            batch_steps_max: self.batch_steps_max,
            entry_bytes_max: ENTRY_BYTES_MAX - journal::ENTRY_HEADER_BYTES,
            business_ids_are_unique: self.business_ids_are_unique,
            ..EngineSettings::new(id)
        };
        settings.model_limits.flow_elements_max = self.flow_elements_max;
        settings
    }

    pub(crate) fn partition(&self, id: PartitionId) -> PartitionSettings {
        let Self { checkpoints, flow, readers, .. } = *self;
        PartitionSettings { engine: self.engine(id), checkpoints, flow, readers, clock: Clock::Steady }
    }
}
