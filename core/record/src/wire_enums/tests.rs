//! Numbers on the wire.

use super::{Intent, ProcessInstanceIntent, ValueType};

#[test]
fn every_number_finds_its_intent_again() {
    for &value_type in ValueType::ALL {
        for number in 0..=u8::MAX {
            let Some(intent) = Intent::from_numbers(value_type, number) else { continue };
            assert_eq!((intent.value_type(), intent.number()), (value_type, number));
        }
    }
    let taken = Intent::from(ProcessInstanceIntent::SequenceFlowTaken);
    assert_eq!((taken.name(), taken.number()), ("SEQUENCE_FLOW_TAKEN", 1));
}
