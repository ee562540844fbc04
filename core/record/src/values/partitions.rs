//! What passes between partitions, and which there are.

use super::RecordValue;
use crate::ids::PartitionId;
use crate::wire_enums::ValueType;
use rkyv::Archive;
use rkyv::with::InlineAsBox;

/// A command that every partition is to process, and how far it has come. The record's key is the command's.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct CommandDistributionRecord {
    /// Where it goes; where it comes from, of its beginning and its end.
    pub partition_id: PartitionId,
    /// What the command is about.
    pub value_type: ValueType,
    /// The number of the command's intent.
    pub intent: u8,
}

/// Messages from one partition to another. The record's key is the message's own, none where it stands for several.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct PartitionMessageRecord<'a> {
    /// The other partition: where it goes, or where it comes from.
    pub partition_id: PartitionId,
    /// The message's place among all from one to the other, counted from 1; the last one of several.
    pub sequence: u64,
    /// What was sent, as `PartitionMessage::to_bytes` gives it; nothing in the other events.
    #[rkyv(with = InlineAsBox)]
    pub message: &'a [u8],
}

/// The partitions that there are.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct RoutingRecord {
    /// How many; they are numbered from 1.
    pub partition_count: u16,
}

impl RecordValue for CommandDistributionRecord {
    const VALUE_TYPE: ValueType = ValueType::CommandDistribution;
    const VERSION: u16 = 1;
}

impl RecordValue for RoutingRecord {
    const VALUE_TYPE: ValueType = ValueType::Routing;
    const VERSION: u16 = 1;
}

const _: () = assert!(align_of::<ArchivedCommandDistributionRecord>() == 1, "layouts have alignment 1");
const _: () = assert!(align_of::<ArchivedRoutingRecord>() == 1, "layouts have alignment 1");
