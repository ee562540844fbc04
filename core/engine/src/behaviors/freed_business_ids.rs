//! Business ids that come free, and what waits for them: messages that would start an instance with one, on whichever partition they are.
//!
//! Invariant: whoever was refused an id is told when it is free. A partition whose message is kept waits by a row where the id is known; told
//! of it, it asks again for the oldest message, and waits again if another one was faster.

use crate::behaviors::business_ids::{self, is_held, row};
use crate::behaviors::{message_starts, partitions};
use crate::writers::Processing;
use ringbolt_record::partition_message::{
    AnsweredStart, AskedStart, BusinessId, BusinessIdChange, BusinessIdNews,
};
use ringbolt_record::{BusinessIdHoldIntent, Key, PartitionId, PartitionMessage};

/// An instance has ended or runs another process: the business id that it had there is free. `of` was read while it had it.
pub(crate) fn on_freed(p: &mut Processing<'_>, holder_key: Key, of: Option<BusinessId>) {
    let Some(of) = of else { return };
    if business_ids::is_here(p, &of.business_id) {
        pass_on(p, &of, holder_key.partition());
    } else {
        business_ids::tell(p, &of, BusinessIdChange::Released, holder_key);
        message_starts::start_next_of_business(p, &of);
    }
}

/// An id is free on its own partition, unless others have it too. Partitions take turns: who waits where it was comes last. So it is too
/// while ids do not have to differ, for those who have waited since they had to.
fn pass_on(p: &mut Processing<'_>, of: &BusinessId, from: PartitionId) {
    if is_held(p, of) {
        return;
    }
    let others = p.tables().waits_for_business_id(row(of));
    let is_our_turn = from != p.settings.partition_id || others.is_empty();
    if is_our_turn {
        message_starts::start_next_of_business(p, of);
        if is_held(p, of) {
            return;
        }
    }
    for partition in others {
        business_ids::append(p, BusinessIdHoldIntent::Told, Key::NONE, of, partition, Key::NONE);
        let news = BusinessIdNews { change: BusinessIdChange::Free, of: of.clone(), holder_key: Key::NONE };
        partitions::send(p, partition, &PartitionMessage::BusinessId(news));
    }
}

/// Another partition tells of an id.
pub(crate) fn arrive(p: &mut Processing<'_>, news: &BusinessIdNews) {
    let BusinessIdNews { change, of, holder_key } = news;
    match change {
        BusinessIdChange::Held => note(p, BusinessIdHoldIntent::Held, *holder_key, of),
        BusinessIdChange::Released => {
            if p.tables().has_business_id(row(of), *holder_key) {
                note(p, BusinessIdHoldIntent::Released, *holder_key, of);
            }
            pass_on(p, of, holder_key.partition());
        }
        BusinessIdChange::Free => {
            // Where it was told in vain others may have it: whoever waits on its own partition, whose turn this was not.
            if !message_starts::start_next_of_business(p, of) {
                business_ids::tell(p, of, BusinessIdChange::Free, Key::NONE);
            }
        }
    }
}

/// Writes down that somebody has an id, or has it no more.
pub(crate) fn note(p: &mut Processing<'_>, intent: BusinessIdHoldIntent, holder_key: Key, of: &BusinessId) {
    business_ids::append(p, intent, holder_key, of, PartitionId(0), Key::NONE);
}

/// A message of another partition asks for an id that falls to this one.
pub(crate) fn answer(p: &mut Processing<'_>, asked: &AskedStart) {
    let (of, partition) = (&asked.of, asked.holder_key.partition());
    let is_granted = !business_ids::is_taken(p, of);
    if is_granted {
        note(p, BusinessIdHoldIntent::Held, asked.holder_key, of);
    } else if asked.is_kept && !p.tables().waits_for_business_id(row(of)).contains(&partition) {
        business_ids::append(p, BusinessIdHoldIntent::Awaited, Key::NONE, of, partition, Key::NONE);
    }
    let answer = AnsweredStart { asked: asked.clone(), is_granted };
    partitions::send(p, partition, &PartitionMessage::AnswerForBusinessId(answer));
}

/// The answer: where the instance cannot begin after all, the id is for the next.
pub(crate) fn on_answer(p: &mut Processing<'_>, answer: &AnsweredStart) {
    let is_used = message_starts::on_answer(p, answer);
    if answer.is_granted && !is_used {
        on_freed(p, answer.asked.holder_key, Some(answer.asked.of.clone()));
    }
}
