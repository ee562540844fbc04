package ringbolt.reference;

import io.camunda.zeebe.protocol.impl.record.UnifiedRecordValue;
import io.camunda.zeebe.protocol.record.RejectionType;
import io.camunda.zeebe.protocol.record.ValueType;
import io.camunda.zeebe.protocol.record.intent.Intent;

/** What the engine answered to one request: an event with its value, or a rejection. */
record Answer(
    long key,
    ValueType valueType,
    Intent intent,
    UnifiedRecordValue value,
    RejectionType rejection,
    String reason) {

  boolean rejected() {
    return rejection != RejectionType.NULL_VAL;
  }
}
