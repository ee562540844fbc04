//! Changed state near its bound, while a checkpoint is under way: who brings much is refused first.

use super::{Answer, Refusal, Rig};
use ringbolt_record::RequestId;

const LARGE: usize = 2 << 20;

impl Rig {
    fn is_refused(&mut self, request: RequestId) -> bool {
        self.commit();
        matches!(self.answer(request), Some(Answer::Refusal(Refusal::Overloaded { .. })))
    }

    fn create_large(&mut self) -> RequestId {
        self.create_with(format!("{{\"x\":\"{}\"}}", "y".repeat(LARGE)))
    }
}

#[test]
fn who_brings_little_is_taken_while_who_brings_much_is_refused() {
    let mut rig = Rig::new();
    loop {
        let request = rig.create_large();
        if rig.is_refused(request) {
            break;
        }
    }
    let stats = rig.partition.stats();
    assert!(stats.overlay_bytes <= stats.overlay_bytes_max / 4 * 3 + 4 * LARGE, "{}", stats.overlay_bytes);
    let request = rig.create();
    assert!(!rig.is_refused(request), "there is room for who brings little");
    let request = rig.create_large();
    assert!(rig.is_refused(request));
}
