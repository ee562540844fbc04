//! How many records a second new work may add to a core's partitions, if there is a limit, and how exporters that are behind lower it.
//!
//! A bucket of a second's records is filled by the clock and emptied by what the partitions write, whoever caused it. New work is
//! admitted while something is in it; what brings work to its end always is, so the bucket may owe a second's records at most. With a
//! throttle, a partition whose slowest exporter is further behind than is acceptable may write what that exporter does, less the more it
//! is behind. Secondary storage has such a throttle always.
//!
//! What instances go on with by themselves keeps to the limit too, or an endless loop would use up all of it, put storage ever further
//! behind, and have everybody's new work refused. Each side has half of the limit for itself and what the other leaves. What is due is
//! taken at once all the same, and counts on that side.
//!
//! Deliberately not here: where the limit is set (`flow_control`).

use crate::flow_control::{FlowControl, Throttling, WriteSettings};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A ramp begins at this part of the limit: 1/RAMP_FRACTION.
const RAMP_FRACTION: f64 = 3.0;
/// Of the limit so much is kept for what instances go on with by themselves, and the rest for all else, while both want it.
const FOLLOW_UPS_SHARE: f64 = 0.5;

/// What is known of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    /// Which, by number.
    pub(crate) partition: u16,
    /// Position of its last record.
    pub(crate) last_position: u64,
    /// Position of the last record that its slowest exporter has; none without exporters.
    pub(crate) exported: Option<u64>,
    /// Position of the last record that secondary storage has; none without it.
    pub(crate) stored: Option<u64>,
}

/// Who is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Behind {
    Exporters,
    Storage,
}

/// The throttle of one partition.
#[derive(Clone, Copy, Debug)]
struct Throttle {
    looked_at: Instant,
    reached: u64,
    /// Records a second.
    limit: Option<f64>,
}

/// The limit of one core.
pub(crate) struct WriteLimit {
    control: Arc<FlowControl>,
    version: u64,
    settings: Option<WriteSettings>,
    since: Instant,
    filled_at: Instant,
    /// Records that may be written now; below 0 when more were written than may be.
    left: f64,
    /// The same for what instances go on with by themselves: all that it may keep at first, or it would be new work that fills it.
    left_of_follow_ups: f64,
    seen: u64,
    /// Records of those that are not taken from what they may write.
    by_follow_ups: u64,
    throttles: BTreeMap<(u16, Behind), Throttle>,
    /// Whether anything has to be counted: a limit is set, or a throttle is on.
    is_counting: bool,
}

impl WriteLimit {
    pub(crate) fn new(control: Arc<FlowControl>, now: Instant) -> Self {
        Self {
            control,
            version: 0,
            settings: None,
            since: now,
            filled_at: now,
            left: 0.0,
            left_of_follow_ups: f64::INFINITY,
            seen: 0,
            by_follow_ups: 0,
            throttles: BTreeMap::new(),
            is_counting: false,
        }
    }

    /// Whether new work may come in, of which the partitions of the core tell what they have written.
    pub(crate) fn admits(&mut self, now: Instant, written: impl Iterator<Item = Written>) -> bool {
        !self.settle(now, written) || self.left > 0.0
    }

    /// Whether an instance may go on by itself.
    pub(crate) fn admits_follow_ups(&mut self, now: Instant, written: impl Iterator<Item = Written>) -> bool {
        !self.settle(now, written) || self.left_of_follow_ups > 0.0
    }

    /// A slice of what no client waits for wrote so many records.
    pub(crate) fn note_follow_ups(&mut self, records: u64) {
        if self.settings.is_some() || self.is_counting {
            self.by_follow_ups += records;
        }
    }

    /// Takes what was written from what may be; whether there is a limit now.
    fn settle(&mut self, now: Instant, written: impl Iterator<Item = Written>) -> bool {
        self.take_up_changes(now);
        if self.settings.is_none() && !self.is_counting {
            return false;
        }
        let (mut rate, mut seen) = (0.0, 0);
        let mut is_bounded = true;
        for partition in written {
            seen += partition.last_position;
            match self.limit_of(partition.partition, now) {
                Some(limit) => rate += limit,
                None => is_bounded = false,
            }
        }
        let spent = seen.saturating_sub(std::mem::replace(&mut self.seen, seen));
        let gained = now.saturating_duration_since(self.filled_at).as_secs_f64() * rate;
        self.filled_at = now;
        let by_follow_ups = std::mem::take(&mut self.by_follow_ups).min(spent);
        if !is_bounded {
            (self.left, self.left_of_follow_ups) = (0.0, f64::INFINITY);
            return false;
        }
        let share = rate * FOLLOW_UPS_SHARE;
        let of_follow_ups =
            self.left_of_follow_ups.min(share) + gained * FOLLOW_UPS_SHARE - by_follow_ups as f64;
        let left = self.left + gained * (1.0 - FOLLOW_UPS_SHARE) - (spent - by_follow_ups) as f64;
        // What one side cannot keep is the other's.
        self.left = (left + (of_follow_ups - share).max(0.0)).clamp(-rate, rate);
        self.left_of_follow_ups = (of_follow_ups + (left - rate).max(0.0)).clamp(-share, share);
        true
    }

    /// Looks at the exporters; to be called several times a second.
    pub(crate) fn look(&mut self, now: Instant, written: impl Iterator<Item = Written>) {
        self.take_up_changes(now);
        let of_exporters = self.settings.and_then(|settings| settings.throttling);
        let of_storage = self.control.storage_throttling();
        self.throttles.retain(|(_, behind), _| *behind == Behind::Storage || of_exporters.is_some());
        for partition in written {
            let sides = [
                (Behind::Exporters, partition.exported, of_exporters),
                (Behind::Storage, partition.stored, of_storage),
            ];
            for (behind, reached, throttling) in sides {
                if let (Some(reached), Some(throttling)) = (reached, throttling) {
                    self.throttle(
                        (partition.partition, behind),
                        now,
                        partition.last_position,
                        reached,
                        throttling,
                    );
                }
            }
        }
        let is_counting = self.throttles.values().any(|throttle| throttle.limit.is_some());
        if is_counting && !self.is_counting && self.settings.is_none() {
            // What was written while nobody counted is owed by nobody.
            (self.filled_at, self.left, self.seen) = (now, 0.0, u64::MAX);
            (self.left_of_follow_ups, self.by_follow_ups) = (f64::INFINITY, 0);
        }
        self.is_counting = is_counting;
    }

    /// Takes the rate of who is behind, and lowers the limit to it.
    fn throttle(
        &mut self,
        of: (u16, Behind),
        now: Instant,
        last_position: u64,
        reached: u64,
        throttling: Throttling,
    ) {
        let fresh = Throttle { looked_at: now, reached, limit: None };
        let before = *self.throttles.entry(of).or_insert(fresh);
        let took = now.saturating_duration_since(before.looked_at);
        if took < throttling.resolution {
            return;
        }
        let per_second = reached.saturating_sub(before.reached) as f64 / took.as_secs_f64();
        let backlog = last_position.saturating_sub(reached);
        let behind = backlog as f64 / throttling.acceptable_backlog.max(1) as f64;
        let limit = (behind > 1.0).then(|| (per_second / behind).max(f64::from(throttling.minimum_limit)));
        self.throttles.insert(of, Throttle { limit, ..fresh });
    }

    /// Records a second that a partition may write now; none for as many as it can.
    pub(crate) fn limit_of(&self, partition: u16, now: Instant) -> Option<f64> {
        let limit = self.settings.and_then(|settings| Some((settings.limit?, settings.ramp_up)));
        let ramped = limit.map(|(limit, ramp_up)| {
            let limit = f64::from(limit);
            let done = now.saturating_duration_since(self.since).as_secs_f64() / ramp_up.as_secs_f64();
            // Without a ramp it is 0/0 at the begin.
            let done = if done.is_nan() { 1.0 } else { done.min(1.0) };
            limit * (1.0 + (RAMP_FRACTION - 1.0) * done) / RAMP_FRACTION
        });
        let throttles =
            [Behind::Exporters, Behind::Storage].map(|behind| self.throttles.get(&(partition, behind)));
        let throttled = throttles.into_iter().flatten().filter_map(|throttle| throttle.limit);
        throttled.chain(ramped).min_by(f64::total_cmp)
    }

    /// When it is worth trying again.
    pub(crate) const RETRY_AFTER: Duration = Duration::from_millis(200);

    fn take_up_changes(&mut self, now: Instant) {
        let version = self.control.write_version();
        if version != self.version {
            self.version = version;
            self.settings = self.control.write();
            (self.since, self.filled_at, self.left) = (now, now, 0.0);
            (self.left_of_follow_ups, self.by_follow_ups) = (f64::INFINITY, 0);
            self.throttles.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{WriteLimit, Written};
    use crate::flow_control::{FlowControl, Throttling, WriteSettings};
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    /// A partition whose new work writes ten records each, and an exporter.
    struct Core {
        limit: WriteLimit,
        now: Instant,
        last_position: u64,
        exported: f64,
        exported_per_second: f64,
        stored: Option<u64>,
    }

    impl Core {
        fn new(settings: WriteSettings) -> Self {
            let (control, now) = (Arc::new(FlowControl::default()), Instant::now());
            control.set_write(Some(settings));
            let limit = WriteLimit::new(control, now);
            Self { limit, now, last_position: 0, exported: 0.0, exported_per_second: 0.0, stored: None }
        }

        fn written(&self) -> Written {
            let exported = (self.exported_per_second > 0.0).then_some(self.exported as u64);
            Written { partition: 1, last_position: self.last_position, exported, stored: self.stored }
        }

        /// Offers a thousand pieces of new work a second; records written a second, in the last second.
        fn run(&mut self, seconds: u32) -> u64 {
            let mut before = 0;
            for second in 0..seconds {
                before = self.last_position;
                for millisecond in 0..1_000 {
                    self.now += Duration::from_millis(1);
                    self.exported =
                        (self.exported + self.exported_per_second / 1e3).min(self.last_position as f64);
                    if self.limit.admits(self.now, [self.written()].into_iter()) {
                        self.last_position += 10;
                    }
                    if (second * 1_000 + millisecond) % 100 == 0 {
                        self.limit.look(self.now, [self.written()].into_iter());
                    }
                }
            }
            self.last_position - before
        }
    }

    const LIMIT: WriteSettings =
        WriteSettings { limit: Some(500), ramp_up: Duration::ZERO, throttling: None };

    #[test]
    fn new_work_is_admitted_up_to_the_limit_and_a_change_holds_at_once() {
        let mut core = Core::new(LIMIT);
        let written = core.run(5);
        assert!((490..=510).contains(&written), "{written}");
        // What is written anyway counts, and is owed for a second at most.
        core.last_position += 100_000;
        let written = core.run(3);
        assert!((490..=510).contains(&written), "{written}");
        core.limit.control.set_write(Some(WriteSettings { limit: Some(2_000), ..LIMIT }));
        let written = core.run(3);
        assert!((1_980..=2_020).contains(&written), "{written}");
        core.limit.control.set_write(None);
        assert_eq!(core.run(1), 10_000);
    }

    /// Beside a client, whose requests write ten records each, an instance goes on by itself as fast as it may, a
    /// hundred records at a time: how many of the client's were refused, and what the instance wrote in the last second.
    fn beside_a_loop(core: &mut Core, seconds: u32, requests_per_second: u32) -> (u32, u64) {
        let (mut refused, mut looped) = (0, 0);
        for millisecond in 0..seconds * 1_000 {
            core.now += Duration::from_millis(1);
            looped = if millisecond % 1_000 == 0 { 0 } else { looped };
            if core.limit.admits_follow_ups(core.now, [core.written()].into_iter()) {
                core.last_position += 100;
                core.limit.note_follow_ups(100);
                looped += 100;
            }
            if millisecond % (1_000 / requests_per_second) == 0 {
                match core.limit.admits(core.now, [core.written()].into_iter()) {
                    true => core.last_position += 10,
                    false => refused += 1,
                }
            }
        }
        (refused, looped)
    }

    #[test]
    fn what_goes_on_by_itself_leaves_room_for_new_work_and_has_room_beside_it() {
        let mut core = Core::new(LIMIT);
        core.limit.admits(core.now, [core.written()].into_iter());
        core.now += Duration::from_secs(1);
        let (refused, looped) = beside_a_loop(&mut core, 20, 5);
        assert_eq!(refused, 0);
        // What the client leaves.
        assert!((400..=500).contains(&looped), "{looped}");
        // More new work than may be: each side has its half.
        let (refused, looped) = beside_a_loop(&mut core, 20, 500);
        assert!(refused > 9_000, "{refused}");
        assert!((200..=300).contains(&looped), "{looped}");
    }

    #[test]
    fn storage_that_is_behind_slows_new_work_without_any_setting() {
        let mut core = Core::new(LIMIT);
        core.limit.control.set_write(None);
        core.limit.control.set_storage_backlog(Some(20_000));
        core.stored = Some(0);
        // It stands still: beyond the budget new work gets the least that there always is.
        let written = core.run(1);
        assert_eq!(written, 10_000);
        let written = core.run(6);
        assert!(written <= 1_100, "{written}");
        core.stored = Some(core.last_position);
        core.run(2);
        assert_eq!(core.run(1), 10_000);
    }

    #[test]
    fn a_ramp_begins_at_a_third() {
        let mut core = Core::new(WriteSettings { ramp_up: Duration::from_secs(10), ..LIMIT });
        let first = core.run(1);
        assert!((160..=210).contains(&first), "{first}");
        let last = core.run(12);
        assert!((490..=510).contains(&last), "{last}");
    }

    #[test]
    fn an_exporter_that_is_behind_lowers_the_rate_until_its_backlog_is_acceptable() {
        let throttling =
            Throttling { acceptable_backlog: 5_000, minimum_limit: 50, resolution: Duration::from_secs(1) };
        let mut core = Core::new(WriteSettings { limit: None, throttling: Some(throttling), ..LIMIT });
        core.exported_per_second = 1_000.0;
        core.run(30);
        let backlog = core.last_position - core.exported as u64;
        assert!((4_000..=12_000).contains(&backlog), "{backlog}");
        let written = core.run(30);
        assert!((500..=1_500).contains(&written), "{written}");
        // It stands still: the least that is always written.
        core.exported_per_second = 0.001;
        core.run(20);
        let written = core.run(1);
        assert!((40..=60).contains(&written), "{written}");
        core.exported_per_second = 1e6;
        core.run(3);
        assert_eq!(core.run(1), 10_000);
    }
}
