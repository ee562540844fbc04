package ringbolt.reference;

import io.camunda.zeebe.protocol.impl.record.UnifiedRecordValue;
import io.camunda.zeebe.protocol.record.RecordType;
import io.camunda.zeebe.protocol.record.RejectionType;
import io.camunda.zeebe.protocol.record.ValueType;
import io.camunda.zeebe.protocol.record.intent.Intent;
import io.camunda.zeebe.stream.api.CommandResponseWriter;
import io.camunda.zeebe.util.buffer.BufferUtil;
import io.camunda.zeebe.util.buffer.BufferWriter;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Collects the engine's answers by request id. The engine's thread writes, the recorder's reads. */
final class Answers implements CommandResponseWriter {
  private final Map<Long, Answer> arrived = new ConcurrentHashMap<>();
  private long key;
  private Intent intent;
  private ValueType valueType;
  private RejectionType rejection;
  private String reason;
  private byte[] value;

  Answer take(final long requestId) {
    return arrived.remove(requestId);
  }

  boolean has(final long requestId) {
    return arrived.containsKey(requestId);
  }

  @Override
  public CommandResponseWriter partitionId(final int partitionId) {
    return this;
  }

  @Override
  public CommandResponseWriter key(final long newKey) {
    key = newKey;
    return this;
  }

  @Override
  public CommandResponseWriter intent(final Intent newIntent) {
    intent = newIntent;
    return this;
  }

  @Override
  public CommandResponseWriter recordType(final RecordType type) {
    return this;
  }

  @Override
  public CommandResponseWriter valueType(final ValueType type) {
    valueType = type;
    return this;
  }

  @Override
  public CommandResponseWriter rejectionType(final RejectionType type) {
    rejection = type;
    return this;
  }

  @Override
  public CommandResponseWriter rejectionReason(final DirectBuffer text) {
    reason = BufferUtil.bufferAsString(text);
    return this;
  }

  @Override
  public CommandResponseWriter valueWriter(final BufferWriter writer) {
    value = new byte[writer.getLength()];
    writer.write(new UnsafeBuffer(value), 0);
    return this;
  }

  @Override
  public void tryWriteResponse(final int requestStreamId, final long requestId) {
    final UnifiedRecordValue parsed = UnifiedRecordValue.fromValueType(valueType);
    parsed.wrap(new UnsafeBuffer(value));
    arrived.put(requestId, new Answer(key, valueType, intent, parsed, rejection, reason));
  }
}
