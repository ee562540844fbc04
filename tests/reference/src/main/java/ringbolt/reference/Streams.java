package ringbolt.reference;

import io.camunda.zeebe.engine.processing.streamprocessor.JobStreamer;
import io.camunda.zeebe.msgpack.value.StringValue;
import io.camunda.zeebe.protocol.impl.stream.job.ActivatedJob;
import io.camunda.zeebe.protocol.impl.stream.job.JobActivationProperties;
import io.camunda.zeebe.protocol.impl.stream.job.JobActivationPropertiesImpl;
import io.camunda.zeebe.util.buffer.BufferUtil;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;
import org.agrona.DirectBuffer;

/** Job streams, at most one per job type. Each takes every job it is given: no stream is ever blocked. */
final class Streams implements JobStreamer {
  /** A job that was pushed, and the step that opened the stream it went to. */
  record Pushed(int step, ActivatedJob job) {}

  private record Stream(JobActivationProperties properties, int step) {}

  private final Map<String, Stream> open = new ConcurrentHashMap<>();
  private final Queue<Pushed> pushed = new ConcurrentLinkedQueue<>();

  void open(
      final int step,
      final String type,
      final String worker,
      final long timeout,
      final List<String> fetch,
      final List<String> tenants) {
    final DirectBuffer name = BufferUtil.wrapString(worker);
    final JobActivationPropertiesImpl properties =
        new JobActivationPropertiesImpl()
            .setWorker(name, 0, name.capacity())
            .setTimeout(timeout)
            .setFetchVariables(fetch.stream().map(StringValue::new).toList())
            .setTenantIds(tenants)
            .setClaims(Map.of());
    open.put(type, new Stream(properties, step));
  }

  void close(final String type) {
    open.remove(type);
  }

  Pushed poll() {
    return pushed.poll();
  }

  @Override
  public Optional<JobStream> streamFor(
      final DirectBuffer jobType, final Predicate<JobActivationProperties> filter) {
    final Stream stream = open.get(BufferUtil.bufferAsString(jobType));
    if (stream == null || !filter.test(stream.properties())) {
      return Optional.empty();
    }
    return Optional.of(
        new JobStream() {
          @Override
          public JobActivationProperties properties() {
            return stream.properties();
          }

          @Override
          public void push(final ActivatedJob job) {
            pushed.add(new Pushed(stream.step(), job));
          }
        });
  }
}
