package ringbolt.reference;

import io.camunda.zeebe.logstreams.storage.LogStorage;
import io.camunda.zeebe.logstreams.storage.LogStorageReader;
import io.camunda.zeebe.util.buffer.BufferWriter;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArraySet;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The log of one recorded engine: batches in memory, by the lowest position each holds. A batch counts as
 * committed when it is appended. It is never truncated, since a scenario is short.
 */
final class MemoryLog implements LogStorage {
  private final ConcurrentSkipListMap<Long, DirectBuffer> batches = new ConcurrentSkipListMap<>();
  private final Set<CommitListener> listeners = new CopyOnWriteArraySet<>();

  @Override
  public LogStorageReader newReader() {
    return new Reader();
  }

  @Override
  public void append(
      final long lowest, final long highest, final BufferWriter batch, final AppendListener done) {
    final MutableDirectBuffer bytes = new UnsafeBuffer(ByteBuffer.allocate(batch.getLength()));
    batch.write(bytes, 0);
    store(lowest, highest, bytes, done);
  }

  @Override
  public void append(
      final long lowest, final long highest, final ByteBuffer batch, final AppendListener done) {
    final ByteBuffer copy = ByteBuffer.allocate(batch.remaining()).put(batch.duplicate()).flip();
    store(lowest, highest, new UnsafeBuffer(copy), done);
  }

  private void store(
      final long lowest, final long highest, final DirectBuffer bytes, final AppendListener done) {
    batches.put(lowest, bytes);
    done.onWrite(lowest, highest);
    done.onCommit(lowest, highest);
    listeners.forEach(CommitListener::onCommit);
  }

  @Override
  public void addCommitListener(final CommitListener listener) {
    listeners.add(listener);
  }

  @Override
  public void removeCommitListener(final CommitListener listener) {
    listeners.remove(listener);
  }

  private final class Reader implements LogStorageReader {
    private long next = Long.MIN_VALUE;

    @Override
    public void seek(final long position) {
      final Long start = batches.floorKey(position);
      next = start == null ? Long.MIN_VALUE : start;
    }

    @Override
    public boolean hasNext() {
      return batches.ceilingKey(next) != null;
    }

    @Override
    public DirectBuffer next() {
      final Map.Entry<Long, DirectBuffer> batch = batches.ceilingEntry(next);
      if (batch == null) {
        throw new NoSuchElementException();
      }
      next = batch.getKey() + 1;
      return batch.getValue();
    }

    @Override
    public void close() {
      // Nothing is held.
    }
  }
}
